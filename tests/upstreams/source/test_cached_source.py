import asyncio

import pytest

from tests.upstreams.readers import ask, failing, good, value
from tests.upstreams.stage import Clock, Stage, gateways, key
from tests.upstreams.wire import reply
from tests.virtual_time import now
from upstreams.deadline import deadline, remaining
from upstreams.errors import (
    UpstreamError,
    UpstreamRateLimited,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from upstreams.open import Upstreams
from upstreams.source.breaker import PAUSE_SECONDS, PROBE_SECONDS
from upstreams.source.limiter import LocalLimiter
from upstreams.source.timestamped import Timestamped, moment


class TestRetries:
    @pytest.fixture(autouse=True)
    def _without_waits(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("upstreams.source.retry._FIRST_WAIT", 0.0)

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
        assert 1.0 <= second.at - first.at < 1.2

    async def test_a_429_closes_the_queue_and_refuses_who_cannot_wait(
        self, counting: Stage
    ) -> None:
        counting.script = lambda call: reply("", 429, {"Retry-After": "60"})
        async with gateways(counting, oneinch_rps=2, oneinch_max_batch=1) as upstreams:
            started = now()
            answers = await upstreams.portfolio.snapshots([key(n) for n in range(6)])
            more = await ask(upstreams, 7)
            seconds = now() - started
            state = upstreams.portfolio.state()
        assert seconds == 0
        assert all(isinstance(each, UpstreamRateLimited) for each in [*answers, more])
        assert more.retry_after == pytest.approx(60, abs=1)  # type: ignore[union-attr]
        assert len(counting.calls) == 2
        assert (state.permits_left, state.breaker) == (0, "CLOSED")

    async def test_a_retry_is_not_begun_that_the_deadline_would_cut_off(
        self, counting: Stage
    ) -> None:
        counting.script = lambda call: reply("", 429, {"Retry-After": "3"})
        async with gateways(counting, request_deadline_seconds=2.0) as upstreams:
            started = now()
            assert isinstance(await ask(upstreams), UpstreamRateLimited)
        assert now() == started
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


async def half_open(upstreams: Upstreams, counting: Stage, clock: Clock) -> None:
    """Fail until the breaker opens, and let its pause pass."""
    counting.script = failing
    for number in range(1, 6):
        await ask(upstreams, number)
    clock.now += PAUSE_SECONDS


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

            started = now()
            for _ in range(100):
                cold = await ask(upstreams, 99)
                old = await good(upstreams, 0)
            seconds = now() - started

        assert isinstance(cold, UpstreamUnavailable)
        assert cold.retry_after is not None
        assert 0 < cold.retry_after <= PAUSE_SECONDS
        assert (old.is_stale, old.as_of) == (True, moment(1_000.0))
        assert seconds == 0
        assert len(counting.calls) == calls

    @pytest.mark.parametrize("is_back", [True, False])
    async def test_one_probe_of_fifty_goes_through_and_the_others_wait_for_its_end(
        self, counting: Stage, is_back: bool
    ) -> None:
        clock = Clock()
        async with gateways(counting, clock=clock, oneinch_max_batch=1) as upstreams:
            await half_open(upstreams, counting, clock)
            assert upstreams.portfolio.state().breaker == "HALF_OPEN"
            counting.script = lambda call: None if is_back else reply("", 500)
            counting.seconds = 0.05
            started = now()
            asked = [asyncio.create_task(ask(upstreams, number)) for number in range(50, 100)]
            await asyncio.sleep(0.04)
            assert len(counting.calls) == 6
            answers = await asyncio.gather(*asked)
            assert now() - started == pytest.approx(0.1 if is_back else 0.05)
            assert upstreams.portfolio.state().breaker == ("CLOSED" if is_back else "OPEN")
        assert len(counting.calls) == (55 if is_back else 6)
        expected = Timestamped if is_back else UpstreamUnavailable
        assert {type(each) for each in answers} == {expected}

    async def test_a_slow_probe_is_waited_for_a_second_and_with_an_old_answer_not_at_all(
        self, counting: Stage
    ) -> None:
        clock = Clock()
        async with gateways(counting, clock=clock, wall=clock) as upstreams:
            await good(upstreams, 0)
            clock.now += 600
            await half_open(upstreams, counting, clock)
            counting.gate = asyncio.Event()
            probe = asyncio.create_task(ask(upstreams, 50))
            await asyncio.sleep(0.01)
            calls = len(counting.calls)

            started = now()
            old = await good(upstreams, 0)
            assert (old.is_stale, now() - started) == (True, 0)
            refused = await ask(upstreams, 51)
            assert now() - started == pytest.approx(PROBE_SECONDS - 0.01)
            later = await ask(upstreams, 52)
            assert now() - started == pytest.approx(PROBE_SECONDS - 0.01)
            assert len(counting.calls) == calls

            counting.script = lambda call: None
            counting.gate.set()
            assert isinstance(await probe, Timestamped)
            assert isinstance(await ask(upstreams, 53), Timestamped)
        assert isinstance(refused, UpstreamUnavailable)
        assert isinstance(later, UpstreamUnavailable)

    async def test_the_first_who_asks_after_its_return_gets_all_that_takes_several_calls(
        self, counting: Stage
    ) -> None:
        clock = Clock()
        async with gateways(counting, clock=clock) as upstreams:
            await half_open(upstreams, counting, clock)
            counting.script = lambda call: None
            counting.seconds = 0.05
            answers = await asyncio.gather(ask(upstreams, 50), ask(upstreams, 50, chain_id=10))
        assert {type(each) for each in answers} == {Timestamped}

    async def test_what_waits_is_refused_when_it_opens(self, counting: Stage) -> None:
        counting.script = failing
        async with gateways(counting, oneinch_rps=5, oneinch_max_batch=1) as upstreams:
            started = now()
            answers = await upstreams.portfolio.snapshots([key(number) for number in range(20)])
            seconds = now() - started
        assert all(isinstance(each, UpstreamUnavailable) for each in answers)
        assert seconds == 0
        assert len(counting.calls) == 5

    async def test_a_probe_whose_client_left_is_followed_by_another(self, counting: Stage) -> None:
        clock = Clock()
        async with gateways(counting, clock=clock) as upstreams:
            await half_open(upstreams, counting, clock)
            counting.script = lambda call: None
            counting.gate = asyncio.Event()
            leaving = asyncio.create_task(ask(upstreams, 50))
            await asyncio.sleep(0.01)
            leaving.cancel()
            await asyncio.sleep(0.01)
            counting.gate = None
            assert value(await good(upstreams, 51)) == 7


async def test_who_asks_to_be_left_alone_for_long_is_asked_again_after_a_deadlines_time(
    counting: Stage,
) -> None:
    clock = Clock()
    async with gateways(
        counting, clock=clock, wall=clock, request_deadline_seconds=10
    ) as upstreams:
        await good(upstreams)
        clock.now += 600
        counting.script = lambda call: reply("", 503, {"Retry-After": "100"})
        assert (await good(upstreams)).is_stale
        calls = len(counting.calls)
        counting.script = lambda call: None
        clock.now += 9.9
        assert (await good(upstreams)).is_stale
        assert len(counting.calls) == calls
        clock.now += 0.2
        assert not (await good(upstreams)).is_stale
        assert len(counting.calls) == calls + 1


class NeverInTime(LocalLimiter):
    """Promises a permit at once, and never has one."""

    def take(self) -> bool:
        return False

    def wait(self, ahead: int = 0) -> float:
        return 0.0

    async def permit(self, within: float) -> None:
        await asyncio.Event().wait()


async def test_who_waited_in_vain_for_a_permit_is_told_so(counting: Stage) -> None:
    async with gateways(counting, request_deadline_seconds=0.2) as upstreams:
        upstreams.portfolio._answers.queue.limiter.limiter = NeverInTime(1, now)
        first, second = await asyncio.gather(ask(upstreams), ask(upstreams))
    assert isinstance(first, UpstreamRateLimited)
    assert isinstance(second, UpstreamRateLimited)
    assert first.retry_after == second.retry_after == 0.1
    assert counting.calls == []


async def test_fresh_again_within_two_seconds_of_the_upstreams_return(counting: Stage) -> None:
    async with gateways(counting, portfolio_ttl_seconds=0.2, oneinch_rps=10) as upstreams:
        first = await good(upstreams)
        counting.script = failing
        until = now() + 1.5
        stale = []
        while now() < until:
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


async def test_who_gives_up_a_source_has_time_left_to_answer(counting: Stage) -> None:
    counting.gate = asyncio.Event()
    async with gateways(counting) as upstreams:
        began = now()
        with deadline(2, answering=0.5):
            late = await ask(upstreams)
            assert (now() - began, remaining()) == (2, 1)
    assert isinstance(late, UpstreamTimeout)
