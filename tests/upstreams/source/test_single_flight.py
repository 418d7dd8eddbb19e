import asyncio
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import Any

import pytest

from tests.virtual_time import now
from upstreams.errors import UpstreamError, UpstreamTimeout, UpstreamUnavailable
from upstreams.source.single_flight import Fetch, SingleFlight

SECONDS = 5.0
_request: ContextVar[str] = ContextVar("request", default="none")


class FetchWork:
    """A piece of work that is ended by hand, and counts how often it was begun and stopped."""

    def __init__(self, fetches: SingleFlight) -> None:
        self.fetches = fetches
        self.begun = 0
        self.stopped = 0
        self.clients: list[str] = []
        self.seconds_to_wait = 0.0
        self.fetch: Fetch[str]

    def begin(self, fetch: Fetch[str]) -> "FetchWork":
        self.begun += 1
        self.fetch = fetch
        return self

    def wait(self) -> float:
        return self.seconds_to_wait

    def stop(self) -> None:
        self.stopped += 1

    def hasten(self, client: str) -> None:
        self.clients.append(client)

    def finish(self, outcome: str | Exception = "ended") -> None:
        self.fetches.finish(self.fetch, outcome)


def late(wait: float) -> UpstreamError:
    return UpstreamTimeout(f"{wait:g} more seconds", source="portfolio")


def soon(seconds: float = SECONDS) -> float:
    return now() + seconds


@pytest.fixture
async def fetches() -> AsyncIterator[SingleFlight]:
    fetches = SingleFlight("portfolio", SECONDS, late)
    yield fetches
    fetches.close()


@pytest.fixture
def work(fetches: SingleFlight) -> FetchWork:
    return FetchWork(fetches)


async def ride(work: FetchWork, until: float, name: str = "key") -> str | Exception | None:
    fetch = work.fetches.start(name, work.begin, now(), until)
    await work.fetches.wait([fetch], until)
    return fetch.outcome


async def test_a_thousand_waiters_share_one_fetch(fetches: SingleFlight, work: FetchWork) -> None:
    waiting = [asyncio.create_task(ride(work, soon())) for _ in range(1000)]
    await asyncio.sleep(0.01)
    work.finish()

    assert set(await asyncio.gather(*waiting)) == {"ended"}
    assert (work.begun, work.stopped, len(fetches)) == (1, 0, 0)


async def test_a_cancelled_or_late_waiter_does_not_end_it_for_the_others(work: FetchWork) -> None:
    first = asyncio.create_task(ride(work, soon()))
    hasty = asyncio.create_task(ride(work, soon(0.02)))
    other = asyncio.create_task(ride(work, soon()))
    await asyncio.sleep(0.01)

    first.cancel()
    assert await hasty is None
    work.finish()

    assert await other == "ended"
    assert (work.begun, work.stopped) == (1, 0)


async def test_the_work_stops_when_the_last_waiter_has_left(
    fetches: SingleFlight, work: FetchWork
) -> None:
    waiting = [asyncio.create_task(ride(work, soon())) for _ in range(3)]
    await asyncio.sleep(0.01)
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)

    assert (work.stopped, len(fetches)) == (1, 0)
    again = asyncio.create_task(ride(work, soon()))
    await asyncio.sleep(0.01)
    work.finish()
    assert await again == "ended"
    assert (work.begun, work.stopped) == (2, 1)


async def test_the_last_to_leave_is_told_how_long_there_was_to_wait(work: FetchWork) -> None:
    work.seconds_to_wait = 3.0
    ended = await ride(work, soon(0.01))
    assert (str(ended), work.stopped) == ("3 more seconds", 1)


async def test_many_are_waited_for_together_and_each_once(fetches: SingleFlight) -> None:
    works = [FetchWork(fetches) for _ in range(3)]
    three = [fetches.start(n, each.begin, now(), soon()) for n, each in enumerate(works)]
    waiting = asyncio.create_task(fetches.wait([*three, three[0]], soon()))
    for each in works:
        await asyncio.sleep(0.01)
        assert not waiting.done()
        each.finish()
    await waiting
    assert [fetch.outcome for fetch in three] == ["ended"] * 3


async def test_leaving_stops_only_what_nobody_else_waits_for(fetches: SingleFlight) -> None:
    works = [FetchWork(fetches) for _ in range(3)]
    three = [fetches.start(n, each.begin, now(), soon()) for n, each in enumerate(works)]
    leaving = asyncio.create_task(fetches.wait(three, soon()))
    staying = asyncio.create_task(fetches.wait(three[1:2], soon()))
    await asyncio.sleep(0.01)
    works[2].finish()

    leaving.cancel()
    await asyncio.wait([leaving])
    works[1].finish()
    await staying

    assert [each.stopped for each in works] == [1, 0, 0]
    assert [fetch.outcome for fetch in three[1:]] == ["ended", "ended"]


async def test_a_kept_fetch_goes_on_without_waiters(fetches: SingleFlight, work: FetchWork) -> None:
    fetch = fetches.start("key", work.begin, now(), soon(), keep=True)
    await fetches.wait([fetch], soon(0.01))
    assert (fetch.outcome, work.stopped) == (None, 0)
    work.finish()
    assert fetch.outcome == "ended"


async def test_who_comes_later_prolongs_it_and_may_keep_it(
    fetches: SingleFlight, work: FetchWork
) -> None:
    until = soon()
    fetch = fetches.start("key", work.begin, now(), until)
    assert fetches.start("key", work.begin, now(), until - 1) is fetch
    assert (fetch.until, fetch.is_kept) == (until, False)
    fetches.start("key", work.begin, now(), until + 1, keep=True)
    fetches.start("key", work.begin, now(), until)
    assert (fetch.until, fetch.is_kept, work.begun) == (until + 1, True, 1)


async def test_the_work_hears_of_all_who_want_it(fetches: SingleFlight, work: FetchWork) -> None:
    for client in ("a", "b", "a"):
        fetches.start("key", work.begin, now(), soon(), client)
    assert work.clients == ["b", "a"]


async def test_a_waiter_may_wait_several_times_and_leave_one_by_one(fetches: SingleFlight) -> None:
    works = [FetchWork(fetches) for _ in range(3)]
    three = [fetches.start(n, each.begin, now(), soon()) for n, each in enumerate(works)]
    waiter = fetches.join(three)
    await waiter.wait(soon(0.01))
    works[0].finish()
    await waiter.wait(soon(0.01))
    assert [each.stopped for each in works] == [0, 0, 0]

    fetches.leave(waiter, [three[0], three[1]])
    assert [each.stopped for each in works] == [0, 1, 0]
    waiting = asyncio.create_task(waiter.wait(soon()))
    await asyncio.sleep(0)
    works[2].finish()
    await waiting
    assert three[2].outcome == "ended"
    await waiter.wait(soon())


async def test_a_fetch_has_its_own_time_and_not_its_first_waiters(work: FetchWork) -> None:
    hasty = asyncio.create_task(ride(work, soon(0.02)))
    patient = asyncio.create_task(ride(work, soon()))
    assert await hasty is None
    work.finish()
    assert await patient == "ended"


async def test_each_ends_in_an_error_when_its_own_time_is_over() -> None:
    fetches = SingleFlight("portfolio", 0.05, late)
    first, second, kept = (FetchWork(fetches) for _ in range(3))
    began = now()
    one = asyncio.create_task(ride(first, soon(), "first"))
    await asyncio.sleep(0.02)
    other = asyncio.create_task(ride(second, soon(), "second"))
    await asyncio.sleep(0.02)
    fetches.start("kept", kept.begin, now(), soon(), keep=True)

    assert isinstance(await one, UpstreamTimeout)
    assert now() - began == pytest.approx(0.05)
    assert (first.stopped, second.stopped) == (1, 0)
    assert isinstance(await other, UpstreamTimeout)
    assert now() - began == pytest.approx(0.07)
    await asyncio.sleep(0.05)
    assert (first.stopped, second.stopped, kept.stopped, len(fetches)) == (1, 1, 1, 0)


async def test_the_time_of_fetches_is_kept_in_no_requests_context() -> None:
    seen = []

    class Watching(FetchWork):
        def stop(self) -> None:
            seen.append(_request.get())

    fetches = SingleFlight("portfolio", 0.02, late)
    _request.set("of one client")
    fetches.start("key", Watching(fetches).begin, now(), soon(), keep=True)
    await asyncio.sleep(0.04)
    assert seen == ["none"]


async def test_an_upstream_error_is_an_outcome(work: FetchWork) -> None:
    failure = UpstreamUnavailable("Gone.", source="portfolio")
    waiting = asyncio.create_task(ride(work, soon()))
    await asyncio.sleep(0)
    work.finish(failure)
    assert await waiting is failure


async def test_what_has_ended_stays_so(fetches: SingleFlight, work: FetchWork) -> None:
    fetch = fetches.start("key", work.begin, now(), soon())
    work.finish()
    work.finish(ZeroDivisionError())
    await fetches.wait([fetch], soon())
    assert (fetch.outcome, fetch.wait(), work.stopped) == ("ended", 0.0, 0)


async def test_a_defect_that_nobody_waits_for_is_reported(
    fetches: SingleFlight, work: FetchWork
) -> None:
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
    defect = ZeroDivisionError()
    waiting = asyncio.create_task(ride(work, soon()))
    await asyncio.sleep(0)
    work.finish(defect)
    assert (await waiting, reported) == (defect, [])

    fetches.start("key", work.begin, now(), soon(), keep=True)
    work.finish(defect)
    assert [each["exception"] for each in reported] == [defect]


async def test_closing_stops_everything(fetches: SingleFlight, work: FetchWork) -> None:
    waiting = asyncio.create_task(ride(work, soon()))
    await asyncio.sleep(0)
    fetches.close()
    ended = await waiting
    assert isinstance(ended, UpstreamUnavailable)
    assert (str(ended), work.stopped, len(fetches)) == ("The service is stopping.", 1, 0)
