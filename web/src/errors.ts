/** What went wrong, in words for a wallet's owner. */
import { CombinedGraphQLErrors, ServerError } from "@apollo/client";

import { tamed } from "./parts/Untrusted";

export interface Problem {
  code: string;
  text: string;
  path: readonly (string | number)[];
}

const WORDS: Record<string, string> = {
  UPSTREAM_TIMEOUT: "The data provider took too long to respond.",
  UPSTREAM_RATE_LIMITED: "The data provider is limiting our requests. Try again in a moment.",
  UPSTREAM_UNAVAILABLE: "The data provider is not responding right now.",
  UPSTREAM_UNAUTHORIZED: "The data provider did not accept this server’s API key.",
  UPSTREAM_REJECTED: "The data provider rejected the request.",
  UPSTREAM_CONTRACT: "The data provider sent an answer that could not be understood.",
  OPERATION_TOO_COSTLY: "That is too much to load at once. Show fewer wallets.",
  ANSWER_TOO_LARGE: "That is too much to load at once. Show fewer wallets.",
  DEADLINE_EXCEEDED: "The server took too long to respond.",
  OVERLOADED: "The server is busy. Try again in a moment.",
  INTERNAL: "Something went wrong on our side.",
  UNREACHABLE: "The server could not be reached.",
};
// These are about what was typed, and only the graph knows what is wrong with it.
const EXPLAINED = new Set(["BAD_ADDRESS", "BAD_ARGUMENT", "BAD_USER_INPUT"]);
const MOST_TEXT = 300;

function words(code: string, message: string): string {
  if (EXPLAINED.has(code) && message) return tamed(message, MOST_TEXT);
  return WORDS[code] ?? "This could not be loaded.";
}

/** Every problem of an answer; one without a path where there was no answer at all. */
export function problems(error: unknown): Problem[] {
  if (!error) return [];
  if (!CombinedGraphQLErrors.is(error)) {
    const code = ServerError.is(error) && error.statusCode === 503 ? "OVERLOADED" : "UNREACHABLE";
    return [{ code, text: words(code, ""), path: [] }];
  }
  return error.errors.map(({ message, extensions, path }) => {
    const code = typeof extensions?.code === "string" ? extensions.code : "INTERNAL";
    return { code, text: words(code, message), path: path ?? [] };
  });
}

const PASSING = new Set(["INTERNAL", "UNREACHABLE", "OVERLOADED", "DEADLINE_EXCEEDED"]);

/** Whether asking again later may help. */
export function isPassing({ code }: Problem): boolean {
  return PASSING.has(code) || code.startsWith("UPSTREAM_");
}

/** What to do about a text that the graph does not take for an address. */
export function addressAdvice(address: string): string {
  if (/^[^\s:]+\.[a-z]{2,}$/i.test(address)) {
    return "Names are not looked up here: add the address that the name points to.";
  }
  return "Compare it with where you copied it from, then remove it and add it again.";
}

/** Those of the problems that lie at or below a path. */
export function at(all: readonly Problem[], ...path: (string | number)[]): Problem[] {
  return all.filter((problem) => path.every((part, index) => problem.path[index] === part));
}
