import { ApolloLink } from "@apollo/client";
import { type DocumentNode, visit } from "graphql";
import { tap } from "rxjs";

import { isPassing, problems } from "../errors";
import { maxAge, type Schedule } from "./schedule";

const dated = new WeakMap<DocumentNode, boolean>();

/** Whether an operation asks for the age of anything. */
function isDatedBy(document: DocumentNode): boolean {
  let found = dated.get(document);
  if (found === undefined) {
    found = false;
    visit(document, {
      Field({ name }) {
        if (name.value === "isStale") found = true;
      },
    });
    dated.set(document, found);
  }
  return found;
}

/** The moments of all that is past its time in an answer, wherever in it. */
export function staleMoments(data: unknown): number[] {
  if (Array.isArray(data)) return data.flatMap(staleMoments);
  if (typeof data !== "object" || data === null) return [];
  const { isStale, asOf, ...parts } = data as { isStale?: boolean; asOf?: string };
  const inside = Object.values(parts).flatMap(staleMoments);
  return isStale ? [Date.parse(asOf ?? ""), ...inside] : inside;
}

function skewOf(headers: Headers | undefined): number | null {
  const date = Date.parse(headers?.get("date") ?? "");
  return Number.isNaN(date) ? null : date - Date.now();
}

/** Tells the schedule of every answer, and of answers that did not come. */
export function noting(schedule: Schedule): ApolloLink {
  return new ApolloLink((operation, forward) => {
    const name = operation.operationName ?? "";
    const isDated = isDatedBy(operation.query);
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
