import asyncio

import pytest

from upstreams.deadline import deadline, remaining
from upstreams.errors import UpstreamError, UpstreamTimeout, UpstreamUnavailable
from upstreams.flight import Flight, Flights


class Work:
    """A piece of work that can be held up, and counts how often it was begun and broken off."""

    def __init__(self) -> None:
        self.begun = 0
        self.cancelled = 0
        self.remaining: float | None = None
        self.done = asyncio.Event()

    async def __call__(self, flight: Flight[str]) -> str | UpstreamError:
        self.begun += 1
        self.remaining = remaining()
        try:
            await self.done.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return "landed"


def soon(seconds: float = 5.0) -> float:
    return asyncio.get_running_loop().time() + seconds


async def ride(flights: Flights, work: Work, until: float) -> str | UpstreamError | None:
    flight = flights.board("key", work, until)
    await flights.wait([flight], until)
    return flight.task.result() if flight.task.done() else None


async def test_a_thousand_waiters_share_one_flight() -> None:
    flights, work = Flights("portfolio", 5), Work()
    waiting = [asyncio.create_task(ride(flights, work, soon())) for _ in range(1000)]
    await asyncio.sleep(0.01)
    work.done.set()

    assert set(await asyncio.gather(*waiting)) == {"landed"}
    assert (work.begun, len(flights)) == (1, 0)


async def test_a_cancelled_or_late_waiter_does_not_end_it_for_the_others() -> None:
    flights, work = Flights("portfolio", 5), Work()
    first = asyncio.create_task(ride(flights, work, soon()))
    hasty = asyncio.create_task(ride(flights, work, soon(0.02)))
    other = asyncio.create_task(ride(flights, work, soon()))
    await asyncio.sleep(0.01)

    first.cancel()
    assert await hasty is None
    work.done.set()

    assert await other == "landed"
    assert (work.begun, work.cancelled) == (1, 0)


async def test_the_work_stops_when_the_last_waiter_has_left() -> None:
    flights, work = Flights("portfolio", 5), Work()
    waiting = [asyncio.create_task(ride(flights, work, soon())) for _ in range(3)]
    await asyncio.sleep(0.01)
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    await asyncio.sleep(0)

    assert (work.cancelled, len(flights)) == (1, 0)
    again = asyncio.create_task(ride(flights, work, soon()))
    await asyncio.sleep(0.01)
    work.done.set()
    assert await again == "landed"
    assert work.begun == 2


async def test_a_kept_flight_goes_on_without_waiters() -> None:
    flights, work = Flights("portfolio", 5), Work()
    flight = flights.board("key", work, soon(), keep=True)
    await flights.wait([flight], soon(0.01))
    work.done.set()
    assert await flight.task == "landed"


async def test_a_flight_has_its_own_time_and_not_its_first_waiters() -> None:
    flights, work = Flights("portfolio", 5), Work()
    with deadline(0.02):
        hasty = asyncio.create_task(ride(flights, work, soon(0.02)))
        patient = asyncio.create_task(ride(flights, work, soon()))
    assert await hasty is None
    work.done.set()
    assert await patient == "landed"
    assert work.remaining == pytest.approx(5, abs=0.5)


async def test_it_ends_in_an_error_when_its_own_time_is_over() -> None:
    flights, work = Flights("portfolio", 0.02), Work()
    ended = await ride(flights, work, soon())
    assert isinstance(ended, UpstreamTimeout)
    assert ended.source == "portfolio"


async def test_a_raised_upstream_error_is_an_outcome() -> None:
    failure = UpstreamUnavailable("Gone.", source="portfolio")

    async def fail(flight: Flight[str]) -> str:
        raise failure

    flights = Flights("portfolio", 5)
    flight = flights.board("key", fail, soon())
    await flights.wait([flight], soon())
    assert flight.task.result() is failure


async def test_closing_leaves_no_task() -> None:
    flights, work = Flights("portfolio", 5), Work()
    flight = flights.board("key", work, soon(), keep=True)
    await asyncio.sleep(0)
    await flights.aclose()
    assert flight.task.cancelled()
    assert work.cancelled == 1
