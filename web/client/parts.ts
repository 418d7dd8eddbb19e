/**
 * The types that are no `Node`: each is a part of the object it came with and has no key of its own,
 * even where it has an `id`. The source's ids of protocols and their products are no global ids.
 */
export const parts = [
  "AlgoAmount",
  "AlgoBalance",
  "CategoryValue",
  "Chain",
  "ChainValue",
  "Compliance",
  "HistoryIssue",
  "PortfolioMetrics",
  "PortfolioPart",
  "PortfolioStatus",
  "PortfolioTimings",
  "PositionMetrics",
  "Price",
  "Protocol",
  "ProtocolGroup",
  "ProtocolSubGroup",
  "ProtocolValue",
  "Source",
  "TokenBalance",
  "TokenHolder",
  "TokenTotal",
  "ValueHistory",
  "ValuePoint",
  "WalletValue",
];

/** The same for urql's Graphcache. */
export const keys = Object.fromEntries(parts.map((name) => [name, () => null]));

/** The same for Relay's `Environment`, which else takes every `id` for a global one. */
export function getDataID(object: { readonly id?: unknown }, typename: string): unknown {
  return parts.includes(typename) ? undefined : object.id;
}
