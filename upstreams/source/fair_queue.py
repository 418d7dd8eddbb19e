"""`FairQueue`: the calls that wait for one upstream, in the order in which they will leave."""

import asyncio
from bisect import bisect_left, bisect_right, insort_right
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from upstreams.errors import UpstreamError
from upstreams.source.single_flight import Fetch

I = TypeVar("I", bound=Hashable)  # noqa: E741 - item, as R is result
R = TypeVar("R")

# How many clients with nothing in the queue are remembered before they are forgotten.
_IDLE_CLIENTS = 1_000


class BatchRequest(NamedTuple, Generic[I, R]):
    """A kind of call: items of one `group` may share a call, up to `most`, made by `send`.

    `send` gets the items and answers each of them, if need be with an error of its own. Calls of
    a lower `rank` leave first.
    """

    group: Hashable
    most: int
    send: Callable[[list[I]], Awaitable[Mapping[I, R | UpstreamError]]]
    rank: int = 0


class ItemQueue(Protocol):
    """What an item is queued in."""

    def wait_of(self, pending: "PendingItem") -> float: ...

    def leave(self, pending: "PendingItem") -> None: ...

    def hasten(self, pending: "PendingItem", client: str) -> None: ...


class PendingItem:
    """One item's place in a call, wanted by `client` till its fetch's `until`.

    `settle` gets the item's answer, or an UpstreamError, or a defect of ours. It may be called
    again, to no effect, and not at all once the item was given up.
    """

    __slots__ = ("batch", "client", "fetch", "item", "queue", "settle")

    def __init__(
        self,
        queue: ItemQueue,
        item: Hashable,
        client: str,
        fetch: Fetch[Any],
        settle: Callable[[Any], None],
    ) -> None:
        self.queue = queue
        self.item = item
        self.client = client
        self.fetch = fetch
        self.settle = settle
        self.batch: Batch

    def wait(self) -> float:
        """Seconds until its call leaves: 0 when it has."""
        return self.queue.wait_of(self)

    def stop(self) -> None:
        """Give it up."""
        self.queue.leave(self)

    def hasten(self, client: str) -> None:
        """Another client wants the item, too."""
        self.queue.hasten(self, client)


class RefusedCall:
    """What became of the parts of a call that was refused as a whole."""

    __slots__ = ("has_answers", "is_given_up", "refusals")

    def __init__(self) -> None:
        self.refusals = 0
        self.has_answers = False
        self.is_given_up = False


class Batch:
    """The items of one call to be, and whose turn it is; it leaves full or not."""

    __slots__ = (
        "client",
        "held",
        "is_apart",
        "is_waiting",
        "items",
        "number",
        "refused",
        "request",
        "task",
        "turn",
    )

    def __init__(
        self, request: BatchRequest[Any, Any], client: str, turn: int, number: int
    ) -> None:
        self.request = request
        self.client = client
        self.turn = turn
        self.number = number
        self.is_waiting = False
        # Nothing may join it: what is in it is asked by itself to find out whose trouble it is.
        self.is_apart = False
        self.refused: RefusedCall | None = None
        self.items: dict[Hashable, PendingItem] = {}
        self.held: Counter[str] = Counter()  # how many items each client has
        self.task: asyncio.Task[None] | None = None

    def put(self, pending: PendingItem) -> None:
        self.items[pending.item] = pending
        self.held[pending.client] += 1
        pending.batch = self

    def drop(self, pending: PendingItem) -> None:
        if self.items.pop(pending.item, None) is None:
            return
        self.held[pending.client] -= 1
        if not self.held[pending.client]:
            del self.held[pending.client]

    @property
    def free(self) -> int:
        """How many more items fit in."""
        return self.request.most - len(self.items)

    def room(self, client: str) -> int:
        """How many more items a client may have: the free ones, or up to his equal share."""
        free = self.request.most - len(self.items)
        if free > 0:
            return free
        has = self.held.get(client, 0)
        if has and len(self.held) == 1:
            return 0
        return max(0, self.request.most // (len(self.held) + (not has)) - has)

    def crowded_out(self) -> PendingItem:
        """The last item of the client who has most of them, rather not of whose turn it is."""
        client = max(self.held, key=lambda name: (self.held[name], name != self.client))
        return next(
            pending for pending in reversed(self.items.values()) if pending.client == client
        )


class FairQueue:
    """Clients take turns, a call each: a client's second call waits for everybody's first.

    That is so among calls of one rank, all of which leave before those of the next.

    The nth waiting call of a client belongs to the nth round from now, and within a round the
    first to come is served first. An item joins the first call of its group that has room, whoever
    opened it, unless a call of its client's own would leave sooner; and a call that leaves with
    room takes along what waits of its group. Places in a full call are shared out evenly among the
    clients in it, so that nobody who fills one up with his own keeps others from sharing it.
    """

    def __init__(self) -> None:
        self._batches: list[Batch] = []  # by rank, then turn, then number
        self._groups: dict[Hashable, list[Batch]] = {}  # the same of each group
        # The turn of each client's next call, and the last turn of which one has left, by rank.
        self._turns: dict[tuple[int, str], int] = {}
        self._rounds: Counter[int] = Counter()
        self._arrivals = 0

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[Batch]:
        return iter(self._batches)

    @property
    def first(self) -> Batch:
        return self._batches[0]

    @property
    def clients(self) -> int:
        """How many clients are remembered."""
        return len({client for _, client in self._turns})

    def ahead(self, request: BatchRequest[Any, Any], client: str, more: int = 0) -> int:
        """How many calls leave before an item, with `more` of its group coming before it."""
        turn = self._turn(request.rank, client)
        if request.most > 1:
            for batch in self._groups.get(request.group, ()):
                if batch.turn > turn:
                    break
                room = batch.room(client)
                if more < room:
                    return self.index(batch)
                more -= room
        own = more // request.most
        return bisect_right(self._batches, (request.rank, turn + own), key=_turn_of) + own

    def index(self, batch: Batch) -> int:
        """How many calls leave before a waiting one."""
        place = bisect_left(self._batches, _order(batch), key=_order)
        while self._batches[place] is not batch:
            place += 1
        return place

    def add(
        self, request: BatchRequest[Any, Any], pending: PendingItem, *, is_apart: bool = False
    ) -> None:
        """Give an item its place, in a call of its own if it is to be asked apart."""
        turn = self._turn(request.rank, pending.client)
        if request.most > 1 and not is_apart:
            for batch in self._groups.get(request.group, ()):
                if batch.turn > turn:
                    break
                if pending.item in batch.items or batch.room(pending.client) <= 0:
                    continue
                other = None if batch.free > 0 else batch.crowded_out()
                if other is not None:
                    batch.drop(other)
                batch.put(pending)
                if other is not None:
                    self.add(request, other)
                return
        self._arrivals += 1
        batch = Batch(request, pending.client, turn, self._arrivals)
        batch.is_apart = is_apart
        batch.put(pending)
        self._turns[request.rank, pending.client] = turn + 1
        self._insert(batch)

    def add_parts(
        self, parts: Iterable[tuple[Batch, list[PendingItem]]], refused: RefusedCall | None = None
    ) -> None:
        """Ask for parts of calls that have failed by themselves, from the next round on."""
        rounds: Counter[str] = Counter()
        for batch, part in parts:
            name, rank = part[0].client, batch.request.rank
            rounds[name] += 1
            # The number of the whole: ahead of what came later and has the same turn.
            again = Batch(batch.request, name, self._rounds[rank] + rounds[name], batch.number)
            again.refused = refused
            again.is_apart = True
            for pending in part:
                again.put(pending)
            self._turns[rank, name] = max(self._turn(rank, name), again.turn + 1)
            self._insert(again)

    def hasten(self, pending: PendingItem, client: str) -> None:
        """Another client wants a waiting item too: let it leave with whoever is served sooner."""
        batch = pending.batch
        if batch.is_waiting and self.ahead(batch.request, client) < self.index(batch):
            self.remove(pending)
            pending.client = client
            self.add(batch.request, pending)

    def remove(self, pending: PendingItem) -> None:
        """Give up an item's place, and its call if it was the last in it."""
        pending.batch.drop(pending)
        if not pending.batch.items:
            self.discard(pending.batch)

    def discard(self, batch: Batch) -> None:
        """Take a call out, whatever is in it."""
        if not batch.is_waiting:
            return
        self._take_out(batch)
        who = batch.request.rank, batch.client
        if self._turns.get(who) == batch.turn + 1:
            self._turns[who] = batch.turn
        self._forget_idle()

    def pop(self) -> Batch:
        """The call whose turn it is, with what it takes along."""
        batch = self._batches[0]
        self._take_out(batch)
        rank = batch.request.rank
        self._rounds[rank] = max(self._rounds[rank], batch.turn)
        if not batch.is_apart:
            self._take_along(batch)
        self._forget_idle()
        return batch

    def _take_along(self, batch: Batch) -> None:
        """Fill a call's free items with what else waits of its group, of each client in turn."""
        waiting: dict[str, deque[PendingItem]] = {}
        for other in self._groups.get(batch.request.group, ()) if batch.free > 0 else ():
            for pending in other.items.values():
                if pending.item not in batch.items:
                    waiting.setdefault(pending.client, deque()).append(pending)
        while waiting and batch.free > 0:
            for client in list(waiting):
                if batch.free <= 0:
                    break
                pending = waiting[client].popleft()
                if not waiting[client]:
                    del waiting[client]
                if pending.item not in batch.items:
                    self.remove(pending)
                    batch.put(pending)

    def _turn(self, rank: int, client: str) -> int:
        return max(self._rounds[rank] + 1, self._turns.get((rank, client), 0))

    def _insert(self, batch: Batch) -> None:
        batch.is_waiting = True
        insort_right(self._batches, batch, key=_order)
        if not batch.is_apart:
            insort_right(self._groups.setdefault(batch.request.group, []), batch, key=_order)

    def _take_out(self, batch: Batch) -> None:
        del self._batches[self.index(batch)]
        batch.is_waiting = False
        if batch.is_apart:
            return
        group = self._groups[batch.request.group]
        group.remove(batch)
        if not group:
            del self._groups[batch.request.group]

    def _forget_idle(self) -> None:
        if not self._batches:
            self._turns.clear()
        elif len(self._turns) > _IDLE_CLIENTS + len(self._batches):
            waiting = {(batch.request.rank, batch.client) for batch in self._batches}
            self._turns = {who: turn for who, turn in self._turns.items() if who in waiting}


def _turn_of(batch: Batch) -> tuple[int, int]:
    return batch.request.rank, batch.turn


def _order(batch: Batch) -> tuple[int, int, int]:
    return batch.request.rank, batch.turn, batch.number
