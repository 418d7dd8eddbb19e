"""Whose row is it, when wallets share a call, and what holds when nobody can tell."""

import asyncio
import logging
import time

import pytest

from tests.upstreams.stage import (
    ZERO,
    Clock,
    Stage,
    gateways,
    key,
    row,
    rows_of,
    wallet,
)
from upstreams.deadline import deadline
from upstreams.oneinch.batching import FIRST_PAUSE_SECONDS
from upstreams.oneinch.client import PROTOCOLS
from upstreams.source.timestamped import Timestamped


async def test_rows_go_to_the_wallet_they_name_whatever_its_case() -> None:
    stage = Stage()
    stage.rows = lambda one: [row(one.upper().replace("0X", "0x")), row(one, "0x02")]
    async with gateways(stage) as upstreams:
        rows = await rows_of(upstreams, key(0xA), key(0xB, 1, None), key(0xC))
    assert [[each.wallet for each in its] for its in rows] == [
        [wallet(n)] * 2 for n in (0xA, 0xB, 0xC)
    ]
    assert len(stage.calls) == 1


async def test_rows_that_name_nobody_are_never_guessed(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage()
    stage.rows = lambda one: [row(ZERO, value=float(int(one, 16))), row(one, "0x02")]
    async with gateways(stage) as upstreams:
        with caplog.at_level(logging.WARNING, "walletgraph.upstreams"):
            rows = await rows_of(upstreams, *[key(n) for n in (1, 2, 3)])
            assert upstreams.portfolio.state().is_batching
            rows += await rows_of(upstreams, key(4), key(5))
            assert not upstreams.portfolio.state().is_batching
            rows += await rows_of(upstreams, key(6), key(7))

    asked = [len(call.wallets) for call in stage.calls]
    assert asked == [3, 1, 1, 1, 2, 1, 1, 1, 1]
    for number, its in enumerate(rows, start=1):
        assert [each.wallet for each in its] == [wallet(number)] * 2
        assert its[0].value_usd == number
    assert len(caplog.records) == 1
    assert "0x" not in caplog.text


async def test_batching_comes_back_after_a_while() -> None:
    clock = Clock(0.0)
    stage = Stage()
    stage.rows = lambda one: [row(ZERO)]
    async with gateways(stage, clock=lambda: clock.now + time.monotonic()) as upstreams:
        await rows_of(upstreams, key(1), key(2))
        await rows_of(upstreams, key(3), key(4))
        stage.calls.clear()
        clock.now += FIRST_PAUSE_SECONDS
        assert upstreams.portfolio.state().is_batching
        await rows_of(upstreams, key(5), key(6))
        assert [len(call.wallets) for call in stage.calls] == [2, 1, 1]

        clock.now += FIRST_PAUSE_SECONDS
        assert not upstreams.portfolio.state().is_batching
        clock.now += FIRST_PAUSE_SECONDS
        stage.rows = lambda one: [row(one)]
        stage.calls.clear()
        await rows_of(upstreams, key(7), key(8))
        await rows_of(upstreams, key(9), key(10))
        assert upstreams.portfolio.state().is_batching
        assert [len(call.wallets) for call in stage.calls] == [2, 2]


async def test_protocols_are_asked_together_while_tokens_name_no_wallet() -> None:
    """And their answers do not shorten the pause of the others."""
    clock = Clock(0.0)
    stage = Stage()
    stage.rows = lambda one: [row(ZERO)]
    async with gateways(stage, clock=lambda: clock.now + time.monotonic()) as upstreams:
        for number, pause in enumerate((0.0, 0.0, 1.0, 2.0, 4.0, 8.0), start=1):
            clock.now += pause * FIRST_PAUSE_SECONDS
            keys = [key(10 * number + n) for n in (1, 2)]
            stage.calls.clear()
            await rows_of(upstreams, *keys, *(one._replace(part=PROTOCOLS) for one in keys))
            asked: dict[str, list[int]] = {"tokens": [], "protocols": []}
            for call in stage.calls:
                asked[call.path.split("/")[-2]].append(len(call.wallets))
            assert asked == {"tokens": [2, 1, 1], "protocols": [2]}
        assert not upstreams.portfolio.state().is_batching


async def test_what_waits_while_batching_pauses_leaves_one_by_one_in_its_order() -> None:
    stage = Stage()
    stage.rows = lambda one: [row(ZERO, chain_id=2)]
    async with gateways(stage, oneinch_rps=6) as upstreams:
        await rows_of(upstreams, key(10, 2), key(11, 2))
        batch = asyncio.create_task(rows_of(upstreams, key(1, 2), key(2, 2)))
        await asyncio.sleep(0)
        stage.seconds = 0.05
        await asyncio.gather(batch, *[rows_of(upstreams, key(n, 2)) for n in (3, 4)])
        status = await upstreams.portfolio.status()
    assert status.value.is_available
    asked = [call.wallets for call in stage.calls if call.wallets][3:]
    assert sorted(len(each) for each in asked[-4:]) == [1, 1, 1, 1]
    assert sorted(each[0] for each in asked[-4:]) == [wallet(n) for n in (1, 2, 3, 4)]


async def test_without_calls_to_spare_the_rows_that_name_their_wallet_are_used() -> None:
    stage = Stage()
    stage.rows = lambda one: [row(ZERO), row(one, "0x02")]
    wallets = [key(n) for n in range(1, 21)]
    async with gateways(stage, oneinch_rps=5) as upstreams:
        with deadline(1.0):
            answers = await upstreams.portfolio.snapshots(wallets)

    found = [answer.value for answer in answers if isinstance(answer, Timestamped)]
    assert len(found) == 20
    whole = [each for each in found if each.left_out == 0]
    assert len(whole) == len(stage.calls) - 1
    assert 0 < len(whole) < 20
    for each in found:
        assert len(each.rows) == (2 if each in whole else 1)
        assert each.left_out == (0 if each in whole else 20)
        assert each.rows[-1].index == "0x02"


async def test_an_older_answer_that_lacks_nothing_is_better() -> None:
    clock = Clock(0.0)
    stage = Stage()
    keys = [key(n) for n in range(1, 21)]
    async with gateways(
        stage, oneinch_rps=5, clock=lambda: clock.now + time.monotonic()
    ) as upstreams:
        before = await rows_of(upstreams, *keys)
        clock.now += 100
        stage.rows = lambda one: [row(ZERO), row(one, "0x02")]
        with deadline(1.0):
            answers = await upstreams.portfolio.snapshots(keys)

    for old, answer in zip(before, answers, strict=True):
        assert isinstance(answer, Timestamped)
        assert answer.value.left_out == 0
        assert answer.is_stale == (answer.value.rows == old)
    assert any(isinstance(answer, Timestamped) and answer.is_stale for answer in answers)


async def test_the_zero_address_is_asked_for_alone() -> None:
    stage = Stage()
    stage.rows = lambda one: [row(one)]
    async with gateways(stage) as upstreams:
        rows = await rows_of(upstreams, key(1), key(0), key(2))
    assert sorted(len(call.wallets) for call in stage.calls) == [1, 2]
    assert [[each.wallet for each in its] for its in rows] == [
        [wallet(1)],
        [ZERO],
        [wallet(2)],
    ]


async def test_the_zero_address_is_the_lone_wallet() -> None:
    stage = Stage()
    stage.rows = lambda one: [row(ZERO)]
    async with gateways(stage) as upstreams:
        [rows] = await rows_of(upstreams, key(1, None, 1_700_000_000))
    assert [(each.wallet, each.at, each.address) for each in rows] == [
        (wallet(1), 1_700_000_000, ZERO)
    ]
