import asyncio
import json

import pytest

from tests.upstreams.stage import Clock, Stage, gateways, key
from tests.upstreams.wire import reply
from tests.virtual_time import now
from upstreams.algod.client import Asset, AssetParams
from upstreams.algod.source import PageKey
from upstreams.deadline import deadline
from upstreams.errors import UpstreamRateLimited, UpstreamUnavailable

ADDRESS = "7777777777777777777777777777777777777777777777777774MSJUVU"
USDC = Asset(
    asset_id=31, params=AssetParams(creator="C", decimals=6, total=10, default_frozen=False)
)
MISSING = '{"message": "asset does not exist"}'


async def test_an_assets_fixed_part_is_fresh_for_a_day_and_its_roles_for_a_minute() -> None:
    stage, wall = Stage(), Clock()
    async with gateways(stage, wall=wall, clock=wall) as upstreams:
        assert (await upstreams.algorand.asset(31)).value == USDC
        wall.now += 3_000
        fixed = await upstreams.algorand.asset(31, roles=False)
        assert len(stage.calls) == 1
        roles = await upstreams.algorand.asset(31)
        assert len(stage.calls) == 2
        again = await upstreams.algorand.asset(31)
    assert (fixed.value, fixed.is_stale) == (USDC, False)
    assert 74_000 < fixed.max_age <= 83_400
    assert (roles.is_stale, roles.max_age) == (False, 60)
    assert (again.is_stale, again.max_age) == (False, 60)
    assert len(stage.calls) == 2


async def test_roles_a_little_too_old_are_served_labelled_while_they_are_refreshed() -> None:
    stage, wall = Stage(), Clock()
    async with gateways(stage, wall=wall, clock=wall) as upstreams:
        await upstreams.algorand.asset(31)
        wall.now += 70
        assert (await upstreams.algorand.asset(31)).is_stale
        await asyncio.sleep(0.02)
        assert not (await upstreams.algorand.asset(31)).is_stale
    assert len(stage.calls) == 2


async def test_when_the_node_fails_an_assets_last_state_is_served_for_a_day() -> None:
    stage, wall = Stage(), Clock()
    async with gateways(stage, wall=wall, clock=wall) as upstreams:
        await upstreams.algorand.asset(31)
        stage.script = lambda call: reply("", 500)
        wall.now += 50_000
        answer = await upstreams.algorand.asset(31)
    assert (answer.value, answer.is_stale) == (USDC, True)


async def test_a_missing_asset_is_missing_for_seconds_only() -> None:
    stage, wall = Stage(), Clock()
    stage.script = lambda call: reply(MISSING, 404)
    async with gateways(stage, wall=wall, clock=wall) as upstreams:
        first = await upstreams.algorand.asset(31)
        await upstreams.algorand.asset(31, roles=False)
        assert len(stage.calls) == 1
        stage.script = lambda call: None
        wall.now += 11
        second = await upstreams.algorand.asset(31)
    assert (first.value, second.value) == (None, USDC)
    assert first.max_age <= 5
    assert len(stage.calls) == 2


async def test_a_held_asset_that_is_missing_was_destroyed_and_stays_so_for_a_minute() -> None:
    stage, wall = Stage(), Clock()
    stage.script = lambda call: reply(MISSING, 404)
    async with gateways(stage, wall=wall, clock=wall) as upstreams:
        first = await upstreams.algorand.held_asset(31)
        wall.now += 50
        again = await upstreams.algorand.held_asset(31)
        assert len(stage.calls) == 1
        wall.now += 80
        stage.script = lambda call: None
        later = await upstreams.algorand.held_asset(31)
    assert (first.value, again.value, later.value) == (None, None, USDC)
    assert 54 <= first.max_age <= 60
    assert len(stage.calls) == 2


async def test_pages_are_kept_apart_by_all_that_makes_them() -> None:
    stage = Stage()
    async with gateways(stage) as upstreams:
        for _ in range(2):
            await upstreams.algorand.asset_page(PageKey(ADDRESS, 10, None))
            await upstreams.algorand.asset_page(PageKey(ADDRESS, 10, 5))
            await upstreams.algorand.asset_page(PageKey(ADDRESS, 20, 5))
            await upstreams.algorand.asset_page(PageKey(ADDRESS, 20, 5, "p 2"))
            await upstreams.algorand.asset_page(PageKey(ADDRESS, 20, None, "None"))
    assert [call.params for call in stage.calls] == [
        (("limit", "10"),),
        (("limit", "10"), ("next", "5")),
        (("limit", "20"), ("next", "5")),
        (("limit", "20"), ("next", "p 2")),
        (("limit", "20"), ("next", "None")),
    ]


async def test_no_more_calls_are_under_way_than_the_node_wants() -> None:
    stage = Stage()
    stage.gate = asyncio.Event()
    async with gateways(stage, algod_concurrency=3) as upstreams:
        asking = [asyncio.create_task(upstreams.algorand.asset(number)) for number in range(9)]
        await asyncio.sleep(0.05)
        assert len(stage.calls) == 3
        assert upstreams.algorand.state().queue_length == 6
        stage.gate.set()
        found = await asyncio.gather(*asking)
        state = upstreams.algorand.state()
    assert [each.value.asset_id for each in found if each.value] == list(range(9))
    assert (state.calls, state.concurrency, state.is_batching) == (9, 3, False)


async def test_the_nodes_budget_is_not_1inchs() -> None:
    stage = Stage()
    async with gateways(stage, algod_rps=2, oneinch_rps=1) as upstreams:
        await upstreams.portfolio.snapshots([key(1)])
        started = now()
        await upstreams.algorand.asset(1)
        await upstreams.algorand.asset(2)
        assert now() == started
        with deadline(0.5), pytest.raises(UpstreamRateLimited) as refused:
            await upstreams.algorand.asset(3)
    assert refused.value.extensions["source"] == "algorand"


async def test_a_full_house_that_is_slow_refuses_whom_it_cannot_serve_in_time() -> None:
    stage = Stage()
    stage.seconds = 0.4
    async with gateways(stage, algod_concurrency=1) as upstreams:
        await upstreams.algorand.asset(0)
        await upstreams.algorand.asset(1)
        asking = [asyncio.create_task(upstreams.algorand.asset(number)) for number in (2, 3, 4)]
        await asyncio.sleep(0.01)
        started = now()
        with deadline(0.2), pytest.raises(UpstreamRateLimited):
            await upstreams.algorand.asset(5)
        assert now() == started
        await asyncio.gather(*asking)


async def test_still_queued_at_its_deadline_is_told_so() -> None:
    stage = Stage()
    stage.gate = asyncio.Event()
    async with gateways(stage, algod_concurrency=1) as upstreams:
        first = asyncio.create_task(upstreams.algorand.asset(0))
        await asyncio.sleep(0.01)
        with deadline(0.05), pytest.raises(UpstreamRateLimited):
            await upstreams.algorand.asset(1)
        stage.gate.set()
        await first
    assert len(stage.calls) == 1


async def test_the_nodes_known_transient_500_is_tried_again() -> None:
    race = json.dumps({"message": "failed to retrieve information from the ledger"})
    stage = Stage()
    stage.script = lambda call: reply(race, 500) if len(stage.calls) == 1 else None
    async with gateways(stage) as upstreams:
        assert (await upstreams.algorand.asset(31)).value == USDC
    assert len(stage.calls) == 2


async def test_ready_is_a_plain_answer_whatever_happens() -> None:
    stage = Stage()
    async with gateways(stage, algorand_ttl_seconds=0) as upstreams:
        stage.script = lambda call: reply("")
        assert await upstreams.algorand.ready()
        stage.script = lambda call: reply("", 503)
        assert not await upstreams.algorand.ready()
        stage.script = lambda call: reply("", 404)
        assert not await upstreams.algorand.ready()


async def test_many_readers_of_one_failure_do_not_grow_its_traceback() -> None:
    stage = Stage()
    stage.script = lambda call: reply("", 500)
    async with gateways(stage) as upstreams:
        found = await asyncio.gather(
            *[upstreams.algorand.asset(1) for _ in range(50)], return_exceptions=True
        )
    assert len(stage.calls) == 1
    depths = set()
    for error in found:
        assert isinstance(error, UpstreamUnavailable)
        depth, trace = 0, error.__traceback__
        while trace is not None:
            depth, trace = depth + 1, trace.tb_next
        depths.add(depth)
    assert max(depths) < 10
