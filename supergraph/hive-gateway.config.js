// Hive Gateway in front of Walletgraph and the owners subgraph:
//   npx hive-gateway supergraph supergraph.graphql --config-path hive-gateway.config.js
// Add --hive-router-runtime for its planner written in Rust. Settings, all of them optional:
//   ROUTER_SECRET      what Walletgraph's ROUTER_SECRET holds
//   OWNERS_SECRET      what the owners subgraph's OWNERS_SECRET holds
//   ROUTER_HMAC_SECRET what Walletgraph's ROUTER_HMAC_SECRET holds, to sign instead of, or beside
import { defineConfig } from '@graphql-hive/gateway';
import { GraphQLError } from 'graphql';
import { strictest } from './cache-control.js';
import { exactPaths } from './exact-paths.js';

const { ROUTER_SECRET, OWNERS_SECRET, ROUTER_HMAC_SECRET } = process.env;
const SECRETS = { walletgraph: ROUTER_SECRET, owners: OWNERS_SECRET };

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
  plugins: () => [exactPaths(), strictest()],

  landingPage: false,
  graphiql: false,
});

/** Of an error clients get the code and the path. Return `error.message` to pass sentences, too. */
function onlyTheCode(error) {
  const { code } = error.extensions ?? {};
  return new GraphQLError('Unexpected error.', {
    nodes: error.nodes,
    path: error.path,
    extensions: { code: code ?? 'INTERNAL' },
  });
}
