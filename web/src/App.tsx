import { useQuery } from "@apollo/client/react";
import { useCallback } from "react";

import { split } from "./addresses";
import { SourceStatesDocument } from "./generated";
import { useFocusKept } from "./parts/useFocusKept";
import { useTicking } from "./refresh/useRefresh";
import { Sources } from "./sources/Sources";
import { toSearch, UNFILTERED, useView } from "./view";
import { AddressForm } from "./wallets/AddressForm";
import { Overview } from "./wallets/Overview";

// The server reads 16 KiB of headers, and the browser sends more than the link.
const MOST_LINK = 12_000;

export function App() {
  const [view, change] = useView();
  const { addresses } = view;
  const { data, previousData, error, refetch } = useQuery(SourceStatesDocument);
  const sources = (data ?? previousData)?.sources ?? [];
  const isSandbox = sources.some(({ mode }) => mode === "SANDBOX");
  useTicking();
  useFocusKept();

  // Only an answer tells whether it was invented, so the sources are asked after each.
  const askSources = useCallback(() => void refetch().catch(() => {}), [refetch]);

  /** Adds what a text holds; false where a link cannot hold it all. */
  function add(text: string): boolean {
    const all = split([...addresses, text].join(" "));
    if (toSearch({ ...view, addresses: all }).length > MOST_LINK) return false;
    change({ addresses: all });
    return true;
  }

  function remove(gone: readonly string[]) {
    const left = addresses.filter((address) => !gone.includes(address));
    const isOpen = view.open !== null && gone.includes(view.open);
    change({ addresses: left, ...(isOpen && { ...UNFILTERED, open: null }) });
  }

  return (
    <>
      {isSandbox && (
        <aside className="sandbox" aria-label="Sandbox">
          <strong>SANDBOX: invented figures.</strong> <span>No wallet shown here is real.</span>
        </aside>
      )}
      <header className="top">
        <a className="brand" href="/">
          <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
            <path d="M4 9l5.2 14h2.6L16 12.5 20.2 23h2.6L28 9" />
          </svg>
          Walletgraph
        </a>
        <nav className="top-links" aria-label="Tools">
          <a href="/graphql">GraphiQL</a>
        </nav>
      </header>
      <main tabIndex={-1}>
        <AddressForm isFirst={addresses.length === 0} isSandbox={isSandbox} onAdd={add} />
        {addresses.length > 0 && (
          <Overview view={view} onChange={change} onRemove={remove} onAnswer={askSources} />
        )}
      </main>
      <footer>
        <Sources sources={sources} error={error} onRetry={askSources} />
      </footer>
    </>
  );
}
