"""`SingleFlight`: one piece of work for everyone who wants the same thing at the same time."""

import asyncio
from collections.abc import Callable, Hashable, Iterable
from contextvars import Context
from itertools import takewhile
from typing import Any, Generic, Protocol, TypeVar

from upstreams.errors import UpstreamError, UpstreamUnavailable
from upstreams.source.tracing import asker

T = TypeVar("T")


class FetchWork(Protocol):
    """What a fetch waits for."""

    def wait(self) -> float:
        """Seconds until the upstream call leaves, once it is queued: 0 when it has."""

    def stop(self) -> None:
        """Break it off; it will not end the fetch."""

    def hasten(self, client: str) -> None:
        """Another client waits for it, too."""


class Fetch(Generic[T]):
    """Work under way since `began`; after `until` (both loop times) none of its waiters wants it.

    `outcome` is None till it ends, and then an answer, an UpstreamError or a defect of ours.
    `asker` is the span of whoever began it.
    """

    __slots__ = ("asker", "began", "is_kept", "name", "outcome", "until", "waiters", "work")

    def __init__(self, name: Hashable, began: float, until: float, is_kept: bool) -> None:
        self.name = name
        self.began = began
        self.until = until
        self.is_kept = is_kept
        self.asker = asker()
        self.outcome: T | Exception | None = None
        self.waiters: set[Waiter] = set()
        self.work: FetchWork | None = None

    def wait(self) -> float:
        """Seconds until its upstream call leaves: 0 when it has, or is not queued yet."""
        return 0.0 if self.work is None else self.work.wait()


class Waiter:
    """Whoever waits for fetches: till all of them have ended, or till a moment."""

    __slots__ = ("fetches", "future")

    def __init__(self) -> None:
        self.fetches: set[Fetch[Any]] = set()
        self.future: asyncio.Future[None] | None = None

    async def wait(self, until: float) -> None:
        """Wait till all have ended, or till `until` (loop time); then look at their outcomes."""
        if not self.fetches:
            return
        loop = asyncio.get_running_loop()
        self.future = loop.create_future()
        timer = loop.call_at(until, self.end)
        try:
            await self.future
        finally:
            timer.cancel()
            self.future = None

    def end(self) -> None:
        """There is nothing more to wait for, or no time to."""
        if self.future is not None and not self.future.done():
            self.future.set_result(None)


class SingleFlight:
    """The fetches of one upstream, by name; each ends within `seconds` of its own.

    A fetch belongs to no request: neither a cancelled waiter nor one out of time ends it while
    another waits. When the last has left it is stopped, unless it is kept (a refresh that nobody
    needs to wait for). `late` makes the error of one out of time that had so long to wait yet.
    """

    def __init__(self, source: str, seconds: float, late: Callable[[float], UpstreamError]) -> None:
        self._source = source
        self._seconds = seconds
        self._late = late
        # In the order in which they began, and so in that of their ends.
        self._under_way: dict[Hashable, Fetch[Any]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._under_way)

    def get(self, name: Hashable) -> Fetch[Any] | None:
        """The fetch under way of that name."""
        return self._under_way.get(name)

    def start(
        self,
        name: Hashable,
        begin: Callable[[Fetch[T]], FetchWork],
        now: float,
        until: float,
        client: str = "",
        *,
        keep: bool = False,
    ) -> Fetch[T]:
        """The fetch of that name, begun if there is none; it does not end before one yields."""
        fetch: Fetch[T] | None = self._under_way.get(name)
        if fetch is None:
            fetch = self._under_way[name] = Fetch(name, now, until, keep)
            fetch.work = begin(fetch)
            if self._timer is None:
                self._expire_at(now + self._seconds)
            return fetch
        if until > fetch.until:
            fetch.until = until
        fetch.is_kept |= keep
        if fetch.work is not None:
            fetch.work.hasten(client)
        return fetch

    def finish(self, fetch: Fetch[T], outcome: T | Exception) -> None:
        """End a fetch, unless it has ended."""
        if fetch.outcome is not None:
            return
        fetch.outcome = outcome
        # They would hold each other, and the answer, until the garbage collector comes.
        fetch.work = None
        del self._under_way[fetch.name]
        for waiter in fetch.waiters:
            waiter.fetches.discard(fetch)
            if not waiter.fetches:
                waiter.end()
        if not fetch.waiters and _is_defect(outcome):
            asyncio.get_running_loop().call_exception_handler(
                {"message": "a fetch that nobody waits for has failed", "exception": outcome}
            )

    def error(self, fetch: Fetch[Any]) -> UpstreamError:
        """What is said to one who can wait for a fetch no longer."""
        return self._late(fetch.wait())

    def join(self, fetches: Iterable[Fetch[Any]]) -> Waiter:
        """A waiter that waits for fetches, until it leaves them."""
        waiter = Waiter()
        for fetch in fetches:
            if fetch.outcome is None:
                fetch.waiters.add(waiter)
                waiter.fetches.add(fetch)
        return waiter

    def leave(self, waiter: Waiter, fetches: Iterable[Fetch[Any]]) -> None:
        """Wait for these no longer: what nobody waits for is stopped, unless it is kept."""
        for fetch in list(fetches):
            if fetch.outcome is None and fetch in waiter.fetches:
                waiter.fetches.discard(fetch)
                fetch.waiters.discard(waiter)
                if not (fetch.waiters or fetch.is_kept):
                    self._stop(fetch, self.error(fetch))

    async def wait(self, fetches: Iterable[Fetch[Any]], until: float) -> None:
        """Wait till all have ended, or till `until` (loop time), and leave."""
        waiter = self.join(fetches)
        try:
            await waiter.wait(until)
        finally:
            self.leave(waiter, waiter.fetches)

    def close(self) -> None:
        """Stop all that is under way."""
        if self._timer is not None:
            self._timer.cancel()
        for fetch in list(self._under_way.values()):
            self._stop(fetch, UpstreamUnavailable("The service is stopping.", source=self._source))

    def _stop(self, fetch: Fetch[Any], outcome: UpstreamError) -> None:
        work = fetch.work
        self.finish(fetch, outcome)
        if work is not None:
            work.stop()

    def _expire_at(self, moment: float) -> None:
        # One timer for all fetches, which therefore must not keep one request's context.
        self._timer = asyncio.get_running_loop().call_at(moment, self._expire, context=Context())

    def _expire(self) -> None:
        """End what has had its time."""
        # Reckoned as for the timer: a rounding apart, it would find nothing over, again and again.
        now = asyncio.get_running_loop().time()
        self._timer = None
        over = takewhile(lambda fetch: fetch.began + self._seconds <= now, self._under_way.values())
        for fetch in list(over):
            self._stop(fetch, self.error(fetch))
        for fetch in self._under_way.values():
            self._expire_at(fetch.began + self._seconds)
            break


def _is_defect(outcome: object) -> bool:
    return isinstance(outcome, Exception) and not isinstance(outcome, UpstreamError)
