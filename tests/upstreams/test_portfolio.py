import asyncio
import json
import logging
import time
from typing import Any

import pytest

from tests.upstreams.stage import FAST, ZERO, Stage, gateways, key, row, wallet
from tests.upstreams.wire import reply
from upstreams.assemble import Upstreams
from upstreams.dated import Dated
from upstreams.deadline import deadline
from upstreams.errors import UpstreamRateLimited, UpstreamRejected, UpstreamTimeout
from upstreams.oneinch import Position, TokenInfo
from upstreams.portfolio import SnapshotKey, TokenKey


async def rows_of(upstreams: Upstreams, *keys: SnapshotKey) -> list[tuple[Position, ...]]:
    """The rows of keys none of which may fail."""
    found = []
    for answer in await upstreams.portfolio.snapshots(keys):
        assert isinstance(answer, Dated), answer
        found.append(answer.value)
    return found


async def test_a_hundred_requests_for_a_hundred_wallets_take_three_calls_in_three_seconds() -> None:
    stage = Stage()
    async with gateways(stage, oneinch_rps=1) as upstreams:
        started = time.monotonic()
        first = asyncio.create_task(rows_of(upstreams, key(0)))
        await asyncio.sleep(0.01)
        others = await asyncio.gather(*[rows_of(upstreams, key(n)) for n in range(1, 100)])
        seconds = time.monotonic() - started
        state = upstreams.portfolio.state()

    assert [len(call.wallets) for call in stage.calls] == [1, 50, 49]
    assert seconds <= 3
    for number, [rows] in enumerate([await first, *others]):
        assert [each.wallet for each in rows] == [wallet(number)]
    assert (state.calls, state.merges, state.queue_length) == (3, 97, 0)


async def test_a_thousand_requests_for_one_wallet_take_one_call() -> None:
    stage = Stage()
    async with gateways(stage, portfolio_ttl_seconds=0) as upstreams:
        answers = await asyncio.gather(*[rows_of(upstreams, key(1)) for _ in range(1000)])

    assert len(stage.calls) == 1
    assert all(answer == answers[0] for answer in answers)


async def test_keys_handed_over_together_leave_together() -> None:
    stage = Stage()
    async with gateways(stage) as upstreams:
        await rows_of(upstreams, *[key(n) for n in range(100)])
        await rows_of(upstreams, *[key(n) for n in range(200, 203)], key(203, 10), key(204, 1, 99))

    assert [len(call.wallets) for call in stage.calls] == [50, 50, 3, 1, 1]
    assert stage.calls[3].params[1:] == (("chain_id", "10"),)
    assert stage.calls[4].params[1:] == (("chain_id", "1"), ("timestamp", "99"))


async def test_the_batch_size_is_the_configured_one() -> None:
    stage = Stage()
    async with gateways(stage, oneinch_max_batch=7) as upstreams:
        await rows_of(upstreams, *[key(n) for n in range(20)])
    assert [len(call.wallets) for call in stage.calls] == [7, 7, 6]


async def test_a_lone_call_leaves_at_once() -> None:
    stage = Stage()
    async with gateways(stage, oneinch_rps=1) as upstreams:
        started = time.monotonic()
        await rows_of(upstreams, key(1))
    assert time.monotonic() - started < 0.3


async def test_groups_are_served_in_the_order_of_their_first_wallet() -> None:
    stage = Stage()
    async with gateways(stage, oneinch_rps=2) as upstreams:
        tasks = []
        for number, chain in enumerate([1, 1, 2, 3, 2, 1]):
            tasks.append(asyncio.create_task(rows_of(upstreams, key(number, chain))))
            await asyncio.sleep(0.01)
        await asyncio.gather(*tasks)

    assert [call.wallets for call in stage.calls] == [
        [wallet(0)],
        [wallet(1)],
        [wallet(2), wallet(4)],
        [wallet(3)],
        [wallet(5)],
    ]


async def test_status_and_tokens_share_the_permits_of_the_account() -> None:
    stage = Stage()
    async with gateways(stage, oneinch_rps=1) as upstreams:
        await upstreams.portfolio.status()
        assert upstreams.portfolio.state().permits_left == 0
        found = await upstreams.portfolio.tokens([TokenKey(1, wallet(1)), TokenKey(1, wallet(15))])

    assert found[0].value == TokenInfo(  # type: ignore[union-attr]
        chain_id=1, address=wallet(1), decimals=18, symbol="T", name="Tok"
    )
    assert found[1].value is None  # type: ignore[union-attr]
    assert stage.calls[1].at - stage.calls[0].at >= 1.0
    assert [call.path for call in stage.calls] == [
        "/portfolio/portfolio/v5.0/general/status",
        "/token/v1.3/1/custom",
    ]


async def test_what_cannot_be_served_in_time_is_refused_at_once() -> None:
    stage = Stage()
    async with gateways(stage, oneinch_rps=1, oneinch_max_batch=1) as upstreams:
        await rows_of(upstreams, key(0))
        started = time.monotonic()
        with deadline(2.5):
            answers = await upstreams.portfolio.snapshots([key(n) for n in range(1, 5)])
        seconds = time.monotonic() - started

    assert [isinstance(answer, Dated) for answer in answers] == [True, True, False, False]
    late = answers[2]
    assert isinstance(late, UpstreamRateLimited)
    assert late.extensions == {
        "code": "UPSTREAM_RATE_LIMITED",
        "source": "portfolio",
        "retryAfter": 3.3,
    }
    assert seconds < 2.5
    assert len(stage.calls) == 3


async def test_a_refusal_does_not_wait() -> None:
    stage = Stage()
    async with gateways(stage, oneinch_rps=1) as upstreams:
        await rows_of(upstreams, key(0))
        started = time.monotonic()
        with deadline(0.5):
            [answer] = await upstreams.portfolio.snapshots([key(1)])
        assert isinstance(answer, UpstreamRateLimited)
        assert time.monotonic() - started < 0.1


async def test_a_client_that_leaves_takes_only_its_own_work_with_it() -> None:
    stage = Stage()
    stage.gate = asyncio.Event()
    async with gateways(stage) as upstreams:
        leaving = asyncio.create_task(rows_of(upstreams, key(1), key(2)))
        staying = asyncio.create_task(rows_of(upstreams, key(1)))
        alone = asyncio.create_task(rows_of(upstreams, key(3, 10)))
        await asyncio.sleep(0.05)
        leaving.cancel()
        alone.cancel()
        await asyncio.sleep(0.05)
        assert stage.cancelled == 1
        stage.gate.set()
        assert len(await staying) == 1
    assert len(stage.calls) == 2


async def test_a_queued_wallet_that_nobody_wants_any_more_is_not_asked_for() -> None:
    stage = Stage()
    async with gateways(stage, oneinch_rps=1) as upstreams:
        await rows_of(upstreams, key(0))
        leaving = asyncio.create_task(rows_of(upstreams, key(1), key(2)))
        await asyncio.sleep(0.05)
        assert upstreams.portfolio.state().queue_length == 2
        leaving.cancel()
        await asyncio.sleep(0.01)
        assert upstreams.portfolio.state().queue_length == 0
        await rows_of(upstreams, key(3))
    assert [call.wallets for call in stage.calls] == [[wallet(0)], [wallet(3)]]
    assert stage.calls[1].at - stage.calls[0].at < 1.5


async def test_each_waiter_waits_under_its_own_deadline() -> None:
    stage = Stage()
    stage.seconds = 0.3
    async with gateways(stage) as upstreams:
        with deadline(0.1):
            hasty = asyncio.create_task(upstreams.portfolio.snapshots([key(1)]))
        patient = asyncio.create_task(upstreams.portfolio.snapshots([key(1)]))
        [late], [answer] = await asyncio.gather(hasty, patient)
    assert isinstance(late, UpstreamTimeout)
    assert isinstance(answer, Dated)
    assert len(stage.calls) == 1


async def test_no_task_is_left_behind() -> None:
    stage = Stage()
    stage.gate = asyncio.Event()
    before = asyncio.all_tasks()
    async with gateways(stage, oneinch_rps=1) as upstreams:
        waiting = [asyncio.create_task(rows_of(upstreams, key(n))) for n in range(3)]
        await asyncio.sleep(0.05)
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)
    assert asyncio.all_tasks() == before


async def test_closing_under_load_ends_every_wait() -> None:
    stage = Stage()
    stage.gate = asyncio.Event()
    async with gateways(stage, oneinch_rps=1) as upstreams:
        first = asyncio.create_task(upstreams.portfolio.snapshots([key(1)]))
        await asyncio.sleep(0.02)
        second = asyncio.create_task(upstreams.portfolio.snapshots([key(2)]))
        await asyncio.sleep(0.02)
    for [answer] in await asyncio.gather(first, second):
        assert not isinstance(answer, Dated)
    assert len(asyncio.all_tasks()) == 1


class TestWhoseRowIsIt:
    async def test_rows_go_to_the_wallet_they_name_whatever_its_case(self) -> None:
        stage = Stage()
        stage.rows = lambda one: [row(one.upper().replace("0X", "0x")), row(one, "0x02")]
        async with gateways(stage) as upstreams:
            rows = await rows_of(upstreams, key(0xA), key(0xB, 1, None), key(0xC))
        assert [[each.wallet for each in its] for its in rows] == [
            [wallet(n)] * 2 for n in (0xA, 0xB, 0xC)
        ]
        assert len(stage.calls) == 1

    async def test_a_row_that_names_nobody_is_never_guessed_and_ends_batching(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        stage = Stage()
        stage.rows = lambda one: [row(ZERO, value=float(int(one, 16))), row(one, "0x02")]
        async with gateways(stage) as upstreams:
            assert upstreams.portfolio.state().is_batching
            with caplog.at_level(logging.WARNING, "walletgraph.upstreams"):
                rows = await rows_of(upstreams, *[key(n) for n in (1, 2, 3)])
                more = await rows_of(upstreams, key(4), key(5))
            state = upstreams.portfolio.state()

        assert [len(call.wallets) for call in stage.calls] == [3, 1, 1, 1, 1, 1]
        for number, its in zip((1, 2, 3, 4, 5), [*rows, *more], strict=True):
            assert [each.wallet for each in its] == [wallet(number)] * 2
            assert its[0].value_usd == number
        assert not state.is_batching
        assert len(caplog.records) == 1
        assert "0x" not in caplog.text

    async def test_what_waits_when_batching_ends_leaves_one_by_one_in_its_order(self) -> None:
        stage = Stage()
        stage.rows = lambda one: [row(ZERO)]
        async with gateways(stage, oneinch_rps=6) as upstreams:
            batch = asyncio.create_task(rows_of(upstreams, key(1), key(2)))
            await asyncio.sleep(0)
            stage.seconds = 0.05
            await asyncio.gather(batch, *[rows_of(upstreams, key(n, 2)) for n in (3, 4)])
            status = await upstreams.portfolio.status()
        assert status.value.is_available
        asked = [call.wallets for call in stage.calls if call.wallets]
        assert [len(each) for each in asked[2:]] == [1, 1, 1, 1]
        assert sorted(each[0] for each in asked[2:]) == [wallet(n) for n in (1, 2, 3, 4)]

    async def test_all_rows_of_a_lone_wallet_are_its_own(self) -> None:
        stage = Stage()
        stage.rows = lambda one: [row(ZERO), row(wallet(77), "0x02")]
        async with gateways(stage) as upstreams:
            [rows] = await rows_of(upstreams, key(1, None, 1_700_000_000))
        assert [(each.wallet, each.at, each.address) for each in rows] == [
            (wallet(1), 1_700_000_000, ZERO),
            (wallet(1), 1_700_000_000, wallet(77)),
        ]

    @pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]])
    async def test_repeated_rows_are_dropped_and_alike_ones_numbered_in_a_fixed_order(
        self, order: list[int]
    ) -> None:
        owner = wallet(1)
        rows: list[dict[str, Any]] = [
            row(owner, value=1),
            row(owner, value=1),
            row(owner, value=2),
            row(owner, value=3, asset_sign=-1),
        ]
        stage = Stage()
        stage.rows = lambda one: [rows[place] for place in order]
        async with gateways(stage) as upstreams:
            [found] = await rows_of(upstreams, key(1))
        assert {(int(each.value_usd), each.ordinal) for each in found} == {(1, 0), (2, 1), (3, 0)}
        assert len(found) == 3


async def test_an_error_has_its_own_place_and_leaves_the_others_alone() -> None:
    stage = Stage()
    stage.script = lambda call: (
        reply("{}", status=422) if ("chain_id", "2") in call.params else None
    )
    async with gateways(stage) as upstreams:
        good, bad = await upstreams.portfolio.snapshots([key(1), key(2, 2)])
        again = (await upstreams.portfolio.snapshots([key(2, 2)]))[0]
        state = upstreams.portfolio.state()
    assert isinstance(good, Dated)
    assert isinstance(bad, UpstreamRejected)
    assert isinstance(again, UpstreamRejected)
    assert len(stage.calls) == 2
    assert (state.last_error, state.breaker) == ("UPSTREAM_REJECTED", "CLOSED")


async def test_a_defect_is_not_passed_off_as_an_upstream_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage()
    async with gateways(stage) as upstreams:

        async def defect(*_: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(upstreams.portfolio._client, "snapshot", defect)
        with pytest.raises(ZeroDivisionError):
            await upstreams.portfolio.snapshots([key(1)])
    assert stage.calls == []


async def test_the_state_names_what_it_is() -> None:
    async with gateways(Stage(), oneinch_rps=1, sandbox=True) as upstreams:
        state = upstreams.portfolio.state()
    assert json.loads(json.dumps([getattr(state, name) for name in state.__slots__])) == [
        *["portfolio", "SANDBOX", 1, 1, 0, "CLOSED", 0, 0, 0.0, None, True, None, 0]
    ]


async def test_replicas_without_redis_take_a_fixed_share_each() -> None:
    async with gateways(Stage(), oneinch_rps=10, replicas=2, algod_rps=FAST) as upstreams:
        assert upstreams.portfolio.state().limit == 5
