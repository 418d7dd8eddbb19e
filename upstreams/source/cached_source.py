"""`CachedSource`: what one upstream said, out of a cache or by asking it, and never twice."""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

from upstreams.config import UpstreamConfig
from upstreams.deadline import remaining_wait
from upstreams.errors import (
    UpstreamError,
    UpstreamRateLimited,
    UpstreamRejected,
    UpstreamTimeout,
)
from upstreams.requester import client
from upstreams.source.batch_queue import BatchQueue, BatchRequest, PendingItem
from upstreams.source.breaker import Breaker
from upstreams.source.cache import RETRY_SECONDS, CachePolicy, Entry, LRUCache, Rejection
from upstreams.source.cache_lookup import CacheLookup
from upstreams.source.limiter import GuardedLimiter, Limiter
from upstreams.source.mode import SourceMode
from upstreams.source.retry import RetryingCaller
from upstreams.source.shared_cache import Kept, SharedCache
from upstreams.source.single_flight import Fetch, FetchWork, SingleFlight
from upstreams.source.state import SourceState
from upstreams.source.timestamped import Timestamped

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

# How long a refresh keeps readers waiting when an old answer is at hand.
PATIENCE_SECONDS = 2.0

Early = Callable[[int, Timestamped[T] | UpstreamError], None]


class _Awaited(NamedTuple):
    """A place whose answer a fetch brings, and till when (loop time) it is waited for."""

    place: int
    fetch: Fetch[Any]
    until: float


class CachedSource:
    """The machinery of one gateway: cache, shared fetches, queue, breaker and retries.

    An answer within its time is fresh. For as long again it is served at once, labelled stale,
    while one refresh runs. Older than that its readers wait for the refresh, though none beyond
    the `PATIENCE_SECONDS` from its beginning, and get the old one, labelled, if none comes.
    """

    def __init__(
        self,
        source: str,
        config: UpstreamConfig,
        limiter: Limiter,
        memory: LRUCache,
        shared: SharedCache | None,
        origin: SourceMode,
        *,
        concurrency: int | None = None,
    ) -> None:
        self._source = source
        self._origin = origin
        self._seconds = config.request_deadline_seconds
        self._observer = config.observer
        self._is_pressed = config.is_pressed
        self._wall = config.wall
        self._clock = config.clock
        self._memory = memory
        self._shared = shared
        self._fetches = SingleFlight(source, self._seconds, self._late)
        self._breaker = Breaker(config.clock)
        self._caller = RetryingCaller(
            source, self._breaker, lambda seconds: self.queue.pause(seconds), config.observer
        )
        self._limiter = GuardedLimiter(limiter, source, config.clock)
        self.queue = BatchQueue(
            self._caller,
            self._limiter,
            concurrency=concurrency,
            seconds=self._seconds,
            observer=config.observer,
        )
        self._lookups: set[asyncio.Task[Any]] = set()
        self._oldest = 0.0

    async def get(
        self,
        policy: CachePolicy[T],
        key: K,
        request: BatchRequest[K, T],
        fresh: float | None = None,
    ) -> Timestamped[T]:
        """One answer; raises UpstreamError. `fresh` (seconds) shortens the policy's own time."""
        answer = (await self.get_many(policy, [key], lambda _: request, fresh))[0]
        if isinstance(answer, UpstreamError):
            # One error may have many readers: each begins its traceback anew.
            raise answer.with_traceback(None)
        return answer

    async def get_many(
        self,
        policy: CachePolicy[T],
        keys: Sequence[K],
        request_of: Callable[[K], BatchRequest[K, T]],
        fresh: float | None = None,
        early: Early[T] | None = None,
    ) -> list[Timestamped[T] | UpstreamError]:
        """An answer or an error for each key, in their order; what is asked for leaves together.

        While some keep all waiting, `early` is told every `PATIENCE_SECONDS` what has come.
        """
        now = self._clock()
        found: list[Any] = [None] * len(keys)
        missing: list[tuple[int, Entry[T] | None]] = []
        for place, key in enumerate(keys):
            entry: Entry[T] | None = self._memory.get((policy.name, key))
            if entry is not None:
                left = entry.left(fresh, now)
                if left > 0:
                    found[place] = self._serve(entry, now, left)
                    continue
                entry = self._old(policy, key, entry)
            missing.append((place, entry))
        if len(missing) < len(keys):
            self._observer.looked_up(policy.name, "fresh", len(keys) - len(missing))
        if missing:
            awaited = self._begin_all(policy, keys, request_of, fresh, found, missing)
            old = sum(isinstance(found[place], Timestamped) for place, _ in missing)
            if old:
                self._observer.looked_up(policy.name, "stale", old)
            if awaited:
                self._observer.looked_up(policy.name, "miss", len(awaited))
                await self._end_all(policy, keys, fresh, found, awaited, early)
        return found

    def is_fresh(self, policy: CachePolicy[Any], key: Hashable) -> bool:
        """Whether an answer is at hand that is fresh."""
        entry: Entry[Any] | None = self._memory.get((policy.name, key))
        return entry is not None and entry.left(None, self._clock()) > 0

    async def known(self, policy: CachePolicy[T], keys: Sequence[K]) -> set[K]:
        """Those of the keys whose answers may be served, or are on their way, here or elsewhere."""
        found = {key for key in keys if self._is_known(policy, key)}
        if self._shared is not None and policy.ttl > 0 and len(found) < len(keys):
            others = [key for key in dict.fromkeys(keys) if key not in found]
            adopts = [partial(self._adopt, policy, key, None) for key in others]
            held = await asyncio.gather(*map(partial(self._shared.holds, policy), others, adopts))
            found.update(key for key, is_held in zip(others, held, strict=True) if is_held)
        return found

    def _is_known(self, policy: CachePolicy[Any], key: Hashable) -> bool:
        entry = self._old(policy, key, self._memory.get((policy.name, key)))
        return entry is not None or self._fetches.get((policy.name, key, None)) is not None

    def state(self, *, is_batching: bool) -> SourceState:
        """The gateway's state now."""
        queue, limiter = self.queue, self._limiter
        return SourceState(
            name=self._source,
            mode=self._origin.mode,
            limit=limiter.limit,
            permits_left=limiter.permits_left(),
            queue_length=queue.queue_length,
            breaker=self._breaker.state,
            calls=self._caller.calls,
            merges=queue.merges,
            oldest_served_seconds=self._oldest,
            last_error=self._caller.last_error,
            is_batching=is_batching,
            concurrency=queue.concurrency,
            budget_failures=limiter.failures,
        )

    async def aclose(self) -> None:
        """Stop all that is under way."""
        self._fetches.close()
        await asyncio.gather(*self._lookups, return_exceptions=True)
        await self.queue.aclose()

    def _begin_all(
        self,
        policy: CachePolicy[T],
        keys: Sequence[K],
        request_of: Callable[[K], BatchRequest[K, T]],
        fresh: float | None,
        found: list[Any],
        missing: list[tuple[int, Entry[T] | None]],
    ) -> list[_Awaited]:
        """Put at each missing place what can be said at once; the rest is what to wait for."""
        now = asyncio.get_running_loop().time()
        left = remaining_wait()
        until = now + (self._seconds if left is None else left)
        turns: dict[Hashable, int] = {}
        awaited: list[_Awaited] = []
        for place, old in missing:
            key = keys[place]
            plan = self._begin(policy, key, request_of(key), fresh, old, until, now, turns)
            if isinstance(plan, Fetch):
                patience = until if old is None else min(until, plan.began + PATIENCE_SECONDS)
                awaited.append(_Awaited(place, plan, patience))
            else:
                found[place] = plan
        return awaited

    async def _end_all(
        self,
        policy: CachePolicy[T],
        keys: Sequence[Hashable],
        fresh: float | None,
        found: list[Any],
        awaited: list[_Awaited],
        early: Early[T] | None,
    ) -> None:
        """Put an answer or an error at each place that is waited for, each in its own time."""
        loop = asyncio.get_running_loop()
        waiter = self._fetches.join(each.fetch for each in awaited)
        try:
            while awaited:
                moment = min(each.until for each in awaited)
                if early is not None:
                    moment = min(moment, loop.time() + PATIENCE_SECONDS)
                await waiter.wait(moment)
                now, time = self._clock(), loop.time()
                still = []
                for each in awaited:
                    place, fetch, until = each
                    if fetch.outcome is None and time < until:
                        still.append(each)
                    else:
                        found[place] = self._end(policy, keys[place], fetch, fresh, now)
                awaited = still
                self._fetches.leave(waiter, waiter.fetches - {each.fetch for each in awaited})
                if awaited and early is not None:
                    for place, answer in enumerate(found):
                        if answer is not None:
                            early(place, answer)
        finally:
            self._fetches.leave(waiter, waiter.fetches)

    def _begin(
        self,
        policy: CachePolicy[T],
        key: Hashable,
        request: BatchRequest[Any, T],
        fresh: float | None,
        old: Entry[T] | None,
        until: float,
        now: float,
        turns: dict[Hashable, int],
    ) -> Timestamped[T] | UpstreamError | Fetch[Entry[T]]:
        """What can be said at once, or else the fetch to wait for."""
        rejected = self._rejection(policy, key)
        if rejected is not None:
            return rejected if old is None else self._serve_old(old)
        # Another replica may have the answer that this one cannot get; its refusal comes later.
        may_be_shared = self._shared is not None and old is None
        if self._breaker.refuses() and not may_be_shared:
            return self._caller.refusal() if old is None else self._serve_old(old)
        if old is not None and (self._clock() < old.retry_at or self._breaker.is_awaited):
            return self._serve_old(old)
        name = (policy.name, key, fresh)
        fetch = self._fetches.get(name)
        if fetch is None and self._is_pressed():
            return self._shed() if old is None else self._serve_old(old)
        turn = turns.get(request.group, 0)
        who = client()
        wait = self.queue.wait(request, who, turn)
        if fetch is not None:
            wait = min(wait, fetch.wait())
        if wait > (self._seconds if old else until - now) and not may_be_shared:
            return self.queue.too_late(wait) if old is None else self._serve_old(old)
        begin: Callable[[Fetch[Entry[T]]], FetchWork]
        if self._shared is None or policy.ttl <= 0:
            begin = partial(self._ask, policy, key, request, who)
        else:
            begin = partial(self._look_up, self._shared, policy, key, request, who, fresh)
            if fetch is None:
                turns[request.group] = turn + 1
        if old is None:
            return self._fetches.start(name, begin, now, until, who)
        fetch = self._fetches.start(name, begin, now, now + self._seconds, who, keep=True)
        is_young = self._clock() - old.since < 2 * old.time(fresh)
        has_time = now + wait < fetch.began + PATIENCE_SECONDS
        return fetch if has_time and not is_young else self._serve_old(old)

    def _end(
        self,
        policy: CachePolicy[T],
        key: Hashable,
        fetch: Fetch[Entry[T]],
        fresh: float | None,
        now: float,
    ) -> Timestamped[T] | UpstreamError:
        """What a reader gets from his fetch, ended or not."""
        outcome = fetch.outcome
        if isinstance(outcome, Entry):
            return self._serve(outcome, now, max(0.0, outcome.left(fresh, now)))
        if outcome is None:
            outcome = self._fetches.error(fetch)
        elif not isinstance(outcome, UpstreamError):
            raise outcome
        old = self._old(policy, key, self._memory.get((policy.name, key)))
        return outcome if old is None else self._serve_old(old)

    def _shed(self) -> UpstreamRateLimited:
        return UpstreamRateLimited(
            "Too many requests at once: only answers that are kept are given.",
            source=self._source,
            retry_after=1.0,
        )

    def _late(self, wait: float) -> UpstreamError:
        if wait > 0:
            return self.queue.too_late(wait)
        source = self._source
        return UpstreamTimeout(f"The {source} upstream did not answer in time.", source=source)

    def _ask(
        self,
        policy: CachePolicy[T],
        key: Hashable,
        request: BatchRequest[Any, T],
        who: str,
        fetch: Fetch[Entry[T]],
    ) -> PendingItem:
        settle = partial(self._settle, policy, key, fetch)
        return self.queue.add(request, key, who, fetch, settle)

    def _settle(
        self, policy: CachePolicy[T], key: Hashable, fetch: Fetch[Entry[T]], answer: T | Exception
    ) -> None:
        if not isinstance(answer, Exception):
            self._fetches.finish(fetch, self._keep(policy, key, answer))
            return
        if isinstance(answer, UpstreamError):
            self._put_off(policy, key, answer)
        self._fetches.finish(fetch, answer)

    def _look_up(
        self,
        shared: SharedCache,
        policy: CachePolicy[T],
        key: Hashable,
        request: BatchRequest[Any, T],
        who: str,
        fresh: float | None,
        fetch: Fetch[Entry[T]],
    ) -> CacheLookup[T]:
        lookup: CacheLookup[T] = CacheLookup(self.queue, request, key, who, fetch)

        async def ask() -> Entry[T] | UpstreamError:
            answer = await lookup.ask()
            if isinstance(answer, UpstreamError):
                self._put_off(policy, key, answer)
                return answer
            return self._keep(policy, key, answer)

        def ended(task: asyncio.Task[Any]) -> None:
            self._lookups.discard(task)
            if not task.cancelled():
                self._fetches.finish(fetch, task.exception() or task.result())

        adopt = partial(self._adopt, policy, key, fresh)
        task = lookup.begin(shared.fetch(policy, key, adopt, ask))
        task.add_done_callback(ended)
        self._lookups.add(task)
        return lookup

    def _keep(self, policy: CachePolicy[T], key: Hashable, answer: T) -> Entry[T]:
        entry = policy.entry(key, answer, self._wall(), self._clock())
        if entry.ttl > 0:
            self._memory.put((policy.name, key), entry)
        return entry

    def _rejection(self, policy: CachePolicy[Any], key: Hashable) -> UpstreamRejected | None:
        """What the upstream said to this request lately, if it refused it as wrong."""
        name = ("rejected", policy.name, key)
        rejection: Rejection | None = self._memory.get(name)
        if rejection is None:
            return None
        if self._clock() < rejection.until:
            return rejection.error.again()
        self._memory.pop(name, None)
        return None

    def _put_off(self, policy: CachePolicy[T], key: Hashable, error: UpstreamError) -> None:
        """Remember a rejection; let an old answer do for a moment, as a new one was not had."""
        if isinstance(error, UpstreamRejected) and error.is_lasting:
            self._memory.put(("rejected", policy.name, key), Rejection(error, self._clock()))
        old = self._old(policy, key, self._memory.get((policy.name, key)))
        if old is not None:
            pause = max(RETRY_SECONDS, error.retry_after or 0.0)
            old.retry_at = self._clock() + min(pause, self._seconds)

    def _adopt(
        self, policy: CachePolicy[T], key: Hashable, fresh: float | None, kept: Kept[T]
    ) -> Entry[T] | None:
        """Keep what another replica fetched; and answer with it if it is fresh."""
        now = self._clock()
        entry = policy.entry(key, kept.value, kept.fetched, now - kept.age)
        mine: Entry[T] | None = self._memory.get((policy.name, key))
        if mine is None or mine.since < entry.since:
            self._memory.put((policy.name, key), entry)
        return entry if entry.left(fresh, now) > 0 else None

    def _old(
        self, policy: CachePolicy[T], key: Hashable, entry: Entry[T] | None
    ) -> Entry[T] | None:
        """What is kept for a key, if it may still be served."""
        if entry is None or self._clock() - entry.since < entry.ttl + policy.stale:
            return entry
        self._memory.pop((policy.name, key), None)
        return None

    def _serve(self, entry: Entry[T], now: float, left: float) -> Timestamped[T]:
        age = now - entry.since
        if age > self._oldest:
            self._oldest = age
        return Timestamped(entry.value, entry.as_of, False, left, age)

    def _serve_old(self, entry: Entry[T]) -> Timestamped[T]:
        age = self._clock() - entry.since
        self._oldest = max(self._oldest, age)
        return Timestamped(entry.value, entry.as_of, True, 0.0, age)
