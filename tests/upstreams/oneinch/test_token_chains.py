import json
import time

import pytest

from tests.upstreams.stage import Clock, Stage, gateways, token, wallet
from tests.upstreams.wire import reply
from upstreams.errors import (
    UpstreamContract,
    UpstreamError,
    UpstreamRejected,
)
from upstreams.oneinch.source import REJECTED_SECONDS, TokenKey
from upstreams.source.timestamped import Timestamped


async def test_a_chain_the_source_does_not_have_is_remembered() -> None:
    clock = Clock(0.0)
    stage = Stage()
    stage.script = lambda call: reply("{}", 400) if "/999/" in call.path else None
    async with gateways(
        stage, portfolio_ttl_seconds=0, clock=lambda: clock.now + time.monotonic()
    ) as upstreams:
        for number in (1, 1, 2):
            keys = [TokenKey(999, wallet(number)), TokenKey(1, wallet(number))]
            unknown, known = await upstreams.portfolio.tokens(keys)
            assert isinstance(unknown, Timestamped)
            assert unknown.value is None
            assert isinstance(known, Timestamped)
            assert known.value is not None
        assert [call.path.split("/")[3] for call in stage.calls].count("999") == 1

        clock.now += REJECTED_SECONDS
        await upstreams.portfolio.tokens([TokenKey(999, wallet(1))])
        assert [call.path.split("/")[3] for call in stage.calls].count("999") == 2
        assert upstreams.portfolio.state().last_error is None


async def test_a_chain_that_was_served_is_not_taken_for_an_unknown_one() -> None:
    stage = Stage()
    async with gateways(stage) as upstreams:
        await upstreams.portfolio.tokens([TokenKey(1, wallet(1))])
        stage.script = lambda call: reply("{}", 400)
        for _ in range(2):
            [answer] = await upstreams.portfolio.tokens([TokenKey(1, wallet(2))])
            assert isinstance(answer, UpstreamRejected)
    # A rejection is remembered for a moment, as any is.
    assert len(stage.calls) == 2


@pytest.mark.parametrize("status", [401, 403, 422, 429, 500])
async def test_no_other_refusal_means_that_a_chain_is_unknown(status: int) -> None:
    stage = Stage()
    stage.script = lambda call: reply("{}", status)
    async with gateways(stage) as upstreams:
        [answer] = await upstreams.portfolio.tokens([TokenKey(999, wallet(1))])
    assert isinstance(answer, UpstreamError)


async def test_nothing_is_remembered_with_the_cache_turned_off() -> None:
    stage = Stage()
    stage.script = lambda call: reply("{}", 404)
    async with gateways(stage, asset_ttl_seconds=0) as upstreams:
        for _ in range(2):
            [answer] = await upstreams.portfolio.tokens([TokenKey(999, wallet(1))])
            assert isinstance(answer, Timestamped)
            assert answer.value is None
    assert len(stage.calls) == 2


async def test_a_token_that_is_described_wrongly_costs_itself_alone() -> None:
    stage = Stage()
    tokens = {wallet(1): token(1, wallet(1)), wallet(2): token(2, wallet(2))}
    stage.script = lambda call: reply(json.dumps(tokens))
    async with gateways(stage) as upstreams:
        good, bad = await upstreams.portfolio.tokens(
            [TokenKey(1, wallet(1)), TokenKey(1, wallet(2))]
        )
    assert isinstance(good, Timestamped)
    assert isinstance(bad, UpstreamContract)
    assert len(stage.calls) == 1
