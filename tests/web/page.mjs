/** The dashboard as a reader meets it: opening it, scrolling it, and what must hold of any view. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { ask, open, require, shoot } from "./browser.mjs";

export const TYPICAL = "0xd470055c6189b921c4d44b3d277ad868f79c0f75";
export const EMPTY = "0x5eed000000000000000000000000000000000001";
export const WHALE = "0x5eed000000000000000000000000000000000002";
export const DEBTS = "0x5eed000000000000000000000000000000000003";
export const SPAM = "0x5eed000000000000000000000000000000000004";
export const DIGITS = "0x5eed000000000000000000000000000000000005";
export const ACCOUNT = "O5QWY3DFORTXEYLQNAQGIZLNN45CA5DZOBUWGYLMFYXC4LROFYXKE2F6JA";
export const COLLECTOR = "O5QWY3DFORTXEYLQNAQGIZLNN45CAY3PNRWGKY3UN5ZC4LROFYXECXOT4Q";

const axe = await readFile(require.resolve("axe-core/axe.min.js"), "utf8");

export function at(url, ...addresses) {
  const query = new URLSearchParams(addresses.map((address) => ["a", address]));
  return addresses.length ? `${url}/?${query}` : `${url}/`;
}

/** A page of its own for a check; afterwards nothing may have gone out or been complained of. */
export async function visit(browser, url, addresses, check, { forgiven = null, origins = [] } = {}) {
  const { page, foreign, pictures, complaints } = await open(browser.context, url, ...origins);
  try {
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto(at(url, ...addresses));
    await check(page, pictures);
    assert.deepEqual(foreign, []);
    assert.deepEqual(
      complaints.filter((text) => !forgiven?.test(text)),
      [],
    );
  } catch (error) {
    await shoot(page, "failed");
    throw error;
  } finally {
    await page.close();
  }
}

const VIEWS = [
  { width: 1280, colorScheme: "light" },
  { width: 390, colorScheme: "dark" },
  { width: 1280, colorScheme: "dark" },
  { width: 390, colorScheme: "light" },
];

/** No violation of axe's rules, and nothing wider than the page: wide and light, narrow and dark. */
export async function isAccessible(page, views = VIEWS.slice(0, 2)) {
  await page.evaluate(axe);
  for (const { width, colorScheme } of views) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${overflow} pixels too wide at ${width}`);
    const { violations, passes } = await page.evaluate(() => window.axe.run());
    assert.ok(passes.length > 10);
    const found = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" | ")}`);
    assert.deepEqual(found, [], `${width} ${colorScheme}`);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
}

/** The same in all four of them. */
export const isAccessibleEverywhere = (page) => isAccessible(page, VIEWS);

/** The addresses that links lead to, but those of the page's own downloads. */
export const links = (page) =>
  page.locator("main a:not([download])").evaluateAll((all) => all.map((link) => link.href));

export const rows = (page) => page.getByRole("table", { name: "Positions" }).locator("tbody tr");
export const figure = (locator) => locator.locator("data").first().getAttribute("value");

export async function shownRows(page) {
  return rows(page).evaluateAll((all) =>
    all.map((row) => [
      row.querySelector("th bdi").textContent,
      row.querySelector(".cell-value data")?.value ?? null,
      row.querySelector(".marks [title]")?.title ?? "0",
    ]),
  );
}

/** Scrolls, as a reader would, until at least so many rows are there. */
export async function scrollTo(page, wanted) {
  for (let tries = 0; tries < 400 && (await rows(page).count()) < wanted; tries += 1) {
    await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
    await page.waitForTimeout(30);
  }
  assert.ok((await rows(page).count()) >= wanted);
}

export async function isLabelled(page) {
  await page.getByRole("complementary").getByText("SANDBOX: invented figures.").waitFor();
}

/** The list's digits without the zeros at the end that figures do not show. */
export const plain = (text) => (text?.includes(".") ? text.replace(/\.?0+$/, "") : text);

export async function expectedRows(url, address) {
  const query = `query($a: String!) { wallet(address: $a) { positions(first: 1000) { nodes {
    contractName valueUsd tokenId } } } }`;
  const { data } = await ask(url, query, { a: address });
  return data.wallet.positions.nodes.map((node) => [
    node.contractName,
    plain(node.valueUsd),
    node.tokenId,
  ]);
}

