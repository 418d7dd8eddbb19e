import { skipToken, useQuery } from "@apollo/client/react";
import { useMemo, useRef } from "react";

import { problems } from "../errors";
import { AllocationDocument, type AllocationQuery } from "../generated";
import { compactUsd, percent, sum } from "../money";
import { Older } from "../parts/Age";
import { Badge } from "../parts/Badge";
import { Usd } from "../parts/Figure";
import { Gaps, together } from "../parts/Gaps";
import { Notice } from "../parts/Notice";
import { Untrusted } from "../parts/Untrusted";
import { Donut } from "./Donut";
import { useRefreshed } from "../refresh/useRefresh";
import { slices, type Cut } from "./slices";

const CUTS: readonly { cut: Cut; name: string }[] = [
  { cut: "protocol", name: "Protocol" },
  { cut: "chain", name: "Chain" },
  { cut: "token", name: "Token" },
];

// One page holds so many, and no more than one page a wallet is asked for.
const MOST_POSITIONS = 1000;

type Wallet = NonNullable<NonNullable<AllocationQuery["wallets"]>[number]>;

interface Props {
  /** EVM wallets; prices are known for them alone. */
  addresses: readonly string[];
  cut: Cut;
  onCut: (cut: Cut) => void;
  isWaiting: boolean;
}

/** How the assets of all EVM wallets divide, debts aside. */
export function Allocation({ addresses, cut, onCut, isWaiting }: Props) {
  const first = Math.max(10, Math.floor(MOST_POSITIONS / Math.max(addresses.length, 1)));
  const { data, previousData, error, loading, refetch } = useQuery(
    AllocationDocument,
    addresses.length > 0
      ? { variables: { addresses: [...addresses], first }, notifyOnNetworkStatusChange: true }
      : skipToken,
  );
  useRefreshed(() => refetch());
  const answer = data ?? previousData;
  // What failed for now stays as it was, and is called old.
  const known = useRef(new Map<string, Wallet["positions"]>());
  const lists = useMemo(
    () =>
      (answer?.wallets ?? [])
        .filter((wallet) => wallet !== null)
        .map(({ id, positions }) => {
          const before = known.current.get(id);
          if (positions) known.current.set(id, positions);
          return positions ?? (before ? { ...before, isStale: true } : null);
        })
        .filter((list) => list !== null),
    [answer],
  );
  const positions = useMemo(() => lists.flatMap(({ edges }) => edges.map(({ node }) => node)), [lists]);
  const whole = useMemo(() => sum(lists.map(({ totalValueUsd }) => totalValueUsd)), [lists]);
  const parts = useMemo(() => slices(cut, positions, whole), [cut, positions, whole]);
  const count = lists.reduce((total, { totalCount }) => total + totalCount, 0);

  return (
    <section className="panel allocation" aria-labelledby="allocation-title">
      <div className="panel-head">
        <h2 id="allocation-title">Allocation</h2>
        <div className="switch" role="group" aria-label="Group by">
          {CUTS.map(({ cut: one, name }) => (
            <button key={one} type="button" aria-pressed={one === cut} onClick={() => onCut(one)}>
              {name}
            </button>
          ))}
        </div>
      </div>
      {error !== undefined && !loading && (
        <Notice
          title={lists.length ? "Some wallets are missing from this chart." : "The allocation could not be loaded."}
          problems={problems(error)}
          onRetry={() => void refetch()}
        />
      )}
      {parts.length > 0 ? (
        <div className="allocation-body">
          <Donut slices={parts} label={compactUsd(whole)} />
          <table className="legend">
            <caption className="unseen">Assets by {cut}</caption>
            <thead className="unseen">
              <tr>
                <th scope="col">{CUTS.find((one) => one.cut === cut)?.name}</th>
                <th scope="col">Value</th>
                <th scope="col">Share</th>
              </tr>
            </thead>
            <tbody>
              {parts.map(({ key, name, value, from, to }, index) => (
                <tr key={key}>
                  <th scope="row">
                    <svg className="key" viewBox="0 0 10 10" aria-hidden="true">
                      <rect
                        className={`slice-${key === "rest" ? "rest" : index}`}
                        width="10"
                        height="10"
                        rx="3"
                      />
                    </svg>
                    <Untrusted text={name} most={36} />
                  </th>
                  <td>
                    <Usd value={value} isTight />
                  </td>
                  <td className="figure">{to > from ? percent(to - from) : "<0.1%"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <Nothing isLoading={loading || isWaiting} hasError={error !== undefined} />
      )}
      <p className="badges">
        {count > positions.length && (
          <Badge tone="warn">
            based on the {positions.length.toLocaleString("en-US")} most valuable of{" "}
            {count.toLocaleString("en-US")} assets
          </Badge>
        )}
        {lists.some(({ isStale }) => isStale) && <Older />}
        <Gaps list={together(lists)} />
        {parts.length > 0 && <Badge>assets only; debts are not subtracted</Badge>}
      </p>
    </section>
  );
}

function Nothing({ isLoading, hasError }: { isLoading: boolean; hasError: boolean }) {
  if (isLoading) {
    return (
      <div className="skeleton" role="status">
        <span className="unseen">Loading the allocation…</span>
        <i aria-hidden="true" />
        <i aria-hidden="true" />
      </div>
    );
  }
  return hasError ? null : <p className="quiet">No assets with a known price.</p>;
}
