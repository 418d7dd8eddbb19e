"""`Flights`: one piece of work for everyone who wants the same thing at the same time."""

import asyncio
from collections.abc import Callable, Hashable, Iterable
from contextvars import Context
from itertools import takewhile
from typing import Any, Generic, Protocol, TypeVar

from upstreams.errors import UpstreamError, UpstreamUnavailable

T = TypeVar("T")


class Work(Protocol):
    """What a flight waits for."""

    def wait(self) -> float:
        """Seconds until the upstream call leaves, once it is queued: 0 when it has."""

    def stop(self) -> None:
        """Break it off; it will not land the flight."""

    def hasten(self, client: str) -> None:
        """Another client waits for it, too."""


class Flight(Generic[T]):
    """Work under way since `began`; after `until` (both loop times) none of its waiters wants it.

    `outcome` is None till it lands, and then an answer, an UpstreamError or a defect of ours.
    """

    __slots__ = ("began", "is_kept", "name", "outcome", "parties", "until", "work")

    def __init__(self, name: Hashable, began: float, until: float, is_kept: bool) -> None:
        self.name = name
        self.began = began
        self.until = until
        self.is_kept = is_kept
        self.outcome: T | Exception | None = None
        self.parties: set[Party] = set()
        self.work: Work | None = None

    def wait(self) -> float:
        """Seconds until its upstream call leaves: 0 when it has, or is not queued yet."""
        return 0.0 if self.work is None else self.work.wait()


class Party:
    """Whoever waits for flights to land: for all that are still in the air, or till a moment."""

    __slots__ = ("flights", "future")

    def __init__(self) -> None:
        self.flights: set[Flight[Any]] = set()
        self.future: asyncio.Future[None] | None = None

    async def wait(self, until: float) -> None:
        """Wait till all have landed, or till `until` (loop time); then look at their outcomes."""
        if not self.flights:
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


class Flights:
    """The flights of one upstream, by name; each ends within `seconds` of its own.

    A flight belongs to no request: neither a cancelled waiter nor one out of time ends it while
    another waits. When the last has left it is stopped, unless it is kept (a refresh that nobody
    needs to wait for). `late` makes the error of one out of time that had so long to wait yet.
    """

    def __init__(self, source: str, seconds: float, late: Callable[[float], UpstreamError]) -> None:
        self._source = source
        self._seconds = seconds
        self._late = late
        # In the order in which they began, and so in that of their ends.
        self._flying: dict[Hashable, Flight[Any]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._flying)

    def get(self, name: Hashable) -> Flight[Any] | None:
        """The flight under way of that name."""
        return self._flying.get(name)

    def board(
        self,
        name: Hashable,
        begin: Callable[[Flight[T]], Work],
        now: float,
        until: float,
        client: str = "",
        *,
        keep: bool = False,
    ) -> Flight[T]:
        """The flight of that name, begun if there is none; it does not land before one yields."""
        flight: Flight[T] | None = self._flying.get(name)
        if flight is None:
            flight = self._flying[name] = Flight(name, now, until, keep)
            flight.work = begin(flight)
            if self._timer is None:
                self._expire_at(now + self._seconds)
            return flight
        if until > flight.until:
            flight.until = until
        flight.is_kept |= keep
        if flight.work is not None:
            flight.work.hasten(client)
        return flight

    def land(self, flight: Flight[T], outcome: T | Exception) -> None:
        """End a flight, unless it has ended."""
        if flight.outcome is not None:
            return
        flight.outcome = outcome
        # They would hold each other, and the answer, until the garbage collector comes.
        flight.work = None
        del self._flying[flight.name]
        for party in flight.parties:
            party.flights.discard(flight)
            if not party.flights:
                party.end()
        if not flight.parties and _is_defect(outcome):
            asyncio.get_running_loop().call_exception_handler(
                {"message": "a flight that nobody waits for has failed", "exception": outcome}
            )

    def error(self, flight: Flight[Any]) -> UpstreamError:
        """What is said to one who can wait for a flight no longer."""
        return self._late(flight.wait())

    def join(self, flights: Iterable[Flight[Any]]) -> Party:
        """A party that waits for flights, until it leaves them."""
        party = Party()
        for flight in flights:
            if flight.outcome is None:
                flight.parties.add(party)
                party.flights.add(flight)
        return party

    def leave(self, party: Party, flights: Iterable[Flight[Any]]) -> None:
        """Wait for these no longer: what nobody waits for is stopped, unless it is kept."""
        for flight in list(flights):
            if flight.outcome is None and flight in party.flights:
                party.flights.discard(flight)
                flight.parties.discard(party)
                if not (flight.parties or flight.is_kept):
                    self._stop(flight, self.error(flight))

    async def wait(self, flights: Iterable[Flight[Any]], until: float) -> None:
        """Wait till all have landed, or till `until` (loop time), and leave."""
        party = self.join(flights)
        try:
            await party.wait(until)
        finally:
            self.leave(party, party.flights)

    def close(self) -> None:
        """Stop all that is under way."""
        if self._timer is not None:
            self._timer.cancel()
        for flight in list(self._flying.values()):
            self._stop(flight, UpstreamUnavailable("The service is stopping.", source=self._source))

    def _stop(self, flight: Flight[Any], outcome: UpstreamError) -> None:
        work = flight.work
        self.land(flight, outcome)
        if work is not None:
            work.stop()

    def _expire_at(self, moment: float) -> None:
        # One timer for all flights, which therefore must not keep one request's context.
        self._timer = asyncio.get_running_loop().call_at(moment, self._expire, context=Context())

    def _expire(self) -> None:
        """End what has had its time."""
        latest = asyncio.get_running_loop().time() - self._seconds
        self._timer = None
        over = takewhile(lambda flight: flight.began <= latest, self._flying.values())
        for flight in list(over):
            self._stop(flight, self.error(flight))
        for flight in self._flying.values():
            self._expire_at(flight.began + self._seconds)
            break


def _is_defect(outcome: object) -> bool:
    return isinstance(outcome, Exception) and not isinstance(outcome, UpstreamError)
