/** The client package with Apollo Client in Node: the cache, paging, persisted queries, partial data. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";

import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { print } from "graphql";
import { createServer } from "vite";

import { run, serve } from "../../tests/web/browser.mjs";

const TYPICAL = "0xd470055c6189b921c4d44b3d277ad868f79c0f75";
const WHALE = "0x5eed000000000000000000000000000000000002";
const ACCOUNT = "O5QWY3DFORTXEYLQNAQGIZLNN45CA5DZOBUWGYLMFYXC4LROFYXKE2F6JA";

const web = join(import.meta.dirname, "..");
const vite = await createServer({ root: web, logLevel: "error", server: { middlewareMode: true } });
const graph = await vite.ssrLoadModule("/client/index.ts");
const { url } = await serve();

/** A client of its own for a check, and what it sent. */
function connect(before) {
  const sent = [];
  const http = new HttpLink({
    uri: `${url}/graphql`,
    fetch: async (to, init) => {
      const answer = await fetch(to, init);
      sent.push({ method: init.method, url: String(to), body: init.body, status: answer.status });
      return answer;
    },
  });
  const link = before ? ApolloLink.from([before, http]) : http;
  return { client: new ApolloClient({ cache: graph.createCache(), link }), sent };
}

const sha256 = async (text) => createHash("sha256").update(text).digest("hex");
const persisted = (options) => new PersistedQueryLink({ sha256, ...options });

await run({
  async "keeps objects by their global id: a wallet asked for in two ways is one object"() {
    const { client } = connect();
    const first = await client.query({
      query: graph.PositionsDocument,
      variables: { address: TYPICAL, first: 3 },
    });
    const second = await client.query({
      query: graph.WalletsDocument,
      variables: { addresses: [TYPICAL] },
    });
    const { id } = first.data.wallet;
    assert.equal(second.data.wallets[0].id, id);
    const cache = client.cache.extract();
    const kept = cache[`Wallet:${id}`];
    assert.equal(kept.address, "0xD470055c6189B921c4d44b3d277Ad868F79C0F75");
    assert.equal(kept.ecosystem, "EVM");
    const kinds = Object.keys(cache).map((key) => key.split(":")[0]);
    assert.equal(kinds.filter((kind) => kind === "Wallet").length, 1);
    assert.equal(kinds.filter((kind) => kind === "Position").length, 3);
    const edge = first.data.wallet.positions.edges[0];
    assert.ok(cache[`Token:${edge.node.underlyingTokens[0].token.id}`].symbol);
  },

  async "knows the possible types, so that fragments on Node match"() {
    const { client } = connect();
    const { data } = await client.query({
      query: graph.TokenDocument,
      variables: { chainId: 1, address: "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48" },
    });
    const { data: again } = await client.query({
      query: graph.NodeDocument,
      variables: { id: data.token.id },
    });
    assert.deepEqual([again.node.__typename, again.node.symbol], ["Token", "USDC"]);
  },

  async "joins the pages of a list, and keeps lists of different filters apart"() {
    const { client } = connect();
    const variables = { address: WHALE, first: 300 };
    const watched = client.watchQuery({ query: graph.PositionsDocument, variables });
    const seen = new Promise((resolve) => {
      watched.subscribe(({ data }) => data?.wallet?.positions.edges.length === 1000 && resolve());
    });
    await client.query({ query: graph.PositionsDocument, variables });
    const read = () =>
      client.readQuery({ query: graph.PositionsDocument, variables }).wallet.positions;
    while (read().pageInfo.hasNextPage) {
      await watched.fetchMore({ variables: { after: read().pageInfo.endCursor } });
    }
    await seen;
    const ids = read().edges.map(({ node }) => node.id);
    assert.equal(ids.length, 1000);
    assert.equal(new Set(ids).size, 1000);
    assert.equal(read().totalCount, 1000);

    const debts = await client.query({
      query: graph.PositionsDocument,
      variables: { ...variables, filter: { side: "DEBT" } },
    });
    assert.equal(debts.data.wallet.positions.edges.length, 0);
    assert.equal(read().edges.length, 1000);
  },

  async "lets two queries select different fields of the same balances"() {
    const { client, sent } = connect();
    const whole = { query: graph.PositionsDocument, variables: { address: TYPICAL, first: 5 } };
    const before = await client.query(whole);
    const { id } = before.data.wallet.positions.edges[0].node;
    const fewer = gql`
      query Fewer($id: ID!) {
        node(id: $id) {
          id
          ... on Position {
            underlyingTokens {
              valueUsd
              token {
                id
              }
            }
          }
        }
      }
    `;
    await client.query({ query: fewer, variables: { id } });
    assert.deepEqual(client.readQuery(whole), before.data);
    assert.equal(sent.length, 2);
  },

  async "sends a persisted query's hash by POST, and the text once"() {
    const { client, sent } = connect(persisted());
    for (const address of [TYPICAL, WHALE]) {
      await client.query({ query: graph.PositionsDocument, variables: { address, first: 1 } });
    }
    assert.deepEqual(
      sent.map(({ method, body }) => [method, "query" in JSON.parse(body)]),
      [
        ["POST", false],
        ["POST", true],
        ["POST", false],
      ],
    );
    const { persistedQuery } = JSON.parse(sent[0].body).extensions;
    const text = print(client.documentTransform.transformDocument(graph.PositionsDocument));
    assert.equal(persistedQuery.sha256Hash, await sha256(text));
  },

  async "sends a persisted query's hash by GET, so that answers can be cached by URL"() {
    const { client, sent } = connect(persisted({ useGETForHashedQueries: true }));
    for (const addresses of [[TYPICAL], [WHALE]]) {
      await client.query({ query: graph.WalletsDocument, variables: { addresses } });
    }
    assert.deepEqual(
      sent.map(({ method, url: to, status }) => [method, to.includes("sha256Hash"), status]),
      [
        ["GET", true, 200],
        ["POST", false, 200],
        ["GET", true, 200],
      ],
    );
  },

  async "gives partial data with its errors where errorPolicy is all, and none where it is none"() {
    const { client } = connect();
    const asked = {
      query: graph.WalletsDocument,
      variables: { addresses: [TYPICAL, "nonsense", ACCOUNT] },
    };
    const { data, error } = await client.query({ ...asked, errorPolicy: "all" });
    assert.deepEqual(
      data.wallets.map((wallet) => wallet?.ecosystem ?? null),
      ["EVM", null, "ALGORAND"],
    );
    assert.ok(CombinedGraphQLErrors.is(error));
    assert.deepEqual(
      error.errors.map(({ path, extensions }) => [path, extensions.code]),
      [[["wallets", 1], "BAD_ADDRESS"]],
    );
    await assert.rejects(
      connect().client.query(asked),
      (thrown) => CombinedGraphQLErrors.is(thrown),
    );
  },

  async "keeps every digit, as text"() {
    const { client } = connect();
    const { data } = await client.query({
      query: graph.PositionsDocument,
      variables: { address: "0x5eed000000000000000000000000000000000005", first: 1000 },
    });
    const amounts = data.wallet.positions.edges.flatMap(({ node }) =>
      node.underlyingTokens.map(({ amount }) => amount),
    );
    assert.ok(amounts.includes("0.000000000123456789012345678901"), amounts.join());
  },
}, () => vite.close());
