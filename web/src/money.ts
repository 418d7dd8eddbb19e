/**
 * Decimal numbers from the graph, exact from the answer to the screen: a whole number of units and
 * how many of its digits are decimals. Nothing here is ever a JavaScript float.
 */
export interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

const FORM = /^(-?)(\d+)(?:\.(\d+))?$/;
export const ZERO: Decimal = { units: 0n, scale: 0 };

/** The number a text such as "-12.50" stands for. Throws on any other form. */
export function parse(text: string): Decimal {
  const found = FORM.exec(text);
  if (!found) throw new RangeError("Not a decimal number");
  const [, sign, whole = "", decimals = ""] = found;
  const units = BigInt(whole + decimals);
  return { units: sign ? -units : units, scale: decimals.length };
}

function power(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

function unitsAt(value: Decimal, scale: number): bigint {
  return value.units * power(scale - value.scale);
}

export function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { units: unitsAt(a, scale) + unitsAt(b, scale), scale };
}

export function negate(value: Decimal): Decimal {
  return { units: -value.units, scale: value.scale };
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, negate(b));
}

/** The sum of texts; null and undefined count as nothing. */
export function sum(texts: Iterable<string | null | undefined>): Decimal {
  let total = ZERO;
  for (const text of texts) if (text != null) total = add(total, parse(text));
  return total;
}

/** Below, at or above zero as b is above, equal to or below a. */
export function compare(a: Decimal, b: Decimal): number {
  const { units } = subtract(a, b);
  return units < 0n ? -1 : units > 0n ? 1 : 0;
}

/** All its digits, without an exponent and without zeros at the end of the decimals. */
export function exact(value: Decimal): string {
  const { sign, whole, decimals } = digits(value);
  const kept = decimals.replace(/0+$/, "");
  return (sign ? "-" : "") + whole + (kept && `.${kept}`);
}

/** How many thousandths of `whole` `part` is, rounded down: 0 to 1000 for a part of a whole. */
export function permille(part: Decimal, whole: Decimal): number {
  const scale = Math.max(part.scale, whole.scale);
  const divisor = unitsAt(whole, scale);
  return divisor === 0n ? 0 : Number((unitsAt(part, scale) * 1000n) / divisor);
}

/** Rounded to so many decimals, halves away from zero. */
export function round(value: Decimal, scale: number): Decimal {
  if (value.scale <= scale) return { units: unitsAt(value, scale), scale };
  const divisor = power(value.scale - scale);
  const size = value.units < 0n ? -value.units : value.units;
  const rounded = (size * 2n + divisor) / (divisor * 2n);
  return { units: value.units < 0n ? -rounded : rounded, scale };
}

function digits(value: Decimal): { sign: boolean; whole: string; decimals: string } {
  const sign = value.units < 0n;
  const text = (sign ? -value.units : value.units).toString().padStart(value.scale + 1, "0");
  const at = text.length - value.scale;
  return { sign, whole: text.slice(0, at), decimals: text.slice(at) };
}

function grouped(whole: string): string {
  return whole.replace(/\B(?=(\d{3})+$)/g, ",");
}

/** US dollars to the cent, such as "−$1,234.50"; what is less than half a cent says "<$0.01". */
export function usd(value: Decimal): string {
  const cents = round(value, 2);
  if (cents.units === 0n && value.units !== 0n) return value.units < 0n ? "−<$0.01" : "<$0.01";
  const { sign, whole, decimals } = digits(cents);
  return `${sign ? "−" : ""}$${grouped(whole)}.${decimals}`;
}

const STEPS = [
  [1_000_000_000_000n, "T"],
  [1_000_000_000n, "B"],
  [1_000_000n, "M"],
  [1_000n, "K"],
] as const;

const MOST_COMPACT = 1_000_000_000_000_000n;

/** US dollars for narrow places, rounded down: "$9.45M", "$812", and ">$999T" for what is more. */
export function compactUsd(value: Decimal): string {
  const size = value.units < 0n ? negate(value) : value;
  const sign = value.units < 0n ? "−" : "";
  const dollars = round(size, 0).units;
  if (dollars >= MOST_COMPACT) return sign ? "<−$999T" : ">$999T";
  for (const [step, letter] of STEPS) {
    if (dollars < step) continue;
    const hundredths = (dollars * 100n) / step;
    const { whole, decimals } = digits({ units: hundredths, scale: 2 });
    const kept = decimals.slice(0, Math.max(0, 3 - whole.length));
    return `${sign}$${whole}${kept && `.${kept}`}${letter}`;
  }
  return `${sign}$${dollars}`;
}

const SHOWN_DECIMALS = 6;
const SHOWN_SIGNIFICANT = 4;

/**
 * An amount of tokens, short: six decimals at most, or four significant digits where it is smaller.
 * Rounded; show `exact` beside it.
 */
export function amount(value: Decimal): string {
  const { whole, decimals } = digits(value);
  const zeros = /^0*/.exec(decimals)?.[0].length ?? 0;
  const places = whole === "0" ? Math.max(SHOWN_DECIMALS, zeros + SHOWN_SIGNIFICANT) : SHOWN_DECIMALS;
  const shown = digits(round(value, Math.min(places, value.scale)));
  const kept = shown.decimals.replace(/0+$/, "");
  return `${shown.sign ? "−" : ""}${grouped(shown.whole)}${kept && `.${kept}`}`;
}

/** Thousandths as "12.3 %". */
export function percent(thousandths: number): string {
  return `${Math.trunc(thousandths / 10)}.${Math.abs(thousandths % 10)} %`;
}
