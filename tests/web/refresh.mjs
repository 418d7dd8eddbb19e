/** How the dashboard keeps up with its figures, and says where they come from. */
import assert from "node:assert/strict";

import { asking, browse, run, sandbox, serve, stop } from "./browser.mjs";
import { ACCOUNT, TYPICAL, WHALE, isLabelled, rows, scrollTo, visit } from "./page.mjs";

const total = (page) => page.getByRole("region", { name: "Net worth" });
const asOf = (page) => total(page).locator("time").getAttribute("datetime");

/** Notes every request of the page that asks for wallets. */
function noting(page) {
  const asked = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/graphql")) asked.push(request.postDataJSON()?.operationName);
  });
  return (name) => asked.filter((each) => each === name).length;
}

async function newer(page, than) {
  await page.waitForFunction(
    (before) => document.querySelector(".total time").dateTime > before,
    than,
    { timeout: 20_000 },
  );
}

const browser = await browse();

/** Looks on while the page refreshes itself twice, with figures that stay fresh for so long. */
async function refreshes(seconds) {
  const { url, child } = await serve({ PORTFOLIO_TTL_SECONDS: seconds, ONEINCH_RPS: "20" });
  await visit(browser, url, [TYPICAL], async (page) => {
    await rows(page).first().waitFor();
    await page.evaluate(() => {
      window.seen = new Set();
      const look = () => {
        for (const badge of document.querySelectorAll(".badge")) seen.add(badge.textContent);
        seen.add(document.querySelector(".total time").dateTime);
      };
      new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true, attributes: true });
    });
    const first = await asOf(page);
    await total(page).getByText(/next refresh in \d+ s/).waitFor();
    await total(page).getByText(/, [2-9] s ago/).waitFor();
    await newer(page, first);
    await newer(page, await asOf(page));
    const seen = await page.evaluate(() => [...window.seen]);
    assert.ok(!seen.includes("older data"), seen.join());
    const moments = seen.filter((text) => /^\d{4}-/.test(text));
    assert.deepEqual(moments, [...moments].sort());
    const listed = page.locator(".details time");
    assert.ok(Date.parse(await listed.getAttribute("datetime")) > Date.parse(first));
  });
  await stop(child);
}

await run({
  async "refreshes by itself when newer figures can be had, and calls none of them old"() {
    await refreshes("3");
  },

  async "calls none old either where the server gives old ones once more, as it does by default"() {
    await refreshes("6");
  },

  async "shows newer figures after Refresh, also where the server first gives the old ones"() {
    const { url, child } = await serve({ PORTFOLIO_TTL_SECONDS: "1.5", ONEINCH_RPS: "20" });
    await visit(browser, url, [TYPICAL], async (page) => {
      await rows(page).first().waitFor();
      const first = await asOf(page);
      await page.waitForTimeout(2_000);
      await page.getByRole("button", { name: "Refresh" }).click();
      await newer(page, first);
      assert.equal(await page.getByText("older data").count(), 0);
    });
    await stop(child);
  },

  async "leaves the server alone while nobody looks, and catches up afterwards"() {
    const { url, child } = await serve({ PORTFOLIO_TTL_SECONDS: "2", ONEINCH_RPS: "20" });
    await visit(browser, url, [TYPICAL], async (page) => {
      await rows(page).first().waitFor();
      const first = await asOf(page);
      const asked = noting(page);
      const turn = (state) =>
        page.evaluate((now) => {
          Object.defineProperty(document, "visibilityState", { value: now, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }, state);
      await turn("hidden");
      await page.waitForTimeout(8_000);
      assert.equal(asked("Overview"), 0);
      await turn("visible");
      await newer(page, first);
      assert.ok(asked("Overview") >= 1);
    });
    await stop(child);
  },

  async "keeps the rows that were loaded, and the place in them"() {
    const { url, child } = await serve();
    await visit(browser, url, [WHALE], async (page) => {
      await rows(page).first().waitFor();
      await scrollTo(page, 150);
      await page.waitForLoadState("networkidle");
      const [count, place] = [await rows(page).count(), await page.evaluate(() => scrollY)];
      const asked = noting(page);
      await page.getByRole("button", { name: "Refresh" }).dispatchEvent("click");
      await page.getByRole("button", { name: "Refreshing" }).waitFor();
      await page.getByRole("button", { name: "Refresh", exact: true }).waitFor();
      await page.waitForLoadState("networkidle");
      assert.deepEqual(["Together", "Profits", "WalletPositions"].map(asked), [1, 2, 1]);
      assert.equal(await rows(page).count(), count);
      assert.equal(await page.evaluate(() => scrollY), place);
    });
    await stop(child);
  },

  async "says sandbox where a live server asks one, from the first answer on"() {
    const box = await sandbox();
    const { url, child } = await serve(asking(box.url));
    await visit(browser, url, [TYPICAL, ACCOUNT], async (page) => {
      await isLabelled(page);
      await rows(page).first().waitFor();
      assert.equal(await page.getByText("sandbox", { exact: true }).count(), 2);
    });
    await visit(browser, url, [], isLabelled);
    await stop(child);
    await stop(box.child);
  },

  async "says sandbox when one takes the place of a source that did not answer"() {
    const box = await sandbox();
    await stop(box.child);
    const { url, child } = await serve(asking(box.url, { ALGOD_URL: "http://127.0.0.1:9" }));
    await visit(browser, url, [TYPICAL], async (page) => {
      await page.getByText("UPSTREAM_UNAVAILABLE").first().waitFor();
      assert.equal(await page.getByRole("complementary").count(), 0);
      const again = await sandbox(box.port);
      await page.getByRole("complementary").waitFor({ timeout: 60_000 });
      await rows(page).first().waitFor();
      await isLabelled(page);
      await stop(again.child);
    });
    await stop(child);
  },
}, () => browser.close());
