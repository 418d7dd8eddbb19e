/** What the dashboard makes of rows that a source sends: whose they are, and those left out. */
import assert from "node:assert/strict";
import { createServer } from "node:http";

import { asking, browse, run, serve } from "./browser.mjs";
import { isAccessible, rows, visit } from "./page.mjs";

const OWNER = "0x0000000000000000000000000000000000000001";
const TOKEN = {
  chain_id: 1,
  address: "0x0000000000000000000000000000000000000099",
  decimals: 18,
  symbol: "T",
  name: "Token",
  amount: 1,
  price_usd: 20,
};

const row = (index, group, name, more) => ({
  index,
  chain_id: 1,
  contract_address: "0x0000000000000000000000000000000000000071",
  token_id: 0,
  address: OWNER,
  block_number_created: 0,
  protocol_type: "token",
  protocol_handler_id: "erc20",
  protocol_group_id: group,
  protocol_group_name: name,
  protocol_group_icon: null,
  contract_name: index,
  contract_symbol: "T",
  asset_sign: 1,
  value_usd: 20,
  ...more,
});

let body = [];
const source = createServer(({ url }, answer) => {
  answer.setHeader("content-type", "application/json");
  answer.end(JSON.stringify(url.includes("/protocols/") ? { result: [] } : body));
});
await new Promise((resolve) => source.listen(0, "127.0.0.1", resolve));
const played = `http://127.0.0.1:${source.address().port}`;

const { url } = await serve(asking(played, { ALGOD_URL: "http://127.0.0.1:9" }));
const browser = await browse();
await run({
  async "keeps products apart that two protocols call the same, in the list and in the chart"() {
    body = [
      row("A", "alpha", "Alpha", { protocol_sub_group_id: "main", protocol_sub_group_name: "Alpha Savings" }),
      row("B", "beta", "Beta", { value_usd: 10, protocol_sub_group_id: "main", protocol_sub_group_name: "Beta Loans" }),
      row("C", "", "Gamma", { value_usd: 5 }),
      row("D", "", "Delta", { value_usd: 4 }),
    ];
    await visit(browser, url, [OWNER], async (page) => {
      await rows(page).first().waitFor();
      assert.deepEqual(await rows(page).locator(".cell-where").allInnerTexts(), [
        "Alpha · Alpha Savings",
        "Beta · Beta Loans",
        "Gamma",
        "Delta",
      ]);
      const legend = page.getByRole("table", { name: "Assets by protocol" }).locator("tbody tr");
      assert.deepEqual(await legend.locator("th").allInnerTexts(), ["Alpha", "Beta", "Gamma", "Delta"]);
      assert.equal(await page.getByText("not complete").count(), 0);
    });
  },

  async "says where rows are left out that cannot be read, and calls no total complete"() {
    body = [
      row("A", "alpha", "Alpha"),
      row("B", "alpha", "Alpha", { underlying_tokens: [{ ...TOKEN, decimals: null }] }),
      row("C", "alpha", "Alpha", { token_id: "x" }),
    ];
    await visit(browser, url, [OWNER], async (page) => {
      await rows(page).first().waitFor();
      assert.equal(await rows(page).count(), 1);
      for (const place of [".total", ".allocation", ".details"]) {
        await page.locator(place).getByText("not complete: 2 unreadable", { exact: true }).waitFor();
      }
      await page.locator(".card").getByText("not complete", { exact: true }).waitFor();
      await isAccessible(page);
    });
  },
}, async () => {
  await browser.close();
  source.close();
});
