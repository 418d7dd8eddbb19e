import { useLazyQuery } from "@apollo/client/react";

import { problems } from "../errors";
import { SourceHealthDocument, type SourceStateFragment } from "../generated";
import { Badge } from "../parts/Badge";
import { Notice } from "../parts/Notice";

const NAMES: Record<string, string> = { portfolio: "EVM portfolios", algorand: "Algorand", prices: "Algorand prices" };

interface Props {
  sources: readonly SourceStateFragment[];
  error: unknown;
  onRetry: () => void;
}

/** Where the figures come from and how the services behind them are; asked whole only on request. */
export function Sources({ sources, error, onRetry }: Props) {
  const [check, health] = useLazyQuery(SourceHealthDocument, { fetchPolicy: "network-only" });
  const checked = new Map(health.data?.sources.map((source) => [source.name, source]));

  return (
    <section aria-labelledby="sources-title" className="sources">
      <h2 id="sources-title">Data sources</h2>
      {error !== undefined && sources.length === 0 && (
        <Notice
          title="The status of the data sources could not be loaded."
          problems={problems(error)}
          onRetry={onRetry}
        />
      )}
      <ul>
        {sources.map((first) => {
          const source = checked.get(first.name) ?? first;
          const isAvailable = checked.get(first.name)?.isAvailable;
          return (
            <li key={source.name}>
              <strong>{NAMES[source.name] ?? source.name}</strong>{" "}
              <Badge tone={source.mode === "SANDBOX" ? "warn" : "plain"}>
                {source.mode === "SANDBOX" ? "sandbox" : "live"}
              </Badge>{" "}
              {source.attribution && <span className="quiet">{source.attribution}</span>}{" "}
              {source.breaker !== "CLOSED" && <Badge tone="bad">paused after errors</Badge>}{" "}
              {isAvailable === true && <Badge tone="good">available</Badge>}
              {isAvailable === false && <Badge tone="bad">not available</Badge>}
              {health.data && isAvailable == null && source.name !== "prices" && <Badge tone="bad">not responding</Badge>}{" "}
              {source.lastErrorCode && (
                <span className="quiet">
                  last error <code>{source.lastErrorCode}</code>
                </span>
              )}
            </li>
          );
        })}
      </ul>
      {sources.length > 0 && (
        <button type="button" className="button button-small" onClick={() => void check()}>
          {health.loading ? "Checking…" : "Check now"}
        </button>
      )}
    </section>
  );
}
