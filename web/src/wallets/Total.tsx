import type { Portfolio } from "../allocation/slices";
import { exact, parse, round, sum, type Decimal } from "../money";
import { Age, NextRefresh } from "../parts/Age";
import { Badge } from "../parts/Badge";
import { Amount, Usd } from "../parts/Figure";
import { Gaps, together } from "../parts/Gaps";
import { useScheduleState } from "../refresh/useRefresh";
import type { Entry } from "./entries";
import { Missing } from "./Missing";

interface Props {
  entries: readonly Entry[];
  /** All of them as one; null until it is there, or where it could not be had. */
  portfolio: Portfolio | null;
  isLoading: boolean;
  /** How many addresses of the link are not among the entries. */
  leftOut: number;
  onRefresh: () => void;
}

/** What all wallets are worth together, and every reason why the figure may not be whole. */
export function Total({ entries, portfolio, isLoading, leftOut, onRefresh }: Props) {
  const { isBusy } = useScheduleState();
  const wallets = entries.map(({ wallet }) => wallet).filter((wallet) => wallet !== null);
  const evm = wallets.filter(({ ecosystem }) => ecosystem === "EVM");
  const algorand = wallets.filter(({ ecosystem }) => ecosystem === "ALGORAND");
  const read = evm.map(({ positions }) => positions).filter((positions) => positions !== null);

  const net = portfolio?.totalValueUsd == null ? null : parse(portfolio.totalValueUsd);
  const hasPrices = evm.length > 0 || algorand.length === 0 || net !== null;
  const isLong = net !== null && exact(round(net, 0)).length > 9;
  const unread = entries.filter(({ wallet, isLoading: isComing }) => {
    if (!wallet) return !isComing;
    return wallet.ecosystem === "EVM" ? wallet.positions === null : wallet.algo === null;
  }).length;
  const balances = algorand.map(({ algo }) => algo).filter((algo) => algo !== null);
  const algos = balances.length > 0 ? sum(balances.map(({ balance }) => balance.algos)) : null;
  const answers = [...read, ...balances];
  const oldest = portfolio?.asOf ?? answers.map(({ asOf }) => asOf).sort()[0];

  return (
    <section className="panel total" aria-labelledby="total-title">
      <h2 id="total-title">{hasPrices ? "Net worth" : "Algorand balance"}</h2>
      <p className={`total-figure ${isLong ? "total-long" : ""}`}>
        {hasPrices ? net ? <Usd value={net} /> : <Unknown isComing={isLoading} /> : <Algos value={algos} />}
      </p>
      <dl className="total-parts">
        {net && (
          <>
            <div>
              <dt>Assets</dt>
              <dd>
                <Usd value={parse(portfolio?.assetsUsd ?? "0")} />
              </dd>
            </div>
            <div>
              <dt>Debts</dt>
              <dd>
                <Usd value={parse(portfolio?.debtsUsd ?? "0")} />
              </dd>
            </div>
          </>
        )}
        {hasPrices && algorand.length > 0 && (
          <div>
            <dt>Algorand</dt>
            <dd>
              <Algos value={algos} />
            </dd>
          </div>
        )}
      </dl>
      <p className="badges">
        <Gaps list={together(read, portfolio)} />
        {leftOut > 0 && (
          <Badge tone="bad">
            not complete: {leftOut} of {leftOut + entries.length} addresses left out
          </Badge>
        )}
        {unread > 0 && (
          <Badge tone="bad">
            not complete: {unread} of {entries.length} could not be loaded
          </Badge>
        )}
        <Missing parts={portfolio?.parts ?? null} />
      </p>
      <p className="total-foot">
        <span className="total-age">
          {oldest && (
            <Age
              asOf={oldest}
              isStale={portfolio?.isStale || answers.some(({ isStale }) => isStale)}
            />
          )}
          <span className="age">
            <NextRefresh />
          </span>
        </span>
        {evm.length > 0 && (
          <a className="button button-small" href={exported(evm)} download>
            Export CSV
          </a>
        )}
        <button
          type="button"
          className="button button-small"
          aria-disabled={isBusy}
          onClick={onRefresh}
        >
          {isBusy ? "Refreshing…" : "Refresh"}
        </button>
      </p>
    </section>
  );
}

/** Where the positions of the wallets come as a file. */
function exported(wallets: readonly { address: string }[]): string {
  const query = new URLSearchParams(wallets.map(({ address }) => ["addresses", address]));
  return `/export/positions.csv?${query}`;
}

function Unknown({ isComing = false }: { isComing?: boolean }) {
  return <span className="quiet">{isComing ? "adding up…" : "unknown"}</span>;
}

function Algos({ value }: { value: Decimal | null }) {
  if (value === null) return <Unknown />;
  return (
    <>
      <Amount value={value} /> <small>ALGO</small>
    </>
  );
}
