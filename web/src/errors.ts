/** What went wrong, in words for a wallet's owner. */
import { CombinedGraphQLErrors } from "@apollo/client";

export interface Problem {
  code: string;
  text: string;
  path: readonly (string | number)[];
}

const WORDS: Record<string, string> = {
  BAD_ADDRESS: "This is not an address.",
  UPSTREAM_TIMEOUT: "The source took too long to answer.",
  UPSTREAM_RATE_LIMITED: "The source is asked too often. Try again in a moment.",
  UPSTREAM_UNAVAILABLE: "The source does not answer right now.",
  UPSTREAM_UNAUTHORIZED: "The source refused our key.",
  UPSTREAM_REJECTED: "The source refused the question.",
  UPSTREAM_CONTRACT: "The source answered in a way we cannot read.",
  OPERATION_TOO_COSTLY: "That is too much to ask at once. Show fewer wallets.",
  INTERNAL: "Something went wrong on our side.",
  UNREACHABLE: "The server could not be reached.",
};

function words(code: string): string {
  return WORDS[code] ?? "This could not be read.";
}

/** Every problem of an answer; one without a code where there was no answer at all. */
export function problems(error: unknown): Problem[] {
  if (!error) return [];
  if (!CombinedGraphQLErrors.is(error)) {
    return [{ code: "UNREACHABLE", text: words("UNREACHABLE"), path: [] }];
  }
  return error.errors.map(({ extensions, path }) => {
    const code = typeof extensions?.code === "string" ? extensions.code : "INTERNAL";
    return { code, text: words(code), path: path ?? [] };
  });
}

/** Those of the problems that lie at or below a path. */
export function at(all: readonly Problem[], ...path: (string | number)[]): Problem[] {
  return all.filter((problem) => path.every((part, index) => problem.path[index] === part));
}
