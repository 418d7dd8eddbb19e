/** The dashboard of an Algorand account where a provider of prices and an IPFS gateway are on. */
import assert from "node:assert/strict";
import { createServer } from "node:http";

import { ask, browse, run, serve, shoot } from "./browser.mjs";
import { ACCOUNT, TYPICAL, figure, isAccessibleEverywhere, plain, visit } from "./page.mjs";

const PICTURE = "bafkreidgvpkjawlxz6sffxzwgooowe5yt7i6wsyg236mfoks77nywkptdq";
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8" fill="teal"/></svg>';

const asked = [];
const gateway = createServer(({ url, headers }, answer) => {
  asked.push([url, headers.referer, headers.cookie]);
  answer.setHeader("access-control-allow-origin", "*");
  const isPicture = url === `/ipfs/${PICTURE}/1.svg`;
  answer.setHeader("content-type", isPicture ? "image/svg+xml" : "application/json");
  answer.end(isPicture ? SVG : JSON.stringify({ name: "x", image: `ipfs://${PICTURE}/1.svg` }));
});
await new Promise((resolve) => gateway.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${gateway.address().port}`;

const priced = await serve({ ALGORAND_PRICES: "pera", IPFS_GATEWAY: origin });
const browser = await browse();
const assets = (page) => page.getByRole("table", { name: "Assets", exact: true }).locator("tbody tr");
await run({
  async "shows an account in dollars, and who gives the prices"() {
    await visit(browser, priced.url, [ACCOUNT, TYPICAL], async (page) => {
      const query = `query ($a: [String!]!) {
        portfolio(addresses: $a) { totalValueUsd byWallet { wallet { address } valueUsd } }
        wallets(addresses: $a) { algorandAssets(first: 100) { nodes { valueUsd asset { assetId } } } } }`;
      const { data } = await ask(priced.url, query, { a: [ACCOUNT, TYPICAL] });
      const total = page.getByRole("region", { name: "Net worth" });
      await total.locator(".total-figure data").waitFor();
      assert.equal(await figure(total), plain(data.portfolio.totalValueUsd));
      assert.equal(await page.getByText("Algorand not included").count(), 0);

      const own = data.portfolio.byWallet.find(({ wallet }) => wallet.address === ACCOUNT);
      const card = page.locator(".card").filter({ hasText: "O5QWY3DF" });
      assert.equal(await card.locator("data").last().getAttribute("value"), plain(own.valueUsd));

      await assets(page).getByText("no price").first().waitFor();
      const shown = await assets(page).evaluateAll((all) =>
        all.map((row) => [
          row.querySelector(".cell-id").textContent,
          row.querySelector(".cell-value data")?.value ?? null,
        ]),
      );
      const expected = data.wallets[0].algorandAssets.nodes.map(({ asset, valueUsd }) => [
        asset.assetId,
        plain(valueUsd),
      ]);
      assert.deepEqual(shown, expected);
      assert.ok(expected.some(([, value]) => value !== null));
      await assets(page).getByText("verified", { exact: true }).first().waitFor();
      await page.locator(".details").getByText("Data provided by Pera").waitFor();
      await page.locator(".sources").getByText("Data provided by Pera").waitFor();
    }, { origins: [origin] });
  },

  async "shows pictures of NFTs, once they are in view, and tells the gateway of no page"() {
    await visit(browser, priced.url, [ACCOUNT], async (page) => {
      await assets(page).first().waitFor();
      asked.length = 0;
      await page.getByRole("combobox", { name: "Show" }).selectOption("NFTs");
      const pictures = page.locator("img.picture");
      await page.getByText("filtered", { exact: true }).waitFor();
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
      await pictures.first().waitFor();
      assert.equal(await pictures.first().getAttribute("src"), `${origin}/ipfs/${PICTURE}/1.svg`);
      await page.waitForFunction(() => document.querySelector("img.picture").naturalWidth > 0);
      for (const [url, referer, cookie] of asked) {
        assert.match(url, /^\/ipfs\/[A-Za-z0-9]+(\/|$)/);
        assert.deepEqual([referer, cookie], [undefined, undefined]);
      }
      await isAccessibleEverywhere(page);
      await shoot(page, "dashboard-priced", { fullPage: true });
    }, { origins: [origin] });
  },

  async "asks no gateway where none is named"() {
    const { url } = await serve();
    await visit(browser, url, [ACCOUNT], async (page) => {
      await assets(page).first().waitFor();
      await page.waitForLoadState("networkidle");
      assert.equal(await page.locator("img.picture").count(), 0);
      assert.equal(await assets(page).getByText("no price").count(), 0);
    });
  },
}, async () => {
  await browser.close();
  gateway.close();
});
