/**
 * The graph's scalars as TypeScript sees them: strings with a brand, so that none is mistaken for
 * another or does arithmetic by accident. The digits are the source's; `Number(...)` would lose them.
 */

/** Any integer in decimal digits, such as "18446744073709551615". `BigInt(value)` reads it. */
export type BigIntString = string & { readonly __scalar: "BigInt" };

/** An exact decimal number without an exponent, such as "-63499.73999903820". */
export type DecimalString = string & { readonly __scalar: "Decimal" };

/** A moment in RFC 3339 form, in UTC, such as "2026-11-20T23:51:43.561370Z". */
export type DateTimeString = string & { readonly __scalar: "DateTime" };
