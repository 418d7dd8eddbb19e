import { useMemo, type ComponentProps } from "react";

import { compactUsd, parse, percent } from "../money";
import { Older } from "../parts/Age";
import { Badge } from "../parts/Badge";
import { Usd } from "../parts/Figure";
import { Gaps } from "../parts/Gaps";
import { Untrusted } from "../parts/Untrusted";
import { Donut } from "./Donut";
import { slices, type Cut, type Portfolio } from "./slices";

const CUTS: readonly { cut: Cut; name: string }[] = [
  { cut: "protocol", name: "Protocol" },
  { cut: "chain", name: "Chain" },
  { cut: "token", name: "Token" },
  { cut: "category", name: "Category" },
  { cut: "wallet", name: "Wallet" },
];

interface Props {
  /** All wallets together; null until they are there, or where they could not be had. */
  portfolio: Portfolio | null;
  /** Why the assets may not be whole. */
  gaps: ComponentProps<typeof Gaps>["list"];
  cut: Cut;
  onCut: (cut: Cut) => void;
  isLoading: boolean;
}

/** How the assets of all wallets divide, debts aside, as the server adds them up. */
export function Allocation({ portfolio, gaps, cut, onCut, isLoading }: Props) {
  const parts = useMemo(() => (portfolio ? slices(cut, portfolio) : []), [cut, portfolio]);
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
      {parts.length > 0 ? (
        <div className="allocation-body">
          <Donut slices={parts} label={compactUsd(parse(portfolio?.assetsUsd ?? "0"))} />
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
                        className={`slice-${key === "others" ? "rest" : index}`}
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
        <Nothing isLoading={isLoading} isKnown={portfolio !== null} />
      )}
      <p className="badges">
        {portfolio?.isStale && <Older />}
        <Gaps list={gaps} />
        {parts.length > 0 && <Badge>assets only; debts are not subtracted</Badge>}
      </p>
    </section>
  );
}

function Nothing({ isLoading, isKnown }: { isLoading: boolean; isKnown: boolean }) {
  if (isLoading) {
    return (
      <div className="skeleton" role="status">
        <span className="unseen">Loading the allocation…</span>
        <i aria-hidden="true" />
        <i aria-hidden="true" />
      </div>
    );
  }
  return (
    <p className="quiet">
      {isKnown ? "No assets with a known price." : "The allocation could not be loaded."}
    </p>
  );
}
