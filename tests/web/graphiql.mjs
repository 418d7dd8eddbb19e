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

  async "has four example tabs, and the first shows a wallet's positions"() {
    assert.deepEqual(await page.getByRole("tab").allInnerTexts(), [
      "Dashboard",
      "AlgorandAccount",
      "Wallets",
      "Sources",
    ]);
    const { data, errors } = await execute();
    assert.equal(errors, undefined);
    assert.equal(data.wallet.positions.totalCount, 12);
    assert.equal(data.wallet.positions.nodes.length, 10);
    await shoot(page, "graphiql");
  },

  async "shows an Algorand account's assets"() {
    await openTab("AlgorandAccount");
    const { data, errors } = await execute();
    assert.equal(errors, undefined);
    assert.equal(data.wallet.algo.balance.algos, "13.852000");
    assert.equal(data.wallet.algorandAssets.nodes.length, 10);
  },

  async "shows several wallets and the one error among them"() {
    await openTab("Wallets");
    const { data, errors } = await execute();
    assert.deepEqual(
      data.wallets.map((wallet) => wallet?.ecosystem),
      ["EVM", "EVM", "ALGORAND", undefined],
    );
    assert.deepEqual(
      errors.map(({ path, extensions }) => [path, extensions.code]),
      [[["wallets", 3], "BAD_ADDRESS"]],
    );
  },

  async "shows the sources"() {
    await openTab("Sources");
    const { data, errors } = await execute();
    assert.equal(errors, undefined);
    assert.deepEqual(
      data.sources.map(({ name, mode }) => [name, mode]),
      [
        ["portfolio", "SANDBOX"],
        ["algorand", "SANDBOX"],
      ],
    );
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
