"""`Flights`: one piece of work for everyone who wants the same thing at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable
from contextvars import Context
from typing import Any, Generic, TypeVar

from upstreams.deadline import deadline
from upstreams.errors import UpstreamError, UpstreamTimeout

T = TypeVar("T")


class Flight(Generic[T]):
    """Work under way since `began`; after `until` (both loop times) none of its waiters wants it.

    `wait` tells, once its upstream call is queued, the seconds until that leaves: 0 when it has.
    """

    __slots__ = ("began", "is_kept", "key", "task", "until", "wait", "waiters")

    def __init__(self, key: Hashable, until: float) -> None:
        self.key = key
        self.began = asyncio.get_running_loop().time()
        self.until = until
        self.waiters = 0
        self.is_kept = False
        self.wait: Callable[[], float] | None = None
        self.task: asyncio.Task[T | UpstreamError]


Work = Callable[[Flight[T]], Awaitable[T | UpstreamError]]


class Flights:
    """The flights of one upstream, by key; each ends within `seconds` of its own.

    A flight belongs to no request: it runs in an empty context, and neither a cancelled waiter
    nor one out of time ends it while another waits. When the last has left it is cancelled,
    unless it is kept (a refresh that nobody needs to wait for).
    """

    def __init__(self, source: str, seconds: float) -> None:
        self._source = source
        self._seconds = seconds
        self._flying: dict[Hashable, Flight[Any]] = {}

    def __len__(self) -> int:
        return len(self._flying)

    def get(self, key: Hashable) -> Flight[Any] | None:
        """The flight under way for `key`."""
        return self._flying.get(key)

    def board(self, key: Hashable, work: Work[T], until: float, *, keep: bool = False) -> Flight[T]:
        """The flight for `key`, started if there is none; nothing runs before the caller yields."""
        flight: Flight[T] | None = self._flying.get(key)
        if flight is None:
            flight = Flight(key, until)
            self._flying[key] = flight
            flying = self._fly(flight, work)
            flight.task = asyncio.create_task(flying, context=Context())
        elif until > flight.until:
            flight.until = until
        flight.is_kept |= keep
        return flight

    async def wait(self, flights: Collection[Flight[Any]], until: float) -> None:
        """Wait till all have landed, or till `until` (loop time); then look at their tasks."""
        pending = [flight for flight in flights if not flight.task.done()]
        for flight in pending:
            flight.waiters += 1
        try:
            if pending:
                left = until - asyncio.get_running_loop().time()
                await asyncio.wait([flight.task for flight in pending], timeout=max(0.0, left))
        finally:
            for flight in pending:
                flight.waiters -= 1
                if not (flight.waiters or flight.is_kept or flight.task.done()):
                    self._drop(flight)
                    flight.task.cancel()

    async def aclose(self) -> None:
        """Cancel all that is under way, and wait till it has stopped."""
        tasks = [flight.task for flight in self._flying.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._flying.clear()

    async def _fly(self, flight: Flight[T], work: Work[T]) -> T | UpstreamError:
        try:
            with deadline(self._seconds):
                async with asyncio.timeout(self._seconds):
                    return await work(flight)
        except UpstreamError as error:
            return error
        except TimeoutError:
            return UpstreamTimeout(
                f"The {self._source} upstream did not answer in time.", source=self._source
            )
        finally:
            self._drop(flight)

    def _drop(self, flight: Flight[T]) -> None:
        if self._flying.get(flight.key) is flight:
            del self._flying[flight.key]
