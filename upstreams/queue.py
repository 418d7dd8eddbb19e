"""`FairQueue`: the calls that wait for one upstream, in the order in which they will leave."""

import asyncio
from bisect import bisect_left, bisect_right, insort_right
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from upstreams.errors import UpstreamError
from upstreams.flight import Flight

I = TypeVar("I", bound=Hashable)  # noqa: E741 - item, as R is result
R = TypeVar("R")

# How many clients with nothing in the queue are remembered before they are forgotten.
_IDLE_CLIENTS = 1_000


class Errand(NamedTuple, Generic[I, R]):
    """A kind of call: items of one `group` may share a call, up to `most`, made by `send`.

    `send` gets the items and answers each of them, if need be with an error of its own.
    """

    group: Hashable
    most: int
    send: Callable[[list[I]], Awaitable[Mapping[I, R | UpstreamError]]]


class Places(Protocol):
    """Where seats are given out."""

    def wait_of(self, seat: "Seat") -> float: ...

    def leave(self, seat: "Seat") -> None: ...

    def hasten(self, seat: "Seat", client: str) -> None: ...


class Seat:
    """One item's place in a call, wanted by `client` till its flight's `until`.

    `settle` gets the item's answer, or an UpstreamError, or a defect of ours. It may be called
    again, to no effect, and not at all once the seat was given up.
    """

    __slots__ = ("batch", "client", "desk", "flight", "item", "settle")

    def __init__(
        self,
        desk: Places,
        item: Hashable,
        client: str,
        flight: Flight[Any],
        settle: Callable[[Any], None],
    ) -> None:
        self.desk = desk
        self.item = item
        self.client = client
        self.flight = flight
        self.settle = settle
        self.batch: Batch

    def wait(self) -> float:
        """Seconds until its call leaves: 0 when it has."""
        return self.desk.wait_of(self)

    def stop(self) -> None:
        """Give it up."""
        self.desk.leave(self)

    def hasten(self, client: str) -> None:
        """Another client wants the item, too."""
        self.desk.hasten(self, client)


class Origin:
    """What became of the parts of a call that was refused as a whole."""

    __slots__ = ("has_answers", "is_given_up", "refusals")

    def __init__(self) -> None:
        self.refusals = 0
        self.has_answers = False
        self.is_given_up = False


class Batch:
    """The seats of one call to be, and whose turn it is; it leaves full or not."""

    __slots__ = (
        "client",
        "errand",
        "held",
        "is_apart",
        "is_waiting",
        "number",
        "origin",
        "seats",
        "task",
        "turn",
    )

    def __init__(self, errand: Errand[Any, Any], client: str, turn: int, number: int) -> None:
        self.errand = errand
        self.client = client
        self.turn = turn
        self.number = number
        self.is_waiting = False
        # Nothing may join it: what is in it is asked by itself to find out whose trouble it is.
        self.is_apart = False
        self.origin: Origin | None = None
        self.seats: dict[Hashable, Seat] = {}
        self.held: Counter[str] = Counter()  # how many seats each client has
        self.task: asyncio.Task[None] | None = None

    def put(self, seat: Seat) -> None:
        self.seats[seat.item] = seat
        self.held[seat.client] += 1
        seat.batch = self

    def drop(self, seat: Seat) -> None:
        if self.seats.pop(seat.item, None) is None:
            return
        self.held[seat.client] -= 1
        if not self.held[seat.client]:
            del self.held[seat.client]

    @property
    def free(self) -> int:
        """How many more items fit in."""
        return self.errand.most - len(self.seats)

    def room(self, client: str) -> int:
        """How many more seats a client may have: the free ones, or up to his equal share."""
        free = self.errand.most - len(self.seats)
        if free > 0:
            return free
        has = self.held.get(client, 0)
        if has and len(self.held) == 1:
            return 0
        return max(0, self.errand.most // (len(self.held) + (not has)) - has)

    def crowded_out(self) -> Seat:
        """The last seat of the client who has most of them, rather not of whose turn it is."""
        client = max(self.held, key=lambda name: (self.held[name], name != self.client))
        return next(seat for seat in reversed(self.seats.values()) if seat.client == client)


class FairQueue:
    """Clients take turns, a call each: a client's second call waits for everybody's first.

    The nth waiting call of a client belongs to the nth round from now, and within a round the
    first to come is served first. An item joins the first call of its group that has room, whoever
    opened it, unless a call of its client's own would leave sooner; and a call that leaves with
    room takes along what waits of its group. Seats in a full call are shared out evenly among the
    clients in it, so that nobody who fills one up with his own keeps others from sharing it.
    """

    def __init__(self) -> None:
        self._batches: list[Batch] = []  # by turn, then number
        self._groups: dict[Hashable, list[Batch]] = {}  # the same of each group
        self._turns: dict[str, int] = {}  # the turn of each client's next call
        self._round = 0  # the last turn of which a call has left
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
        return len(self._turns)

    def ahead(self, errand: Errand[Any, Any], client: str, more: int = 0) -> int:
        """How many calls leave before an item, with `more` of its group coming before it."""
        turn = self._turn(client)
        if errand.most > 1:
            for batch in self._groups.get(errand.group, ()):
                if batch.turn > turn:
                    break
                room = batch.room(client)
                if more < room:
                    return self.index(batch)
                more -= room
        own = more // errand.most
        return bisect_right(self._batches, turn + own, key=_turn_of) + own

    def index(self, batch: Batch) -> int:
        """How many calls leave before a waiting one."""
        place = bisect_left(self._batches, _order(batch), key=_order)
        while self._batches[place] is not batch:
            place += 1
        return place

    def add(self, errand: Errand[Any, Any], seat: Seat, *, is_apart: bool = False) -> None:
        """Give an item its place, in a call of its own if it is to be asked apart."""
        turn = self._turn(seat.client)
        if errand.most > 1 and not is_apart:
            for batch in self._groups.get(errand.group, ()):
                if batch.turn > turn:
                    break
                if seat.item in batch.seats or batch.room(seat.client) <= 0:
                    continue
                other = None if batch.free > 0 else batch.crowded_out()
                if other is not None:
                    batch.drop(other)
                batch.put(seat)
                if other is not None:
                    self.add(errand, other)
                return
        self._arrivals += 1
        batch = Batch(errand, seat.client, turn, self._arrivals)
        batch.is_apart = is_apart
        batch.put(seat)
        self._turns[seat.client] = turn + 1
        self._insert(batch)

    def add_parts(
        self, parts: Iterable[tuple[Batch, list[Seat]]], origin: Origin | None = None
    ) -> None:
        """Ask for parts of calls that have failed by themselves, from the next round on."""
        rounds: Counter[str] = Counter()
        for batch, part in parts:
            name = part[0].client
            rounds[name] += 1
            # The number of the whole: ahead of what came later and has the same turn.
            again = Batch(batch.errand, name, self._round + rounds[name], batch.number)
            again.origin = origin
            again.is_apart = True
            for seat in part:
                again.put(seat)
            self._turns[name] = max(self._turn(name), again.turn + 1)
            self._insert(again)

    def hasten(self, seat: Seat, client: str) -> None:
        """Another client wants a waiting item too: let it leave with whoever is served sooner."""
        batch = seat.batch
        if batch.is_waiting and self.ahead(batch.errand, client) < self.index(batch):
            self.remove(seat)
            seat.client = client
            self.add(batch.errand, seat)

    def remove(self, seat: Seat) -> None:
        """Give up an item's place, and its call if it was the last in it."""
        seat.batch.drop(seat)
        if not seat.batch.seats:
            self.discard(seat.batch)

    def discard(self, batch: Batch) -> None:
        """Take a call out, whatever is in it."""
        if not batch.is_waiting:
            return
        self._take_out(batch)
        if self._turns.get(batch.client) == batch.turn + 1:
            self._turns[batch.client] = batch.turn
        self._forget_idle()

    def pop(self) -> Batch:
        """The call whose turn it is, with what it takes along."""
        batch = self._batches[0]
        self._take_out(batch)
        self._round = max(self._round, batch.turn)
        if not batch.is_apart:
            self._take_along(batch)
        self._forget_idle()
        return batch

    def _take_along(self, batch: Batch) -> None:
        """Fill a call's free seats with what else waits of its group, of each client in turn."""
        waiting: dict[str, deque[Seat]] = {}
        for other in self._groups.get(batch.errand.group, ()) if batch.free > 0 else ():
            for seat in other.seats.values():
                if seat.item not in batch.seats:
                    waiting.setdefault(seat.client, deque()).append(seat)
        while waiting and batch.free > 0:
            for client in list(waiting):
                if batch.free <= 0:
                    break
                seat = waiting[client].popleft()
                if not waiting[client]:
                    del waiting[client]
                if seat.item not in batch.seats:
                    self.remove(seat)
                    batch.put(seat)

    def _turn(self, client: str) -> int:
        return max(self._round + 1, self._turns.get(client, 0))

    def _insert(self, batch: Batch) -> None:
        batch.is_waiting = True
        insort_right(self._batches, batch, key=_order)
        if not batch.is_apart:
            insort_right(self._groups.setdefault(batch.errand.group, []), batch, key=_order)

    def _take_out(self, batch: Batch) -> None:
        del self._batches[self.index(batch)]
        batch.is_waiting = False
        if batch.is_apart:
            return
        group = self._groups[batch.errand.group]
        group.remove(batch)
        if not group:
            del self._groups[batch.errand.group]

    def _forget_idle(self) -> None:
        if not self._batches:
            self._turns.clear()
        elif len(self._turns) > _IDLE_CLIENTS + len(self._batches):
            waiting = {batch.client for batch in self._batches}
            self._turns = {name: turn for name, turn in self._turns.items() if name in waiting}


def _turn_of(batch: Batch) -> int:
    return batch.turn


def _order(batch: Batch) -> tuple[int, int]:
    return batch.turn, batch.number
