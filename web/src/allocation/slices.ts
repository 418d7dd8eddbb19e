/** What makes up the assets of all wallets, as the server divides them, for a ring and its legend. */
import { shortened } from "../addresses";
import { chainName } from "../chains";
import type { TogetherQuery } from "../generated";
import { add, compare, parse, permille, round, subtract, ZERO, type Decimal } from "../money";
import type { View } from "../view";

export type Cut = View["cut"];
export type Portfolio = NonNullable<TogetherQuery["portfolio"]>;

export interface Slice {
  key: string;
  name: string;
  value: Decimal;
  /** Where its arc begins and ends, in thousandths of all slices; arcs join without gaps. */
  from: number;
  to: number;
}

const SHOWN = 6;
const CATEGORIES = { NATIVE: "Coins", TOKEN: "Tokens", PROTOCOL: "In protocols" } as const;

interface Part {
  key: string;
  name: string;
  value: string | null;
}

function partsOf(cut: Cut, portfolio: Portfolio): Part[] {
  switch (cut) {
    case "chain":
      return (portfolio.byChain ?? []).map(({ chainId, assetsUsd }) => ({
        key: String(chainId),
        name: chainId === null ? "Algorand" : chainName(chainId),
        value: assetsUsd,
      }));
    case "protocol":
      return (portfolio.byProtocol ?? []).map(({ protocol: { id, name }, assetsUsd }) => ({
        // An id may be empty; protocols without one have names still.
        key: id ? `id ${id}` : `name ${name}`,
        name: name || "Unknown protocol",
        value: assetsUsd,
      }));
    case "category":
      return (portfolio.byCategory ?? []).map(({ category, assetsUsd }) => ({
        key: category,
        name: CATEGORIES[category],
        value: assetsUsd,
      }));
    case "wallet":
      return (portfolio.byWallet ?? []).map(({ wallet: { id, address }, assetsUsd }) => ({
        key: id,
        name: shortened(address),
        value: assetsUsd,
      }));
    case "token":
      return (portfolio.tokens?.edges ?? []).map(({ cursor, node: { symbol, assetsUsd, tokens } }) => ({
        key: tokens[0]?.id ?? cursor,
        name: `${symbol || "Unnamed"} · ${tokens[0] ? chainName(tokens[0].chainId) : "Algorand"}`,
        value: assetsUsd,
      }));
  }
}

/**
 * The largest parts of all assets by value, and the rest as "Others". Without parts there is nothing
 * to show.
 */
export function slices(cut: Cut, portfolio: Portfolio): Slice[] {
  const whole = parse(portfolio.assetsUsd ?? "0");
  const parts = partsOf(cut, portfolio)
    .map(({ key, name, value }) => ({ key, name, value: value === null ? ZERO : parse(value) }))
    .filter(({ value }) => value.units > 0n)
    .sort((a, b) => compare(b.value, a.value) || (a.key < b.key ? -1 : 1));
  if (parts.length === 0) return [];
  const kept = parts.slice(0, SHOWN);
  const rest = subtract(whole, kept.reduce((total, part) => add(total, part.value), ZERO));
  if (rest.units > 0n && (parts.length > SHOWN || permille(rest, whole) > 0)) {
    kept.push({ key: "others", name: "Others", value: rest });
  }

  const shares = split(kept.map(({ value }) => value));
  let to = 0;
  return kept.map((part, index) => {
    const from = to;
    to += shares[index] ?? 0;
    return { ...part, from, to };
  });
}

/** Thousandths for each value: rounded down, and what is then missing given to the largest rests. */
function split(values: readonly Decimal[]): number[] {
  const whole = values.reduce(add, ZERO);
  const scale = whole.scale;
  const units = values.map((value) => round(value, scale).units * 1000n);
  const shares = units.map((unit) => Number(unit / whole.units));
  const missing = 1000 - shares.reduce((total, share) => total + share, 0);
  const byRest = units
    .map((unit, index) => ({ index, rest: unit % whole.units }))
    .sort((a, b) => (a.rest < b.rest ? 1 : a.rest > b.rest ? -1 : a.index - b.index));
  for (const { index } of byRest.slice(0, missing)) shares[index] = (shares[index] ?? 0) + 1;
  return shares;
}
