import { expect, it } from "vitest";

import type { WalletCardFragment } from "../src/generated";
import { entriesOf } from "../src/wallets/entries";

const LOWER = "0xd470055c6189b921c4d44b3d277ad868f79c0f75";
const MIXED = "0xD470055c6189B921c4d44b3d277Ad868F79C0F75";
const wallet = (id: string) => ({ id, address: MIXED }) as WalletCardFragment;
const seen = (entries: ReturnType<typeof entriesOf>) =>
  entries.map(({ spellings, wallet: found, isLoading }) => [spellings, found?.id ?? null, isLoading]);

it("has a wallet once, however the graph's id shows it was spelled", () => {
  const answered = entriesOf([LOWER, "other", MIXED], [wallet("w"), null, wallet("w")], new Map(), [], false);
  expect(seen(answered)).toEqual([
    [[LOWER, MIXED], "w", false],
    [["other"], null, false],
  ]);
});

it("keeps what cannot be read apart from all others", () => {
  const answered = entriesOf([MIXED, LOWER], [null, wallet("w")], new Map(), [], false);
  expect(seen(answered)).toEqual([
    [[MIXED], null, false],
    [[LOWER], "w", false],
  ]);
});

it("shows what is known while the answer is on its way, and not as unread", () => {
  const known = new Map([[LOWER, wallet("w")]]);
  expect(seen(entriesOf([`eip155:1:${LOWER}`, "new"], undefined, known, [], true))).toEqual([
    [[`eip155:1:${LOWER}`], "w", true],
    [["new"], null, true],
  ]);
});

it("keeps what failed for now as it was, and calls it old; what is wrong for good is not kept", () => {
  const before = { ...wallet("w"), positions: { totalCount: 3, isStale: false } } as WalletCardFragment;
  const now = { ...before, positions: null };
  const known = new Map([[LOWER, before]]);
  const failed = (code: string) =>
    entriesOf([LOWER], [now], known, [{ code, text: "", path: ["wallets", 0, "positions"] }], false);
  expect(failed("UPSTREAM_TIMEOUT")[0]?.wallet?.positions).toEqual({ totalCount: 3, isStale: true });
  expect(failed("BAD_ARGUMENT")[0]?.wallet?.positions).toBe(null);
});

it("gives each entry the problems of its own place", () => {
  const problem = (place: number) => ({ code: "BAD_ADDRESS", text: "no", path: ["wallets", place] });
  const entries = entriesOf(["a", "b"], [null, null], new Map(), [problem(1)], false);
  expect(entries.map(({ problems }) => problems.length)).toEqual([0, 1]);
});
