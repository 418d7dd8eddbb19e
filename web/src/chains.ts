/** What EVM chains are called; any other is shown by its number. */
const NAMES: Record<number, string> = {
  1: "Ethereum",
  10: "Optimism",
  56: "BNB Chain",
  100: "Gnosis",
  130: "Unichain",
  137: "Polygon",
  146: "Sonic",
  250: "Fantom",
  324: "zkSync Era",
  8217: "Kaia",
  8453: "Base",
  42161: "Arbitrum",
  43114: "Avalanche",
  59144: "Linea",
  1313161554: "Aurora",
};

export const KNOWN_CHAINS = Object.keys(NAMES).map(Number);

export function chainName(chainId: number | null): string {
  return chainId === null ? "Unknown chain" : (NAMES[chainId] ?? `Chain ${chainId}`);
}
