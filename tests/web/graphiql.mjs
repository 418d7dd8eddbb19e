/** GraphiQL as served at /graphql: its examples run, it completes and documents, all offline. */
import assert from "node:assert/strict";

import { asking, browse, open, run, sandbox, serve, shoot } from "./browser.mjs";

const { url } = await serve();
const browser = await browse();
const { page, foreign, complaints } = await open(browser.context, url);

async function editorText() {
  return page.locator(".graphiql-query-editor .CodeMirror").evaluate((e) => e.CodeMirror.getValue());
}

async function write(text) {
  await page
    .locator(".graphiql-query-editor .CodeMirror")
    .evaluate((e, value) => e.CodeMirror.setValue(value), text);
}

async function execute() {
  const answered = page.waitForResponse(
    (response) =>
      response.url() === `${url}/graphql` &&
      response.request().method() === "POST" &&
      !response.request().postData().includes("IntrospectionQuery"),
  );
  await page.getByRole("button", { name: /^Execute/ }).click();
  const answer = await (await answered).json();
  assert.ok(answer.data, JSON.stringify(answer));
  await page.waitForFunction(() =>
    document.querySelector(".graphiql-response .CodeMirror")?.CodeMirror.getValue().includes('"data"'),
  );
  return answer;
}

async function openTab(name) {
  await page.getByRole("tab", { name }).click();
  await page.waitForFunction(
    (wanted) =>
      document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror.getValue().includes(wanted),
    `query ${name}`,
  );
  // GraphiQL reads the operation's name off the editor only once it has been still for a moment.
  await page.waitForTimeout(500);
}

await run({
  async "opens with a strip that says the figures are invented"() {
    await page.goto(`${url}/graphql`);
    await page.getByText("SANDBOX: invented figures").waitFor();
    await page.locator(".graphiql-query-editor .CodeMirror").waitFor();
    assert.match(await page.title(), /Walletgraph/);
  },

  async "has a tab for each operation of the folder, and the first adds up a wallet"() {
    assert.deepEqual(await page.getByRole("tab").allInnerTexts(), [
      "PortfolioOverview",
      "PositionsOfWallets",
      "TokensOfWallets",
      "HistoryOfWallets",
      "ProfitOfWallets",
      "AlgorandAccount",
      "WhatIsRead",
    ]);
    const { data, errors } = await execute();
    assert.equal(errors, undefined);
    assert.equal(data.portfolio.totalValueUsd, "89006.21963764990998797363114");
    await shoot(page, "graphiql");
  },

  async "shows data in every other tab as well"() {
    for (const [name, told] of Object.entries({
      PositionsOfWallets: ({ portfolio }) => portfolio.positions.nodes.length > 10,
      TokensOfWallets: ({ portfolio }) => portfolio.tokens.nodes.length > 3,
      HistoryOfWallets: ({ portfolio }) => portfolio.history.points.length > 20,
      ProfitOfWallets: ({ portfolio }) => portfolio.metrics !== null,
      AlgorandAccount: ({ wallet }) => wallet.algo.balance.algos === "1385.200000",
      WhatIsRead: ({ chains }) => chains.length > 5,
    })) {
      await openTab(name);
      const { data, errors } = await execute();
      assert.equal(errors, undefined, name);
      assert.ok(told(data), name);
    }
  },

  async "completes field names from the schema"() {
    await write("{ ");
    await page.locator(".graphiql-query-editor .CodeMirror").click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("sou");
    await page.locator(".CodeMirror-hint", { hasText: "sources" }).first().waitFor();
    await page.keyboard.press("Enter");
    assert.match(await editorText(), /\{ sources/);
  },

  async "shows the documentation of a type"() {
    await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
    const docs = page.getByRole("region", { name: "Documentation Explorer" });
    await docs.getByRole("link", { name: "Query" }).click();
    await docs.getByText("Wallets, tokens and assets by address").waitFor();
    await docs.getByRole("link", { name: "Wallet", exact: true }).first().click();
    await docs.getByText("Every well-formed address is a wallet").waitFor();
    await shoot(page, "graphiql-docs");
  },

  async "says it too where a server in live mode asks a sandbox of its own"() {
    const live = await serve(asking((await sandbox()).url));
    const other = await open(browser.context, live.url);
    await other.page.goto(`${live.url}/graphql`);
    await other.page.getByText("SANDBOX: invented figures").waitFor();
    await other.page.close();
    assert.deepEqual(other.complaints, []);
  },

  async "keeps no headers and asks nobody but the server"() {
    const stored = await page.evaluate(() => JSON.stringify({ ...localStorage }));
    assert.ok(!/shouldPersistHeaders.{0,6}true/.test(stored), stored);
    assert.deepEqual(foreign, []);
    assert.deepEqual(complaints, []);
  },
}, () => browser.close());
