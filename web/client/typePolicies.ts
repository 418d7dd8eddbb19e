/**
 * How Apollo Client's cache treats this graph. Objects are kept by their `id`, which is global, so
 * none needs `keyFields`; policies are for the parts that have no id of their own.
 */
import type {
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

type Balance = StoreObject | Reference;

/**
 * Two queries that select different fields of the same balances must not throw each other's away:
 * each would find its own missing and ask again, for ever.
 */
const balances: FieldPolicy<readonly Balance[] | null> = {
  merge(existing, incoming, { mergeObjects, readField }) {
    const token = (balance: Balance | undefined) =>
      balance && readField<Reference>("token", balance)?.__ref;
    return (
      incoming?.map((balance, index) => {
        const before = existing?.[index];
        const isSame = before !== undefined && token(before) === token(balance);
        return isSame ? mergeObjects(before, balance) : balance;
      }) ?? null
    );
  },
};

export const typePolicies: TypePolicies = {
  Wallet: {
    fields: {
      positions: connection(["chainId", "at", "filter", "orderBy"]),
      algorandAssets: connection(["filter"]),
    },
  },
  Position: { fields: { underlyingTokens: balances, rewardTokens: balances } },
  AlgoAmount: { merge: true },
  AlgoBalance: { merge: true },
  PortfolioStatus: { merge: true },
  PortfolioTimings: { merge: true },
  Protocol: { merge: true },
};
