/**
 * How Apollo Client's cache treats this graph. A `Node` is kept by its `id`, which is global. All else
 * is kept inside the object that it is a part of, and these policies say when two answers about such a
 * part are about the same thing: only then do they complete each other.
 */
import type {
  FieldFunctionOptions,
  FieldMergeFunction,
  FieldPolicy,
  Reference,
  StoreObject,
  TypePolicies,
} from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";

/**
 * Pages of one list, whatever tells that list from others in `keyArgs`. Select `edges` with their
 * `cursor`, not `nodes`: only edges are joined.
 */
function connection(keyArgs: string[]): FieldPolicy {
  const pages = relayStylePagination(keyArgs);
  const join = pages.merge as FieldMergeFunction;
  return {
    ...pages,
    // A list that could not be read stays null: an empty one would say that nothing is there.
    merge(existing, incoming, options) {
      if (incoming === null) return existing ?? null;
      return join(existing ?? undefined, incoming, options);
    },
  };
}

type Part = StoreObject | Reference;
type Read = FieldFunctionOptions["readField"];

/** What a field says, comparable; undefined where it is not known. `a.b` is a field of a part. */
function said(part: Part, path: string, readField: Read): string | undefined {
  const value = path
    .split(".")
    .reduce<unknown>((found, field) => found && readField(field, found as Part), part);
  return value === undefined ? undefined : JSON.stringify(value);
}

/**
 * A part of an object. What was known of it stays, unless one of these fields, which tell one such
 * part from another, now says something else.
 */
function part(...identity: string[]): { keyFields: false; merge: FieldMergeFunction } {
  return {
    keyFields: false,
    merge(existing, incoming, { mergeObjects, readField }) {
      if (!existing || !incoming) return incoming;
      const isOther = identity.some((field) => {
        const [before, now] = [existing, incoming].map((each) => said(each, field, readField));
        return before !== undefined && now !== undefined && before !== now;
      });
      return isOther ? incoming : mergeObjects(existing, incoming);
    },
  };
}

/** The parts of a list that say what they are; of several that are called the same, each by its turn. */
function byName(parts: readonly Part[], keys: string[], readField: Read): Map<string, Part> {
  const turns = new Map<string, number>();
  const found = new Map<string, Part>();
  for (const each of parts) {
    const names = keys.map((key) => said(each, key, readField));
    if (names.includes(undefined)) continue;
    const name = names.join();
    const turn = turns.get(name) ?? 0;
    turns.set(name, turn + 1);
    found.set(`${turn} ${name}`, each);
  }
  return found;
}

/**
 * A list of parts that these fields tell apart. Two queries that select different fields of the same
 * parts must not throw each other's away: each would find its own missing and ask again, for ever.
 * Select those fields: without them nothing says which part is which, and the newer list replaces the
 * older one.
 */
function listOf(...keys: string[]): FieldPolicy<readonly Part[] | null> {
  return {
    merge(existing, incoming, { mergeObjects, readField }) {
      if (!existing || !incoming) return incoming;
      const before = byName(existing, keys, readField);
      const now = byName(incoming, keys, readField);
      const names = new Map([...now].map(([name, each]) => [each, name]));
      return incoming.map((each) => {
        const known = before.get(names.get(each) ?? "");
        return known ? mergeObjects(known, each) : each;
      });
    },
  };
}

export const typePolicies: TypePolicies = {
  Query: {
    fields: { sources: listOf("name"), chains: listOf("chainId"), protocols: connection(["filter"]) },
  },
  Wallet: {
    fields: {
      positions: connection(["chainId", "at", "filter", "orderBy"]),
      algorandAssets: connection(["filter"]),
    },
  },
  Portfolio: {
    fields: {
      parts: listOf("source", "state"),
      byChain: listOf("chainId"),
      byProtocol: listOf("protocol.id"),
      byCategory: listOf("category"),
      byWallet: listOf("wallet"),
      positions: connection(["filter", "orderBy"]),
      tokens: connection(["grouping", "includeProtocols", "filter", "orderBy"]),
    },
  },
  PositionConnection: { fields: { parts: listOf("source", "state") } },
  Position: { fields: { underlyingTokens: listOf("token"), rewardTokens: listOf("token") } },
  // The source's ids of protocols and their products are no global ids: a product's is unique within
  // its protocol alone, and either may be empty.
  Protocol: part("type", "handlerId", "group.id"),
  ProtocolGroup: part("id"),
  ProtocolSubGroup: part("id", "name"),
  TokenBalance: { keyFields: false },
  AlgoAmount: part(),
  AlgoBalance: part(),
  PortfolioStatus: part(),
  PortfolioTimings: part(),
  PortfolioPart: { keyFields: false },
  ChainValue: { keyFields: false },
  ProtocolValue: { keyFields: false },
  CategoryValue: { keyFields: false },
  WalletValue: { keyFields: false },
  ValueHistory: part("range"),
  ValuePoint: { keyFields: false },
  HistoryIssue: { keyFields: false },
  Chain: part("chainId"),
  TokenTotal: { keyFields: false },
  TokenHolder: { keyFields: false },
  PortfolioMetrics: part("range"),
  PositionMetrics: part("range"),
  Price: part("source"),
  Compliance: part("source"),
  Source: { keyFields: false },
};
