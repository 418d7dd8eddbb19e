"""`Bisection`: finds out which item of a call that was refused as a whole is to blame."""

import asyncio
from collections import Counter
from collections.abc import Hashable

from upstreams.errors import UpstreamContract, UpstreamError, UpstreamRejected
from upstreams.source.fair_queue import Batch, PendingItem, RefusedCall

# Of a call refused as a whole so many parts are asked before all of it counts as refused.
_MOST_REFUSALS = 5
# How long an item that spoilt a call is asked apart, and a kind of call that was refused in all its
# parts is not taken apart again.
_SECONDS = 60.0
_MOST = 1_000


class Bisection:
    """What spoilt calls lately: items of a group, or all calls of one."""

    def __init__(self) -> None:
        self._until: dict[Hashable, float] = {}

    def has(self, group: Hashable, item: Hashable) -> bool:
        """Whether an item is to be asked apart."""
        return self._is_suspect((group, item))

    def parts(self, batch: Batch, error: UpstreamError) -> list[list[PendingItem]]:
        """The halves of a call to ask for again, none where what is wrong with it is beyond doubt.

        Its `origin` then says whether all that came of the same call is given up.
        """
        if not isinstance(error, UpstreamRejected | UpstreamContract):
            return []
        items, group = list(batch.items.values()), batch.request.group
        if batch.refused is None:
            if len(items) < 2 or self._is_suspect(group):
                return []
            batch.refused = RefusedCall()
        refused = batch.refused
        refused.refusals += 1
        if len(items) < 2:
            for pending in items:
                self._note((group, pending.item))
            return []
        if refused.refusals >= _MOST_REFUSALS and not refused.has_answers:
            self._note(group)
            refused.is_given_up = True
            return []
        return _halves(items)

    def clear(self, batch: Batch) -> None:
        """A call was answered."""
        if batch.refused is not None:
            batch.refused.has_answers = True
        self._until.pop(batch.request.group, None)

    def _note(self, what: Hashable) -> None:
        if len(self._until) >= _MOST:
            del self._until[next(iter(self._until))]
        self._until[what] = asyncio.get_running_loop().time() + _SECONDS

    def _is_suspect(self, what: Hashable) -> bool:
        until = self._until.get(what) if self._until else None
        return until is not None and asyncio.get_running_loop().time() < until


def _halves(items: list[PendingItem]) -> list[list[PendingItem]]:
    """Two parts of a call: the client who has most of it and the others, if there is such a one.

    So his trouble is soonest his alone.
    """
    first, *others = Counter(pending.client for pending in items).most_common(2)
    if others and first[1] > others[0][1]:
        name = first[0]
        his = [pending for pending in items if pending.client == name]
        return [his, [pending for pending in items if pending.client != name]]
    middle = (len(items) + 1) // 2
    return [items[:middle], items[middle:]]
