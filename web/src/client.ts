import { ApolloClient, HttpLink } from "@apollo/client";

import { createCache } from "../client/cache";

declare module "@apollo/client" {
  namespace ApolloClient {
    namespace DeclareDefaultOptions {
      interface WatchQuery {
        errorPolicy: "all";
      }
    }
  }
}

/** The client of this page: errors come beside whatever data there is. */
export function createClient(): ApolloClient {
  return new ApolloClient({
    cache: createCache(),
    link: new HttpLink({ uri: "/graphql" }),
    clientAwareness: { name: "walletgraph-dashboard" },
    defaultOptions: { watchQuery: { errorPolicy: "all" } },
  });
}
