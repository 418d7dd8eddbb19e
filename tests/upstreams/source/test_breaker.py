from collections.abc import Callable

import httpx
import pytest

from tests.upstreams.stage import Call, Clock, Stage, gateways, key
from tests.upstreams.wire import reply
from upstreams.errors import UpstreamUnavailable
from upstreams.source.breaker import MIN_VOLUME, PAUSE_SECONDS, WINDOW_SECONDS, Breaker, Outcome


def end(breaker: Breaker, outcome: Outcome) -> None:
    generation = breaker.enter()
    assert generation is not None
    breaker.leave(generation, outcome)


def opened(clock: Clock) -> Breaker:
    breaker = Breaker(clock)
    for _ in range(MIN_VOLUME):
        end(breaker, Outcome.BAD)
    return breaker


def test_it_opens_at_half_of_at_least_five_calls() -> None:
    breaker = Breaker(Clock())
    for outcome in [Outcome.GOOD, Outcome.GOOD, Outcome.BAD, Outcome.BAD]:
        end(breaker, outcome)
    assert breaker.state == "CLOSED"

    end(breaker, Outcome.BAD)

    assert breaker.state == "OPEN"
    assert breaker.enter() is None
    assert breaker.wait() == PAUSE_SECONDS


def test_four_failures_alone_do_not_open_it() -> None:
    breaker = Breaker(Clock())
    for _ in range(MIN_VOLUME - 1):
        end(breaker, Outcome.BAD)
    assert breaker.state == "CLOSED"


@pytest.mark.parametrize("later", [WINDOW_SECONDS, 3 * WINDOW_SECONDS])
def test_failures_older_than_the_window_are_forgotten(later: float) -> None:
    clock = Clock(7.0)
    breaker = Breaker(clock)
    for _ in range(MIN_VOLUME - 1):
        end(breaker, Outcome.BAD)
    clock.now += later
    for _ in range(MIN_VOLUME - 1):
        end(breaker, Outcome.GOOD)
    end(breaker, Outcome.BAD)
    assert breaker.state == "CLOSED"


def test_failures_of_the_last_ten_seconds_count_together() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(4):
        end(breaker, Outcome.BAD)
    clock.now += 9.9
    end(breaker, Outcome.BAD)
    assert breaker.state == "OPEN"


def test_once_closed_again_it_counts_from_nothing() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += PAUSE_SECONDS + 1
    assert breaker.wait() == 0
    end(breaker, Outcome.GOOD)
    for outcome in [Outcome.GOOD] * 3 + [Outcome.BAD] * 2:
        end(breaker, outcome)
    assert breaker.state == "CLOSED"
    end(breaker, Outcome.BAD)
    assert breaker.state == "OPEN"


def test_a_success_never_opens_it_though_only_failures_are_left_beside_it() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(20):
        end(breaker, Outcome.GOOD)
    clock.now += WINDOW_SECONDS - 1
    for _ in range(9):
        end(breaker, Outcome.BAD)
    clock.now += 1
    end(breaker, Outcome.GOOD)
    assert breaker.state == "CLOSED"
    end(breaker, Outcome.BAD)
    assert breaker.state == "OPEN"


def test_refusals_and_cancelled_calls_count_for_nothing() -> None:
    breaker = Breaker(Clock())
    for _ in range(50):
        end(breaker, Outcome.ALIVE)
        end(breaker, Outcome.UNKNOWN)
    for _ in range(MIN_VOLUME - 1):
        end(breaker, Outcome.BAD)
    assert breaker.state == "CLOSED"
    end(breaker, Outcome.BAD)
    assert breaker.state == "OPEN"


def test_half_open_lets_exactly_one_of_fifty_through() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += PAUSE_SECONDS
    assert breaker.state == "HALF_OPEN"

    passes = [breaker.enter() for _ in range(50)]

    assert sum(each is not None for each in passes) == 1


def test_a_good_probe_closes_it_and_a_bad_one_opens_it_again() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += PAUSE_SECONDS
    end(breaker, Outcome.BAD)
    assert breaker.state == "OPEN"
    clock.now += PAUSE_SECONDS
    end(breaker, Outcome.GOOD)
    assert breaker.state == "CLOSED"
    for _ in range(MIN_VOLUME - 1):
        end(breaker, Outcome.BAD)
    assert breaker.state == "CLOSED"


def test_a_refused_probe_says_that_the_upstream_is_back() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += PAUSE_SECONDS
    end(breaker, Outcome.ALIVE)
    assert breaker.state == "CLOSED"


def test_a_cancelled_probe_leaves_the_question_to_the_next() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += PAUSE_SECONDS
    end(breaker, Outcome.UNKNOWN)
    assert breaker.state == "HALF_OPEN"
    assert breaker.enter() is not None


def test_a_call_from_before_the_opening_does_not_decide_the_probe() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    early = breaker.enter()
    assert early is not None
    for _ in range(MIN_VOLUME):
        end(breaker, Outcome.BAD)
    clock.now += PAUSE_SECONDS
    probe = breaker.enter()
    assert probe is not None

    breaker.leave(early, Outcome.GOOD)
    assert breaker.enter() is None
    breaker.leave(probe, Outcome.BAD)
    assert breaker.state == "OPEN"


def broken(call: Call) -> httpx.Response:
    raise httpx.ReadError("")


ARRIVED: dict[str, Callable[[Call], httpx.Response]] = {
    "no JSON": lambda _: reply("[{"),
    "another shape": lambda _: reply('{"error": "no"}'),
    "a page": lambda _: reply("<html>", content_type="text/html"),
    "no gzip": lambda _: reply("[]", headers={"Content-Encoding": "gzip"}),
    "a redirect": lambda _: reply("", 302),
    "a refusal": lambda _: reply("{}", 422),
    "too often": lambda _: reply("", 429, headers={"Retry-After": "0"}),
    "no key": lambda _: reply("", 401),
}
DOWN: dict[str, Callable[[Call], httpx.Response]] = {
    "broken off": broken,
    "500": lambda _: reply("", 500),
    "503": lambda _: reply("", 503),
}


@pytest.mark.parametrize("name", [*ARRIVED, *DOWN])
async def test_only_what_says_that_the_service_is_down_opens_it(name: str) -> None:
    stage = Stage()
    async with gateways(stage, portfolio_ttl_seconds=0) as upstreams:
        stage.script = (ARRIVED | DOWN)[name]
        for number in range(2 * MIN_VOLUME):
            await upstreams.portfolio.snapshots([key(number)])
        state = upstreams.portfolio.state()
        stage.script = lambda _: None
        [answer] = await upstreams.portfolio.snapshots([key(99)])

    assert state.breaker == ("OPEN" if name in DOWN else "CLOSED")
    assert isinstance(answer, UpstreamUnavailable) == (name in DOWN)
