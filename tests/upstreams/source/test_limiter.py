import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.upstreams.stage import Clock
from tests.virtual_time import now
from upstreams.source.limiter import LocalLimiter, NoPermitInTime, window_of

arrivals = st.lists(st.floats(min_value=0, max_value=3), max_size=80)


def most_in_a_second(moments: list[float]) -> int:
    return max((sum(1 for m in moments if at <= m < at + 1.0) for at in moments), default=0)


@given(arrivals, st.sampled_from([0.3, 1.0, 2.5, 7.0]))
def test_no_second_sees_more_than_the_limit_whatever_the_arrivals(
    gaps: list[float], limit: float
) -> None:
    clock = Clock()
    limiter = LocalLimiter(limit, clock)
    moments: list[float] = []

    for gap in gaps:
        clock.now += gap
        if not limiter.take():
            clock.now += limiter.wait()
            assert limiter.take() or limiter.wait() < 1e-9
        moments.append(clock.now)

    assert most_in_a_second(moments) <= max(1, int(limit))


@given(st.integers(min_value=0, max_value=30), st.integers(min_value=1, max_value=5))
def test_the_wait_of_the_nth_in_line_is_when_its_permit_comes(ahead: int, limit: int) -> None:
    clock = Clock()
    limiter = LocalLimiter(limit, clock)
    foretold = limiter.wait(ahead)

    for _ in range(ahead + 1):
        while not limiter.take():
            clock.now += max(limiter.wait(), 1e-9)

    assert clock.now - 1_000.0 == pytest.approx(foretold, abs=1e-6)


def test_a_closed_budget_gives_nothing_until_it_opens() -> None:
    clock = Clock()
    limiter = LocalLimiter(2, clock)
    assert limiter.permits_left() == 2

    limiter.pause(5)
    limiter.pause(3)

    assert (limiter.take(), limiter.permits_left(), limiter.wait()) == (False, 0, 5)
    clock.now += 5
    assert (limiter.take(), limiter.permits_left()) == (True, 1)


async def test_permit_waits_its_turn_and_refuses_at_once_what_would_be_late() -> None:
    limiter = LocalLimiter(1, now)
    started = now()
    await limiter.permit(0.0)

    with pytest.raises(NoPermitInTime) as late:
        await limiter.permit(0.5)
    refused = now() - started
    await limiter.permit(1.5)

    assert refused == 0
    assert late.value.wait == pytest.approx(1.1, abs=0.01)
    assert now() - started == pytest.approx(late.value.wait)


async def test_a_permit_that_was_not_waited_for_is_not_lost() -> None:
    limiter = LocalLimiter(1, now)
    await limiter.permit(0.0)
    waiting = asyncio.create_task(limiter.permit(5.0))
    await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.wait([waiting])

    assert limiter.wait() < 1.1
    assert limiter.wait(1) < 2.2


@pytest.mark.parametrize(("limit", "window"), [(1, (1, 1.1)), (40, (40, 1.1)), (0.5, (1, 2.1))])
def test_a_limit_is_whole_calls_in_a_window_of_at_least_a_second(
    limit: float, window: tuple[int, float]
) -> None:
    assert window_of(limit) == window


@pytest.mark.parametrize("limit", [0, -1, float("nan")])
def test_a_limit_that_lets_nothing_through_is_refused(limit: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        LocalLimiter(limit, Clock())
