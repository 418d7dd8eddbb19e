/** The dashboard in every state a working server leads to. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

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
  links,
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

      for (const cut of ["Protocol", "Chain", "Category", "Wallet", "Token"]) {
        await page.getByRole("button", { name: cut, exact: true }).and(page.locator("[aria-pressed]")).click();
        const legend = page.getByRole("table", { name: `Assets by ${cut.toLowerCase()}` });
        const shares = await legend.locator("td:last-child").allInnerTexts();
        const tenths = shares.map((share) => (share.startsWith("<") ? 0 : Number(share.replace(/\D/g, ""))));
        assert.equal(tenths.reduce((a, b) => a + b), 1000, shares.join());
      }
      await page.locator(".history-stroke").waitFor({ timeout: 20_000 });
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

  async "draws what wallets were worth, and says the same in words"() {
    await visit(browser, server.url, [TYPICAL], async (page) => {
      const panel = page.getByRole("region", { name: "Value over time" });
      await panel.locator(".history-stroke").waitFor();
      const asked = await ask(server.url, `query ($a: [String!]!) { portfolio(addresses: $a) {
        year: history(maxPoints: 240) { ...Ends } week: history(range: WEEK) { ...Ends } } }
        fragment Ends on ValueHistory { points { at valueUsd } changeUsd }`, { a: [TYPICAL] });
      const { year, week } = asked.data.portfolio;
      const change = panel.locator(".history-change data");
      const moments = () => panel.locator(".history-words time").evaluateAll((all) => all.map((one) => one.dateTime));
      assert.equal(Number(await change.getAttribute("value")), Number(year.changeUsd));
      assert.deepEqual(await moments(), [year.points[0].at, year.points.at(-1).at]);
      await panel.getByRole("button", { name: "Week" }).click();
      await page.waitForURL(/range=week/);
      await page.waitForFunction(
        (first) => document.querySelector(".history-words time").dateTime === first,
        week.points[0].at,
      );
      assert.equal(Number(await change.getAttribute("value")), Number(week.changeUsd));
      await isAccessible(page);
    });
  },

  async "adds tokens up over wallets, with their logos, and hides dust on request"() {
    await visit(browser, server.url, [TYPICAL, DEBTS], async (page, pictures) => {
      const list = page.getByRole("table", { name: "Tokens of all wallets" });
      await list.locator("tbody tr").first().waitFor();
      const query = `query ($a: [String!]!, $f: TokenTotalFilter!) { portfolio(addresses: $a) {
        tokens(filter: $f, first: 100) { totalCount edges { node { valueUsd } } } } }`;
      const held = async (f) => (await ask(server.url, query, { a: [TYPICAL, DEBTS], f })).data.portfolio.tokens;
      const values = () =>
        list.locator("td.cell-value").evaluateAll((all) => all.map((each) => each.querySelector("data")?.value ?? null));
      const all = await held({});
      const figures = all.edges.map(({ node }) => plain(node.valueUsd));
      assert.ok(all.totalCount > 8);
      assert.deepEqual(await values(), figures.slice(0, 8));
      await page.getByRole("button", { name: `Show more of ${all.totalCount} tokens` }).click();
      await page.waitForFunction(
        (count) => document.querySelectorAll(".tokens tbody tr").length === count,
        all.totalCount,
      );
      assert.deepEqual(await values(), figures);
      await page.waitForFunction(() => document.querySelectorAll(".tokens img").length > 5);
      assert.ok(pictures.length > 5);
      for (const picture of pictures) assert.equal((await picture.allHeaders()).referer, undefined);
      const worth = await held({ minValueUsd: "1" });
      assert.ok(worth.totalCount < all.totalCount);
      await page.getByLabel("Hide dust: $1 or more").check();
      await page.waitForURL(/dust=/);
      await page.waitForFunction(
        (count) => document.querySelectorAll(".tokens tbody tr").length === count,
        Math.min(worth.totalCount, 8),
      );
      assert.deepEqual(await values(), worth.edges.slice(0, 8).map(({ node }) => plain(node.valueUsd)));
    });
  },

  async "shows what positions earned over the range of the chart"() {
    await visit(browser, server.url, [TYPICAL], async (page) => {
      await rows(page).first().waitFor();
      const query = `query ($a: String!, $r: TimeRange!) { wallet(address: $a) { positions(first: 100) { nodes {
        metrics(range: $r) { profitUsd } } } } }`;
      const earned = async (r) =>
        (await ask(server.url, query, { a: TYPICAL, r })).data.wallet.positions.nodes.map(({ metrics }) =>
          plain(metrics?.profitUsd ?? null),
        );
      const isShown = (expected) =>
        page.waitForFunction(
          (all) =>
            JSON.stringify([...document.querySelectorAll(".details .cell-profit:not(th)")].map((each) => each.querySelector("data")?.value ?? null)) === all,
          JSON.stringify(expected),
        );
      const year = await earned("YEAR");
      assert.ok(year.some((value) => value !== null));
      await isShown(year);
      await page.getByRole("button", { name: "Week" }).click();
      const week = await earned("WEEK");
      assert.notDeepEqual(week, year);
      await isShown(week);
    });
  },

  async "links what has a page of its own on an explorer, and tells it nothing"() {
    await visit(browser, server.url, [TYPICAL], async (page) => {
      await rows(page).first().waitFor();
      const query = `query ($a: [String!]!) { wallets(addresses: $a) { explorerUrl positions(first: 100) { nodes {
        underlyingTokens { token { explorerUrl } } rewardTokens { token { explorerUrl } } } } } }`;
      const [wallet] = (await ask(server.url, query, { a: [TYPICAL] })).data.wallets;
      const tokens = wallet.positions.nodes.flatMap(({ underlyingTokens, rewardTokens }) => [
        ...underlyingTokens,
        ...rewardTokens,
      ]);
      const listed = tokens.map(({ token }) => token.explorerUrl).filter((url) => url !== null);
      const details = page.locator(".details a:not([download])");
      assert.deepEqual(await details.evaluateAll((all) => all.map((link) => link.href)), [wallet.explorerUrl, ...listed]);
      const rels = await details.evaluateAll((all) => all.map((link) => `${link.rel} ${link.referrerPolicy}`));
      assert.deepEqual([...new Set(rels)], ["noreferrer noopener "]);
    });
  },

  async "exports what is shown"() {
    await visit(browser, server.url, [TYPICAL], async (page) => {
      await rows(page).first().waitFor();
      const [file] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("link", { name: "Export CSV" }).click(),
      ]);
      assert.match(file.suggestedFilename(), /^positions-\d{4}-\d{2}-\d{2}\.csv$/);
      const text = await readFile(await file.path(), "utf8");
      assert.ok(text.includes('"Uniswap V3 USDC/WETH 0.05%"'));
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
      await page.waitForFunction(() => document.querySelector(".details .list tbody bdi").textContent.startsWith("Aave"));
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
      assert.equal(await page.locator("main script, main img, main iframe").count(), 0);
      const hosts = (await links(page)).map((link) => new URL(link).origin);
      assert.deepEqual([...new Set(hosts)].sort(), ["https://etherscan.io"]);
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
      assert.equal(await figure(tether.locator(".cell-value")), "320.400125");
      await tether.getByText("frozen", { exact: true }).waitFor();
      await assets.getByText("destroyed", { exact: true }).first().waitFor();
      await assets.getByText("NFT", { exact: true }).first().waitFor();
      const query = `query ($a: String!) { wallet(address: $a) { explorerUrl
        algorandAssets(first: 50) { nodes { asset { explorerUrl } } } } }`;
      const { wallet } = (await ask(server.url, query, { a: ACCOUNT })).data;
      assert.deepEqual(await links(page), [
        wallet.explorerUrl,
        ...wallet.algorandAssets.nodes.map(({ asset }) => asset.explorerUrl),
      ]);
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
