/** The dashboard when things go wrong: sources and server that are slow, failing, or gone. */
import assert from "node:assert/strict";

import { asking, browse, run, sandbox, serve, shoot, stop } from "./browser.mjs";
import {
  ACCOUNT,
  TYPICAL,
  WHALE,
  expectedRows,
  isAccessible,
  isLabelled,
  rows,
  scrollTo,
  shownRows,
  visit,
} from "./page.mjs";

const browser = await browse();
await run({
  async "shows that it is loading, and that the server is gone, with a way to try again"() {
    const { url, child } = await serve();
    await visit(
      browser,
      url,
      [],
      async (page) => {
        await isLabelled(page);
        let go;
        const held = new Promise((resolve) => (go = resolve));
        await page.route("**/graphql", async (route) => {
          await held;
          await route.abort();
        });
        await page.getByLabel("One or several addresses").fill(TYPICAL);
        await page.keyboard.press("Enter");
        await page.getByText("Loading the wallets…").waitFor({ state: "attached" });
        await isAccessible(page);
        go();
        await page.getByRole("alert").getByText("The server could not be reached.").waitFor();
        await isLabelled(page);
        await isAccessible(page);
        await page.unroute("**/graphql");
        await page.getByRole("button", { name: "Try again" }).click();
        await rows(page).first().waitFor();
      },
      { forgiven: /Failed to load resource/ },
    );
    await stop(child);
  },

  async "keeps what it has when a source fails mid-way, and goes on when it is back"() {
    const box = await sandbox();
    const { url, child } = await serve(asking(box.url));
    await visit(
      browser,
      url,
      [WHALE],
      async (page) => {
        await rows(page).first().waitFor();
        await page.waitForLoadState("networkidle");
        const before = await rows(page).count();
        assert.ok(before < 1000);
        await stop(box.child);
        await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
        const notice = page.getByRole("alert");
        await notice.getByText("The next positions could not be loaded.").waitFor();
        await notice.getByText("UPSTREAM_UNAVAILABLE").waitFor();
        const kept = await rows(page).count();
        assert.ok(kept >= before && kept < 1000);
        await isAccessible(page);
        await shoot(page, "dashboard-failed-midway");
        const again = await sandbox(box.port);
        for (let tries = 0; tries < 40 && (await rows(page).count()) === kept; tries += 1) {
          const button = page.locator(".details").getByRole("button", { name: "Try again" });
          if (await button.count()) await button.click();
          await page.waitForTimeout(500);
        }
        await scrollTo(page, kept + 100);
        const shown = await shownRows(page);
        assert.deepEqual(shown, (await expectedRows(url, WHALE)).slice(0, shown.length));
        await stop(again.child);
      },
    );
    await stop(child);
  },

  async "shows what one source answers while the other is down"() {
    const box = await sandbox();
    const { url, child } = await serve(asking(box.url, { ALGOD_URL: "http://127.0.0.1:9" }));
    await visit(
      browser,
      url,
      [TYPICAL, ACCOUNT],
      async (page) => {
        await rows(page).first().waitFor();
        await isLabelled(page);
        const card = page.locator(".card").filter({ hasText: "O5QWY3DF" });
        await card.getByText("UPSTREAM_UNAVAILABLE").waitFor();
        await page.getByText("not complete: 1 of 2 could not be loaded").waitFor();
        assert.equal(await rows(page).count(), 12);
        await card.getByRole("radio").press("Space");
        await page.getByText("The assets could not be loaded.").waitFor();
        await page.getByRole("button", { name: "Check now" }).click();
        await page.getByText("not responding").or(page.getByText("not available")).first().waitFor();
        await isAccessible(page);
        await shoot(page, "dashboard-partly-failed");
      },
    );
    await stop(child);
    await stop(box.child);
  },

  async "marks figures that are old"() {
    const box = await sandbox();
    const { url, child } = await serve(
      asking(box.url, { STALE_SECONDS: "3600", PORTFOLIO_TTL_SECONDS: "0.1" }),
    );
    await visit(
      browser,
      url,
      [TYPICAL],
      async (page) => {
        await rows(page).first().waitFor();
        await stop(box.child);
        await page.getByRole("button", { name: "Refresh" }).click();
        await page.getByRole("region", { name: "Net worth" }).getByText("older data").waitFor();
        await page.locator(".details").getByText("older data").waitFor();
        await page.locator(".card").getByText("older data").waitFor();
        assert.equal(await rows(page).count(), 12);
        await isAccessible(page);
      },
    );
    await stop(child);
  },
}, () => browser.close());
