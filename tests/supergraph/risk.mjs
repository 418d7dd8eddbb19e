// A third subgraph, whose fields need Walletgraph's: `risk.mjs` listens on PORT. Answers show what
// the router sent, so that a test sees each required field arrive.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../supergraph/package.json', import.meta.url));
const { ApolloServer } = require('@apollo/server');
const { startStandaloneServer } = require('@apollo/server/standalone');
const { buildSubgraphSchema } = require('@apollo/subgraph');
const { parse } = require('graphql');

const ADA = '0xD470055c6189B921c4d44b3d277Ad868F79C0F75';
const same = (reference) => reference;
const resolvers = {
  Query: { latest: () => ({ address: ADA }) },
  Wallet: {
    __resolveReference: same,
    tier: ({ netWorthUsd }) => (netWorthUsd == null ? 'unknown' : `worth ${netWorthUsd}`),
  },
  Position: {
    __resolveReference: same,
    size: ({ valueUsd, underlyingTokens }) =>
      `${valueUsd} in ${underlyingTokens.map(({ amount, token }) => `${amount} ${token.symbol}`)}`,
  },
  Token: { __resolveReference: same, badge: ({ symbol }) => `[${symbol}]` },
  AlgorandAsset: { __resolveReference: same, grade: ({ name }) => `${name}: A` },
};
const schema = buildSubgraphSchema({
  typeDefs: parse(readFileSync(new URL('risk.graphql', import.meta.url), 'utf8')),
  resolvers,
});
const { url } = await startStandaloneServer(new ApolloServer({ schema }), {
  listen: { port: Number(process.env.PORT), host: '127.0.0.1' },
});
console.log(`listening on ${url}`);
