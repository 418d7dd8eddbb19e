/**
 * What the page shows, as far as its reader chose it. It lives in the page's URL and nowhere else, so
 * that links, reloading and the browser's own back and forward all lead to the same view.
 */
import { useCallback, useMemo, useSyncExternalStore } from "react";

import { split } from "./addresses";
import type {
  OrderDirection,
  PositionOrderField,
  PositionSide,
  PositionStatus,
  TimeRange,
} from "./generated";

export const CUTS = ["protocol", "chain", "token", "category", "wallet"] as const;
export const ASSET_LISTS = ["all", "held", "nft", "frozen", "destroyed"] as const;
export const PAGE_SIZES = [25, 50, 100, 250] as const;
const RANGES = ["DAY", "WEEK", "MONTH", "YEAR", "THREE_YEARS"] as const satisfies readonly TimeRange[];
const SIDES = ["ASSET", "DEBT"] as const satisfies readonly PositionSide[];
const STATUSES = ["OPEN", "CLOSED", "UNKNOWN"] as const satisfies readonly PositionStatus[];
const FIELDS = ["VALUE", "NAME", "PROTOCOL", "CHAIN"] as const satisfies readonly PositionOrderField[];
const DIRECTIONS = ["DESC", "ASC"] as const satisfies readonly OrderDirection[];
const MOST_TEXT = 256;

export interface View {
  /** Every address of the link, each once, be they more than can be shown. */
  addresses: readonly string[];
  /** The wallet whose details are open; the first one where it is null. */
  open: string | null;
  cut: (typeof CUTS)[number];
  range: TimeRange;
  text: string;
  side: PositionSide | "";
  status: PositionStatus | "";
  chainId: number | null;
  hidesDust: boolean;
  field: PositionOrderField;
  direction: OrderDirection;
  assets: (typeof ASSET_LISTS)[number];
  pageSize: number;
}

/** What a wallet's details show when nothing is filtered. */
export const UNFILTERED = {
  text: "",
  side: "",
  status: "",
  chainId: null,
  hidesDust: false,
  assets: "all",
} as const satisfies Partial<View>;

export const DEFAULTS: View = {
  ...UNFILTERED,
  addresses: [],
  open: null,
  cut: "protocol",
  range: "YEAR",
  field: "VALUE",
  direction: "DESC",
  pageSize: 50,
};

function oneOf<T extends string | number, D>(all: readonly T[], text: string | null, other: D): T | D {
  return all.find((each) => String(each).toLowerCase() === text?.toLowerCase()) ?? other;
}

/** The view that a URL's query describes; what it says wrongly is as if it were not said. */
export function parseView(search: string): View {
  const query = new URLSearchParams(search);
  const [field, direction] = (query.get("sort") ?? "").split("-");
  const chain = /^[0-9]{1,9}$|^1[0-9]{9}$/.exec(query.get("chain") ?? "");
  return {
    addresses: split(query.getAll("a").join(" ")),
    open: query.get("wallet"),
    cut: oneOf(CUTS, query.get("by"), DEFAULTS.cut),
    range: oneOf(RANGES, query.get("range"), DEFAULTS.range),
    text: (query.get("find") ?? "").slice(0, MOST_TEXT),
    side: oneOf(SIDES, query.get("side"), ""),
    status: oneOf(STATUSES, query.get("status"), ""),
    chainId: chain && Number(chain[0]),
    hidesDust: query.get("dust") === "no",
    field: oneOf(FIELDS, field ?? null, DEFAULTS.field),
    direction: oneOf(DIRECTIONS, direction ?? null, DEFAULTS.direction),
    assets: oneOf(ASSET_LISTS, query.get("assets"), DEFAULTS.assets),
    pageSize: oneOf(PAGE_SIZES, query.get("rows"), DEFAULTS.pageSize),
  };
}

/** The query that describes a view: only what differs from the page as it first opens. */
export function toSearch(view: View): string {
  const query = new URLSearchParams(view.addresses.map((address) => ["a", address]));
  const put = (name: string, value: string, usual: string) => {
    if (value !== usual) query.set(name, value.toLowerCase());
  };
  if (view.open !== null) query.set("wallet", view.open);
  put("by", view.cut, DEFAULTS.cut);
  put("range", view.range, DEFAULTS.range);
  if (view.text) query.set("find", view.text);
  put("side", view.side, "");
  put("status", view.status, "");
  put("chain", String(view.chainId ?? ""), "");
  put("dust", view.hidesDust ? "no" : "", "");
  put("sort", `${view.field}-${view.direction}`, `${DEFAULTS.field}-${DEFAULTS.direction}`);
  put("assets", view.assets, DEFAULTS.assets);
  put("rows", String(view.pageSize), String(DEFAULTS.pageSize));
  const text = query.toString();
  return text && `?${text}`;
}

const CHANGED = "walletgraph:view";

function subscribe(listener: () => void): () => void {
  window.addEventListener("popstate", listener);
  window.addEventListener(CHANGED, listener);
  return () => {
    window.removeEventListener("popstate", listener);
    window.removeEventListener(CHANGED, listener);
  };
}

/** Changes a part of the view: as a step of its own to go back over, unless it `continues` the last. */
export type ChangeView = (part: Partial<View>, continues?: boolean) => void;

/** The page's view, and how to change it. */
export function useView(): [View, ChangeView] {
  const search = useSyncExternalStore(subscribe, () => location.search);
  const view = useMemo(() => parseView(search), [search]);
  const change = useCallback<ChangeView>((part, continues = false) => {
    const next = location.pathname + toSearch({ ...parseView(location.search), ...part });
    if (next === location.pathname + location.search) return;
    if (continues) history.replaceState(null, "", next);
    else history.pushState(null, "", next);
    window.dispatchEvent(new Event(CHANGED));
  }, []);
  return [view, change];
}
