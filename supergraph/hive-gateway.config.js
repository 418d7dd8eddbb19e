// Hive Gateway in front of Walletgraph and the owners subgraph:
//   npx hive-gateway supergraph supergraph.graphql --config-path hive-gateway.config.js
// Its planner is the one in JavaScript. The one in Rust (--hive-router-runtime) joins more fetches
// into one, but plans no query whose `@requires` in a further subgraph needs a key that Walletgraph
// must be asked for first: such a query fails as a whole. See README.md.
//
// Settings, all of them optional:
//   ROUTER_SECRET      what Walletgraph's ROUTER_SECRET holds
//   OWNERS_SECRET      what the owners subgraph's OWNERS_SECRET holds
//   ROUTER_HMAC_SECRET what Walletgraph's ROUTER_HMAC_SECRET holds, to sign instead of, or beside
//   ALLOWED_ORIGINS    origins of front ends, with commas between (http://localhost:3000)
import { defineConfig } from '@graphql-hive/gateway';
import { strictest } from './cache-control.js';
import { nullForWhatFailed, onlyServedOperations, onlyTheCode } from './errors.js';
import { exactPaths } from './exact-paths.js';

const { ROUTER_SECRET, OWNERS_SECRET, ROUTER_HMAC_SECRET } = process.env;
const SECRETS = { walletgraph: ROUTER_SECRET, owners: OWNERS_SECRET };
const ORIGINS = (process.env.ALLOWED_ORIGINS ?? 'http://localhost:3000').split(',');

// An operation has 10 seconds in Walletgraph. A subgraph gets no longer than that, and the request
// a little more, so that what Walletgraph has by then still arrives.
const SUBGRAPH_MS = 10_000;
const REQUEST_MS = 12_000;

export const gatewayConfig = defineConfig({
  propagateHeaders: {
    // A secret of its own for each subgraph, never one that a client sent. Of the client's headers
    // the trace goes through: Walletgraph's answers are the same for whoever asks.
    fromClientToSubgraphs: ({ request, subgraphName }) => ({
      'router-authorization': SECRETS[subgraphName] || undefined,
      traceparent: request.headers.get('traceparent') ?? undefined,
      'x-request-id': request.headers.get('x-request-id') ?? undefined,
    }),
  },

  // Signs {query, variables} in `extensions`, which then only Walletgraph gets to see.
  hmacSignature: ROUTER_HMAC_SECRET
    ? {
        secret: ROUTER_HMAC_SECRET,
        shouldSign: ({ subgraphName }) => subgraphName === 'walletgraph',
      }
    : undefined,

  // No `upstreamRetry`. Walletgraph has retried what is worth it, within the budget of calls that
  // its sources allow. Hive's rule repeats a request on 429 and whenever Retry-After is sent, which
  // would spend that budget several times over. Partial failures arrive as 200, with data.
  upstreamTimeout: SUBGRAPH_MS,
  requestDeadline: REQUEST_MS,

  maskedErrors: { maskError: onlyTheCode },
  plugins: () => [onlyServedOperations(), nullForWhatFailed(), exactPaths(), strictest()],

  // No cookies, no credentials. Other origins get no header at all: a list would answer them with
  // the origin `null`, which is that of sandboxed frames.
  cors: (request) => {
    const origin = request.headers.get('origin');
    return ORIGINS.includes(origin)
      ? { origin, credentials: false, methods: ['GET', 'POST'], maxAge: 86_400 }
      : false;
  },

  // The schema is no secret of Walletgraph's, but may be one of another subgraph's.
  disableIntrospection: {},
  blockFieldSuggestions: true,

  // What Walletgraph allows by itself (MAX_COST, MAX_DEPTH, MAX_TOKENS), for all subgraphs.
  demandControl: { maxCost: 150_000, listSize: 10 },
  maxDepth: 15,
  maxTokens: 3_000,

  landingPage: false,
  graphiql: false,
});
