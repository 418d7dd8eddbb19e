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

/** How many thousandths of `whole` `part` is, rounded: 0 to 1000 for a part of a whole. */
export function permille(part: Decimal, whole: Decimal): number {
  const scale = Math.max(part.scale, whole.scale);
  const divisor = unitsAt(whole, scale);
  return divisor === 0n ? 0 : Number(quotient(unitsAt(part, scale) * 1000n, divisor));
}

/** A whole number divided by another one, rounded, halves away from zero. */
function quotient(dividend: bigint, divisor: bigint): bigint {
  const [over, under] = [dividend < 0n ? -dividend : dividend, divisor < 0n ? -divisor : divisor];
  const size = (over * 2n + under) / (under * 2n);
  return dividend < 0n === divisor < 0n ? size : -size;
}

/** Rounded to so many decimals, halves away from zero. */
export function round(value: Decimal, scale: number): Decimal {
  if (value.scale <= scale) return { units: unitsAt(value, scale), scale };
  return { units: quotient(value.units, power(value.scale - scale)), scale };
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

/** The exact product. */
export function multiply(a: Decimal, b: Decimal): Decimal {
  return { units: a.units * b.units, scale: a.scale + b.scale };
}

const LETTERS = ["", "K", "M", "B", "T"] as const;
const SIGNIFICANT = 3;

/** US dollars for narrow places, to three digits: "$9.46M", "$812", and ">$999T" for what is more. */
export function compactUsd(value: Decimal): string {
  const size = value.units < 0n ? negate(value) : value;
  const sign = value.units < 0n ? "−" : "";
  let whole = round(size, 0).units.toString().length;
  // Rounding to three digits may make a fourth: $999,950 is "$1.00M".
  if (whole > SIGNIFICANT) whole = scaled(size, whole).units.toString().length + whole - SIGNIFICANT;
  const letter = LETTERS[Math.floor((whole - 1) / 3)];
  if (letter === undefined) return sign ? "<−$999T" : ">$999T";
  if (letter === "") return `${sign}$${round(size, 0).units}`;
  const decimals = 2 - ((whole - 1) % 3);
  const step = 3 * LETTERS.indexOf(letter);
  const shown = digits(round({ units: size.units, scale: size.scale + step }, decimals));
  return `${sign}$${shown.whole}${shown.decimals && `.${shown.decimals}`}${letter}`;
}

/** Of a number with so many whole digits, its first three, as a whole number. */
function scaled(size: Decimal, whole: number): Decimal {
  return round({ units: size.units, scale: size.scale + whole - SIGNIFICANT }, 0);
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

/** A ratio in thousandths as a percentage with its sign, such as "+12.3%"; of huge ones, "+>999999%". */
export function signedPercent(ratio: Decimal): string {
  const thousandths = round(ratio, 3).units;
  const sign = thousandths < 0n ? "−" : "+";
  const size = thousandths < 0n ? -thousandths : thousandths;
  return sign + (size > 9_999_999n ? ">999999%" : percent(Number(size)));
}

/** Thousandths as "12.3%". */
export function percent(thousandths: number): string {
  return `${Math.trunc(thousandths / 10)}.${Math.abs(thousandths % 10)}%`;
}
