/** Numbers: short for the eye, with all their digits in `value` and in the tooltip. */
import type { BigIntString, DecimalString } from "../../client";
import { amount, exact, parse, usd, type Decimal } from "../money";

export function Usd({ value, className = "" }: { value: Decimal; className?: string }) {
  const digits = exact(value);
  const isOwed = value.units < 0n;
  return (
    <data className={`figure ${isOwed ? "owed" : ""} ${className}`} value={digits} title={`${digits} USD`}>
      {usd(value)}
    </data>
  );
}

/** As `Usd`, of an answer's field; a dash of words where there is no price. */
export function UsdField({ value }: { value: DecimalString | null }) {
  if (value === null) return <span className="badge badge-warn">no price</span>;
  return <Usd value={parse(value)} />;
}

export function Amount({ value }: { value: DecimalString | BigIntString | Decimal }) {
  const isText = typeof value === "string";
  const digits = isText ? value : exact(value);
  return (
    <data className="figure" value={digits} title={digits}>
      {amount(isText ? parse(value) : value)}
    </data>
  );
}
