import { useApolloClient, useQuery } from "@apollo/client/react";
import { useContext } from "react";

import { problems } from "../errors";
import {
  AssetPricesDocument,
  WalletHoldingsDocument,
  type AlgorandHoldingFilter,
  type KnownAssetFragment,
} from "../generated";
import { Age } from "../parts/Age";
import { Badge } from "../parts/Badge";
import { MorePages } from "../parts/MorePages";
import { Notice } from "../parts/Notice";
import { PageSize, Select } from "../parts/Select";
import { useById } from "../parts/useById";
import { useList } from "../parts/useList";
import { ScheduleContext } from "../refresh/useRefresh";
import type { ChangeView, View } from "../view";
import { HoldingRow } from "./HoldingRow";
import { GATEWAY } from "./Picture";

type Kept = View["assets"];

const FILTERS: Record<Kept, AlgorandHoldingFilter> = {
  all: {},
  held: { hasBalance: true },
  nft: { isNft: true },
  frozen: { isFrozen: true },
  destroyed: { isDestroyed: true },
};

const CHOICES: readonly { value: Kept; name: string }[] = [
  { value: "all", name: "All assets" },
  { value: "held", name: "With a balance" },
  { value: "nft", name: "NFTs" },
  { value: "frozen", name: "Frozen" },
  { value: "destroyed", name: "Destroyed" },
];

interface Props {
  address: string;
  view: View;
  onChange: ChangeView;
}

/** The assets of one Algorand account, by asset id, page after page. */
export function Holdings({ address, view, onChange }: Props) {
  const { assets, pageSize } = view;
  const isFiltered = assets !== "all";
  const { refresh } = useContext(ScheduleContext);
  const { data, previousData, error, loading, observable, fetchMore } = useQuery(
    WalletHoldingsDocument,
    { variables: { address, filter: FILTERS[assets], first: pageSize } },
  );
  const list = (data ?? previousData)?.wallet?.algorandAssets;
  const edges = list?.edges ?? [];
  const { pages, hasMore } = useList({
    list,
    current: () => observable.getCurrentResult().data?.wallet?.algorandAssets,
    isLoading: loading,
    pageSize,
    fetch: (variables) => fetchMore({ variables, errorPolicy: "none" }),
  });

  const client = useApolloClient();
  const known = useById<KnownAssetFragment>({
    ids: edges.map(({ node }) => node.asset?.id).filter((id) => id !== undefined),
    question: "prices",
    async ask(ids, fetchPolicy) {
      const variables = { ids, isPictured: GATEWAY !== null };
      const query = { query: AssetPricesDocument, variables, fetchPolicy, errorPolicy: "all" } as const;
      const nodes = (await client.query(query)).data?.nodes ?? [];
      return nodes.map((node) => (node && "verification" in node ? node : null));
    },
  });
  const isPriced = [...known.values()].some(({ verification }) => verification !== null);
  const attribution = [...known.values()].find(({ price }) => price)?.price?.attribution;

  if (!list) {
    if (loading) {
      return (
        <div className="skeleton" role="status">
          <span className="unseen">Loading the assets…</span>
          <i aria-hidden="true" />
          <i aria-hidden="true" />
        </div>
      );
    }
    return (
      <Notice
        title="The assets could not be loaded."
        problems={problems(error)}
        onRetry={refresh}
      />
    );
  }

  return (
    <>
      <div className="tools" role="search" aria-label="Assets">
        <Select
          name="Show"
          value={assets}
          options={CHOICES}
          onChange={(chosen) => onChange({ assets: chosen })}
        />
        <PageSize size={pageSize} onChange={onChange} />
      </div>
      {error !== undefined && !loading && (
        <Notice
          title="The list could not be updated, so it may be out of date."
          problems={problems(error)}
          onRetry={refresh}
        />
      )}
      <p className="list-summary">
        <span role="status">
          Showing {edges.length.toLocaleString("en-US")}
          {hasMore && ", more to load"}
        </span>
        <span className="quiet">
          round <span className="figure">{list.round}</span>
        </span>
        <Age asOf={list.asOf} isStale={list.isStale} />
        {attribution && <span className="quiet">{attribution}</span>}
        {isFiltered && <Badge tone="accent">filtered</Badge>}
        {list.unreadableCount > 0 && (
          <Badge tone="warn" title="The node did not describe them as documented.">
            not complete: {list.unreadableCount} unreadable
          </Badge>
        )}
      </p>
      {edges.length === 0 ? (
        <p className="nothing">
          {hasMore
            ? "No matches so far. Part of the account has not been searched yet."
            : isFiltered
              ? "No assets match this filter."
              : "This account holds no assets."}
        </p>
      ) : (
        <table role="table" className="list" aria-busy={loading && data === undefined}>
          <caption className="unseen">Assets</caption>
          <thead role="rowgroup">
            <tr role="row">
              <th role="columnheader" scope="col" className="cell-name">
                Asset
              </th>
              <th role="columnheader" scope="col" className="cell-id">
                Id
              </th>
              <th role="columnheader" scope="col" className="cell-decimals">
                Decimals
              </th>
              <th role="columnheader" scope="col" className={isPriced ? "cell-tokens" : "cell-value"}>
                Amount
              </th>
              {isPriced && (
                <th role="columnheader" scope="col" className="cell-value">
                  Value
                </th>
              )}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {edges.map(({ node }) => (
              <HoldingRow
                key={node.id}
                holding={node}
                known={known.get(node.asset?.id ?? "")}
                isPriced={isPriced}
              />
            ))}
          </tbody>
        </table>
      )}
      <MorePages pages={pages} hasMore={hasMore} what="assets" />
    </>
  );
}
