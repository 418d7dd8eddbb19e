/** What the client package promises, checked against a running server: in Node and in browsers. */
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";

import {
  createCache,
  NodeDocument,
  PositionsDocument,
  TokenDocument,
  WalletsDocument,
} from "../client";

const TYPICAL = "0xd470055c6189b921c4d44b3d277ad868f79c0f75";
const WHALE = "0x5eed000000000000000000000000000000000002";
const DIGITS = "0x5eed000000000000000000000000000000000005";
const ACCOUNT = "O5QWY3DFORTXEYLQNAQGIZLNN45CA5DZOBUWGYLMFYXC4LROFYXKE2F6JA";

const FEWER_FIELDS = gql`
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

function same(actual: unknown, expected: unknown): void {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== should) throw new Error(`expected ${should}, got ${is}`);
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

interface Sent {
  method: string;
  hasHash: boolean;
  hasText: boolean;
  status: number;
}

/** The checks by name, for a server at this origin that was not asked anything before. */
export function checks(origin: string): Record<string, () => Promise<void>> {
  /** A client of its own for a check, and what it sent. */
  function connect(before?: ApolloLink) {
    const sent: Sent[] = [];
    const http = new HttpLink({
      uri: `${origin}/graphql`,
      fetch: async (to, init) => {
        const answer = await fetch(to, init);
        const body = `${to} ${init?.body ?? ""}`;
        sent.push({
          method: init?.method ?? "",
          hasHash: body.includes("sha256Hash"),
          hasText: /["?&]query["=]/.test(body),
          status: answer.status,
        });
        return answer;
      },
    });
    const link = before ? ApolloLink.from([before, http]) : http;
    const cache = createCache();
    const defaultOptions = { watchQuery: { errorPolicy: "all" } } as const;
    return { cache, client: new ApolloClient({ cache, link, defaultOptions }), sent };
  }

  return {
    async "keeps objects by their global id: a wallet asked for in two ways is one object"() {
      const { client, cache } = connect();
      const first = await client.query({
        query: PositionsDocument,
        variables: { address: TYPICAL, first: 3 },
      });
      const second = await client.query({
        query: WalletsDocument,
        variables: { addresses: [TYPICAL] },
      });
      const id = first.data?.wallet?.id;
      same(second.data?.wallets?.[0]?.id, id);
      const objects = cache.extract();
      const wallet = objects[`Wallet:${id}`];
      same(
        [wallet?.address, wallet?.ecosystem],
        ["0xD470055c6189B921c4d44b3d277Ad868F79C0F75", "EVM"],
      );
      const kinds = Object.keys(objects).map((key) => key.split(":")[0]);
      same(kinds.filter((kind) => kind === "Wallet").length, 1);
      same(kinds.filter((kind) => kind === "Position").length, 3);
      same(kinds.includes("Token"), true);
    },

    async "knows the possible types, so that fragments on Node match"() {
      const { client } = connect();
      const { data } = await client.query({
        query: TokenDocument,
        variables: { chainId: 1, address: "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48" },
      });
      const again = await client.query({
        query: NodeDocument,
        variables: { id: data?.token?.id ?? "" },
      });
      const node = again.data?.node;
      same(node && "symbol" in node && node.symbol, "USDC");
    },

    async "joins the pages of a list, and keeps lists of different filters apart"() {
      const { client } = connect();
      const variables = { address: WHALE, first: 300 };
      const watched = client.watchQuery({ query: PositionsDocument, variables });
      const whole = new Promise<void>((resolve) => {
        watched.subscribe(({ data }) => {
          if (data?.wallet?.positions?.edges?.length === 1000) resolve();
        });
      });
      const read = () =>
        client.readQuery({ query: PositionsDocument, variables })?.wallet?.positions;
      await client.query({ query: PositionsDocument, variables });
      while (read()?.pageInfo.hasNextPage) {
        await watched.fetchMore({ variables: { after: read()?.pageInfo.endCursor } });
      }
      await whole;
      const ids = read()?.edges.map(({ node }) => node.id);
      same([ids?.length, new Set(ids).size, read()?.totalCount], [1000, 1000, 1000]);

      const debts = await client.query({
        query: PositionsDocument,
        variables: { ...variables, filter: { side: "DEBT" } },
      });
      same([debts.data?.wallet?.positions?.edges.length, read()?.edges.length], [0, 1000]);
    },

    async "lets two queries select different fields of the same balances"() {
      const { client, sent } = connect();
      const asked = { query: PositionsDocument, variables: { address: TYPICAL, first: 5 } };
      const before = await client.query(asked);
      const id = before.data?.wallet?.positions?.edges[0]?.node.id;
      await client.query({ query: FEWER_FIELDS, variables: { id } });
      same(client.readQuery(asked), before.data);
      same(sent.length, 2);
    },

    async "sends a persisted query's hash by POST, and the text once"() {
      const { client, sent } = connect(new PersistedQueryLink({ sha256 }));
      for (const address of [TYPICAL, WHALE]) {
        await client.query({ query: PositionsDocument, variables: { address, first: 1 } });
      }
      same(
        sent.map(({ method, hasHash, hasText, status }) => [method, hasHash, hasText, status]),
        [
          ["POST", true, false, 200],
          ["POST", true, true, 200],
          ["POST", true, false, 200],
        ],
      );
    },

    async "sends a persisted query's hash by GET, so that answers can be cached by URL"() {
      const { client, sent } = connect(
        new PersistedQueryLink({ sha256, useGETForHashedQueries: true }),
      );
      for (const addresses of [[TYPICAL], [WHALE]]) {
        await client.query({ query: WalletsDocument, variables: { addresses } });
      }
      same(
        sent.map(({ method, hasHash, hasText, status }) => [method, hasHash, hasText, status]),
        [
          ["GET", true, false, 200],
          ["POST", true, true, 200],
          ["GET", true, false, 200],
        ],
      );
    },

    async "gives partial data with its errors where errorPolicy is all, and none where it is none"() {
      const asked = {
        query: WalletsDocument,
        variables: { addresses: [TYPICAL, "nonsense", ACCOUNT] },
      };
      const { data, error } = await connect().client.query({ ...asked, errorPolicy: "all" });
      same(data?.wallets?.map((wallet) => wallet?.ecosystem ?? null), ["EVM", null, "ALGORAND"]);
      const errors = CombinedGraphQLErrors.is(error) ? error.errors : [];
      same(
        errors.map(({ path, extensions }) => [path, extensions?.code]),
        [[["wallets", 1], "BAD_ADDRESS"]],
      );
      const thrown = await connect()
        .client.query(asked)
        .catch((problem: unknown) => problem);
      same(CombinedGraphQLErrors.is(thrown), true);
    },

    async "keeps every digit, as text"() {
      const { data } = await connect().client.query({
        query: PositionsDocument,
        variables: { address: DIGITS, first: 1000 },
      });
      const amounts = data?.wallet?.positions?.edges.flatMap(({ node }) =>
        node.underlyingTokens?.map(({ amount }) => String(amount)),
      );
      same(amounts?.includes("0.000000000123456789012345678901"), true);
    },
  };
}
