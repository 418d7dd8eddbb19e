import type { Problem } from "../errors";
import type { WalletCardFragment } from "../generated";
import { subtract, sum } from "../money";
import { Age } from "../parts/Age";
import { Badge } from "../parts/Badge";
import { Amount, Usd } from "../parts/Figure";

export interface Entry {
  address: string;
  wallet: WalletCardFragment | null;
  problems: readonly Problem[];
  isLoading: boolean;
}

interface Props {
  entries: readonly Entry[];
  isLoading: boolean;
  onRefresh: () => void;
}

/** What all wallets are worth together, and every reason why the figure may not be whole. */
export function Total({ entries, isLoading, onRefresh }: Props) {
  const wallets = entries.map(({ wallet }) => wallet).filter((wallet) => wallet !== null);
  const evm = wallets.filter(({ ecosystem }) => ecosystem === "EVM");
  const algorand = wallets.filter(({ ecosystem }) => ecosystem === "ALGORAND");
  const read = evm.map(({ positions }) => positions).filter((positions) => positions !== null);

  const net = sum(read.map(({ totalValueUsd }) => totalValueUsd));
  const debts = sum(evm.map((wallet) => wallet.debts?.totalValueUsd));
  const unpriced = read.reduce((count, { unpricedCount }) => count + unpricedCount, 0);
  const unread = entries.filter(({ wallet, isLoading: isComing }) => {
    if (!wallet) return !isComing;
    return wallet.ecosystem === "EVM" ? wallet.positions === null : wallet.algo === null;
  }).length;
  const algos = algorand.map(({ algo }) => algo?.balance.algos);
  const oldest = read.map(({ asOf }) => asOf).sort()[0];

  return (
    <section className="panel total" aria-labelledby="total-title">
      <h2 id="total-title">Net worth</h2>
      {read.length > 0 ? (
        <p className="total-figure">
          <Usd value={net} />
        </p>
      ) : (
        <p className="total-figure quiet">{evm.length ? "unknown" : "no EVM wallet"}</p>
      )}
      {read.length > 0 && (
        <dl className="total-parts">
          <div>
            <dt>Assets</dt>
            <dd>
              <Usd value={subtract(net, debts)} />
            </dd>
          </div>
          <div>
            <dt>Debts</dt>
            <dd>
              <Usd value={debts} />
            </dd>
          </div>
        </dl>
      )}
      {algorand.length > 0 && (
        <dl className="total-parts">
          <div>
            <dt>Algorand</dt>
            <dd>
              {algos.every((algo) => algo === undefined) ? (
                <span className="quiet">unknown</span>
              ) : (
                <>
                  <Amount value={sum(algos)} /> ALGO
                </>
              )}
            </dd>
          </div>
        </dl>
      )}
      <p className="badges">
        {unpriced > 0 && (
          <Badge tone="warn" title="They count as nothing in the total.">
            not complete: {unpriced} without a price
          </Badge>
        )}
        {unread > 0 && (
          <Badge tone="bad">
            not complete: {unread} of {entries.length} not read
          </Badge>
        )}
        {algorand.length > 0 && read.length > 0 && (
          <Badge title="No prices are known for Algorand here.">Algorand not included</Badge>
        )}
      </p>
      <p className="total-foot">
        {oldest && <Age asOf={oldest} isStale={read.some(({ isStale }) => isStale)} />}
        <button type="button" className="button button-small" onClick={onRefresh}>
          {isLoading ? "Reading…" : "Refresh"}
        </button>
      </p>
    </section>
  );
}
