import { useQuery } from "@apollo/client/react";

import { problems } from "../errors";
import { WorthOverTimeDocument, type WorthOverTimeQuery } from "../generated";
import { compare, parse, signedPercent, usd } from "../money";
import { Older } from "../parts/Age";
import { Badge } from "../parts/Badge";
import { Usd } from "../parts/Figure";
import { Notice } from "../parts/Notice";
import { useRefreshed } from "../refresh/useRefresh";
import type { View } from "../view";
import { HEIGHT, paths, WIDTH } from "./line";

const RANGES: readonly { range: View["range"]; name: string }[] = [
  { range: "DAY", name: "Day" },
  { range: "WEEK", name: "Week" },
  { range: "MONTH", name: "Month" },
  { range: "YEAR", name: "Year" },
  { range: "THREE_YEARS", name: "3 years" },
];
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

type History = NonNullable<NonNullable<WorthOverTimeQuery["portfolio"]>["history"]>;

interface Props {
  /** EVM wallets; others have no history. */
  addresses: readonly string[];
  range: View["range"];
  onRange: (range: View["range"]) => void;
}

/** What the EVM wallets were worth together: a line, and the same in words. */
export function WorthOverTime({ addresses, range, onRange }: Props) {
  const { data, previousData, error, loading, refetch } = useQuery(WorthOverTimeDocument, {
    variables: { addresses: [...addresses], range },
    notifyOnNetworkStatusChange: true,
  });
  useRefreshed(() => refetch());
  const history = (data ?? previousData)?.portfolio?.history ?? null;

  return (
    <section className="panel history" aria-labelledby="history-title" aria-busy={loading}>
      <div className="panel-head">
        <h2 id="history-title">Value over time</h2>
        <div className="switch" role="group" aria-label="Range">
          {RANGES.map(({ range: one, name }) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === range}
              onClick={() => onRange(one)}
            >
              {name}
            </button>
          ))}
        </div>
      </div>
      {error !== undefined && !loading && (
        <Notice
          title={history ? "The chart could not be refreshed." : "The chart could not be loaded."}
          problems={problems(error)}
          onRetry={() => void refetch()}
        />
      )}
      {history && history.points.length > 1 && <Line history={history} />}
      {history && history.points.length < 2 && (
        <p className="quiet">The provider has no values for this range.</p>
      )}
      {!history && loading && (
        <div className="skeleton" role="status">
          <span className="unseen">Loading the chart…</span>
          <i aria-hidden="true" />
        </div>
      )}
      <p className="badges">
        {history?.isStale && <Older />}
        {history && !history.isComplete && (
          <Badge tone="warn" title={history.issues.map(({ message }) => message).join("; ")}>
            {history.issues.length === 1 ? "1 doubt" : `${history.issues.length} doubts`} about these
            values
          </Badge>
        )}
        {history && <Badge>EVM wallets only; the last point is not the net worth of now</Badge>}
      </p>
    </section>
  );
}

function Line({ history: { points, changeUsd, changeRatio } }: { history: History }) {
  const { line, area } = paths(points);
  const values = points.map(({ valueUsd }) => parse(valueUsd)).sort(compare);
  const [first, last] = [points[0], points.at(-1)];
  const [lowest, highest] = [values[0], values.at(-1)];
  return (
    <>
      <p className="history-change">
        {changeUsd === null ? (
          <span className="quiet">no change is known</span>
        ) : (
          <>
            <Usd value={parse(changeUsd)} />
            {changeRatio !== null && <span className="figure">{signedPercent(parse(changeRatio))}</span>}
          </>
        )}
      </p>
      <svg
        className="history-line"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        focusable="false"
      >
        <path className="history-area" d={area} />
        <path className="history-stroke" d={line} />
      </svg>
      {first && last && lowest && highest && (
        <p className="history-words quiet">
          <time dateTime={first.at}>{DATE.format(new Date(first.at))}</time>: {usd(parse(first.valueUsd))},{" "}
          <time dateTime={last.at}>{DATE.format(new Date(last.at))}</time>: {usd(parse(last.valueUsd))};
          lowest {usd(lowest)}, highest {usd(highest)}
        </p>
      )}
    </>
  );
}
