import { describe, expect, it } from "vitest";

import { staleMoments } from "../src/refresh/link";

const [OLD, OLDER] = ["2026-11-26T12:00:00Z", "2026-11-26T11:59:00Z"];

describe("what is past its time in an answer", () => {
  it("is found in wallets, portfolios, and lists inside them", () => {
    expect(
      staleMoments({
        wallets: [
          { positions: { isStale: true, asOf: OLD }, algo: { isStale: false, asOf: OLDER } },
          null,
          { positions: { isStale: false, asOf: OLD }, algo: { isStale: true, asOf: OLDER } },
        ],
      }),
    ).toEqual([Date.parse(OLD), Date.parse(OLDER)]);
    expect(
      staleMoments({
        portfolio: { isStale: true, asOf: OLD, history: { isStale: true, asOf: OLDER } },
      }),
    ).toEqual([Date.parse(OLD), Date.parse(OLDER)]);
  });

  it("is nothing where all is fresh, or nothing came", () => {
    expect(staleMoments({ portfolio: { isStale: false, asOf: OLD, parts: [{ code: null }] } })).toEqual([]);
    expect(staleMoments({ portfolio: null })).toEqual([]);
    expect(staleMoments(null)).toEqual([]);
  });
});
