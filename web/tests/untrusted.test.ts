import { expect, it } from "vitest";

import { tamed } from "../src/parts/Untrusted";

it("cuts long text short, by whole letters", () => {
  expect(tamed("abcdef", 6)).toBe("abcdef");
  expect(tamed("abcdefg", 6)).toBe("abcde…");
  expect(tamed("🦄🦄🦄🦄", 3)).toBe("🦄🦄…");
});

it("drops what shows nothing or turns other text around", () => {
  expect(tamed("US\u202eCD\u2066\u0000\u200b\u{feff}\n", 20)).toBe("USCD");
});

it("leaves markup as the text it is", () => {
  expect(tamed("<script>alert(1)</script>", 40)).toBe("<script>alert(1)</script>");
});
