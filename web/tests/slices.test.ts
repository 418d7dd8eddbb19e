import { expect, it } from "vitest";

import type { DecimalString } from "../client";
import { slices } from "../src/allocation/slices";
import type { AllocatedPositionFragment } from "../src/generated";
import { exact, parse } from "../src/money";

function position(group: string, chainId: number, value: string | null): AllocatedPositionFragment {
  const valueUsd = value as DecimalString | null;
  return {
    id: `${group}${chainId}`,
    chainId,
    valueUsd,
    protocol: { group: { id: group, name: group } },
    underlyingTokens: [{ valueUsd, token: { id: `T${chainId}`, chainId, symbol: "" } }],
    rewardTokens: [],
  };
}

const shares = (parts: ReturnType<typeof slices>) =>
  parts.map(({ name, value, from, to }) => [name, exact(value), to - from]);

it("adds up by protocol, chain and token, largest first", () => {
  const positions = [position("A", 1, "1.5"), position("B", 10, "2"), position("A", 10, "1.5")];
  expect(shares(slices("protocol", positions, parse("5")))).toEqual([
    ["A", "3", 600],
    ["B", "2", 400],
  ]);
  expect(shares(slices("chain", positions, parse("5")))).toEqual([
    ["Optimism", "3.5", 700],
    ["Ethereum", "1.5", 300],
  ]);
  expect(shares(slices("token", positions, parse("5"))).map(([name]) => name)).toEqual([
    "Unnamed · Optimism",
    "Unnamed · Ethereum",
  ]);
});

it("shares out exactly a thousand thousandths", () => {
  const thirds = ["A", "B", "C"].map((group) => position(group, 1, "1"));
  expect(shares(slices("protocol", thirds, parse("3")))).toEqual([
    ["A", "1", 334],
    ["B", "1", 333],
    ["C", "1", 333],
  ]);
  const tiny = [position("A", 1, "999999999999999999999"), position("B", 1, "1")];
  expect(shares(slices("protocol", tiny, parse("1000000000000000000000")))).toEqual([
    ["A", "999999999999999999999", 1000],
    ["B", "1", 0],
  ]);
});

it("gathers what is small, and says what the positions do not account for", () => {
  const many = Array.from({ length: 9 }, (_, i) => position(`P${i}`, 1, `${i + 1}`));
  const parts = shares(slices("protocol", many, parse("90")));
  expect(parts.slice(-2)).toEqual([
    ["3 others", "6", 67],
    ["Not itemized", "45", 500],
  ]);
});

it("has nothing to show of what has no price", () => {
  expect(slices("protocol", [position("A", 1, null)], parse("0"))).toEqual([]);
});
