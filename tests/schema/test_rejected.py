"""What the source refused as wrong is not asked again for a while; what may pass is."""

import pytest

from tests.graph import codes, running
from tests.upstreams.stage import Clock, Stage, wallet
from tests.upstreams.wire import reply
from upstreams.source.cache import REJECTED_SECONDS

POSITIONS = f'{{ wallet(address: "{wallet(1)}") {{ positions(chainId: 999) {{ totalCount }} }} }}'


def answering(status: int) -> Stage:
    stage = Stage()
    stage.script = lambda call: reply("{}", status)
    return stage


def snapshots_of(stage: Stage) -> int:
    return sum(call.path.endswith("snapshot") for call in stage.calls)


@pytest.mark.parametrize("status", [400, 404, 410, 413, 414, 422, 451])
@pytest.mark.parametrize("ttl", [0.0, 30.0])
async def test_a_rejected_request_costs_its_calls_once_however_often_it_is_repeated(
    executor: str, status: int, ttl: float
) -> None:
    stage, clock = answering(status), Clock()
    async with running(
        settings={"EXECUTOR": executor},
        oneinch_transport=stage,
        clock=clock,
        portfolio_ttl_seconds=ttl,
    ) as graph:
        answers = [await graph.ask(POSITIONS) for _ in range(6)]
        assert [codes(answer) for answer in answers] == 6 * [
            [(["wallet", "positions"], "UPSTREAM_REJECTED")]
        ]
        # Once it is asked which chains there are, too; it refuses that as well.
        assert (snapshots_of(stage), len(stage.calls)) == (2, 3)

        stage.script = lambda call: None
        clock.now += REJECTED_SECONDS
        assert await graph.data(POSITIONS) == {"wallet": {"positions": {"totalCount": 1}}}
        assert snapshots_of(stage) == 4


@pytest.mark.parametrize("status", [401, 403, 408, 409, 421, 425, 500])
async def test_what_another_moment_may_change_is_asked_again(status: int) -> None:
    stage = answering(status)
    async with running(oneinch_transport=stage) as graph:
        for _ in range(3):
            assert "errors" in await graph.ask(POSITIONS)
    assert len(stage.calls) == 6


async def test_a_rejection_is_remembered_of_what_was_asked_alone() -> None:
    stage = Stage()
    stage.script = lambda call: reply("{}", 422) if wallet(1) in call.wallets else None
    async with running(oneinch_transport=stage) as graph:
        await graph.ask(POSITIONS)
        other = POSITIONS.replace(wallet(1), wallet(2))
        assert await graph.data(other) == {"wallet": {"positions": {"totalCount": 1}}}
        every = POSITIONS.replace("(chainId: 999)", "")
        assert codes(await graph.ask(every)) == [(["wallet", "positions"], "UPSTREAM_REJECTED")]
    assert snapshots_of(stage) == 6


async def test_an_old_answer_stands_in_for_a_rejected_one_and_costs_no_more_calls() -> None:
    stage, clock = Stage(), Clock()
    query = f'{{ wallet(address: "{wallet(1)}") {{ positions {{ totalCount isStale }} }} }}'
    async with running(oneinch_transport=stage, clock=clock, wall=clock) as graph:
        await graph.data(query)
        stage.script = lambda call: reply("{}", 400)
        clock.now += 600
        answers = [await graph.data(query) for _ in range(4)]
    assert answers == 4 * [{"wallet": {"positions": {"totalCount": 1, "isStale": True}}}]
    assert len(stage.calls) == 4


async def test_a_token_on_a_chain_the_source_does_not_know_is_asked_for_once() -> None:
    stage = answering(400)
    async with running(oneinch_transport=stage) as graph:
        for _ in range(6):
            await graph.ask(f'{{ token(chainId: 999, address: "{wallet(1)}") {{ symbol }} }}')
    assert len(stage.calls) == 1
