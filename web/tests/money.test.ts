import { describe, expect, it } from "vitest";

import {
  add,
  amount,
  compactUsd,
  compare,
  exact,
  multiply,
  parse,
  percent,
  permille,
  round,
  signedPercent,
  subtract,
  sum,
  usd,
} from "../src/money";

describe("parse and exact", () => {
  it.each([
    "0",
    "-1",
    "12.5",
    "-63499.7399990382",
    "0.000000000123456789012345678901",
    "115792089237316195423570985008687907853269984665640564039457584007913129639935",
    "999999999999999999999999.123456",
  ])("keeps every digit of %s", (text) => {
    expect(exact(parse(text))).toBe(text);
  });

  it("drops zeros at the end of the decimals only", () => {
    expect(exact(parse("100.100"))).toBe("100.1");
    expect(exact(parse("100.000"))).toBe("100");
  });

  it.each(["", "1e5", "NaN", ".5", "5.", "+1", "1,000", "0x1f", " 1"])("refuses %j", (text) => {
    expect(() => parse(text)).toThrow(RangeError);
  });
});

describe("arithmetic", () => {
  it("adds what floats cannot", () => {
    expect(exact(add(parse("0.1"), parse("0.2")))).toBe("0.3");
    expect(exact(add(parse("9007199254740993"), parse("0.000000000000000001")))).toBe(
      "9007199254740993.000000000000000001",
    );
  });

  it("sums texts and takes null as nothing", () => {
    expect(exact(sum(["1.10", null, "-2.2", undefined, "3"]))).toBe("1.9");
    expect(exact(sum([]))).toBe("0");
  });

  it("compares across scales", () => {
    expect(compare(parse("1.0"), parse("1"))).toBe(0);
    expect(compare(parse("-1"), parse("0.5"))).toBe(-1);
    expect(compare(parse("1.00000000000000000001"), parse("1"))).toBe(1);
  });

  it("undoes an addition by a subtraction, for many pairs", () => {
    for (let i = 1; i < 400; i += 1) {
      const a = { units: BigInt(i) ** 9n * (i % 2 ? 1n : -1n), scale: i % 23 };
      const b = { units: BigInt(i) ** 7n, scale: (i * 7) % 31 };
      expect(compare(subtract(add(a, b), b), a)).toBe(0);
    }
  });

  it("rounds halves away from zero", () => {
    expect(exact(round(parse("0.125"), 2))).toBe("0.13");
    expect(exact(round(parse("-0.125"), 2))).toBe("-0.13");
    expect(exact(round(parse("0.1249999999999999999999"), 2))).toBe("0.12");
    expect(round(parse("3"), 2)).toEqual({ units: 300n, scale: 2 });
  });

  it("tells shares in thousandths", () => {
    expect(permille(parse("1"), parse("3"))).toBe(333);
    expect(permille(parse("2"), parse("3"))).toBe(667);
    expect(permille(parse("-2"), parse("3"))).toBe(-667);
    expect(permille(parse("3"), parse("3"))).toBe(1000);
    expect(permille(parse("1"), parse("0"))).toBe(0);
    expect(permille(parse("0.5"), parse("1000000000000000000000000"))).toBe(0);
  });
});

describe("figures on the screen", () => {
  it.each([
    ["0", "$0.00"],
    ["1234567.894", "$1,234,567.89"],
    ["1234567.895", "$1,234,567.90"],
    ["-63499.73999903820", "−$63,499.74"],
    ["0.004", "<$0.01"],
    ["-0.004", "−<$0.01"],
    ["0.005", "$0.01"],
    ["999999999999999999999999.999", "$1,000,000,000,000,000,000,000,000.00"],
  ])("shows %s dollars as %s", (text, shown) => {
    expect(usd(parse(text))).toBe(shown);
  });

  it.each([
    ["0", "$0"],
    ["812.4", "$812"],
    ["0.4", "$0"],
    ["0.5", "$1"],
    ["812.5", "$813"],
    ["999.49", "$999"],
    ["999.5", "$1.00K"],
    ["-1500", "−$1.50K"],
    ["-1505", "−$1.51K"],
    ["99949.9", "$99.9K"],
    ["99950", "$100K"],
    ["999499", "$999K"],
    ["999500", "$1.00M"],
    ["9455634.68", "$9.46M"],
    ["94556340", "$94.6M"],
    ["945563400", "$946M"],
    ["999499999999999", "$999T"],
    ["999500000000000", ">$999T"],
    ["1000000000000000", ">$999T"],
    ["-1234567890123456", "<−$999T"],
  ])("shows %s dollars in a narrow place as %s", (text, shown) => {
    expect(compactUsd(parse(text))).toBe(shown);
  });

  it.each([
    ["63511.172010", "63,511.17201"],
    ["123456789012.345678901234567891", "123,456,789,012.345679"],
    ["0.000000000123456789012345678901", "0.0000000001235"],
    ["0.00000001", "0.00000001"],
    ["0.000000", "0"],
    ["-1.5", "−1.5"],
    ["18446744073709551615", "18,446,744,073,709,551,615"],
  ])("shows the amount %s as %s", (text, shown) => {
    expect(amount(parse(text))).toBe(shown);
  });

  it("multiplies exactly", () => {
    expect(exact(multiply(parse("-12.5"), parse("0.000000000000000001")))).toBe("-0.0000000000000000125");
  });

  it("shows shares", () => {
    expect([0, 7, 123, 1000].map(percent)).toEqual(["0.0%", "0.7%", "12.3%", "100.0%"]);
  });

  it.each([
    ["0.1234", "+12.3%"],
    ["-0.0006", "−0.1%"],
    ["0", "+0.0%"],
    ["9999.9994", "+999999.9%"],
    ["-10000", "−>999999%"],
  ])("shows the ratio %s as %s", (text, shown) => {
    expect(signedPercent(parse(text))).toBe(shown);
  });
});
