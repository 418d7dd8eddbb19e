import { useApolloClient, useQuery } from "@apollo/client/react";
import { useState } from "react";

import { chainName } from "../chains";
import { problems } from "../errors";
import { HeldTokensDocument, TokenLogosDocument, type HeldTokensQuery } from "../generated";
import { parse, percent, round } from "../money";
import { Older } from "../parts/Age";
import { Badge } from "../parts/Badge";
import { Explored } from "../parts/Explored";
import { Amount, UsdField } from "../parts/Figure";
import { Logo } from "../parts/Logo";
import { Notice } from "../parts/Notice";
import { Untrusted } from "../parts/Untrusted";
import { useById } from "../parts/useById";
import { useRefreshed } from "../refresh/useRefresh";
import type { ChangeView } from "../view";

const FEW = 8;
const MORE = 100;

type List = NonNullable<NonNullable<HeldTokensQuery["portfolio"]>["tokens"]>;
type Token = List["edges"][number]["node"];

interface Props {
  addresses: readonly string[];
  hidesDust: boolean;
  onChange: ChangeView;
}

const idOf = ({ tokens, algorandAsset }: Token) => tokens[0]?.id ?? algorandAsset?.id;

/** What all wallets hold of each token, in wallets and protocols together, as the server adds it up. */
export function Tokens({ addresses, hidesDust, onChange }: Props) {
  const filter = hidesDust ? { minValueUsd: "1" } : {};
  const { data, previousData, error, loading, fetchMore, refetch } = useQuery(HeldTokensDocument, {
    variables: { addresses: [...addresses], filter, first: FEW },
    notifyOnNetworkStatusChange: true,
  });
  const [isBusy, setBusy] = useState(false);
  useRefreshed(() => refetch());
  const list = (data ?? previousData)?.portfolio?.tokens ?? null;
  const tokens = list?.edges.map(({ node }) => node) ?? [];
  const ids = tokens.map(idOf).filter((id) => id !== undefined);
  const client = useApolloClient();
  const logos = useById<{ id: string; logoUrl?: string | null }>({
    ids,
    question: "logos",
    async ask(some, fetchPolicy) {
      const variables = { ids: some };
      const query = { query: TokenLogosDocument, variables, fetchPolicy, errorPolicy: "all" } as const;
      return (await client.query(query)).data?.nodes ?? [];
    },
  });

  async function more() {
    setBusy(true);
    try {
      await fetchMore({ variables: { first: MORE, after: list?.pageInfo.endCursor } });
    } catch {
      // What is there stays; the button can be pressed again.
    } finally {
      setBusy(false);
    }
  }

  if (list && list.totalCount === 0 && !hidesDust) return null;
  return (
    <section className="panel tokens" aria-labelledby="tokens-title" aria-busy={loading}>
      <div className="panel-head">
        <h2 id="tokens-title">Tokens</h2>
        <label className="check">
          <input
            type="checkbox"
            checked={hidesDust}
            onChange={(event) => onChange({ hidesDust: event.target.checked })}
          />
          Hide dust: $1 or more
        </label>
      </div>
      {error !== undefined && !loading && (
        <Notice
          title={list ? "The tokens could not be refreshed." : "The tokens could not be loaded."}
          problems={problems(error)}
          onRetry={() => void refetch()}
        />
      )}
      {!list && loading && (
        <div className="skeleton" role="status">
          <span className="unseen">Loading the tokens…</span>
          <i aria-hidden="true" />
          <i aria-hidden="true" />
        </div>
      )}
      {list && tokens.length === 0 && <p className="quiet">No token is worth as much.</p>}
      {tokens.length > 0 && (
        <table role="table" className="list">
          <caption className="unseen">Tokens of all wallets</caption>
          <thead role="rowgroup">
            <tr role="row">
              {COLUMNS.map(([name, className]) => (
                <th key={name} role="columnheader" scope="col" className={className}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {list?.edges.map(({ cursor, node }) => (
              <Row key={cursor} token={node} logo={logos.get(idOf(node) ?? "")?.logoUrl} />
            ))}
          </tbody>
        </table>
      )}
      <p className="badges">
        {list?.isStale && <Older />}
        {list && list.pageInfo.hasNextPage && (
          <button
            type="button"
            className="button button-small"
            aria-disabled={isBusy}
            onClick={() => void more()}
          >
            Show more of {list.totalCount.toLocaleString("en-US")} tokens
          </button>
        )}
      </p>
    </section>
  );
}

const COLUMNS = [
  ["Token", "cell-name"],
  ["Chain", "cell-chain"],
  ["Amount", "cell-tokens"],
  ["Value", "cell-value"],
] as const;

function Row({ token, logo }: { token: Token; logo: string | null | undefined }) {
  const { symbol, name, amount, inProtocols, owed, valueUsd, share, tokens, algorandAsset } = token;
  const url = tokens[0]?.explorerUrl ?? algorandAsset?.explorerUrl;
  return (
    <tr role="row">
      <th scope="row" role="rowheader" className="cell-name">
        <Logo url={logo} symbol={symbol} />
        <Explored url={url}>
          <Untrusted text={symbol || name || "unnamed token"} most={18} />
        </Explored>{" "}
        {name && name !== symbol && (
          <span className="quiet">
            <Untrusted text={name} most={32} />
          </span>
        )}
      </th>
      <td role="cell" className="cell-chain">
        {tokens[0] ? chainName(tokens[0].chainId) : "Algorand"}
      </td>
      <td role="cell" className="cell-tokens">
        <Amount value={amount} />{" "}
        <span className="marks">
          {parse(inProtocols).units !== 0n && (
            <Badge>
              in protocols <Amount value={inProtocols} />
            </Badge>
          )}
          {parse(owed).units !== 0n && (
            <Badge tone="bad">
              owed <Amount value={owed} />
            </Badge>
          )}
        </span>
      </td>
      <td role="cell" className="cell-value">
        <UsdField value={valueUsd} />
        {share !== null && valueUsd !== null && (
          <span className="quiet figure cell-share">{shown(share)}</span>
        )}
      </td>
    </tr>
  );
}

/** A ratio as a percentage; what is less than a tenth says so. */
function shown(ratio: string): string {
  const thousandths = Number(round(parse(ratio), 3).units);
  return thousandths === 0 && parse(ratio).units !== 0n ? "<0.1%" : percent(thousandths);
}
