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

/** The gaps of several lists together. */
export function together(lists: readonly Props["list"][]): Props["list"] {
  return {
    unpricedCount: lists.reduce((count, list) => count + list.unpricedCount, 0),
    unreadableCount: lists.reduce((count, list) => count + list.unreadableCount, 0),
    isComplete: lists.every((list) => list.isComplete),
  };
}
