/** What a front end needs to read this graph with Apollo Client: a cache, operations and types. */
export { createCache, possibleTypes } from "./cache";
export * from "./generated";
export type { BigIntString, DateTimeString, DecimalString } from "./scalars";
export { typePolicies } from "./typePolicies";
