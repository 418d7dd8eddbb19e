/** urql with the shipped keys on two products that share an id: prints what its cache shows. */
import { readFileSync } from "node:fs";

import { Client, fetchExchange, gql } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { minifyIntrospectionQuery } from "@urql/introspection";
import { buildSchema, introspectionFromSchema } from "graphql";

import { keys } from "../../web/client/parts";

const sdl = readFileSync(new URL("../../schema/schema.graphql", import.meta.url), "utf8");
const schema = introspectionFromSchema(buildSchema(sdl, { assumeValidSDL: true }));
const position = (id: string, group: string, product: string) => ({
  __typename: "Position",
  id,
  protocol: {
    __typename: "Protocol",
    group: { __typename: "ProtocolGroup", id: group, name: group },
    subGroup: { __typename: "ProtocolSubGroup", id: "main", name: product },
  },
});
const nodes = [position("a", "Alpha", "Alpha Savings"), position("b", "Beta", "Beta Loans")];
const data = {
  wallet: { __typename: "Wallet", id: "w", positions: { __typename: "PositionConnection", nodes } },
};
const warnings: unknown[] = [];
console.warn = (...words) => warnings.push(words);
const client = new Client({
  url: "http://127.0.0.1:1/graphql",
  preferGetMethod: false,
  exchanges: [cacheExchange({ keys, schema: minifyIntrospectionQuery(schema) }), fetchExchange],
  fetch: async () => Response.json({ data }),
});
const query = gql`
  {
    wallet(address: "0x1") {
      id
      positions {
        nodes {
          id
          protocol {
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
    }
  }
`;
await client.query(query, {}).toPromise();
const { data: kept, error } = await client.query(query, {}, { requestPolicy: "cache-only" }).toPromise();
const names = kept.wallet.positions.nodes.map(
  ({ protocol }: (typeof nodes)[0]) => `${protocol.group.name} · ${protocol.subGroup.name}`,
);
console.log(JSON.stringify({ names, warnings, error: error ?? null }));
