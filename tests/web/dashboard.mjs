/** The dashboard in every state a working server leads to. */
import assert from "node:assert/strict";

import { ask, browse, run, sandbox, serve, shoot } from "./browser.mjs";
import {
  ACCOUNT,
  COLLECTOR,
  DEBTS,
  DIGITS,
  EMPTY,
  SPAM,
  TYPICAL,
  WHALE,
  at,
  expectedRows,
  figure,
  isAccessible,
  isAccessibleEverywhere,
  isLabelled,
  plain,
  rows,
  scrollTo,
  shownRows,
  visit,
} from "./page.mjs";

const server = await serve();
const browser = await browse();
await run({
  async "without an address it asks for one, and offers invented wallets in the sandbox"() {
    await visit(browser, server.url, [], async (page) => {
      await isLabelled(page);
      await page.getByRole("heading", { name: "What does a wallet hold?" }).waitFor();
      assert.equal(await page.getByRole("group", { name: "Invented" }).getByRole("button").count(), 9);
      await isAccessible(page);
      await shoot(page, "dashboard-first");
    });
  },

  async "is used with the keyboard alone, and keeps addresses in the URL and nowhere else"() {
    await visit(browser, server.url, [], async (page) => {
      await page.getByLabel("One or several addresses").focus();
      await page.keyboard.type(`${TYPICAL}, ${DEBTS} ${ACCOUNT}`);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Positions" }).waitFor();
      assert.deepEqual(new URL(page.url()).searchParams.getAll("a"), [TYPICAL, DEBTS, ACCOUNT]);
      const cards = page.getByRole("radio");
      await cards.first().focus();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowDown");
      await page.getByRole("heading", { name: "Algorand account" }).waitFor();
      await page.keyboard.press("Tab");
      const removed = page.getByRole("button", { name: /^Remove O5QW/ });
      await removed.focus();
      await page.keyboard.press("Enter");
      await page.waitForURL(at(server.url, TYPICAL, DEBTS));
      await page.goBack();
      await page.getByText("3 wallets").waitFor();
      const kept = await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]);
      assert.deepEqual(kept, [0, 0, ""]);
    });
  },

  async "shows several wallets together: exact totals, plain debts, rewards, and the one that is no address"() {
    await visit(browser, server.url, [TYPICAL, DEBTS, ACCOUNT, "nonsense"], async (page) => {
      await isLabelled(page);
      await rows(page).first().waitFor();
      const query = "query($a: [String!]!) { wallets(addresses: $a) { positions { totalValueUsd } } }";
      const { data } = await ask(server.url, query, { a: [TYPICAL, DEBTS] });
      const digits = data.wallets.map(({ positions }) => positions.totalValueUsd);
      const scale = Math.max(...digits.map((text) => text.split(".")[1]?.length ?? 0));
      const units = digits
        .map((text) => text.split("."))
        .map(([whole, decimals = ""]) => BigInt(whole + decimals.padEnd(scale, "0")))
        .reduce((a, b) => a + b)
        .toString();
      const exact = plain(`${units.slice(0, -scale)}.${units.slice(-scale)}`);
      const total = page.getByRole("region", { name: "Net worth" });
      assert.equal(await figure(total), exact);
      await total.getByText("not complete: 1 of 4 could not be loaded").waitFor();
      await total.getByText("Algorand not included").waitFor();
      await total.locator(".owed", { hasText: "−$" }).waitFor();
      await page.getByText("BAD_ADDRESS").waitFor();

      const debt = rows(page).filter({ hasText: "Aave Variable Debt USDC" });
      assert.match(await debt.locator(".cell-value").innerText(), /^−\$63,499\.74$/);
      await debt.getByText("debt", { exact: true }).waitFor();
      await rows(page).getByText("reward", { exact: true }).first().waitFor();

      for (const cut of ["Protocol", "Chain", "Token"]) {
        await page.getByRole("button", { name: cut, exact: true }).and(page.locator("[aria-pressed]")).click();
        const legend = page.getByRole("table", { name: `Assets by ${cut.toLowerCase()}` });
        const shares = await legend.locator("td:last-child").allInnerTexts();
        const tenths = shares.map((share) => (share.startsWith("<") ? 0 : Number(share.replace(/\D/g, ""))));
        assert.equal(tenths.reduce((a, b) => a + b), 1000, shares.join());
      }
      await isAccessibleEverywhere(page);
      await page.setViewportSize({ width: 1280, height: 1080 });
      await shoot(page, "dashboard-light");
      await page.emulateMedia({ colorScheme: "dark" });
      await shoot(page, "dashboard-dark");
      await page.setViewportSize({ width: 390, height: 844 });
      await shoot(page, "dashboard-narrow-dark", { fullPage: true });
      await page.emulateMedia({ colorScheme: "light" });
      await shoot(page, "dashboard-narrow-light", { fullPage: true });
    });
  },

  async "pages to the end of 1,000 positions without a duplicate or a gap"() {
    await visit(browser, server.url, [WHALE], async (page) => {
      await rows(page).first().waitFor();
      assert.ok((await rows(page).count()) < 300);
      await scrollTo(page, 1000);
      assert.equal(await rows(page).count(), 1000);
      assert.deepEqual(await shownRows(page), await expectedRows(server.url, WHALE));
      await page.getByText("Showing 1,000 of 1,000").waitFor();
      assert.equal(await page.getByRole("button", { name: /more positions/i }).count(), 0);
    });
  },

  async "sorts and filters on the server"() {
    await visit(browser, server.url, [TYPICAL], async (page) => {
      await rows(page).first().waitFor();
      const asked = [];
      page.on("request", (request) => {
        const body = request.postDataJSON();
        if (body?.operationName === "WalletPositions") asked.push(body.variables);
      });
      await page.getByRole("button", { name: "Position", exact: true }).click();
      await page.locator("th[aria-sort=ascending]", { hasText: "Position" }).waitFor();
      await page.waitForFunction(() => document.querySelector(".list tbody bdi").textContent.startsWith("Aave"));
      await page.getByLabel("Find").fill("uniswap");
      await page.getByText("Showing 2 of 2").waitFor();
      await page.getByText("filtered", { exact: true }).waitFor();
      await page.getByLabel("Type").selectOption("Debts");
      await page.getByText("No positions match these filters.").waitFor();
      await page.getByRole("button", { name: "Clear filters" }).click();
      await page.getByText("Showing 12 of 12").waitFor();
      assert.deepEqual(
        asked.map(({ filter, orderBy }) => [filter, orderBy]),
        [
          [{}, { field: "NAME", direction: "ASC" }],
          [{ text: "uniswap" }, { field: "NAME", direction: "ASC" }],
          [{ text: "uniswap", side: "DEBT" }, { field: "NAME", direction: "ASC" }],
        ],
      );
    });
  },

  async "shows every digit there is, beside the short figure"() {
    await visit(browser, server.url, [DIGITS], async (page) => {
      await rows(page).first().waitFor();
      const ether = rows(page).filter({ has: page.getByText("Ether", { exact: true }) });
      assert.equal(await figure(ether.locator(".cell-tokens")), "123456789012.345678901234567891");
      assert.deepEqual(await shownRows(page), await expectedRows(server.url, DIGITS));
      await isAccessible(page);
    });
  },

  async "shows hostile names as text, and says what has no price"() {
    await visit(browser, server.url, [SPAM], async (page) => {
      await rows(page).getByText("<script>alert('airdrop')</script>").waitFor();
      await page.getByRole("region", { name: "Net worth" }).getByText("not complete: 6 without a price").waitFor();
      assert.equal(await rows(page).getByText("no price").count(), 6);
      assert.equal(await page.locator("main script, main img, main iframe, main a").count(), 0);
      await isAccessible(page);
    });
  },

  async "says that an empty wallet is empty"() {
    await visit(browser, server.url, [EMPTY], async (page) => {
      await isLabelled(page);
      await page.getByText("No positions were found for this wallet.").waitFor();
      await page.getByText("No assets with a known price.").waitFor();
      await isAccessible(page);
    });
  },

  async "shows an Algorand account: decimals, marks, and its filters"() {
    await visit(browser, server.url, [ACCOUNT], async (page) => {
      await isLabelled(page);
      const assets = page.getByRole("table", { name: "Assets" });
      await assets.locator("tbody tr").first().waitFor();
      assert.equal(await assets.locator("tbody tr").count(), 20);
      const tether = assets.locator("tbody tr").filter({ hasText: "Tether USDt" });
      assert.equal(await figure(tether.locator(".cell-value")), "139937519.681900");
      await tether.getByText("frozen", { exact: true }).waitFor();
      await assets.getByText("destroyed", { exact: true }).first().waitFor();
      await assets.getByText("NFT", { exact: true }).first().waitFor();
      assert.equal(await page.locator("main a").count(), 0);
      await isAccessible(page);
      await shoot(page, "dashboard-algorand", { fullPage: true });
      await page.getByRole("combobox", { name: "Show" }).selectOption("Destroyed");
      await page.getByText("Showing 2", { exact: true }).waitFor();
    });
  },

  async "pages an Algorand account to its end"() {
    await visit(browser, server.url, [COLLECTOR], async (page) => {
      const all = page.getByRole("table", { name: "Assets" }).locator("tbody tr");
      await all.first().waitFor();
      for (let tries = 0; tries < 100 && (await all.count()) < 120; tries += 1) {
        await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
        await page.waitForTimeout(30);
      }
      const ids = await all.locator(".cell-id").allInnerTexts();
      assert.equal(ids.length, 120);
      assert.equal(new Set(ids).size, 120);
      assert.deepEqual(ids, ids.map(BigInt).sort((a, b) => (a < b ? -1 : 1)).map(String));
    });
  },

}, () => browser.close());
