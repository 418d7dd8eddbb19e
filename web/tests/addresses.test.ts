import { expect, it } from "vitest";

import { canonical, shortened, split } from "../src/addresses";

const EVM = "0xd470055c6189b921c4d44b3d277ad868f79c0f75";
const MIXED = "0xD470055c6189B921c4d44b3d277Ad868F79C0F75";
const ALGORAND = "O5QWY3DFORTXEYLQNAQGIZLNN45CA5DZOBUWGYLMFYXC4LROFYXKE2F6JA";
const GENESIS = "wGHE2Pwdvd7S12BL5FaOP20EGYesN73k";

it("takes addresses apart at spaces, commas and line ends, each once", () => {
  expect(split(` ${EVM}\n, ABC;${EVM} ABC abc `)).toEqual([EVM, "ABC", "abc"]);
  expect(split("  ")).toEqual([]);
});

it.each([
  `0X${EVM.slice(2)}`,
  `0x${EVM.slice(2).toUpperCase()}`,
  EVM.toUpperCase(),
  `eip155:1:${EVM}`,
  `eip155:8453:0x${EVM.slice(2).toUpperCase()}`,
])("knows %s for another spelling of the same wallet", (spelling) => {
  expect(canonical(spelling)).toBe(EVM);
  expect(split(`${EVM} ${spelling}`)).toEqual([EVM]);
});

it("knows CAIP-10 of an Algorand account, and of a checksummed address, for the same", () => {
  expect(canonical(`algorand:${GENESIS}:${ALGORAND}`)).toBe(ALGORAND);
  expect(canonical(`eip155:10:${MIXED}`)).toBe(MIXED);
});

it.each([
  [MIXED, "a checksum that only the graph verifies"],
  [`eip155:01:${EVM}`, "no chain id"],
  [`eip155:${EVM}`, "no chain id at all"],
  [`EIP155:1:${EVM}`, "no namespace"],
  [EVM.slice(0, -1), "too short"],
  [`${EVM}0`, "too long"],
  [`algorand:short:${ALGORAND}`, "no genesis hash"],
  [ALGORAND.toLowerCase(), "no Algorand address"],
  ["vitalik.eth", "a name"],
])("leaves %s to the graph: %s", (text) => {
  expect(split(`${EVM} ${ALGORAND} ${text}`)).toEqual([EVM, ALGORAND, text]);
});

it("shortens to both ends", () => {
  expect(shortened(EVM)).toBe("0xd47005…9c0f75");
  expect(shortened("short")).toBe("short");
});
