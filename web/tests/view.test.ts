import { expect, it } from "vitest";

import { DEFAULTS, parseView, toSearch, type View } from "../src/view";

const VIEW: View = {
  addresses: ["0xd470055c6189b921c4d44b3d277ad868f79c0f75", "A&B=C", "é"],
  open: "A&B=C",
  cut: "chain",
  range: "THREE_YEARS",
  text: " a & b ",
  side: "DEBT",
  status: "CLOSED",
  chainId: 8453,
  hidesDust: true,
  field: "NAME",
  direction: "ASC",
  assets: "nft",
  pageSize: 100,
};

it("brings every part of a view through a URL", () => {
  expect(parseView(toSearch(VIEW))).toEqual(VIEW);
  for (const name of Object.keys(DEFAULTS) as (keyof View)[]) {
    const one = { ...DEFAULTS, [name]: VIEW[name] };
    expect(parseView(toSearch(one))).toEqual(one);
  }
});

it("says nothing of what is as usual", () => {
  expect(toSearch(DEFAULTS)).toBe("");
  expect(toSearch({ ...DEFAULTS, addresses: ["x"] })).toBe("?a=x");
});

it("takes what a link says wrongly as if it were not said", () => {
  const wrong = "?by=moon&range=ever&side=up&status=&chain=1e3&dust=yes&sort=size-up&assets=gold&rows=7&x=1";
  expect(parseView(wrong)).toEqual(DEFAULTS);
  expect(parseView("?chain=99999999999").chainId).toBe(null);
  expect(parseView(`?find=${"x".repeat(300)}`).text).toHaveLength(256);
});

it("keeps every address of a link, however many", () => {
  const many = Array.from({ length: 150 }, (_, i) => `a${i}`);
  expect(parseView(toSearch({ ...DEFAULTS, addresses: many })).addresses).toEqual(many);
});
