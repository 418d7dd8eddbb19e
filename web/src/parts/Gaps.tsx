import { Badge } from "./Badge";

interface Props {
  list: { unpricedCount: number; unreadableCount: number; isComplete: boolean };
}

/** Why a total is not the whole of what is there: nothing where it is. */
export function Gaps({ list: { unpricedCount, unreadableCount, isComplete } }: Props) {
  if (isComplete) return null;
  return (
    <>
      {unpricedCount > 0 && (
        <Badge tone="warn" title="They count as $0 in the total.">
          not complete: {unpricedCount} without a price
        </Badge>
      )}
      {unreadableCount > 0 && (
        <Badge tone="warn" title="The provider sent rows that cannot be read, or that are not of this wallet.">
          not complete: {unreadableCount} unreadable
        </Badge>
      )}
      {unpricedCount === 0 && unreadableCount === 0 && <Badge tone="warn">not complete</Badge>}
    </>
  );
}

/** The gaps of several lists together, and of what is known of all of them as one. */
export function together(
  lists: readonly Props["list"][],
  whole: { unpricedCount: number | null } | null,
): Props["list"] {
  const unpricedCount =
    whole?.unpricedCount ?? lists.reduce((count, list) => count + list.unpricedCount, 0);
  const unreadableCount = lists.reduce((count, list) => count + list.unreadableCount, 0);
  // What else is missing of the whole is told part by part.
  const isComplete = whole
    ? unpricedCount === 0 && unreadableCount === 0
    : lists.every((list) => list.isComplete);
  return { unpricedCount, unreadableCount, isComplete };
}
