import { ApolloClient, ApolloLink, HttpLink } from "@apollo/client";

import { createCache } from "../client/cache";
import { noting } from "./refresh/link";
import type { Schedule } from "./refresh/schedule";

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
export function createClient(schedule: Schedule): ApolloClient {
  const http = new HttpLink({ uri: "/graphql", fetchOptions: { cache: "no-store" } });
  return new ApolloClient({
    cache: createCache(),
    link: ApolloLink.from([noting(schedule), http]),
    clientAwareness: { name: "walletgraph-dashboard" },
    // By default a refetch throws away what other queries know of the same objects: they ask anew.
    defaultOptions: { watchQuery: { errorPolicy: "all", refetchWritePolicy: "merge" } },
  });
}
