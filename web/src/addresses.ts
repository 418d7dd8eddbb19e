/** Addresses as people write them: taken apart, told apart as far as their form allows, shortened. */

/** As many as one request of the graph takes. */
export const MOST = 100;

const CAIP10 = [
  /^eip155:(?:0|[1-9][0-9]{0,31}):(0[xX].{40})$/,
  /^algorand:[-_a-zA-Z0-9]{32}:([A-Z2-7]{58})$/,
];
// Letters of both cases carry a checksum, which only the graph verifies.
const ONE_CASE = /^0x(?:[0-9a-f]{40}|[0-9A-F]{40})$/;

/**
 * The same text for spellings that surely name one wallet, valid or not. Others may name it too:
 * `Wallet.id` has the last word.
 */
export function canonical(address: string): string {
  const found = CAIP10.map((form) => form.exec(address)?.[1]).find((account) => account);
  const account = (found ?? address).replace(/^0X/, "0x");
  return ONE_CASE.test(account) ? account.toLowerCase() : found ? account : address;
}

/** The addresses in a text, each once, in their order. */
export function split(text: string): string[] {
  const seen = new Map<string, string>();
  for (const part of text.split(/[\s,;]+/)) {
    if (part && !seen.has(canonical(part))) seen.set(canonical(part), part);
  }
  return [...seen.values()];
}

/** The two ends of an address: enough to know one's own by, and no more than fits a card. */
export function shortened(address: string): string {
  return address.length <= 16 ? address : `${address.slice(0, 8)}…${address.slice(-6)}`;
}
