import { useQuery } from "@apollo/client/react";
import { useId, useState } from "react";

import { problems } from "../errors";
import { WalletHoldingsDocument, type AlgorandHoldingFilter } from "../generated";
import { Age } from "../parts/Age";
import { Badge } from "../parts/Badge";
import { MorePages } from "../parts/MorePages";
import { Notice } from "../parts/Notice";
import { usePages } from "../parts/usePages";
import { HoldingRow } from "./HoldingRow";

const KEPT: readonly { name: string; filter: AlgorandHoldingFilter }[] = [
  { name: "All assets", filter: {} },
  { name: "With a balance", filter: { hasBalance: true } },
  { name: "NFTs", filter: { isNft: true } },
  { name: "Frozen", filter: { isFrozen: true } },
  { name: "Destroyed", filter: { isDestroyed: true } },
];

/** The assets of one Algorand account, by asset id, page after page. */
export function Holdings({ address }: { address: string }) {
  const [kept, setKept] = useState(0);
  const choice = useId();
  const { data, previousData, error, loading, refetch, fetchMore } = useQuery(
    WalletHoldingsDocument,
    { variables: { address, filter: KEPT[kept]?.filter ?? {} } },
  );
  const list = (data ?? previousData)?.wallet?.algorandAssets;
  const edges = list?.edges ?? [];
  const hasMore = list?.pageInfo.hasNextPage ?? false;
  const pages = usePages({
    loaded: edges.length,
    hasMore: hasMore && !loading,
    endCursor: list?.pageInfo.endCursor ?? null,
    fetchPage: (after) => fetchMore({ variables: { after }, errorPolicy: "none" }),
  });

  if (!list) {
    if (loading) {
      return (
        <div className="skeleton" role="status">
          <span className="unseen">Reading the assets…</span>
          <i aria-hidden="true" />
          <i aria-hidden="true" />
        </div>
      );
    }
    return (
      <Notice
        title="The assets could not be read."
        problems={problems(error)}
        onRetry={() => void refetch()}
      />
    );
  }

  return (
    <>
      <div className="tools" role="search" aria-label="Assets">
        <div className="field">
          <label htmlFor={choice}>Assets</label>
          <select id={choice} value={kept} onChange={(event) => setKept(Number(event.target.value))}>
            {KEPT.map(({ name }, index) => (
              <option key={name} value={index}>
                {name}
              </option>
            ))}
          </select>
        </div>
      </div>
      {error !== undefined && !loading && (
        <Notice
          title="The list could not be read anew."
          problems={problems(error)}
          onRetry={() => void refetch()}
        />
      )}
      <p className="list-summary" role="status">
        <span>
          {edges.length.toLocaleString("en-US")} shown{hasMore && ", more follow"}
        </span>
        <span className="quiet">
          round <span className="figure">{list.round}</span>
        </span>
        <Age asOf={list.asOf} isStale={list.isStale} />
        {kept > 0 && <Badge tone="accent">filtered</Badge>}
      </p>
      {edges.length === 0 ? (
        <p className="nothing">
          {hasMore
            ? "None so far; more of the account is still to be looked through."
            : kept > 0
              ? "No asset of this account is like that."
              : "This account holds no assets."}
        </p>
      ) : (
        <table role="table" className="list" aria-busy={loading}>
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
              <th role="columnheader" scope="col" className="cell-value">
                Amount
              </th>
            </tr>
          </thead>
          <tbody role="rowgroup">
            {edges.map(({ node }) => (
              <HoldingRow key={node.id} holding={node} />
            ))}
          </tbody>
        </table>
      )}
      <MorePages pages={pages} hasMore={hasMore} what="assets" />
    </>
  );
}
