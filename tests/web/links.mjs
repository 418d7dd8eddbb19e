/** What a link to the dashboard says: which wallets, each once, and how they are looked at. */
import assert from "node:assert/strict";

import { browse, run, serve, shoot } from "./browser.mjs";
import {
  ACCOUNT,
  DEBTS,
  DIGITS,
  SPAM,
  TYPICAL,
  WHALE,
  at,
  figure,
  isAccessible,
  isAccessibleEverywhere,
  rows,
  scrollTo,
  visit,
} from "./page.mjs";

const MIXED = "0xD470055c6189B921c4d44b3d277Ad868F79C0F75";
const WORTH = "$89,006.22";

const total = (page) => page.getByRole("region", { name: "Net worth" });
/** The figure at the top, once it is added up. */
const worth = (page) => page.locator(".total-figure").filter({ hasText: "$" }).innerText();
const query = (page) => Object.fromEntries(new URL(page.url()).searchParams);
const card = (page, text) => page.locator(".card").filter({ hasText: text });
/** Which element has the focus, in words. */
const focused = (page) =>
  page.evaluate(() => {
    const { tagName, className, textContent } = document.activeElement;
    return tagName === "BODY" ? "BODY" : `${tagName} ${className} ${textContent.slice(0, 20)}`;
  });

const server = await serve();
const browser = await browse();
await run({
  async "counts a wallet once, in whatever spellings a link has it"() {
    const spellings = [
      TYPICAL,
      `eip155:1:${TYPICAL}`,
      `eip155:8453:${MIXED}`,
      MIXED,
      TYPICAL.toUpperCase(),
      `0x${TYPICAL.slice(2).toUpperCase()}`,
    ];
    for (const some of [spellings, spellings.slice(0, 2), [MIXED, `eip155:10:${TYPICAL}`]]) {
      await visit(browser, server.url, some, async (page) => {
        await rows(page).first().waitFor();
        assert.equal(await worth(page), WORTH);
        assert.equal(await page.locator(".card").count(), 1);
        await page.getByRole("table", { name: "Assets by protocol" }).waitFor();
        assert.equal(await page.locator(".donut text").textContent(), "$153K");
        await page.getByRole("button", { name: /^Remove / }).click();
        await page.waitForURL(`${server.url}/`);
      });
    }
  },

  async "adds no wallet again that is there in another spelling"() {
    await visit(browser, server.url, [MIXED, ACCOUNT], async (page) => {
      await rows(page).first().waitFor();
      const genesis = "wGHE2Pwdvd7S12BL5FaOP20EGYesN73k";
      await page.getByLabel("Add addresses").fill(`${TYPICAL} algorand:${genesis}:${ACCOUNT} ${DEBTS}`);
      await page.keyboard.press("Enter");
      await card(page, "5eeD00").getByText("positions").waitFor();
      await page.getByText("3 wallets").waitFor();
      assert.equal(await page.locator(".card").count(), 3);
    });
  },

  async "says how many addresses are too many, and that they are in no figure"() {
    const many = Array.from({ length: 130 }, (_, i) => `0x${String(i + 1).padStart(40, "0")}`);
    await visit(browser, server.url, many, async (page) => {
      await rows(page).first().waitFor();
      await total(page).getByText("not complete: 30 of 130 addresses left out").waitFor();
      const notice = page.getByRole("alert").filter({ hasText: "Only the first 100" });
      await notice.getByText("30 more are left out").waitFor();
      assert.equal(await page.locator(".card").count(), 100);
      await notice.getByText("The 30 addresses left out").click();
      assert.deepEqual(await notice.locator("li").allInnerTexts(), many.slice(100));
      await isAccessible(page);
      await shoot(page, "dashboard-too-many");

      await page.getByRole("button", { name: /^Remove 0x/ }).first().click();
      await notice.getByText("29 more are left out").waitFor();
      await page.getByLabel("Add addresses").fill(Array.from({ length: 400 }, (_, i) => `0xb${i}`).join(" "));
      await page.keyboard.press("Enter");
      await total(page).getByText("not complete: 429 of 529 addresses left out").waitFor();
      await page.getByLabel("Add addresses").fill(Array.from({ length: 900 }, (_, i) => `0xc${i}`).join(" "));
      await page.keyboard.press("Enter");
      await page.getByText("Nothing was added: these are more addresses than one link can hold.").waitFor();
      await page.reload();
      await total(page).getByText("not complete: 429 of 529 addresses left out").waitFor();
      await page.getByRole("button", { name: "Remove these 429" }).click();
      await notice.waitFor({ state: "detached" });
      assert.equal(await page.locator(".card").count(), 100);
    });
  },

  async "says why an address is none, in the graph's words, and what to do"() {
    const wrong = `${MIXED.slice(0, -1)}6`;
    await visit(browser, server.url, ["vitalik.eth", wrong, TYPICAL], async (page) => {
      const name = card(page, "vitalik.eth");
      await name.getByText('"vitalik.eth" is no address: expected 0x and 40').waitFor();
      await name.getByText("add the address that the name points to").waitFor();
      const typo = card(page, "9C0F76");
      await typo.getByText(`"${wrong}" has a wrong EIP-55 checksum`).waitFor();
      await typo.getByText("Compare it with where you copied it from").waitFor();
      assert.equal(await page.getByRole("button", { name: "Try again" }).count(), 0);
      await page.locator(".total-figure data").waitFor();
      assert.equal(await worth(page), WORTH);
      await isAccessibleEverywhere(page);
    });
  },

  async "keeps the whole view in the link, and goes back and forward through it"() {
    await visit(browser, server.url, [TYPICAL, WHALE, ACCOUNT], async (page) => {
      await rows(page).first().waitFor();
      await page.getByRole("button", { name: "Chain", exact: true }).first().click();
      await card(page, "0x5eeD00").getByRole("radio").press("Space");
      await page.getByText("Showing 50 of 1,000").waitFor();
      await page.getByLabel("Rows per page").selectOption("100");
      await page.getByLabel("Type").selectOption("Assets");
      await page.getByLabel("Find").pressSequentially("alder", { delay: 60 });
      await page.waitForURL(/find=alder/);
      await page.getByRole("button", { name: "Position", exact: true }).click();
      await page.locator("th[aria-sort=ascending]").waitFor();
      await page.locator(".list[aria-busy=false]").waitFor();
      const expected = { by: "chain", wallet: WHALE, rows: "100", side: "asset", find: "alder", sort: "name-asc" };
      const { a: _, ...shown } = query(page);
      assert.deepEqual(shown, expected);
      const [names, link] = [await rows(page).locator("th").allInnerTexts(), page.url()];

      await page.goBack();
      await page.locator("th[aria-sort=descending]").waitFor();
      await page.goBack();
      await page.waitForFunction(() => document.querySelector("input[type=search]").value === "");
      await page.goBack();
      assert.equal(await page.getByLabel("Type").inputValue(), "");
      await page.goForward();
      await page.goForward();
      await page.goForward();
      await page.locator("th[aria-sort=ascending]").waitFor();
      assert.equal(page.url(), link);
      assert.equal(await page.getByLabel("Find").inputValue(), "alder");

      await page.reload();
      await rows(page).first().waitFor();
      assert.deepEqual((await rows(page).locator("th").allInnerTexts()).slice(0, 50), names.slice(0, 50));
      assert.equal(await page.getByRole("radio", { checked: true }).count(), 1);
      assert.equal(await page.getByRole("button", { name: "Chain", pressed: true }).count(), 1);

      await card(page, "O5QWY3DF").getByRole("radio").press("Space");
      await page.getByRole("combobox", { name: "Show" }).selectOption("NFTs");
      assert.deepEqual(
        [query(page).wallet, query(page).assets, query(page).find],
        [ACCOUNT, "nft", undefined],
      );
    });
  },

  async "keeps the focus while it filters and refreshes, and near what goes away"() {
    await visit(browser, server.url, [TYPICAL, DEBTS], async (page) => {
      await rows(page).first().waitFor();
      await page.getByLabel("Find").focus();
      await page.keyboard.type("uniswap");
      await page.getByText("Showing 2 of 2").waitFor();
      assert.match(await focused(page), /^INPUT/);
      await page.getByRole("button", { name: "Clear filters" }).press("Enter");
      await page.getByText("Showing 12 of 12").waitFor();
      assert.match(await focused(page), /^SECTION panel details/);
      await page.getByRole("button", { name: "Position", exact: true }).press("Enter");
      await page.locator("th[aria-sort=ascending]").waitFor();
      assert.match(await focused(page), /^BUTTON .*Position/);
      await page.getByRole("button", { name: "Refresh" }).press("Enter");
      await page.getByRole("button", { name: "Refresh", exact: true }).waitFor();
      assert.match(await focused(page), /^BUTTON .*Refresh/);
      await page.getByRole("button", { name: /^Remove 0x5eeD/ }).press("Enter");
      await page.locator("legend").getByText("Wallet", { exact: true }).waitFor();
      assert.match(await focused(page), /^FIELDSET/);
    });
  },

  async "keeps the columns' names in view, under the strip that says sandbox"() {
    await visit(browser, server.url, [WHALE], async (page) => {
      await rows(page).first().waitFor();
      await scrollTo(page, 100);
      const strip = await page.getByRole("complementary").boundingBox();
      const head = await page.locator(".list thead .cell-where").boundingBox();
      assert.ok(Math.abs(head.y - (strip.y + strip.height)) < 1, JSON.stringify([strip, head]));
    });
  },

  async "is usable at 320 pixels, with no word broken in its middle"() {
    for (const address of [TYPICAL, WHALE, DIGITS, SPAM, ACCOUNT]) {
      await visit(browser, server.url, [address, TYPICAL, "vitalik.eth"], async (page) => {
        await page.locator(".list tbody tr").first().waitFor();
        for (const width of [320, 361, 390, 700, 940, 941, 1024, 1280]) {
          await page.setViewportSize({ width, height: 800 });
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(overflow <= 0, `${overflow} pixels too wide at ${width}`);
          assert.deepEqual(await page.evaluate(brokenWords), [], `at ${width}`);
        }
        await page.setViewportSize({ width: 320, height: 800 });
        await shoot(page, `dashboard-320-${address.slice(-4)}`, { fullPage: true });
      });
    }
  },
}, () => browser.close());

/** In the page: the words of ordinary length that begin on one line and end on another. */
function brokenWords() {
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    if (node.parentElement.closest(".unseen, code, svg")) continue;
    // What is longer, such as a URL, may have to be broken.
    for (const { index, 0: word } of node.data.matchAll(/(?<!\S)\S{2,18}(?!\S)/g)) {
      if (/[-/,]/.test(word)) continue;
      const range = document.createRange();
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
      if (lines.size > 1) found.push(word);
    }
  }
  return found;
}
