/**
 * Starts GraphiQL in the element `#graphiql`, with a tab for each operation of `operations/`.
 *
 * The element's `data-config` is JSON: `endpoint` (a path) and `sandbox` (whether the figures are
 * invented). The examples' addresses are wallets the sandbox knows, so each of them shows data.
 */
(() => {
  // Put in when GraphiQL is built: the operations of the folder of that name, with variables.
  const examples = "__OPERATIONS__";

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
    variables: JSON.stringify(variables, null, 2),
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
