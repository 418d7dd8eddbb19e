"""How long answers count as fresh, by which clock, and what stands in for them."""

import asyncio

import pytest

from tests.upstreams.readers import ask, failing, good, settled, value
from tests.upstreams.stage import Clock, Stage, gateways
from tests.upstreams.wire import reply
from tests.virtual_time import now
from upstreams.deadline import deadline
from upstreams.errors import UpstreamUnavailable
from upstreams.source.timestamped import moment


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
        monkeypatch.setattr("upstreams.source.cached_source.PATIENCE_SECONDS", 0.1)
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
        monkeypatch.setattr("upstreams.source.cached_source.PATIENCE_SECONDS", 0.1)
        wall = Clock()
        waits = []
        async with gateways(counting, wall=wall, clock=wall) as upstreams:
            await good(upstreams)
            wall.now += 600
            counting.gate = asyncio.Event()
            for _ in range(20):
                started = now()
                old = await good(upstreams)
                waits.append(now() - started)
                assert (value(old), old.is_stale) == (1, True)
        assert waits == [pytest.approx(0.1), *[0] * 19]
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
            started = now()
            assert (await good(upstreams)).is_stale
            assert now() == started
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
