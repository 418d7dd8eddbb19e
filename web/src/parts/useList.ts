/** One wallet's list: its rows so far, the pages that follow, and its refresh. */
import { useCallback, useRef } from "react";

import { useRefreshed } from "../refresh/useRefresh";
import { usePages } from "./usePages";

// One request of the graph gives no more.
const MOST_ROWS = 1000;

interface List {
  edges: readonly unknown[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

/** A list as the cache has it, which may lack any part. */
interface Loaded {
  edges?: readonly unknown[];
  pageInfo?: { hasNextPage?: boolean; endCursor?: string | null };
}

interface Wanted {
  list: List | null | undefined;
  /** The same at this very moment, be it shown yet or not. */
  current: () => Loaded | null | undefined;
  isLoading: boolean;
  pageSize: number;
  /** Asks for rows; without data from a failed request the cache keeps what it has. */
  fetch: (variables: { first: number; after: string | null }) => Promise<unknown>;
}

export function useList({ list, current, isLoading, pageSize, fetch }: Wanted) {
  const inTurn = useTurns();
  const hasMore = list?.pageInfo.hasNextPage ?? false;
  const pages = usePages({
    loaded: list?.edges.length ?? 0,
    hasMore: hasMore && !isLoading,
    endCursor: list?.pageInfo.endCursor ?? null,
    fetchPage: () =>
      inTurn(async () => {
        const { hasNextPage = false, endCursor: after = null } = current()?.pageInfo ?? {};
        if (hasNextPage && after !== null) await fetch({ first: pageSize, after });
      }),
  });
  // All rows that are shown, so that the list does not shrink under its reader.
  useRefreshed(() =>
    inTurn(() => {
      const rows = Math.max(current()?.edges?.length ?? 0, pageSize);
      return fetch({ first: Math.min(rows, MOST_ROWS), after: null });
    }),
  );
  return { pages, hasMore };
}

/** Runs tasks one after the other: a page and a refresh at once would be of two different lists. */
function useTurns() {
  const last = useRef<Promise<unknown>>(Promise.resolve());
  return useCallback((task: () => Promise<unknown>): Promise<unknown> => {
    const turn = last.current.then(task);
    last.current = turn.catch(() => {});
    return turn;
  }, []);
}
