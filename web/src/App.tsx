import { useApolloClient, useQuery } from "@apollo/client/react";

import { useAddresses } from "./addresses";
import { SourceStatesDocument } from "./generated";
import { Sources } from "./sources/Sources";
import { AddressForm } from "./wallets/AddressForm";
import { Overview } from "./wallets/Overview";

export function App() {
  const { addresses, add, remove } = useAddresses();
  const client = useApolloClient();
  const { data, error, refetch } = useQuery(SourceStatesDocument);
  const isSandbox = data?.sources.some(({ mode }) => mode === "SANDBOX") ?? false;

  return (
    <>
      {isSandbox && (
        <aside className="sandbox" aria-label="Sandbox">
          <strong>SANDBOX: invented figures.</strong> <span>No wallet here is real.</span>
        </aside>
      )}
      <header className="top">
        <a className="brand" href="/">
          <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
            <path d="M4 9l5.2 14h2.6L16 12.5 20.2 23h2.6L28 9" />
          </svg>
          Walletgraph
        </a>
        <nav className="top-links" aria-label="Elsewhere">
          <a href="/graphql">GraphiQL</a>
        </nav>
      </header>
      <main>
        <AddressForm isFirst={addresses.length === 0} isSandbox={isSandbox} onAdd={add} />
        {addresses.length > 0 && (
          <Overview
            addresses={addresses}
            onRemove={remove}
            onRefresh={() => void client.refetchQueries({ include: "active" })}
          />
        )}
      </main>
      <footer>
        <Sources sources={data?.sources ?? []} error={error} onRetry={() => void refetch()} />
      </footer>
    </>
  );
}
