import { afterEach, expect, it, vi } from "vitest";

import { atGateway, pictureAt } from "../src/holdings/ipfs";

const GATEWAY = "https://gateway.example";
const CID = "bafkreibbegfrrqj4iydezfi35luq5n6z2mcbxsxsflmo4nz6dr5pxgnqba";
const OTHER = "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnQDsw";
const PLACE = `${GATEWAY}/ipfs/${CID}`;

it.each([
  [`ipfs://${CID}`, PLACE],
  [`ipfs://ipfs/${CID}`, PLACE],
  [`ipfs://${CID}#arc3`, PLACE],
  [`ipfs://${CID}/a b/c%20d.json?x=1`, `${PLACE}/a%20b/c%20d.json`],
  [`ipfs://${CID}/100%`, `${PLACE}/100%25`],
  [`ipfs://${CID}/../../etc`, null],
  [`ipfs://${CID}/%2e%2e/x`, null],
  [`ipfs://evil.example/${CID}`, null],
  ["ipfs://short", null],
  [`https://${CID}`, null],
  ["javascript:alert(1)", null],
])("finds %s at %s", (url, place) => {
  expect(atGateway(url, GATEWAY)).toBe(place);
});

function gateway(body: BodyInit, type: string, status = 200) {
  const fetched = vi.fn(async () => new Response(body, { status, headers: { "content-type": type } }));
  vi.stubGlobal("fetch", fetched);
  return fetched;
}
afterEach(() => vi.unstubAllGlobals());

const found = () => pictureAt(PLACE, GATEWAY, new AbortController().signal);

it("takes a picture for itself, and tells the gateway of no page", async () => {
  const fetched = gateway("x", "image/png");
  expect(await found()).toBe(PLACE);
  expect(fetched.mock.calls).toEqual([
    [PLACE, { signal: expect.any(AbortSignal), referrerPolicy: "no-referrer", credentials: "omit" }],
  ]);
});

it.each([
  [{ image: `ipfs://${OTHER}/1.png` }, `${GATEWAY}/ipfs/${OTHER}/1.png`],
  [{ image: "https://elsewhere.example/1.png" }, null],
  [{ image: 1 }, null],
  [{}, null],
  [[], null],
  [null, null],
])("follows the metadata %j to %s", async (metadata, place) => {
  gateway(JSON.stringify(metadata), "application/json");
  expect(await found()).toBe(place);
});

it("shows nothing of errors and of what is too long", async () => {
  gateway("x", "image/png", 404);
  expect(await found()).toBeNull();
  gateway(JSON.stringify({ image: `ipfs://${CID}` }), "application/json", 404);
  expect(await found()).toBeNull();
  gateway(JSON.stringify({ image: `ipfs://${CID}`, more: "x".repeat(100_000) }), "text/plain");
  expect(await found()).toBeNull();
  gateway("no json", "application/json");
  await expect(found()).rejects.toThrow(SyntaxError);
});
