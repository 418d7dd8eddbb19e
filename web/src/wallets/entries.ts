/** The wallets of the page: each once, however often and in however many spellings it was asked for. */
import { canonical } from "../addresses";
import { at, isPassing, type Problem } from "../errors";
import type { WalletCardFragment } from "../generated";

export interface Entry {
  /** Tells it from the others, and stays while the wallet is loading. */
  key: string;
  /** The first way in which it was written. */
  address: string;
  /** All of them. */
  spellings: readonly string[];
  wallet: WalletCardFragment | null;
  problems: readonly Problem[];
  isLoading: boolean;
}

type Wallets = readonly (WalletCardFragment | null)[] | null | undefined;

/** What failed for now stays as it was known before, and is called old. */
function completed(
  wallet: WalletCardFragment | null,
  before: WalletCardFragment | null,
  problems: readonly Problem[],
): WalletCardFragment | null {
  if (!before || !problems.some(isPassing)) return wallet;
  if (!wallet) return { ...before, ...aged(before) };
  const old = aged(before);
  return {
    ...wallet,
    ...(wallet.positions ? {} : { positions: old.positions, debts: before.debts }),
    algo: wallet.algo ?? old.algo,
    algorandAssets: wallet.algorandAssets ?? before.algorandAssets,
  };
}

function aged({ positions, algo }: WalletCardFragment) {
  return {
    positions: positions && { ...positions, isStale: true },
    algo: algo && { ...algo, isStale: true },
  };
}

/**
 * The entries for these addresses. `wallets` answers them one by one; `known` has what was answered
 * before, by canonical address, for those that are not there yet or have failed for now.
 */
export function entriesOf(
  addresses: readonly string[],
  wallets: Wallets,
  known: ReadonlyMap<string, WalletCardFragment>,
  problems: readonly Problem[],
  isLoading: boolean,
): Entry[] {
  const entries: Entry[] = [];
  const places = new Map<string, number>();
  addresses.forEach((address, index) => {
    const key = canonical(address);
    const found = at(problems, "wallets", index);
    const before = known.get(key) ?? null;
    const wallet = wallets ? completed(wallets[index] ?? null, before, found) : before;
    const id = wallet?.id ?? key;
    const place = places.get(id);
    const same = place === undefined ? undefined : entries[place];
    if (same && place !== undefined) {
      entries[place] = { ...same, spellings: [...same.spellings, address] };
      return;
    }
    places.set(id, entries.length);
    entries.push({
      key,
      address,
      spellings: [address],
      wallet,
      problems: found,
      isLoading: isLoading && !wallets,
    });
  });
  return entries;
}
