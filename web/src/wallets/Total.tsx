import { exact, round, subtract, sum, type Decimal } from "../money";
import { Age, NextRefresh } from "../parts/Age";
import { Badge } from "../parts/Badge";
import { Amount, Usd } from "../parts/Figure";
import { Gaps, together } from "../parts/Gaps";
import { useScheduleState } from "../refresh/useRefresh";
import type { Entry } from "./entries";

interface Props {
  entries: readonly Entry[];
  /** How many addresses of the link are not among the entries. */
  leftOut: number;
  onRefresh: () => void;
}

/** What all wallets are worth together, and every reason why the figure may not be whole. */
export function Total({ entries, leftOut, onRefresh }: Props) {
  const { isBusy } = useScheduleState();
  const wallets = entries.map(({ wallet }) => wallet).filter((wallet) => wallet !== null);
  const evm = wallets.filter(({ ecosystem }) => ecosystem === "EVM");
  const algorand = wallets.filter(({ ecosystem }) => ecosystem === "ALGORAND");
  const read = evm.map(({ positions }) => positions).filter((positions) => positions !== null);

  const hasPrices = evm.length > 0 || algorand.length === 0;
  const net = read.length > 0 ? sum(read.map(({ totalValueUsd }) => totalValueUsd)) : null;
  const isLong = net !== null && exact(round(net, 0)).length > 9;
  const debts = sum(evm.map((wallet) => wallet.debts?.totalValueUsd));
  const unread = entries.filter(({ wallet, isLoading: isComing }) => {
    if (!wallet) return !isComing;
    return wallet.ecosystem === "EVM" ? wallet.positions === null : wallet.algo === null;
  }).length;
  const balances = algorand.map(({ algo }) => algo).filter((algo) => algo !== null);
  const algos = balances.length > 0 ? sum(balances.map(({ balance }) => balance.algos)) : null;
  const answers = [...read, ...balances];
  const oldest = answers.map(({ asOf }) => asOf).sort()[0];

  return (
    <section className="panel total" aria-labelledby="total-title">
      <h2 id="total-title">{hasPrices ? "Net worth" : "Algorand balance"}</h2>
      <p className={`total-figure ${isLong ? "total-long" : ""}`}>
        {hasPrices ? net ? <Usd value={net} /> : <Unknown /> : <Algos value={algos} />}
      </p>
      <dl className="total-parts">
        {net && (
          <>
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
        <Gaps list={together(read)} />
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
        {algorand.length > 0 && (
          <Badge title="Algorand assets have no prices here.">
            {hasPrices ? "Algorand not included" : "Algorand assets have no prices"}
          </Badge>
        )}
      </p>
      <p className="total-foot">
        <span className="total-age">
          {oldest && <Age asOf={oldest} isStale={answers.some(({ isStale }) => isStale)} />}
          <span className="age">
            <NextRefresh />
          </span>
        </span>
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

function Unknown() {
  return <span className="quiet">unknown</span>;
}

function Algos({ value }: { value: Decimal | null }) {
  if (value === null) return <Unknown />;
  return (
    <>
      <Amount value={value} /> <small>ALGO</small>
    </>
  );
}
