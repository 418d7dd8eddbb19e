/** The addresses asked about. They live in the page's URL (`?a=…&a=…`) and nowhere else. */
import { useSyncExternalStore } from "react";

export const MOST = 100;

function canonical(address: string): string {
  return /^0x/i.test(address) ? address.toLowerCase() : address;
}

/** The addresses in a text, each once, in their order. */
export function split(text: string): string[] {
  const seen = new Map<string, string>();
  for (const part of text.split(/[\s,;]+/)) {
    if (part && !seen.has(canonical(part))) seen.set(canonical(part), part);
  }
  return [...seen.values()];
}

/** The addresses of a URL's query. */
export function fromSearch(search: string): string[] {
  return split(new URLSearchParams(search).getAll("a").join(" ")).slice(0, MOST);
}

/** The query for these addresses; empty for none. */
export function toSearch(addresses: readonly string[]): string {
  const query = new URLSearchParams(addresses.map((address) => ["a", address]));
  return addresses.length ? `?${query}` : "";
}

const CHANGED = "walletgraph:addresses";

function subscribe(listener: () => void): () => void {
  window.addEventListener("popstate", listener);
  window.addEventListener(CHANGED, listener);
  return () => {
    window.removeEventListener("popstate", listener);
    window.removeEventListener(CHANGED, listener);
  };
}

function show(addresses: readonly string[]): void {
  history.pushState(null, "", location.pathname + toSearch(addresses));
  window.dispatchEvent(new Event(CHANGED));
}

/** The page's addresses, and how to change them. */
export function useAddresses() {
  const search = useSyncExternalStore(subscribe, () => location.search);
  const addresses = fromSearch(search);
  return {
    addresses,
    add: (text: string) => show(split([...addresses, text].join(" ")).slice(0, MOST)),
    remove: (address: string) => show(addresses.filter((other) => other !== address)),
  };
}

/** The two ends of an address: enough to know one's own by, and no more than fits a card. */
export function shortened(address: string): string {
  return address.length <= 16 ? address : `${address.slice(0, 8)}…${address.slice(-6)}`;
}
