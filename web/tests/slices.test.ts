import { expect, it } from "vitest";

import type { DecimalString } from "../client";
import { slices, type Cut, type Portfolio } from "../src/allocation/slices";
import { exact } from "../src/money";

const usd = (value: string | null) => value as DecimalString | null;

function portfolio(assets: string, parts: readonly (readonly [string, string | null])[]): Portfolio {
  return {
    id: "P",
    totalValueUsd: usd(assets),
    assetsUsd: usd(assets),
    debtsUsd: usd("0"),
    unpricedCount: 0,
    isComplete: true,
    asOf: null,
    isStale: false,
    parts: [],
    byChain: parts.map(([key, value]) => ({
      chainId: key === "algorand" ? null : Number(key),
      assetsUsd: usd(value),
      share: null,
    })),
    byProtocol: parts.map(([name, value]) => ({
      protocol: { id: "", name },
      assetsUsd: usd(value),
      share: null,
    })),
    byCategory: [{ category: "NATIVE", assetsUsd: usd(assets), share: null }],
    byWallet: parts.map(([address, value]) => ({
      wallet: { id: address, address },
      valueUsd: usd(value),
      assetsUsd: usd(value),
      share: null,
    })),
    tokens: {
      totalCount: parts.length,
      edges: parts.map(([symbol, value]) => ({
        cursor: symbol,
        node: {
          symbol,
          assetsUsd: usd(value),
          share: null,
          tokens: symbol === "ALGO" ? [] : [{ id: symbol, chainId: 10 }],
        },
      })),
      pageInfo: { hasNextPage: false, endCursor: null },
    },
  } as Portfolio;
}

const shown = (cut: Cut, whole: Portfolio) =>
  slices(cut, whole).map(({ name, value, from, to }) => [name, exact(value), to - from]);

it("shows the parts as the server divides them, largest first", () => {
  expect(shown("chain", portfolio("5", [["1", "1.5"], ["algorand", "3.5"]]))).toEqual([
    ["Algorand", "3.5", 700],
    ["Ethereum", "1.5", 300],
  ]);
  expect(shown("protocol", portfolio("5", [["", "2"], ["Aave", "3"]]))).toEqual([
    ["Aave", "3", 600],
    ["Unknown protocol", "2", 400],
  ]);
  expect(shown("token", portfolio("5", [["ALGO", "1"], ["USDC", "4"]]))).toEqual([
    ["USDC · Optimism", "4", 800],
    ["ALGO · Algorand", "1", 200],
  ]);
  expect(shown("category", portfolio("5", []))).toEqual([["Coins", "5", 1000]]);
  expect(
    shown("wallet", portfolio("1", [["0x0000000000000000000000000000000000000001", "1"]])),
  ).toEqual([["0x000000…000001", "1", 1000]]);
});

it("keeps parts of one name apart", () => {
  const keys = slices("token", portfolio("2", [["A", "1"], ["B", "1"]])).map(({ key }) => key);
  expect(new Set(keys).size).toBe(2);
});

it("shares out exactly a thousand thousandths", () => {
  const thirds = ["A", "B", "C"].map((name) => [name, "1"] as const);
  expect(shown("protocol", portfolio("3", thirds))).toEqual([
    ["A", "1", 334],
    ["B", "1", 333],
    ["C", "1", 333],
  ]);
  const most = "999999999999999999999";
  expect(shown("protocol", portfolio("1000000000000000000000", [["A", most], ["B", "1"]]))).toEqual([
    ["A", most, 1000],
    ["B", "1", 0],
  ]);
});

it("gathers what is small, and what is on no page of the list, as others", () => {
  const many = Array.from({ length: 9 }, (_, i) => [`P${i}`, `${i + 1}`] as const);
  expect(shown("protocol", portfolio("90", many)).slice(-1)).toEqual([["Others", "51", 567]]);
});

it("has nothing to show of what has no price", () => {
  expect(slices("protocol", portfolio("0", [["A", null]]))).toEqual([]);
});
