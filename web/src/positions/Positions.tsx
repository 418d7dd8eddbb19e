import { useQuery } from "@apollo/client/react";
import { useCallback, useState } from "react";

import { problems } from "../errors";
import { WalletPositionsDocument, type PositionFilter, type PositionOrderField } from "../generated";
import { parse } from "../money";
import { Age } from "../parts/Age";
import { Badge } from "../parts/Badge";
import { Usd } from "../parts/Figure";
import { MorePages } from "../parts/MorePages";
import { Notice } from "../parts/Notice";
import { usePages } from "../parts/usePages";
import { PositionRow } from "./PositionRow";
import { EVERYTHING, PositionTools, type Wanted } from "./PositionTools";

const COLUMNS: readonly { name: string; field?: PositionOrderField; className: string }[] = [
  { name: "Position", field: "NAME", className: "cell-name" },
  { name: "Protocol", field: "PROTOCOL", className: "cell-where" },
  { name: "Chain", field: "CHAIN", className: "cell-chain" },
  { name: "Tokens", className: "cell-tokens" },
  { name: "Value", field: "VALUE", className: "cell-value" },
];

function filterOf(wanted: Wanted): PositionFilter {
  return {
    ...(wanted.text.trim() && { text: wanted.text.trim() }),
    ...(wanted.side && { side: wanted.side }),
    ...(wanted.status && { status: wanted.status }),
    ...(wanted.hidesDust && { minValueUsd: "1" }),
  };
}

/** The positions of one wallet, sorted and filtered by the server, page after page. */
export function Positions({ address }: { address: string }) {
  const [wanted, setWanted] = useState(EVERYTHING);
  const change = useCallback(
    (part: Partial<Wanted>) => setWanted((before) => ({ ...before, ...part })),
    [],
  );
  const filter = filterOf(wanted);
  const isFiltered = Object.keys(filter).length > 0 || wanted.chainId !== null;
  const { data, previousData, error, loading, refetch, fetchMore } = useQuery(
    WalletPositionsDocument,
    {
      variables: {
        address,
        chainId: wanted.chainId,
        filter,
        orderBy: { field: wanted.field, direction: wanted.direction },
      },
    },
  );
  const list = (data ?? previousData)?.wallet?.positions;
  const edges = list?.edges ?? [];
  const hasMore = list?.pageInfo.hasNextPage ?? false;
  const pages = usePages({
    loaded: edges.length,
    hasMore: hasMore && !loading,
    endCursor: list?.pageInfo.endCursor ?? null,
    // Without data from a failed page the cache keeps what it has.
    fetchPage: (after) => fetchMore({ variables: { after }, errorPolicy: "none" }),
  });

  function sortBy(field: PositionOrderField) {
    const isSame = wanted.field === field;
    const usual = field === "VALUE" ? "DESC" : "ASC";
    const other = wanted.direction === "ASC" ? "DESC" : "ASC";
    change({ field, direction: isSame ? other : usual });
  }

  if (!list) {
    if (loading) {
      return (
        <div className="skeleton" role="status">
          <span className="unseen">Reading the positions…</span>
          <i aria-hidden="true" />
          <i aria-hidden="true" />
          <i aria-hidden="true" />
        </div>
      );
    }
    return (
      <Notice
        title="The positions could not be read."
        problems={problems(error)}
        onRetry={() => void refetch()}
      />
    );
  }

  return (
    <>
      <PositionTools wanted={wanted} onChange={change} />
      {error !== undefined && !loading && (
        <Notice
          title="The list could not be read anew."
          problems={problems(error)}
          onRetry={() => void refetch()}
        />
      )}
      <p className="list-summary" role="status">
        <span>
          {edges.length.toLocaleString("en-US")} of {list.totalCount.toLocaleString("en-US")} shown,
          worth <Usd value={parse(list.totalValueUsd)} /> in all
        </span>
        <Age asOf={list.asOf} isStale={list.isStale} />
        {isFiltered && (
          <>
            <Badge tone="accent">filtered</Badge>
            <button
              type="button"
              className="button button-small"
              onClick={() => change({ ...EVERYTHING, field: wanted.field, direction: wanted.direction })}
            >
              Show all
            </button>
          </>
        )}
        {list.unpricedCount > 0 && (
          <Badge tone="warn" title="They count as nothing in the total.">
            not complete: {list.unpricedCount} without a price
          </Badge>
        )}
      </p>
      {edges.length === 0 ? (
        <p className="nothing">
          {isFiltered
            ? "No position is like that."
            : "The source knows of nothing that this wallet holds."}
        </p>
      ) : (
        <table role="table" className="list" aria-busy={loading} aria-rowcount={list.totalCount + 1}>
          <caption className="unseen">Positions</caption>
          <thead role="rowgroup">
            <tr role="row">
              {COLUMNS.map(({ name, field, className }) => (
                <th
                  key={name}
                  role="columnheader"
                  scope="col"
                  className={className}
                  aria-sort={
                    field && field === wanted.field
                      ? wanted.direction === "ASC"
                        ? "ascending"
                        : "descending"
                      : undefined
                  }
                >
                  {field ? (
                    <button type="button" onClick={() => sortBy(field)}>
                      {name}
                    </button>
                  ) : (
                    name
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {edges.map(({ node }) => (
              <PositionRow key={node.id} position={node} />
            ))}
          </tbody>
        </table>
      )}
      <MorePages pages={pages} hasMore={hasMore} what="positions" />
    </>
  );
}
