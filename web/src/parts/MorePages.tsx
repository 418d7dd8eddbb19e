import type { usePages } from "./usePages";
import { Notice } from "./Notice";

interface Props {
  pages: ReturnType<typeof usePages>;
  hasMore: boolean;
  what: string;
}

/** The foot of a list: what comes next, by itself, by a button, or after a failure again. */
export function MorePages({ pages, hasMore, what }: Props) {
  if (!hasMore) return null;
  return (
    <div className="more" ref={pages.end}>
      {pages.failure.length > 0 ? (
        <Notice
          title={`The next ${what} could not be loaded.`}
          problems={pages.failure}
          onRetry={pages.more}
        />
      ) : (
        <button type="button" className="button" onClick={pages.more} aria-disabled={pages.isBusy}>
          {pages.isBusy ? `Loading more ${what}…` : `Load more ${what}`}
        </button>
      )}
    </div>
  );
}
