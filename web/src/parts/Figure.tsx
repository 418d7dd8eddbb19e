/** Numbers: short for the eye, with all their digits in `value` and in the tooltip. */
import { Fragment } from "react";

import type { BigIntString, DecimalString } from "../../client";
import { amount, compactUsd, exact, parse, usd, type Decimal } from "../money";

/** A figure that may go on in the next line after a comma, and nowhere else. */
function Digits({ text }: { text: string }) {
  return text.split(",").map((part, index) => (
    <Fragment key={index}>
      {index > 0 && (
        <>
          ,<wbr />
        </>
      )}
      {part}
    </Fragment>
  ));
}

interface UsdProps {
  value: Decimal;
  className?: string;
  /** Whether the place is narrow: a figure too long for it is shortened to three digits. */
  isTight?: boolean;
}

// "−$999,999,999.99" and whatever is shorter.
const TIGHT = 16;

export function Usd({ value, className = "", isTight = false }: UsdProps) {
  const digits = exact(value);
  const isOwed = value.units < 0n;
  const text = usd(value);
  return (
    <data className={`figure ${isOwed ? "owed" : ""} ${className}`} value={digits} title={`${digits} USD`}>
      <Digits text={isTight && text.length > TIGHT ? compactUsd(value) : text} />
    </data>
  );
}

/** As `Usd`, of an answer's field; words where there is no price. */
export function UsdField({ value }: { value: DecimalString | null }) {
  if (value === null) return <span className="badge badge-warn">no price</span>;
  return <Usd value={parse(value)} />;
}

export function Amount({ value }: { value: DecimalString | BigIntString | Decimal }) {
  const isText = typeof value === "string";
  const digits = isText ? value : exact(value);
  return (
    <data className="figure" value={digits} title={digits}>
      <Digits text={amount(isText ? parse(value) : value)} />
    </data>
  );
}
