/** The pages of a list, fetched one after the other as the end of what is shown comes into view. */
import { useCallback, useEffect, useRef, useState } from "react";

import { problems, type Problem } from "../errors";

interface Pages {
  /** Rows loaded so far. */
  loaded: number;
  hasMore: boolean;
  endCursor: string | null;
  fetchPage: () => Promise<unknown>;
}

// A filter can empty page after page, and each is a call to the source.
const MOST_EMPTY = 3;

export function usePages({ loaded, hasMore, endCursor, fetchPage }: Pages) {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Problem[]>([]);
  const end = useRef<HTMLDivElement>(null);
  const empty = useRef({ loaded, pages: 0 });

  const more = useCallback(async () => {
    if (endCursor === null) return;
    setBusy(true);
    setFailure([]);
    try {
      await fetchPage();
    } catch (error) {
      setFailure(problems(error));
    } finally {
      setBusy(false);
    }
  }, [endCursor, fetchPage]);

  useEffect(() => {
    const run = empty.current;
    empty.current = { loaded, pages: run.loaded === loaded ? run.pages + 1 : 0 };
  }, [loaded, endCursor]);

  const mayFollow = hasMore && !isBusy && failure.length === 0;
  useEffect(() => {
    if (!mayFollow || end.current === null) return;
    // A new observer reports at once, so a page too short to fill the view is followed by the next.
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting && empty.current.pages < MOST_EMPTY) void more();
      },
      { rootMargin: "400px" },
    );
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [mayFollow, more]);

  return { end, isBusy, failure, more: () => void more() };
}
