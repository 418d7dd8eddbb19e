/**
 * Starts GraphiQL in the element `#graphiql`, with a tab for each thing the graph is asked most.
 *
 * The element's `data-config` is JSON: `endpoint` (a path) and `sandbox` (whether the figures are
 * invented). The examples' addresses are wallets the sandbox knows, so each of them shows data.
 */
(() => {
  const wallet = "0xd470055c6189b921c4d44b3d277ad868f79c0f75";
  const account = "O5QWY3DFORTXEYLQNAQGIZLNN45CA5DZOBUWGYLMFYXC4LROFYXKE2F6JA";

  const examples = [
    {
      query: `# What a wallet holds and owes, most valuable first;
# the totals are over all its positions.
query Dashboard($address: String!) {
  wallet(address: $address) {
    address
    ecosystem
    positions(first: 10) {
      totalCount
      totalValueUsd
      unpricedCount
      asOf
      isStale
      nodes {
        id
        chainId
        contractName
        side
        status
        valueUsd
        protocol { type group { name } }
        underlyingTokens { amount valueUsd token { symbol address } }
        rewardTokens { amount valueUsd token { symbol address } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
`,
      variables: { address: wallet },
    },
    {
      query: `# An Algorand account: its own coin, and its assets
# a page at a time.
query AlgorandAccount($address: String!, $after: String) {
  wallet(address: $address) {
    address
    algo {
      balance { algos }
      spendable { algos }
      status
    }
    algorandAssets(first: 10, after: $after) {
      round
      nodes {
        amount
        displayAmount
        isFrozen
        asset { assetId name unitName decimals isNft isDestroyed standards }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
`,
      variables: { address: account },
    },
    {
      query: `# Several wallets at once. The last is no address: it is
# null, with an error at its index; the rest is answered.
query Wallets($addresses: [String!]!) {
  wallets(addresses: $addresses) {
    id
    address
    ecosystem
    positions(first: 3) {
      totalCount
      totalValueUsd
      nodes { contractName side valueUsd }
    }
    algo { balance { algos } }
  }
}
`,
      variables: {
        addresses: [wallet, "0x5eed000000000000000000000000000000000003", account, "not-an-address"],
      },
    },
    {
      query: `# The services behind the graph: whether they answer,
# and how much may be asked of them.
query Sources {
  sources {
    name
    mode
    network
    isAvailable
    breaker
    limit
    permitsLeft
    queueLength
    calls
    merges
    lastErrorCode
  }
  portfolioStatus { isAvailable asOf isStale timings { totalTime } }
}
`,
      variables: undefined,
    },
  ];

  const element = document.getElementById("graphiql");
  const config = JSON.parse(element.dataset.config || "{}");

  function showSandbox(more) {
    const strip = document.createElement("p");
    strip.className = "sandbox-strip";
    strip.setAttribute("role", "note");
    strip.textContent = `SANDBOX: invented figures. ${more}`;
    element.before(strip);
  }

  /** A server in live mode may itself ask a sandbox, and knows that from its answers. */
  async function warnOfSandbox() {
    const answer = await fetch(config.endpoint || "/graphql", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "query SourceModes { sources { mode } }" }),
    });
    const { data } = await answer.json();
    if (data?.sources.some(({ mode }) => mode === "SANDBOX")) {
      showSandbox("ONEINCH_URL or ALGOD_URL names a sandbox.");
    }
  }

  if (config.sandbox) {
    showSandbox("Set ONEINCH_API_KEY and start again for real ones.");
  } else {
    warnOfSandbox().catch(() => {});
  }

  const GraphiQL = window.GraphiQL;
  const fetcher = GraphiQL.createFetcher({ url: config.endpoint || "/graphql" });
  const defaultTabs = examples.map(({ query, variables }) => ({
    query,
    variables: variables && JSON.stringify(variables, null, 2),
  }));

  // On a first visit GraphiQL takes the first tab's query from the tabs, but not its variables.
  const isFirstVisit = localStorage.getItem("graphiql:tabState") === null;

  element.textContent = "";
  ReactDOM.createRoot(element).render(
    React.createElement(GraphiQL, {
      fetcher,
      defaultTabs,
      variables: isFirstVisit ? defaultTabs[0].variables : undefined,
      defaultQuery: "# Ctrl+Space completes, Ctrl+Enter runs; the book at the left is the documentation.\n\n",
      defaultEditorToolsVisibility: "variables",
      shouldPersistHeaders: false,
    }),
  );
})();
