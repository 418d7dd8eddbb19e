import { readFileSync } from "node:fs";

import { ApolloClient, ApolloLink, gql, InMemoryCache } from "@apollo/client";
import { buildSchema, isInterfaceType, isObjectType, parse } from "graphql";
import { of } from "rxjs";
import { describe, expect, it } from "vitest";

import { createCache, typePolicies } from "../client";
import { getDataID, keys, parts as named } from "../client/parts";

const PROTOCOL = (group: string, name: string, product: string | null, productName: string) => ({
  __typename: "Protocol",
  type: "lending",
  handlerId: "h",
  group: { __typename: "ProtocolGroup", id: group, name },
  subGroup: { __typename: "ProtocolSubGroup", id: product, name: productName },
});

const position = (id: string, more: object) => ({ __typename: "Position", id, ...more });

/** A real client whose server gives these answers, one after the other. */
function answered(...answers: object[]) {
  let asked = 0;
  const link = new ApolloLink(() => of({ data: answers[asked++] as Record<string, unknown> }));
  const defaultOptions = { watchQuery: { errorPolicy: "all" } } as const;
  return new ApolloClient({ cache: createCache(), link, defaultOptions });
}

const WALLET = gql`
  query {
    wallet(address: "0x1") {
      id
      positions {
        edges {
          cursor
          node {
            id
            protocol {
              type
              handlerId
              group {
                id
                name
              }
              subGroup {
                id
                name
              }
            }
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`;

const walletOf = (...nodes: object[]) => ({
  wallet: {
    __typename: "Wallet",
    id: "w",
    positions: {
      __typename: "PositionConnection",
      edges: nodes.map((node, index) => ({
        __typename: "PositionEdge",
        cursor: `c${index}`,
        node,
      })),
      pageInfo: { __typename: "PageInfo", hasNextPage: false, endCursor: "c1" },
    },
  },
});

describe("what is not identified by an id alone", () => {
  it.each([
    ["a product of the same id in two protocols", ["alpha", "main"], ["beta", "main"]],
    ["a product without an id in two protocols", ["alpha", null], ["beta", null]],
    ["a product with an empty id in two protocols", ["alpha", ""], ["beta", ""]],
    ["protocols with an empty id", ["", "one"], ["", "two"]],
    ["one protocol whose rows call it by two names", ["same", "one"], ["same", "two"]],
  ])("keeps %s apart", async (_, first, second) => {
    const rows = [
      position("a", { protocol: PROTOCOL(first[0] ?? "", "Alpha", first[1] ?? null, "Savings") }),
      position("b", { protocol: PROTOCOL(second[0] ?? "", "Beta", second[1] ?? null, "Loans") }),
    ];
    const client = answered(walletOf(...rows));

    const { data } = await client.query({ query: WALLET });

    const shown = (data as ReturnType<typeof walletOf>).wallet.positions.edges.map(({ node }) => node);
    expect(shown).toEqual(rows);
    expect(client.readQuery({ query: WALLET })).toEqual(data);
  });

  it("does not give a product's name to another product of the same position", () => {
    const cache = createCache();
    const write = (fields: string, protocol: object) =>
      cache.writeFragment({
        fragment: parse(`fragment P on Position { id protocol { ${fields} } }`),
        data: position("a", { protocol: { __typename: "Protocol", ...protocol } }),
      });
    const subGroup = (id: string, more: object) => ({
      subGroup: { __typename: "ProtocolSubGroup", id, ...more },
    });

    write("subGroup { id name }", subGroup("one", { name: "One" }));
    write("subGroup { id }", subGroup("two", {}));

    const read = cache.readFragment({
      id: "Position:a",
      fragment: gql`
        fragment R on Position {
          protocol {
            subGroup {
              id
              name
            }
          }
        }
      `,
    });
    expect(read).toBe(null);
  });
});

describe("two queries that select different fields", () => {
  const fragment = (fields: string) => parse(`fragment F on Position { id ${fields} }`);
  const token = (id: string) => ({ __typename: "Token", id });
  const balance = (id: string, more: object) => ({
    __typename: "TokenBalance",
    token: token(id),
    ...more,
  });

  function both(first: [string, object], second: [string, object], wanted: string): unknown {
    const cache = createCache();
    for (const [fields, data] of [first, second]) {
      cache.writeFragment({ fragment: fragment(fields), data: position("a", data) });
    }
    return cache.readFragment({ id: "Position:a", fragment: fragment(wanted) });
  }

  it("complete each other where the tokens are the same, in whatever order", () => {
    const read = both(
      [
        "underlyingTokens { amount token { id } }",
        { underlyingTokens: [balance("x", { amount: "1" }), balance("y", { amount: "2" })] },
      ],
      [
        "underlyingTokens { priceUsd token { id } }",
        { underlyingTokens: [balance("y", { priceUsd: "20" }), balance("x", { priceUsd: "10" })] },
      ],
      "underlyingTokens { amount priceUsd token { id } }",
    );

    expect(read).toEqual(
      position("a", {
        underlyingTokens: [
          balance("y", { amount: "2", priceUsd: "20" }),
          balance("x", { amount: "1", priceUsd: "10" }),
        ],
      }),
    );
  });

  it("never give one token's price to another", () => {
    const changed = both(
      [
        "underlyingTokens { amount priceUsd token { id } }",
        { underlyingTokens: [balance("x", { amount: "1", priceUsd: "10" })] },
      ],
      [
        "underlyingTokens { amount token { id } }",
        { underlyingTokens: [balance("y", { amount: "2" })] },
      ],
      "underlyingTokens { amount priceUsd token { id } }",
    );
    const unnamed = both(
      [
        "underlyingTokens { amount priceUsd }",
        { underlyingTokens: [{ __typename: "TokenBalance", amount: "1", priceUsd: "10" }] },
      ],
      [
        "underlyingTokens { amount }",
        { underlyingTokens: [{ __typename: "TokenBalance", amount: "2" }] },
      ],
      "underlyingTokens { amount priceUsd }",
    );

    expect([changed, unnamed]).toEqual([null, null]);
  });

  it("complete each other about a token that is held twice, and about protocols and sources", () => {
    const twice = both(
      [
        "underlyingTokens { amount token { id } }",
        { underlyingTokens: [balance("x", { amount: "1" }), balance("x", { amount: "2" })] },
      ],
      [
        "underlyingTokens { valueUsd token { id } }",
        { underlyingTokens: [balance("x", { valueUsd: "3" }), balance("x", { valueUsd: "4" })] },
      ],
      "underlyingTokens { amount valueUsd token { id } }",
    );
    const group = (more: object) => ({ __typename: "ProtocolGroup", id: "g", ...more });
    const protocols = both(
      [
        "protocol { group { id name } }",
        { protocol: { __typename: "Protocol", group: group({ name: "G" }) } },
      ],
      [
        "protocol { type group { id iconUrl } }",
        { protocol: { __typename: "Protocol", type: "t", group: group({ iconUrl: "u" }) } },
      ],
      "protocol { type group { id name iconUrl } }",
    );
    const cache = createCache();
    const source = (name: string, more: object) => ({ __typename: "Source", name, ...more });
    cache.writeQuery({
      query: parse("{ sources { name mode } }"),
      data: { sources: [source("portfolio", { mode: "LIVE" }), source("algorand", { mode: "LIVE" })] },
    });
    cache.writeQuery({
      query: parse("{ sources { name limit } }"),
      data: { sources: [source("algorand", { limit: 40 }), source("portfolio", { limit: 1 })] },
    });

    expect(twice).toEqual(
      position("a", {
        underlyingTokens: [
          balance("x", { amount: "1", valueUsd: "3" }),
          balance("x", { amount: "2", valueUsd: "4" }),
        ],
      }),
    );
    expect(protocols).toEqual(
      position("a", {
        protocol: { __typename: "Protocol", type: "t", group: group({ name: "G", iconUrl: "u" }) },
      }),
    );
    expect(cache.readQuery({ query: parse("{ sources { name mode limit } }") })).toEqual({
      sources: [
        source("algorand", { mode: "LIVE", limit: 40 }),
        source("portfolio", { mode: "LIVE", limit: 1 }),
      ],
    });
  });

  it("are each answered by the sources alone where they do not say which is which", () => {
    const cache = createCache();
    const write = (field: string, values: unknown[]) =>
      cache.writeQuery({
        query: parse(`{ sources { ${field} } }`),
        data: { sources: values.map((value) => ({ __typename: "Source", [field]: value })) },
      });

    write("mode", ["LIVE", "SANDBOX"]);
    write("limit", [1, 40]);

    expect(cache.readQuery({ query: parse("{ sources { mode limit } }") })).toBe(null);
  });
});

it("knows of every type whether its id is global or whose part it is", () => {
  const sdl = readFileSync(new URL("../../schema/schema.graphql", import.meta.url), "utf8");
  const schema = buildSchema(sdl, { assumeValidSDL: true });
  const node = schema.getType("Node");
  // Joined by the policies of the fields that have them.
  const pages = /Connection$|Edge$|^PageInfo$/;

  const parts = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => !/^_/.test(name) && name !== "Query" && !pages.test(name))
    .filter((type) => !(isInterfaceType(node) && type.getInterfaces().includes(node)))
    .map(({ name }) => name)
    .sort();

  const withoutKey = Object.entries(typePolicies).filter(([, policy]) => policy.keyFields === false);
  expect(withoutKey.map(([name]) => name).sort()).toEqual(parts);
  expect([named, Object.keys(keys)]).toEqual([parts, parts]);
  expect([getDataID({ id: "x" }, "Wallet"), getDataID({ id: "x" }, "ProtocolGroup")]).toEqual([
    "x",
    undefined,
  ]);
  expect(new InMemoryCache({ typePolicies }).identify({ __typename: "Wallet", id: "w" })).toBe(
    "Wallet:w",
  );
});
