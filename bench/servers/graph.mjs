// The same graph in JavaScript: schema, loaders and resolvers, shared by the Yoga servers.
//
// Numbers are read by JSON.parse, as doubles: digits beyond the 17th are lost, which the bench's
// figures avoid. Addresses stay in the case the upstream sends. `makeSchema` gives two: one prints
// numbers as strings and ids as Walletgraph does; one is as a team would write it that need not
// match anybody's answers, with numbers as they are and the shortest ids.
import { buildSubgraphSchema } from '@apollo/subgraph';
import DataLoader from 'dataloader';
import { GraphQLScalarType, parse } from 'graphql';
import { Pool } from 'undici';

const cacheSeconds = Number(process.env.CACHE_SECONDS ?? 0);
const pool = new Pool(process.env.UPSTREAM_URL, { connections: 20 });
const held = new Map();

const typeDefs = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  scalar BigInt
  scalar Decimal
  scalar DateTime
  enum Ecosystem { EVM ALGORAND }
  enum PositionSide { ASSET DEBT }
  enum PositionStatus { OPEN CLOSED UNKNOWN }
  type Query {
    wallet(address: String!): Wallet
    wallets(addresses: [String!]!): [Wallet]!
  }
  type Wallet @key(fields: "address") {
    id: ID!
    address: String!
    ecosystem: Ecosystem!
    positions(first: Int = 50): PositionConnection
    algorandAssets(first: Int = 50): AlgorandHoldingConnection
  }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type PositionConnection {
    edges: [PositionEdge!]!
    pageInfo: PageInfo!
    totalCount: Int!
    totalValueUsd: Decimal!
  }
  type PositionEdge { cursor: String! node: Position! }
  type Position {
    id: ID!
    index: String
    chainId: Int
    contractAddress: String
    tokenId: BigInt
    blockNumberCreated: BigInt
    blockNumber: BigInt
    timestamp: DateTime
    contractName: String
    contractSymbol: String
    side: PositionSide
    status: PositionStatus
    locked: Boolean
    valueUsd: Decimal
    protocol: Protocol
    underlyingTokens: [TokenBalance!]
    rewardTokens: [TokenBalance!]
  }
  type Protocol { type: String! handlerId: String! group: ProtocolGroup! subGroup: ProtocolSubGroup }
  type ProtocolGroup { id: String! name: String! iconUrl: String }
  type ProtocolSubGroup { id: String! name: String }
  type TokenBalance { amount: Decimal! token: Token! priceUsd: Decimal valueUsd: Decimal }
  type Token {
    id: ID!
    chainId: Int!
    address: String!
    decimals: Int
    symbol: String
    name: String
  }
  type AlgorandHoldingConnection {
    edges: [AlgorandHoldingEdge!]!
    pageInfo: PageInfo!
    round: BigInt!
  }
  type AlgorandHoldingEdge { cursor: String! node: AlgorandHolding! }
  type AlgorandHolding {
    id: ID!
    amount: BigInt!
    displayAmount: Decimal
    isFrozen: Boolean!
    asset: AlgorandAsset
  }
  type AlgorandAsset {
    id: ID!
    assetId: BigInt!
    name: String
    unitName: String
    url: String
    decimals: Int
    total: BigInt
    creator: String
    isNft: Boolean
  }
`);

const opaque = (text) => Buffer.from(text).toString('base64url');

async function get(path) {
  const { statusCode, body } = await pool.request({ path, method: 'GET' });
  if (statusCode !== 200) {
    await body.dump();
    throw new Error(`the upstream answered ${statusCode}`);
  }
  return body.json();
}

function remembered(key) {
  const found = held.get(key);
  return found !== undefined && found.until > Date.now() ? found.value : undefined;
}

function remember(key, value) {
  if (cacheSeconds > 0) held.set(key, { value, until: Date.now() + cacheSeconds * 1000 });
  return value;
}

const byIdentity = (a, b) =>
  a.chain_id - b.chain_id || (a.index < b.index ? -1 : Number(a.index > b.index));

async function loadSnapshots(addresses) {
  const found = new Map();
  const missing = [];
  for (const address of addresses) {
    const kept = remembered(address);
    if (kept === undefined) {
      missing.push(address);
      found.set(address, []);
    } else {
      found.set(address, kept);
    }
  }
  if (missing.length > 0) {
    const query = missing.map((address) => `addresses=${address}`).join('&');
    const bodies = await Promise.all(
      ['tokens', 'protocols'].map((part) => get(`/portfolio/portfolio/v5.0/${part}/snapshot?${query}`)),
    );
    for (const row of bodies.flat()) {
      row.value = row.asset_sign < 0 ? -Math.abs(row.value_usd) : Math.abs(row.value_usd);
      found.get(row.address).push(row);
    }
    for (const address of missing) {
      const rows = found.get(address);
      rows.sort((a, b) => b.value - a.value || byIdentity(a, b));
      remember(address, rows);
    }
  }
  return addresses.map((address) => found.get(address));
}

async function loadAssets(account, first) {
  const key = `${account}:${first}`;
  return (
    remembered(key) ?? remember(key, await get(`/v2/accounts/${account}/assets?limit=${first}`))
  );
}

function scaled(units, decimals) {
  if (decimals === 0) return String(units);
  const digits = String(units).padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

const text = (name) => new GraphQLScalarType({ name, serialize: String });
const plain = (name) => new GraphQLScalarType({ name, serialize: Number });

const resolversOf = ({ isShort }) => ({
  BigInt: text('BigInt'),
  Decimal: isShort ? plain('Decimal') : text('Decimal'),
  DateTime: new GraphQLScalarType({
    name: 'DateTime',
    serialize: (seconds) => new Date(seconds * 1000).toISOString(),
  }),
  Query: {
    wallet: (_, { address }) => ({ address }),
    wallets: (_, { addresses }) => addresses.map((address) => ({ address })),
  },
  Wallet: {
    __resolveReference: ({ address }) => ({ address }),
    id: ({ address }) => (isShort ? address : opaque(`Wallet:${address}`)),
    ecosystem: ({ address }) => (address.startsWith('0x') ? 'EVM' : 'ALGORAND'),
    positions: async ({ address }, { first }, { snapshots }) => {
      const rows = await snapshots.load(address);
      const nodes = rows.slice(0, first);
      const edges = nodes.map((node, place) => ({
        cursor: isShort ? String(place) : opaque(`${address}:${node.index}`),
        node,
      }));
      return {
        edges,
        pageInfo: { hasNextPage: rows.length > first, endCursor: edges.at(-1)?.cursor },
        totalCount: rows.length,
        totalValueUsd: rows.reduce((sum, row) => sum + row.value, 0),
      };
    },
    algorandAssets: async ({ address }, { first }) => {
      const page = await loadAssets(address, first);
      const rows = page['asset-holdings'];
      const edges = rows.map((row) => ({
        cursor: isShort
          ? String(row['asset-holding']['asset-id'])
          : opaque(`${address}:${row['asset-holding']['asset-id']}`),
        node: { account: address, held: row['asset-holding'], params: row['asset-params'] },
      }));
      return {
        edges,
        pageInfo: {
          hasNextPage: page['next-token'] !== undefined,
          endCursor: edges.at(-1)?.cursor,
        },
        round: page.round,
      };
    },
  },
  Position: {
    id: (row) =>
      isShort
        ? `${row.chain_id}-${row.index}`
        : opaque(`Position:${row.address}:${row.chain_id}:${row.index}:${row.asset_sign}:0:`),
    chainId: (row) => row.chain_id,
    contractAddress: (row) => row.contract_address,
    tokenId: (row) => row.token_id,
    blockNumberCreated: (row) => row.block_number_created,
    blockNumber: (row) => row.block_number,
    contractName: (row) => row.contract_name,
    contractSymbol: (row) => row.contract_symbol,
    side: (row) => (row.asset_sign < 0 ? 'DEBT' : 'ASSET'),
    status: (row) => (row.status === 1 ? 'OPEN' : row.status === 0 ? 'CLOSED' : 'UNKNOWN'),
    valueUsd: (row) => row.value,
    protocol: (row) => row,
    underlyingTokens: (row) => row.underlying_tokens,
    rewardTokens: (row) => row.reward_tokens,
  },
  Protocol: {
    type: (row) => row.protocol_type,
    handlerId: (row) => row.protocol_handler_id,
    group: (row) => row,
    subGroup: (row) => (row.protocol_sub_group_id === null ? null : row),
  },
  ProtocolGroup: {
    id: (row) => row.protocol_group_id,
    name: (row) => row.protocol_group_name,
    iconUrl: (row) => row.protocol_group_icon,
  },
  ProtocolSubGroup: {
    id: (row) => row.protocol_sub_group_id,
    name: (row) => row.protocol_sub_group_name,
  },
  TokenBalance: {
    priceUsd: (row) => row.price_usd,
    valueUsd: (row) => (row.price_usd === null ? null : row.amount * row.price_usd),
    token: (row) => row,
  },
  Token: {
    id: (row) =>
      isShort ? `${row.chain}-${row.address}` : opaque(`Token:${row.chain}:${row.address}`),
    chainId: (row) => row.chain,
  },
  AlgorandHolding: {
    id: (row) =>
      isShort
        ? `${row.account}-${row.held['asset-id']}`
        : opaque(`AlgorandHolding:${row.account}:${row.held['asset-id']}`),
    amount: (row) => row.held.amount,
    displayAmount: (row) => scaled(row.held.amount, row.params.decimals),
    isFrozen: (row) => row.held['is-frozen'],
    asset: (row) => row,
  },
  AlgorandAsset: {
    id: (row) =>
      isShort ? row.held['asset-id'] : opaque(`AlgorandAsset:${row.held['asset-id']}`),
    assetId: (row) => row.held['asset-id'],
    name: (row) => row.params.name,
    unitName: (row) => row.params['unit-name'],
    url: (row) => row.params.url,
    decimals: (row) => row.params.decimals,
    total: (row) => row.params.total,
    creator: (row) => row.params.creator,
    isNft: (row) => row.params.total === 1 && row.params.decimals === 0,
  },
});

export const makeSchema = (options = { isShort: false }) =>
  buildSubgraphSchema({ typeDefs, resolvers: resolversOf(options) });

// Loaders of its own for each request.
export const context = () => ({
  snapshots: new DataLoader(loadSnapshots, { maxBatchSize: 50 }),
});
