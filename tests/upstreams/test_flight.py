import asyncio
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import Any

import pytest

from upstreams.errors import UpstreamError, UpstreamTimeout, UpstreamUnavailable
from upstreams.flight import Flight, Flights

SECONDS = 5.0
_request: ContextVar[str] = ContextVar("request", default="none")


class Work:
    """A piece of work that is landed by hand, and counts how often it was begun and stopped."""

    def __init__(self, flights: Flights) -> None:
        self.flights = flights
        self.begun = 0
        self.stopped = 0
        self.clients: list[str] = []
        self.seconds_to_wait = 0.0
        self.flight: Flight[str]

    def begin(self, flight: Flight[str]) -> "Work":
        self.begun += 1
        self.flight = flight
        return self

    def wait(self) -> float:
        return self.seconds_to_wait

    def stop(self) -> None:
        self.stopped += 1

    def hasten(self, client: str) -> None:
        self.clients.append(client)

    def land(self, outcome: str | Exception = "landed") -> None:
        self.flights.land(self.flight, outcome)


def late(wait: float) -> UpstreamError:
    return UpstreamTimeout(f"{wait:g} more seconds", source="portfolio")


def now() -> float:
    return asyncio.get_running_loop().time()


def soon(seconds: float = SECONDS) -> float:
    return now() + seconds


@pytest.fixture
async def flights() -> AsyncIterator[Flights]:
    flights = Flights("portfolio", SECONDS, late)
    yield flights
    flights.close()


@pytest.fixture
def work(flights: Flights) -> Work:
    return Work(flights)


async def ride(work: Work, until: float, name: str = "key") -> str | Exception | None:
    flight = work.flights.board(name, work.begin, now(), until)
    await work.flights.wait([flight], until)
    return flight.outcome


async def test_a_thousand_waiters_share_one_flight(flights: Flights, work: Work) -> None:
    waiting = [asyncio.create_task(ride(work, soon())) for _ in range(1000)]
    await asyncio.sleep(0.01)
    work.land()

    assert set(await asyncio.gather(*waiting)) == {"landed"}
    assert (work.begun, work.stopped, len(flights)) == (1, 0, 0)


async def test_a_cancelled_or_late_waiter_does_not_end_it_for_the_others(work: Work) -> None:
    first = asyncio.create_task(ride(work, soon()))
    hasty = asyncio.create_task(ride(work, soon(0.02)))
    other = asyncio.create_task(ride(work, soon()))
    await asyncio.sleep(0.01)

    first.cancel()
    assert await hasty is None
    work.land()

    assert await other == "landed"
    assert (work.begun, work.stopped) == (1, 0)


async def test_the_work_stops_when_the_last_waiter_has_left(flights: Flights, work: Work) -> None:
    waiting = [asyncio.create_task(ride(work, soon())) for _ in range(3)]
    await asyncio.sleep(0.01)
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)

    assert (work.stopped, len(flights)) == (1, 0)
    again = asyncio.create_task(ride(work, soon()))
    await asyncio.sleep(0.01)
    work.land()
    assert await again == "landed"
    assert (work.begun, work.stopped) == (2, 1)


async def test_the_last_to_leave_is_told_how_long_there_was_to_wait(work: Work) -> None:
    work.seconds_to_wait = 3.0
    ended = await ride(work, soon(0.01))
    assert (str(ended), work.stopped) == ("3 more seconds", 1)


async def test_many_are_waited_for_together_and_each_once(flights: Flights) -> None:
    works = [Work(flights) for _ in range(3)]
    three = [flights.board(n, each.begin, now(), soon()) for n, each in enumerate(works)]
    waiting = asyncio.create_task(flights.wait([*three, three[0]], soon()))
    for each in works:
        await asyncio.sleep(0.01)
        assert not waiting.done()
        each.land()
    await waiting
    assert [flight.outcome for flight in three] == ["landed"] * 3


async def test_leaving_stops_only_what_nobody_else_waits_for(flights: Flights) -> None:
    works = [Work(flights) for _ in range(3)]
    three = [flights.board(n, each.begin, now(), soon()) for n, each in enumerate(works)]
    leaving = asyncio.create_task(flights.wait(three, soon()))
    staying = asyncio.create_task(flights.wait(three[1:2], soon()))
    await asyncio.sleep(0.01)
    works[2].land()

    leaving.cancel()
    await asyncio.wait([leaving])
    works[1].land()
    await staying

    assert [each.stopped for each in works] == [1, 0, 0]
    assert [flight.outcome for flight in three[1:]] == ["landed", "landed"]


async def test_a_kept_flight_goes_on_without_waiters(flights: Flights, work: Work) -> None:
    flight = flights.board("key", work.begin, now(), soon(), keep=True)
    await flights.wait([flight], soon(0.01))
    assert (flight.outcome, work.stopped) == (None, 0)
    work.land()
    assert flight.outcome == "landed"


async def test_who_comes_later_prolongs_it_and_may_keep_it(flights: Flights, work: Work) -> None:
    until = soon()
    flight = flights.board("key", work.begin, now(), until)
    assert flights.board("key", work.begin, now(), until - 1) is flight
    assert (flight.until, flight.is_kept) == (until, False)
    flights.board("key", work.begin, now(), until + 1, keep=True)
    flights.board("key", work.begin, now(), until)
    assert (flight.until, flight.is_kept, work.begun) == (until + 1, True, 1)


async def test_the_work_hears_of_all_who_want_it(flights: Flights, work: Work) -> None:
    for client in ("a", "b", "a"):
        flights.board("key", work.begin, now(), soon(), client)
    assert work.clients == ["b", "a"]


async def test_a_party_may_wait_several_times_and_leave_one_by_one(flights: Flights) -> None:
    works = [Work(flights) for _ in range(3)]
    three = [flights.board(n, each.begin, now(), soon()) for n, each in enumerate(works)]
    party = flights.join(three)
    await party.wait(soon(0.01))
    works[0].land()
    await party.wait(soon(0.01))
    assert [each.stopped for each in works] == [0, 0, 0]

    flights.leave(party, [three[0], three[1]])
    assert [each.stopped for each in works] == [0, 1, 0]
    waiting = asyncio.create_task(party.wait(soon()))
    await asyncio.sleep(0)
    works[2].land()
    await waiting
    assert three[2].outcome == "landed"
    await party.wait(soon())


async def test_a_flight_has_its_own_time_and_not_its_first_waiters(work: Work) -> None:
    hasty = asyncio.create_task(ride(work, soon(0.02)))
    patient = asyncio.create_task(ride(work, soon()))
    assert await hasty is None
    work.land()
    assert await patient == "landed"


async def test_each_ends_in_an_error_when_its_own_time_is_over() -> None:
    flights = Flights("portfolio", 0.05, late)
    first, second, kept = (Work(flights) for _ in range(3))
    began = now()
    one = asyncio.create_task(ride(first, soon(), "first"))
    await asyncio.sleep(0.02)
    other = asyncio.create_task(ride(second, soon(), "second"))
    await asyncio.sleep(0.02)
    flights.board("kept", kept.begin, now(), soon(), keep=True)

    assert isinstance(await one, UpstreamTimeout)
    assert now() - began == pytest.approx(0.05, abs=0.015)
    assert (first.stopped, second.stopped) == (1, 0)
    assert isinstance(await other, UpstreamTimeout)
    assert now() - began == pytest.approx(0.07, abs=0.015)
    await asyncio.sleep(0.05)
    assert (first.stopped, second.stopped, kept.stopped, len(flights)) == (1, 1, 1, 0)


async def test_the_time_of_flights_is_kept_in_no_requests_context() -> None:
    seen = []

    class Watching(Work):
        def stop(self) -> None:
            seen.append(_request.get())

    flights = Flights("portfolio", 0.02, late)
    _request.set("of one client")
    flights.board("key", Watching(flights).begin, now(), soon(), keep=True)
    await asyncio.sleep(0.04)
    assert seen == ["none"]


async def test_an_upstream_error_is_an_outcome(work: Work) -> None:
    failure = UpstreamUnavailable("Gone.", source="portfolio")
    waiting = asyncio.create_task(ride(work, soon()))
    await asyncio.sleep(0)
    work.land(failure)
    assert await waiting is failure


async def test_what_has_landed_stays_so(flights: Flights, work: Work) -> None:
    flight = flights.board("key", work.begin, now(), soon())
    work.land()
    work.land(ZeroDivisionError())
    await flights.wait([flight], soon())
    assert (flight.outcome, flight.wait(), work.stopped) == ("landed", 0.0, 0)


async def test_a_defect_that_nobody_waits_for_is_reported(flights: Flights, work: Work) -> None:
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
    defect = ZeroDivisionError()
    waiting = asyncio.create_task(ride(work, soon()))
    await asyncio.sleep(0)
    work.land(defect)
    assert (await waiting, reported) == (defect, [])

    flights.board("key", work.begin, now(), soon(), keep=True)
    work.land(defect)
    assert [each["exception"] for each in reported] == [defect]


async def test_closing_stops_everything(flights: Flights, work: Work) -> None:
    waiting = asyncio.create_task(ride(work, soon()))
    await asyncio.sleep(0)
    flights.close()
    ended = await waiting
    assert isinstance(ended, UpstreamUnavailable)
    assert (str(ended), work.stopped, len(flights)) == ("The service is stopping.", 1, 0)
