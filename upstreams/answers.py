"""`Answers`: what one upstream said: from memory, from a replica, or by asking it, never twice."""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

from upstreams.breaker import Breaker
from upstreams.budget import Budget, Guarded
from upstreams.cache import RETRY_SECONDS, Entry, Kind, Memory, Rejection
from upstreams.client import client
from upstreams.config import UpstreamConfig
from upstreams.dated import Dated
from upstreams.deadline import remaining
from upstreams.errors import UpstreamError, UpstreamRejected, UpstreamTimeout
from upstreams.flight import Flight, Flights, Work
from upstreams.lookup import Lookup
from upstreams.merge import Desk, Errand, Seat
from upstreams.origin import Origin
from upstreams.redis_cache import Kept, Shared
from upstreams.retry import Caller
from upstreams.state import SourceState

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

# How long a refresh keeps readers waiting when an old answer is at hand.
PATIENCE_SECONDS = 2.0

Early = Callable[[int, Dated[T] | UpstreamError], None]


class _Awaited(NamedTuple):
    """A place whose answer a flight brings, and till when (loop time) it is waited for."""

    place: int
    flight: Flight[Any]
    until: float


class Answers:
    """The machinery of one gateway: cache, shared flights, queue, breaker and retries.

    An answer within its time is fresh. For as long again it is served at once, labelled stale,
    while one refresh runs. Older than that its readers wait for the refresh, though none beyond
    the `PATIENCE_SECONDS` from its beginning, and get the old one, labelled, if none comes.
    """

    def __init__(
        self,
        source: str,
        config: UpstreamConfig,
        budget: Budget,
        memory: Memory,
        shared: Shared | None,
        origin: Origin,
        *,
        concurrency: int | None = None,
    ) -> None:
        self._source = source
        self._origin = origin
        self._seconds = config.request_deadline_seconds
        self._wall = config.wall
        self._clock = config.clock
        self._memory = memory
        self._shared = shared
        self._flights = Flights(source, self._seconds, self._late)
        self._breaker = Breaker(config.clock)
        self._caller = Caller(source, self._breaker, lambda seconds: self.desk.close(seconds))
        self._budget = Guarded(budget, source, config.clock)
        self.desk = Desk(self._caller, self._budget, concurrency=concurrency, seconds=self._seconds)
        self._lookups: set[asyncio.Task[Any]] = set()
        self._oldest = 0.0

    async def get(
        self, kind: Kind[T], key: K, errand: Errand[K, T], fresh: float | None = None
    ) -> Dated[T]:
        """One answer; raises UpstreamError. `fresh` (seconds) shortens the kind's own time."""
        answer = (await self.get_many(kind, [key], lambda _: errand, fresh))[0]
        if isinstance(answer, UpstreamError):
            # One error may have many readers: each begins its traceback anew.
            raise answer.with_traceback(None)
        return answer

    async def get_many(
        self,
        kind: Kind[T],
        keys: Sequence[K],
        errand_of: Callable[[K], Errand[K, T]],
        fresh: float | None = None,
        early: Early[T] | None = None,
    ) -> list[Dated[T] | UpstreamError]:
        """An answer or an error for each key, in their order; what is asked for leaves together.

        While some keep all waiting, `early` is told every `PATIENCE_SECONDS` what has come.
        """
        now = self._clock()
        found: list[Any] = [None] * len(keys)
        missing: list[tuple[int, Entry[T] | None]] = []
        for place, key in enumerate(keys):
            entry: Entry[T] | None = self._memory.get((kind.name, key))
            if entry is not None:
                left = entry.left(fresh, now)
                if left > 0:
                    found[place] = self._serve(entry, now, left)
                    continue
                entry = self._old(kind, key, entry)
            missing.append((place, entry))
        if missing:
            awaited = self._begin_all(kind, keys, errand_of, fresh, found, missing)
            if awaited:
                await self._end_all(kind, keys, fresh, found, awaited, early)
        return found

    def is_fresh(self, kind: Kind[Any], key: Hashable) -> bool:
        """Whether an answer is at hand that is fresh."""
        entry: Entry[Any] | None = self._memory.get((kind.name, key))
        return entry is not None and entry.left(None, self._clock()) > 0

    async def known(self, kind: Kind[T], keys: Sequence[K]) -> set[K]:
        """Those of the keys whose answers may be served, or are on their way, here or elsewhere."""
        found = {key for key in keys if self._is_known(kind, key)}
        if self._shared is not None and kind.ttl > 0 and len(found) < len(keys):
            others = [key for key in dict.fromkeys(keys) if key not in found]
            adopts = [partial(self._adopt, kind, key, None) for key in others]
            held = await asyncio.gather(*map(partial(self._shared.holds, kind), others, adopts))
            found.update(key for key, is_held in zip(others, held, strict=True) if is_held)
        return found

    def _is_known(self, kind: Kind[Any], key: Hashable) -> bool:
        entry = self._old(kind, key, self._memory.get((kind.name, key)))
        return entry is not None or self._flights.get((kind.name, key, None)) is not None

    def state(self, *, is_batching: bool) -> SourceState:
        """The gateway's state now."""
        desk, budget = self.desk, self._budget
        return SourceState(
            name=self._source,
            mode=self._origin.mode,
            limit=budget.limit,
            permits_left=budget.permits_left(),
            queue_length=desk.queue_length,
            breaker=self._breaker.state,
            calls=self._caller.calls,
            merges=desk.merges,
            oldest_served_seconds=self._oldest,
            last_error=self._caller.last_error,
            is_batching=is_batching,
            concurrency=desk.concurrency,
            budget_failures=budget.failures,
        )

    async def aclose(self) -> None:
        """Stop all that is under way."""
        self._flights.close()
        await asyncio.gather(*self._lookups, return_exceptions=True)
        await self.desk.aclose()

    def _begin_all(
        self,
        kind: Kind[T],
        keys: Sequence[K],
        errand_of: Callable[[K], Errand[K, T]],
        fresh: float | None,
        found: list[Any],
        missing: list[tuple[int, Entry[T] | None]],
    ) -> list[_Awaited]:
        """Put at each missing place what can be said at once; the rest is what to wait for."""
        now = asyncio.get_running_loop().time()
        left = remaining()
        until = now + (self._seconds if left is None else left)
        turns: dict[Hashable, int] = {}
        awaited: list[_Awaited] = []
        for place, old in missing:
            key = keys[place]
            plan = self._begin(kind, key, errand_of(key), fresh, old, until, now, turns)
            if isinstance(plan, Flight):
                patience = until if old is None else min(until, plan.began + PATIENCE_SECONDS)
                awaited.append(_Awaited(place, plan, patience))
            else:
                found[place] = plan
        return awaited

    async def _end_all(
        self,
        kind: Kind[T],
        keys: Sequence[Hashable],
        fresh: float | None,
        found: list[Any],
        awaited: list[_Awaited],
        early: Early[T] | None,
    ) -> None:
        """Put an answer or an error at each place that is waited for, each in its own time."""
        loop = asyncio.get_running_loop()
        party = self._flights.join(each.flight for each in awaited)
        try:
            while awaited:
                moment = min(each.until for each in awaited)
                if early is not None:
                    moment = min(moment, loop.time() + PATIENCE_SECONDS)
                await party.wait(moment)
                now, time = self._clock(), loop.time()
                still = []
                for each in awaited:
                    place, flight, until = each
                    if flight.outcome is None and time < until:
                        still.append(each)
                    else:
                        found[place] = self._end(kind, keys[place], flight, fresh, now)
                awaited = still
                self._flights.leave(party, party.flights - {each.flight for each in awaited})
                if awaited and early is not None:
                    for place, answer in enumerate(found):
                        if answer is not None:
                            early(place, answer)
        finally:
            self._flights.leave(party, party.flights)

    def _begin(
        self,
        kind: Kind[T],
        key: Hashable,
        errand: Errand[Any, T],
        fresh: float | None,
        old: Entry[T] | None,
        until: float,
        now: float,
        turns: dict[Hashable, int],
    ) -> Dated[T] | UpstreamError | Flight[Entry[T]]:
        """What can be said at once, or else the flight to wait for."""
        rejected = self._rejection(kind, key)
        if rejected is not None:
            return rejected if old is None else self._serve_old(old)
        # Another replica may have the answer that this one cannot get; its refusal comes later.
        may_be_shared = self._shared is not None and old is None
        if self._breaker.refuses() and not may_be_shared:
            return self._caller.refusal() if old is None else self._serve_old(old)
        if old is not None and self._clock() < old.retry_at:
            return self._serve_old(old)
        name = (kind.name, key, fresh)
        flight = self._flights.get(name)
        turn = turns.get(errand.group, 0)
        who = client()
        wait = self.desk.wait(errand, who, turn)
        if flight is not None:
            wait = min(wait, flight.wait())
        if wait > (self._seconds if old else until - now) and not may_be_shared:
            return self.desk.too_late(wait) if old is None else self._serve_old(old)
        begin: Callable[[Flight[Entry[T]]], Work]
        if self._shared is None or kind.ttl <= 0:
            begin = partial(self._ask, kind, key, errand, who)
        else:
            begin = partial(self._look_up, self._shared, kind, key, errand, who, fresh)
            if flight is None:
                turns[errand.group] = turn + 1
        if old is None:
            return self._flights.board(name, begin, now, until, who)
        flight = self._flights.board(name, begin, now, now + self._seconds, who, keep=True)
        is_young = self._clock() - old.since < 2 * old.time(fresh)
        has_time = now + wait < flight.began + PATIENCE_SECONDS
        return flight if has_time and not is_young else self._serve_old(old)

    def _end(
        self,
        kind: Kind[T],
        key: Hashable,
        flight: Flight[Entry[T]],
        fresh: float | None,
        now: float,
    ) -> Dated[T] | UpstreamError:
        """What a reader gets from his flight, landed or not."""
        outcome = flight.outcome
        if isinstance(outcome, Entry):
            return self._serve(outcome, now, max(0.0, outcome.left(fresh, now)))
        if outcome is None:
            outcome = self._flights.error(flight)
        elif not isinstance(outcome, UpstreamError):
            raise outcome
        old = self._old(kind, key, self._memory.get((kind.name, key)))
        return outcome if old is None else self._serve_old(old)

    def _late(self, wait: float) -> UpstreamError:
        if wait > 0:
            return self.desk.too_late(wait)
        source = self._source
        return UpstreamTimeout(f"The {source} upstream did not answer in time.", source=source)

    def _ask(
        self,
        kind: Kind[T],
        key: Hashable,
        errand: Errand[Any, T],
        who: str,
        flight: Flight[Entry[T]],
    ) -> Seat:
        settle = partial(self._settle, kind, key, flight)
        return self.desk.seat(errand, key, who, flight, settle)

    def _settle(
        self, kind: Kind[T], key: Hashable, flight: Flight[Entry[T]], answer: T | Exception
    ) -> None:
        if not isinstance(answer, Exception):
            self._flights.land(flight, self._keep(kind, key, answer))
            return
        if isinstance(answer, UpstreamError):
            self._put_off(kind, key, answer)
        self._flights.land(flight, answer)

    def _look_up(
        self,
        shared: Shared,
        kind: Kind[T],
        key: Hashable,
        errand: Errand[Any, T],
        who: str,
        fresh: float | None,
        flight: Flight[Entry[T]],
    ) -> Lookup[T]:
        lookup: Lookup[T] = Lookup(self.desk, errand, key, who, flight)

        async def ask() -> Entry[T] | UpstreamError:
            answer = await lookup.ask()
            if isinstance(answer, UpstreamError):
                self._put_off(kind, key, answer)
                return answer
            return self._keep(kind, key, answer)

        def landed(task: asyncio.Task[Any]) -> None:
            self._lookups.discard(task)
            if not task.cancelled():
                self._flights.land(flight, task.exception() or task.result())

        adopt = partial(self._adopt, kind, key, fresh)
        task = lookup.begin(shared.fetch(kind, key, adopt, ask))
        task.add_done_callback(landed)
        self._lookups.add(task)
        return lookup

    def _keep(self, kind: Kind[T], key: Hashable, answer: T) -> Entry[T]:
        entry = kind.entry(answer, self._wall(), self._clock())
        if entry.ttl > 0:
            self._memory.put((kind.name, key), entry)
        return entry

    def _rejection(self, kind: Kind[Any], key: Hashable) -> UpstreamRejected | None:
        """What the upstream said to this request lately, if it refused it as wrong."""
        name = ("rejected", kind.name, key)
        rejection: Rejection | None = self._memory.get(name)
        if rejection is None:
            return None
        if self._clock() < rejection.until:
            return rejection.error.again()
        self._memory.drop(name)
        return None

    def _put_off(self, kind: Kind[T], key: Hashable, error: UpstreamError) -> None:
        """Remember a rejection; let an old answer do for a moment, as a new one was not had."""
        if isinstance(error, UpstreamRejected) and error.is_lasting:
            self._memory.put(("rejected", kind.name, key), Rejection(error, self._clock()))
        old = self._old(kind, key, self._memory.get((kind.name, key)))
        if old is not None:
            pause = max(RETRY_SECONDS, error.retry_after or 0.0)
            old.retry_at = self._clock() + min(pause, self._seconds)

    def _adopt(
        self, kind: Kind[T], key: Hashable, fresh: float | None, kept: Kept[T]
    ) -> Entry[T] | None:
        """Keep what another replica fetched; and answer with it if it is fresh."""
        now = self._clock()
        entry = kind.entry(kept.value, kept.fetched, now - kept.age)
        mine: Entry[T] | None = self._memory.get((kind.name, key))
        if mine is None or mine.since < entry.since:
            self._memory.put((kind.name, key), entry)
        return entry if entry.left(fresh, now) > 0 else None

    def _old(self, kind: Kind[T], key: Hashable, entry: Entry[T] | None) -> Entry[T] | None:
        """What is kept for a key, if it may still be served."""
        if entry is None or self._clock() - entry.since < entry.ttl + kind.stale:
            return entry
        self._memory.drop((kind.name, key))
        return None

    def _serve(self, entry: Entry[T], now: float, left: float) -> Dated[T]:
        age = now - entry.since
        if age > self._oldest:
            self._oldest = age
        return Dated(entry.value, entry.as_of, False, left, age)

    def _serve_old(self, entry: Entry[T]) -> Dated[T]:
        age = self._clock() - entry.since
        self._oldest = max(self._oldest, age)
        return Dated(entry.value, entry.as_of, True, 0.0, age)
