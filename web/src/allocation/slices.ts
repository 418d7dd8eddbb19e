/** What makes up the assets of all wallets: the same positions, cut by protocol, chain or token. */
import { chainName } from "../chains";
import type { AllocatedPositionFragment } from "../generated";
import type { View } from "../view";
import { add, compare, parse, permille, round, subtract, ZERO, type Decimal } from "../money";

export type Cut = View["cut"];

export interface Slice {
  key: string;
  name: string;
  value: Decimal;
  /** Where its arc begins and ends, in thousandths of all slices; arcs join without gaps. */
  from: number;
  to: number;
}

const SHOWN = 6;

type Parts = Map<string, { name: string; value: Decimal }>;

function put(parts: Parts, key: string, name: string, value: string | null): void {
  if (value === null) return;
  const before = parts.get(key)?.value ?? ZERO;
  parts.set(key, { name, value: add(before, parse(value)) });
}

function cutInto(cut: Cut, positions: readonly AllocatedPositionFragment[]): Parts {
  const parts: Parts = new Map();
  for (const { chainId, protocol, valueUsd, underlyingTokens, rewardTokens } of positions) {
    if (cut === "chain") put(parts, String(chainId), chainName(chainId), valueUsd);
    if (cut === "protocol") {
      // An id may be empty; protocols without one have names still.
      const { id = "", name = "" } = protocol?.group ?? {};
      put(parts, id ? `id ${id}` : `name ${name}`, name || "Unknown protocol", valueUsd);
    }
    if (cut === "token") {
      for (const { token, valueUsd: value } of [...(underlyingTokens ?? []), ...(rewardTokens ?? [])]) {
        put(parts, token.id, `${token.symbol || "Unnamed"} · ${chainName(token.chainId)}`, value);
      }
    }
  }
  return parts;
}

/**
 * The largest parts of `whole` by value, the smaller ones as "Others", and what the positions do
 * not account for as "Not itemized". Without parts there is nothing to show.
 */
export function slices(
  cut: Cut,
  positions: readonly AllocatedPositionFragment[],
  whole: Decimal,
): Slice[] {
  const parts = [...cutInto(cut, positions)]
    .map(([key, part]) => ({ key, ...part }))
    .filter(({ value }) => value.units > 0n)
    .sort((a, b) => compare(b.value, a.value) || (a.key < b.key ? -1 : 1));
  if (parts.length === 0) return [];
  const kept = parts.slice(0, SHOWN);
  const others = parts.slice(SHOWN);
  if (others.length > 0) {
    const value = others.reduce((total, part) => add(total, part.value), ZERO);
    kept.push({ key: "others", name: `${others.length} others`, value });
  }
  const rest = subtract(whole, kept.reduce((total, part) => add(total, part.value), ZERO));
  if (rest.units > 0n && permille(rest, whole) > 0) {
    kept.push({ key: "rest", name: "Not itemized", value: rest });
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
