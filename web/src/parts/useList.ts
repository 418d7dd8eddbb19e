/** One wallet's list: its rows so far, the pages that follow, and its refresh. */
import { useRefreshed } from "../refresh/useRefresh";
import { usePages } from "./usePages";

// One request of the graph gives no more.
const MOST_ROWS = 1000;

interface List {
  edges: readonly unknown[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

interface Wanted {
  list: List | null | undefined;
  isLoading: boolean;
  pageSize: number;
  /** Asks for rows; without data from a failed request the cache keeps what it has. */
  fetch: (variables: { first: number; after: string | null }) => Promise<unknown>;
}

export function useList({ list, isLoading, pageSize, fetch }: Wanted) {
  const loaded = list?.edges.length ?? 0;
  const hasMore = list?.pageInfo.hasNextPage ?? false;
  const pages = usePages({
    loaded,
    hasMore: hasMore && !isLoading,
    endCursor: list?.pageInfo.endCursor ?? null,
    fetchPage: (after) => fetch({ first: pageSize, after }),
  });
  // All rows that are shown, so that the list does not shrink under its reader.
  useRefreshed(() =>
    fetch({ first: Math.min(Math.max(loaded, pageSize), MOST_ROWS), after: null }),
  );
  return { pages, hasMore };
}
