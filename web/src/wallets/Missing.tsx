import type { Portfolio } from "../allocation/slices";
import { Badge } from "../parts/Badge";

const PARTS: Record<string, string> = {
  tokens: "what is in wallets",
  protocols: "what is in protocols",
  algorand: "Algorand",
};
const REASONS: Record<string, string> = {
  NO_PRICES: "Nobody is asked for prices of Algorand assets.",
  NO_PAST: "The source knows the present alone.",
  TOO_MANY_ASSETS: "The account holds too many assets to be added up.",
};

/** What is in no total, in words, with the reason in the tooltip. */
export function Missing({ parts }: { parts: Portfolio["parts"] }) {
  return (parts ?? [])
    .filter(({ state }) => state === "MISSING")
    .map(({ source, code, wallets }) => {
      const what = PARTS[source] ?? source;
      const whose = wallets.length === 1 ? "1 wallet" : `${wallets.length} wallets`;
      return code === "NO_PRICES" ? (
        <Badge key={source} title={REASONS[code]}>
          Algorand not included
        </Badge>
      ) : (
        <Badge key={`${source} ${code}`} tone="bad" title={REASONS[code ?? ""] ?? code ?? undefined}>
          not complete: {what} of {whose} is missing
        </Badge>
      );
    });
}
