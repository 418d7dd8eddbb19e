import asyncio
import time
from typing import Any

import pytest
import stamina

from tests.upstreams.stage import Call, Clock, Stage, gateways, key, row
from tests.upstreams.wire import reply
from upstreams.assemble import Upstreams
from upstreams.breaker import PAUSE_SECONDS
from upstreams.budget import LocalBudget
from upstreams.dated import Dated, moment
from upstreams.deadline import deadline
from upstreams.errors import UpstreamError, UpstreamRateLimited, UpstreamUnavailable
from upstreams.owners import Snapshot

Answer = Dated[Snapshot] | UpstreamError


async def ask(upstreams: Upstreams, number: int = 1, chain_id: int = 1) -> Answer:
    return (await upstreams.portfolio.snapshots([key(number, chain_id)]))[0]


async def good(upstreams: Upstreams, number: int = 1) -> Dated[Snapshot]:
    answer = await ask(upstreams, number)
    assert isinstance(answer, Dated), answer
    return answer


def value(answer: Dated[Snapshot]) -> int:
    return int(answer.value.rows[0].value_usd)


def failing(call: Call) -> Any:
    return reply("", status=500)


@pytest.fixture
def counting() -> Stage:
    """Each answer's value is the number of the call that brought it."""
    stage = Stage()
    stage.rows = lambda wallet: [row(wallet, value=len(stage.calls))]
    return stage


async def settled() -> None:
    """Let background refreshes end."""
    for _ in range(30):
        await asyncio.sleep(0)


class TestAges:
    async def test_within_its_time_an_answer_is_fresh_and_asked_for_once(
        self, counting: Stage
    ) -> None:
        wall = Clock()
        async with gateways(counting, wall=wall, clock=wall) as upstreams:
            first = await good(upstreams)
            wall.now += 20
            second = await good(upstreams)
            state = upstreams.portfolio.state()
        assert first.as_of == second.as_of == moment(1_000.0)
        assert (first.is_stale, second.is_stale) == (False, False)
        assert 27 <= first.max_age <= 30
        assert second.max_age == pytest.approx(first.max_age - 20)
        assert len(counting.calls) == 1
        assert state.oldest_served_seconds == 20

    async def test_past_it_the_old_one_is_served_while_one_refresh_runs(
        self, counting: Stage
    ) -> None:
        wall = Clock()
        async with gateways(counting, wall=wall, clock=wall) as upstreams:
            await good(upstreams)
            wall.now += 40
            old = await asyncio.gather(*[good(upstreams) for _ in range(1000)])
            await settled()
            new = await good(upstreams)
        assert {(value(each), each.is_stale, each.max_age) for each in old} == {(1, True, 0.0)}
        assert {each.as_of for each in old} == {moment(1_000.0)}
        assert (value(new), new.is_stale, new.as_of) == (2, False, moment(1_040.0))
        assert len(counting.calls) == 2

    async def test_a_very_old_one_is_refreshed_first(self, counting: Stage) -> None:
        wall = Clock()
        async with gateways(counting, wall=wall, clock=wall) as upstreams:
            await good(upstreams)
            wall.now += 600
            answer = await good(upstreams)
        assert (value(answer), answer.is_stale) == (2, False)

    async def test_on_failure_it_stands_in_for_an_hour_and_no_longer(self, counting: Stage) -> None:
        wall = Clock()
        async with gateways(counting, wall=wall, clock=wall) as upstreams:
            await good(upstreams)
            counting.script = failing
            wall.now += 600
            answer = await good(upstreams)
            wall.now += 3_100
            end = await ask(upstreams)
        assert (answer.is_stale, answer.as_of) == (True, moment(1_000.0))
        assert isinstance(end, UpstreamUnavailable)

    async def test_a_failed_refresh_is_not_repeated_for_a_second(self, counting: Stage) -> None:
        wall = Clock()
        async with gateways(counting, wall=wall, clock=wall) as upstreams:
            await good(upstreams)
            counting.script = failing
            wall.now += 600
            for _ in range(10):
                await good(upstreams)
            assert len(counting.calls) == 2
            wall.now += 1.1
            await good(upstreams)
        assert len(counting.calls) == 3

    async def test_nobody_waits_long_for_a_refresh_when_an_old_answer_is_there(
        self, counting: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("upstreams.answers.PATIENCE_SECONDS", 0.1)
        wall = Clock()
        async with gateways(counting, wall=wall, clock=wall) as upstreams:
            await good(upstreams)
            wall.now += 600
            counting.gate = asyncio.Event()
            old = await good(upstreams)
            counting.gate.set()
            await settled()
            new = await good(upstreams)
        assert (value(old), old.is_stale) == (1, True)
        assert (value(new), new.is_stale) == (2, False)
        assert len(counting.calls) == 2

    async def test_a_refresh_that_hangs_keeps_only_its_first_readers_waiting(
        self, counting: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("upstreams.answers.PATIENCE_SECONDS", 0.1)
        wall = Clock()
        waits = []
        async with gateways(counting, wall=wall, clock=wall) as upstreams:
            await good(upstreams)
            wall.now += 600
            counting.gate = asyncio.Event()
            for _ in range(20):
                started = time.perf_counter()
                old = await good(upstreams)
                waits.append(time.perf_counter() - started)
                assert (value(old), old.is_stale) == (1, True)
        assert waits[0] >= 0.09
        assert sum(waits[1:]) < 0.1
        assert len(counting.calls) == 2

    async def test_out_of_time_or_of_permits_an_old_answer_is_served(self, counting: Stage) -> None:
        async with gateways(counting, oneinch_rps=1, portfolio_ttl_seconds=0.02) as upstreams:
            await good(upstreams)
            await asyncio.sleep(0.05)
            with deadline(0.2):
                assert (await good(upstreams)).is_stale
            counting.script = lambda call: reply("", 429, {"Retry-After": "30"})
            await asyncio.sleep(1.1)
            assert (await good(upstreams)).is_stale
            assert len(counting.calls) == 2
            started = time.monotonic()
            assert (await good(upstreams)).is_stale
            assert time.monotonic() - started < 0.1
        assert len(counting.calls) == 2

    async def test_a_time_of_zero_turns_it_off(self, counting: Stage) -> None:
        async with gateways(counting, portfolio_ttl_seconds=0) as upstreams:
            first = await good(upstreams)
            second = await good(upstreams)
            counting.script = failing
            third = await ask(upstreams)
        assert [(value(each), each.is_stale, each.max_age) for each in (first, second)] == [
            (1, False, 0.0),
            (2, False, 0.0),
        ]
        assert isinstance(third, UpstreamUnavailable)


class TestClocks:
    async def test_a_wall_clock_set_back_keeps_nothing_fresh(self, counting: Stage) -> None:
        wall, clock = Clock(10_000.0), Clock()
        async with gateways(counting, wall=wall, clock=clock) as upstreams:
            await good(upstreams)
            wall.now -= 3_600
            clock.now += 20
            kept = await good(upstreams)
            clock.now += 600
            new = await good(upstreams)
            again = await good(upstreams)
        assert (kept.is_stale, kept.max_age <= 10, kept.as_of) == (False, True, moment(10_000.0))
        assert (value(new), new.is_stale, new.as_of) == (2, False, moment(6_400.0))
        assert again == new
        assert len(counting.calls) == 2

    async def test_a_wall_clock_set_forward_ages_nothing(self, counting: Stage) -> None:
        wall, clock = Clock(10_000.0), Clock()
        async with gateways(counting, wall=wall, clock=clock) as upstreams:
            await good(upstreams)
            wall.now += 86_400
            clock.now += 1
            kept = await good(upstreams)
            clock.now += 600
            new = await good(upstreams)
            counting.script = failing
            clock.now += 600
            old = await good(upstreams)
            state = upstreams.portfolio.state()
        assert (value(kept), kept.is_stale, kept.age) == (1, False, 1)
        assert (value(new), new.is_stale, new.as_of) == (2, False, moment(96_400.0))
        assert (value(old), old.is_stale, old.as_of, old.age) == (2, True, new.as_of, 600)
        assert state.oldest_served_seconds == 600

    async def test_a_failed_refresh_is_tried_again_whatever_becomes_of_the_wall_clock(
        self, counting: Stage
    ) -> None:
        wall, clock = Clock(10_000.0), Clock()
        async with gateways(counting, wall=wall, clock=clock) as upstreams:
            await good(upstreams)
            counting.script = failing
            clock.now += 600
            await good(upstreams)
            wall.now -= 3_600
            clock.now += 1.1
            await good(upstreams)
        assert len(counting.calls) == 3


class TestRetries:
    @pytest.fixture(autouse=True)
    def _without_waits(self) -> Any:
        with stamina.set_testing(True, attempts=3, cap=True):
            yield

    @pytest.mark.parametrize("status", [502, 503, 504])
    async def test_what_may_pass_is_tried_again(self, counting: Stage, status: int) -> None:
        counting.script = lambda call: reply("", status) if len(counting.calls) < 3 else None
        async with gateways(counting) as upstreams:
            answer = await good(upstreams)
            state = upstreams.portfolio.state()
        assert value(answer) == 3
        assert (state.calls, state.last_error) == (3, "UPSTREAM_UNAVAILABLE")

    @pytest.mark.parametrize("status", [400, 401, 404, 422, 429, 500])
    async def test_what_will_not_pass_is_not(self, counting: Stage, status: int) -> None:
        counting.script = lambda call: reply("", status)
        async with gateways(counting) as upstreams:
            assert isinstance(await ask(upstreams), UpstreamError)
        assert len(counting.calls) == 1

    async def test_three_attempts_are_all(self, counting: Stage) -> None:
        counting.script = lambda call: reply("", 503)
        async with gateways(counting) as upstreams:
            answer = await ask(upstreams)
        assert isinstance(answer, UpstreamUnavailable)
        assert len(counting.calls) == 3

    async def test_each_attempt_takes_a_permit_of_its_own(self, counting: Stage) -> None:
        counting.script = lambda call: reply("", 503) if len(counting.calls) < 2 else None
        async with gateways(counting, oneinch_rps=1) as upstreams:
            await good(upstreams)
        first, second = counting.calls
        assert second.at - first.at >= 1.0

    async def test_retries_stay_within_a_tenth_of_traffic(self, counting: Stage) -> None:
        # Every seventh call of a wallet fails once; the breaker has nothing to say to that.
        counting.script = lambda call: reply("", 503) if len(counting.calls) % 4 == 0 else None
        async with gateways(counting, portfolio_ttl_seconds=0) as upstreams:
            for number in range(300):
                await ask(upstreams, number)
        retries = len(counting.calls) - 300
        assert 20 <= retries <= 3 + 300 // 10

    async def test_a_429_that_says_when_is_waited_for(self, counting: Stage) -> None:
        counting.script = lambda call: (
            reply("", 429, {"Retry-After": "1"}) if len(counting.calls) == 1 else None
        )
        async with gateways(counting) as upstreams:
            answer = await good(upstreams)
        first, second = counting.calls
        assert value(answer) == 2
        assert 1.0 <= second.at - first.at < 1.6

    async def test_a_429_closes_the_queue_and_refuses_who_cannot_wait(
        self, counting: Stage
    ) -> None:
        counting.script = lambda call: reply("", 429, {"Retry-After": "60"})
        async with gateways(counting, oneinch_rps=2, oneinch_max_batch=1) as upstreams:
            started = time.monotonic()
            answers = await upstreams.portfolio.snapshots([key(n) for n in range(6)])
            more = await ask(upstreams, 7)
            seconds = time.monotonic() - started
            state = upstreams.portfolio.state()
        assert seconds < 0.5
        assert all(isinstance(each, UpstreamRateLimited) for each in [*answers, more])
        assert more.retry_after == pytest.approx(60, abs=1)  # type: ignore[union-attr]
        assert len(counting.calls) == 2
        assert (state.permits_left, state.breaker) == (0, "CLOSED")

    async def test_a_retry_is_not_begun_that_the_deadline_would_cut_off(
        self, counting: Stage
    ) -> None:
        counting.script = lambda call: reply("", 429, {"Retry-After": "3"})
        async with gateways(counting, request_deadline_seconds=2.0) as upstreams:
            started = time.monotonic()
            assert isinstance(await ask(upstreams), UpstreamRateLimited)
        assert time.monotonic() - started < 0.5
        assert len(counting.calls) == 1

    async def test_leaving_during_a_retry_ends_it(self, counting: Stage) -> None:
        counting.script = lambda call: reply("", 503)
        async with gateways(counting, oneinch_rps=1) as upstreams:
            asking = asyncio.create_task(ask(upstreams))
            await asyncio.sleep(0.1)
            asking.cancel()
            await asyncio.wait([asking])
            counting.script = lambda call: None
            await good(upstreams, 2)
        assert len(counting.calls) == 2

    async def test_a_retry_that_waits_is_refused_when_the_upstream_closes(
        self, counting: Stage
    ) -> None:
        counting.script = lambda call: (
            reply("", 429, {"Retry-After": "50"})
            if "timestamp" in dict(call.params)
            else reply("", 503)
        )
        counting.gate = gate = asyncio.Event()
        async with gateways(counting, oneinch_rps=2) as upstreams:
            slow = asyncio.create_task(upstreams.portfolio.snapshots([key(2, 1, 99)]))
            await asyncio.sleep(0.02)
            counting.gate = None
            retrying = asyncio.create_task(ask(upstreams))
            await asyncio.sleep(0.02)
            gate.set()
            [refused] = await slow
            answer = await asyncio.wait_for(retrying, 0.5)
        assert isinstance(refused, UpstreamRateLimited)
        assert isinstance(answer, UpstreamRateLimited)
        assert answer.retry_after == pytest.approx(50, abs=1)
        assert len(counting.calls) == 2

    async def test_a_retry_finds_the_breaker_open(self, counting: Stage) -> None:
        counting.script = lambda call: reply("", 503)
        async with gateways(counting, oneinch_max_batch=1) as upstreams:
            answers = await upstreams.portfolio.snapshots([key(number) for number in range(6)])
        assert all(isinstance(each, UpstreamUnavailable) for each in answers)
        assert 5 <= len(counting.calls) <= 9


class TestBreaker:
    async def test_while_open_answers_are_refused_or_stale_within_a_millisecond(
        self, counting: Stage
    ) -> None:
        wall = Clock()
        async with gateways(counting, wall=wall, clock=wall) as upstreams:
            await good(upstreams, 0)
            wall.now += 600
            counting.script = failing
            for number in range(1, 6):
                await ask(upstreams, number)
            assert upstreams.portfolio.state().breaker == "OPEN"
            calls = len(counting.calls)

            started = time.perf_counter()
            for _ in range(100):
                cold = await ask(upstreams, 99)
                old = await good(upstreams, 0)
            each = (time.perf_counter() - started) / 200

        assert isinstance(cold, UpstreamUnavailable)
        assert cold.retry_after is not None
        assert 0 < cold.retry_after <= PAUSE_SECONDS
        assert (old.is_stale, old.as_of) == (True, moment(1_000.0))
        assert each < 0.001
        assert len(counting.calls) == calls

    async def test_one_probe_of_fifty_goes_through_and_closes_it(self, counting: Stage) -> None:
        clock = Clock()
        async with gateways(counting, clock=clock, oneinch_max_batch=1) as upstreams:
            counting.script = failing
            for number in range(5):
                await ask(upstreams, number)
            clock.now += PAUSE_SECONDS
            assert upstreams.portfolio.state().breaker == "HALF_OPEN"
            counting.script = lambda call: None
            counting.seconds = 0.05
            answers = await asyncio.gather(*[ask(upstreams, number) for number in range(50, 100)])
            assert len(counting.calls) == 6
            assert upstreams.portfolio.state().breaker == "CLOSED"
            await good(upstreams)
        assert sum(isinstance(each, Dated) for each in answers) == 1

    async def test_what_waits_is_refused_when_it_opens(self, counting: Stage) -> None:
        counting.script = failing
        async with gateways(counting, oneinch_rps=5, oneinch_max_batch=1) as upstreams:
            started = time.monotonic()
            answers = await upstreams.portfolio.snapshots([key(number) for number in range(20)])
            seconds = time.monotonic() - started
        assert all(isinstance(each, UpstreamUnavailable) for each in answers)
        assert seconds < 0.5
        assert len(counting.calls) == 5

    async def test_a_probe_whose_client_left_is_followed_by_another(self, counting: Stage) -> None:
        clock = Clock()
        async with gateways(counting, clock=clock) as upstreams:
            counting.script = failing
            for number in range(5):
                await ask(upstreams, number)
            clock.now += PAUSE_SECONDS
            counting.script = lambda call: None
            counting.gate = asyncio.Event()
            leaving = asyncio.create_task(ask(upstreams, 50))
            await asyncio.sleep(0.01)
            leaving.cancel()
            await asyncio.sleep(0.01)
            counting.gate = None
            assert value(await good(upstreams, 51)) == 7


class NeverInTime(LocalBudget):
    """Promises a permit at once, and never has one."""

    def take(self) -> bool:
        return False

    def wait(self, ahead: int = 0) -> float:
        return 0.0

    async def permit(self, within: float) -> None:
        await asyncio.Event().wait()


async def test_who_waited_in_vain_for_a_permit_is_told_so(counting: Stage) -> None:
    async with gateways(counting, request_deadline_seconds=0.2) as upstreams:
        upstreams.portfolio._answers.desk.budget.budget = NeverInTime(1, time.monotonic)
        first, second = await asyncio.gather(ask(upstreams), ask(upstreams))
    assert isinstance(first, UpstreamRateLimited)
    assert isinstance(second, UpstreamRateLimited)
    assert first.retry_after == second.retry_after == 0.1
    assert counting.calls == []


async def test_fresh_again_within_two_seconds_of_the_upstreams_return(counting: Stage) -> None:
    async with gateways(counting, portfolio_ttl_seconds=0.2, oneinch_rps=10) as upstreams:
        first = await good(upstreams)
        counting.script = failing
        until = time.monotonic() + 1.5
        stale = []
        while time.monotonic() < until:
            answer = await good(upstreams)
            stale.append(answer)
            await asyncio.sleep(0.01)
        counting.script = lambda call: None
        async with asyncio.timeout(2):
            answer = await good(upstreams)
            for _ in range(200):
                if not answer.is_stale:
                    break
                await asyncio.sleep(0.01)
                answer = await good(upstreams)
    assert not answer.is_stale
    assert {each.as_of for each in stale if each.is_stale} == {first.as_of}
    assert {value(each) for each in stale} == {1}
