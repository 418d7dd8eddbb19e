import { expect, it } from "vitest";

import { fromSearch, shortened, split, toSearch } from "../src/addresses";

const EVM = "0xd470055c6189b921c4d44b3d277ad868f79c0f75";

it("takes addresses apart at spaces, commas and line ends, each once", () => {
  expect(split(` ${EVM}\n, ABC;${EVM.toUpperCase().replace("0X", "0x")} ABC abc `)).toEqual([
    EVM,
    "ABC",
    "abc",
  ]);
  expect(split("  ")).toEqual([]);
});

it("brings addresses through a URL unchanged", () => {
  const addresses = [EVM, "A&B=C", "é"];
  expect(fromSearch(toSearch(addresses))).toEqual(addresses);
  expect(toSearch([])).toBe("");
});

it("reads a hundred addresses at most", () => {
  const many = Array.from({ length: 150 }, (_, i) => `a${i}`);
  expect(fromSearch(toSearch(many))).toEqual(many.slice(0, 100));
});

it("shortens to both ends", () => {
  expect(shortened(EVM)).toBe("0xd47005…9c0f75");
  expect(shortened("short")).toBe("short");
});
