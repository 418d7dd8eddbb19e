import { useApolloClient, useQuery } from "@apollo/client/react";
import { useContext } from "react";

import { problems } from "../errors";
import { ProfitsDocument, WalletPositionsDocument, type PositionFilter, type PositionOrderField } from "../generated";
import { parse } from "../money";
import { Age } from "../parts/Age";
import { Badge } from "../parts/Badge";
import { Usd } from "../parts/Figure";
import { Gaps } from "../parts/Gaps";
import { MorePages } from "../parts/MorePages";
import { Notice } from "../parts/Notice";
import { useById } from "../parts/useById";
import { useList } from "../parts/useList";
import { ScheduleContext } from "../refresh/useRefresh";
import { UNFILTERED, type ChangeView, type View } from "../view";
import { PositionRow } from "./PositionRow";
import type { Earned } from "./Profit";
import { PositionTools } from "./PositionTools";

const COLUMNS: readonly { name: string; field?: PositionOrderField; className: string }[] = [
  { name: "Position", field: "NAME", className: "cell-name" },
  { name: "Protocol", field: "PROTOCOL", className: "cell-where" },
  { name: "Chain", field: "CHAIN", className: "cell-chain" },
  { name: "Tokens", className: "cell-tokens" },
  { name: "Profit", className: "cell-profit" },
  { name: "Value", field: "VALUE", className: "cell-value" },
];

function filterOf({ text, side, status, hidesDust }: View): PositionFilter {
  return {
    ...(text.trim() && { text: text.trim() }),
    ...(side && { side }),
    ...(status && { status }),
    ...(hidesDust && { minValueUsd: "1" }),
  };
}

interface Earning {
  id: string;
  metrics?: Earned | null;
}

interface Props {
  address: string;
  view: View;
  onChange: ChangeView;
}

/** The positions of one wallet, sorted and filtered by the server, page after page. */
export function Positions({ address, view, onChange }: Props) {
  const { chainId, field: sorted, direction, pageSize } = view;
  const filter = filterOf(view);
  const isFiltered = Object.keys(filter).length > 0 || chainId !== null;
  const { refresh } = useContext(ScheduleContext);
  const { data, previousData, error, loading, observable, fetchMore } = useQuery(
    WalletPositionsDocument,
    {
      variables: {
        address,
        chainId,
        filter,
        orderBy: { field: sorted, direction },
        first: pageSize,
      },
    },
  );
  const list = (data ?? previousData)?.wallet?.positions;
  const edges = list?.edges ?? [];
  const { pages, hasMore } = useList({
    list,
    current: () => observable.getCurrentResult().data?.wallet?.positions,
    isLoading: loading,
    pageSize,
    fetch: (variables) => fetchMore({ variables, errorPolicy: "none" }),
  });

  // After the positions, which must not wait for it.
  const client = useApolloClient();
  const profits = useById<Earning>({
    ids: edges.map(({ node }) => node.id),
    question: view.range,
    async ask(ids, fetchPolicy) {
      const variables = { ids, range: view.range };
      const query = { query: ProfitsDocument, variables, fetchPolicy, errorPolicy: "all" } as const;
      return (await client.query(query)).data?.nodes ?? [];
    },
  });

  function sortBy(field: PositionOrderField) {
    const usual = field === "VALUE" ? "DESC" : "ASC";
    const other = direction === "ASC" ? "DESC" : "ASC";
    onChange({ field, direction: sorted === field ? other : usual });
  }

  if (!list) {
    if (loading) {
      return (
        <div className="skeleton" role="status">
          <span className="unseen">Loading the positions…</span>
          <i aria-hidden="true" />
          <i aria-hidden="true" />
          <i aria-hidden="true" />
        </div>
      );
    }
    return (
      <Notice
        title="The positions could not be loaded."
        problems={problems(error)}
        onRetry={refresh}
      />
    );
  }

  return (
    <>
      <PositionTools view={view} onChange={onChange} />
      {error !== undefined && !loading && (
        <Notice
          title="The list could not be updated, so it may be out of date."
          problems={problems(error)}
          onRetry={refresh}
        />
      )}
      <p className="list-summary">
        <span role="status">
          Showing {edges.length.toLocaleString("en-US")} of{" "}
          {list.totalCount.toLocaleString("en-US")}, worth{" "}
          <Usd value={parse(list.totalValueUsd)} /> in total
        </span>
        <Age asOf={list.asOf} isStale={list.isStale} />
        {isFiltered && (
          <>
            <Badge tone="accent">filtered</Badge>
            <button
              type="button"
              className="button button-small"
              onClick={() => onChange({ ...UNFILTERED, assets: view.assets })}
            >
              Clear filters
            </button>
          </>
        )}
        <Gaps list={list} />
      </p>
      {edges.length === 0 ? (
        <p className="nothing">
          {isFiltered
            ? "No positions match these filters."
            : "No positions were found for this wallet."}
        </p>
      ) : (
        <table role="table" className="list" aria-busy={loading && data === undefined} aria-rowcount={list.totalCount + 1}>
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
                    field && field === sorted
                      ? direction === "ASC"
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
              <PositionRow key={node.id} position={node} earned={profits.get(node.id)?.metrics} />
            ))}
          </tbody>
        </table>
      )}
      <MorePages pages={pages} hasMore={hasMore} what="positions" />
    </>
  );
}
