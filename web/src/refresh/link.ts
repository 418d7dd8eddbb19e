import { ApolloLink } from "@apollo/client";
import { tap } from "rxjs";

import { isPassing, problems } from "../errors";
import { maxAge, type Schedule } from "./schedule";

// The state of the sources has no age.
const DATED = new Set(["Overview", "Allocation", "WalletPositions", "WalletHoldings"]);

type Part = { isStale?: boolean; asOf?: string } | null | undefined;

/** The moments of what is past its time in an answer, in the shape of this page's queries. */
function staleMoments(data: unknown): number[] {
  const { wallet, wallets } = (data ?? {}) as { wallet?: unknown; wallets?: unknown[] | null };
  return [wallet, ...(wallets ?? [])].flatMap((each) =>
    Object.values((each ?? {}) as Record<string, Part>).flatMap((part) =>
      part?.isStale ? [Date.parse(part.asOf ?? "")] : [],
    ),
  );
}

function skewOf(headers: Headers | undefined): number | null {
  const date = Date.parse(headers?.get("date") ?? "");
  return Number.isNaN(date) ? null : date - Date.now();
}

/** Tells the schedule of every answer, and of answers that did not come. */
export function noting(schedule: Schedule): ApolloLink {
  return new ApolloLink((operation, forward) => {
    const name = operation.operationName ?? "";
    const isDated = DATED.has(name);
    const question = `${name} ${JSON.stringify(operation.variables)}`;
    return forward(operation).pipe(
      tap({
        next: (result) => {
          if (!isDated) return;
          const { headers } = (operation.getContext().response ?? {}) as Partial<Response>;
          const codes = (result.errors ?? []).map(({ extensions }) => String(extensions?.code));
          const hasFailed = codes.some((code) => isPassing({ code, text: "", path: [] }));
          const moments = staleMoments(result.data);
          schedule.note({
            question,
            freshFor: maxAge(headers?.get("cache-control") ?? null),
            isOld: hasFailed || moments.length > 0,
            asOf: hasFailed || moments.length === 0 ? null : Math.min(...moments),
            skew: skewOf(headers),
          });
        },
        error: (error) => {
          if (!isDated || !problems(error).some(isPassing)) return;
          schedule.note({ question, freshFor: null, isOld: true, asOf: null, skew: null });
        },
      }),
    );
  });
}
