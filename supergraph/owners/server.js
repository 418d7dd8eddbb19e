// The second subgraph: who owns which wallet, and what a team wrote about tokens and assets.
// `PORT` (4001) and `OWNERS_SECRET` (none: open) are its settings.
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { GraphQLError, parse } from 'graphql';

const here = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');
const data = JSON.parse(here('data.json'));

// An EVM address has no one spelling: Walletgraph answers EIP-55, others may send lower case.
const spelled = (address) => (address.startsWith('0x') ? address.toLowerCase() : address);
const tokenKey = ({ chainId, address }) => `${chainId}:${spelled(address)}`;

const users = new Map(data.users.map((user) => [user.id, user]));
const notes = new Map(data.tokens.map((token) => [tokenKey(token), token.note]));
const reviews = new Map(data.assets.map((asset) => [asset.assetId, asset]));
const watched = new Set(data.users.flatMap((user) => user.watchlist.map(tokenKey)));
const claims = new Map(
  data.users.flatMap((owner) =>
    owner.wallets.map(({ address, label }) => [spelled(address), { owner, label }]),
  ),
);

/** `100050` with 2 decimals is `1,000.50`. Integers of any size: no floating point. */
function supplyLabel(total, decimals) {
  if (total == null || decimals == null) return null;
  const digits = String(total).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals);
  return whole.replace(/\B(?=(\d{3})+$)/g, ',') + (fraction && `.${fraction}`);
}

const resolvers = {
  Query: {
    user: (_, { id }) => users.get(id) ?? null,
    users: (_, { first }) => data.users.slice(0, first),
  },
  User: {
    __resolveReference: ({ id }) => users.get(id) ?? null,
    assets: (user) => user.assets.map((assetId) => ({ assetId })),
  },
  Contact: { wallet: ({ address }) => ({ address }) },
  Wallet: {
    __resolveReference: (wallet) => wallet,
    owner: ({ address }) => claims.get(spelled(address))?.owner ?? null,
    label: ({ address }) => claims.get(spelled(address))?.label ?? null,
  },
  Token: {
    __resolveReference: (token) => token,
    isWatched: (token) => watched.has(tokenKey(token)),
    note: (token) => notes.get(tokenKey(token)) ?? null,
  },
  AlgorandAsset: {
    __resolveReference: (asset) => asset,
    review: ({ assetId }) => reviews.get(String(assetId))?.review ?? 'UNKNOWN',
    riskNote: ({ assetId }) => reviews.get(String(assetId))?.riskNote ?? null,
    supplyLabel: ({ total, decimals }) => supplyLabel(total, decimals),
  },
};

const digest = (text) => createHash('sha256').update(text).digest();

async function onlyRouters({ req }) {
  const secret = process.env.OWNERS_SECRET;
  const given = req.headers['router-authorization'] ?? '';
  if (secret && !timingSafeEqual(digest(given), digest(secret))) {
    throw new GraphQLError('Only a router that knows the shared secret is answered.', {
      extensions: { code: 'UNAUTHORIZED', http: { status: 401 } },
    });
  }
  return {};
}

const server = new ApolloServer({
  schema: buildSubgraphSchema({ typeDefs: parse(here('schema.graphql')), resolvers }),
  plugins: [ApolloServerPluginInlineTraceDisabled()],
});
const { url } = await startStandaloneServer(server, {
  context: onlyRouters,
  listen: { port: Number(process.env.PORT ?? 4001), host: process.env.HOST ?? '127.0.0.1' },
});
console.log(`The owners subgraph listens on ${url}`);
