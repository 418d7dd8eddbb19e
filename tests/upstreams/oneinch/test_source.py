import asyncio
import json

import pytest

from tests.upstreams.stage import (
    FAST,
    Stage,
    gateways,
    key,
    rows_of,
    wallet,
)
from tests.upstreams.wire import reply
from tests.virtual_time import now
from upstreams.deadline import deadline
from upstreams.errors import (
    UpstreamRateLimited,
    UpstreamRejected,
    UpstreamTimeout,
)
from upstreams.oneinch.client import TokenInfo
from upstreams.oneinch.source import TokenKey
from upstreams.source.timestamped import Timestamped


async def test_a_hundred_requests_for_a_hundred_wallets_take_three_calls_in_three_seconds() -> None:
    stage = Stage()
    async with gateways(stage, oneinch_rps=1) as upstreams:
        started = now()
        first = asyncio.create_task(rows_of(upstreams, key(0)))
        await asyncio.sleep(0.01)
        others = await asyncio.gather(*[rows_of(upstreams, key(n)) for n in range(1, 100)])
        seconds = now() - started
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
        await rows_of(upstreams, *[key(n) for n in range(1, 101)])
        await upstreams.portfolio.snapshots(
            [*[key(n) for n in range(200, 203)], key(203, 10), key(204, 1, 99)]
        )

    assert [len(call.wallets) for call in stage.calls] == [50, 50, 3, 1, 1]
    assert stage.calls[3].params[1:] == (("chain_id", "10"),)
    assert stage.calls[4].params[1:] == (("chain_id", "1"), ("timestamp", "99"))


async def test_the_batch_size_is_the_configured_one() -> None:
    stage = Stage()
    async with gateways(stage, oneinch_max_batch=7) as upstreams:
        await rows_of(upstreams, *[key(n) for n in range(1, 21)])
    assert [len(call.wallets) for call in stage.calls] == [7, 7, 6]


async def test_a_lone_call_leaves_at_once() -> None:
    stage = Stage()
    async with gateways(stage, oneinch_rps=1) as upstreams:
        started = now()
        await rows_of(upstreams, key(1))
    assert now() == started


async def test_groups_are_served_in_the_order_of_their_first_wallet() -> None:
    stage = Stage()
    async with gateways(stage, oneinch_rps=2) as upstreams:
        tasks = []
        for number, chain in enumerate([1, 1, 2, 3, 2, 1]):
            asked = upstreams.portfolio.snapshots([key(number, chain)])
            tasks.append(asyncio.create_task(asked))
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
        started = now()
        with deadline(2.5):
            answers = await upstreams.portfolio.snapshots([key(n) for n in range(1, 5)])
        seconds = now() - started

    assert [isinstance(answer, Timestamped) for answer in answers] == [True, True, False, False]
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
        started = now()
        with deadline(0.5):
            [answer] = await upstreams.portfolio.snapshots([key(1)])
        assert isinstance(answer, UpstreamRateLimited)
        assert now() == started


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
    assert isinstance(answer, Timestamped)
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
        assert not isinstance(answer, Timestamped)
    assert len(asyncio.all_tasks()) == 1


async def test_an_error_has_its_own_place_and_leaves_the_others_alone() -> None:
    stage = Stage()
    stage.script = lambda call: (
        reply("{}", status=422) if ("chain_id", "2") in call.params else None
    )
    async with gateways(stage) as upstreams:
        good, bad = await upstreams.portfolio.snapshots([key(1), key(2, 2)])
        again = (await upstreams.portfolio.snapshots([key(2, 2)]))[0]
        state = upstreams.portfolio.state()
    assert isinstance(good, Timestamped)
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
