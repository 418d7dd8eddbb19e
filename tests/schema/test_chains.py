"""One call about all chains of a wallet serves whoever asks for some of them."""

import asyncio
from typing import Any

import pytest

from tests.graph import Graph, codes, running
from tests.upstreams.stage import Clock, Stage, row, wallet
from tests.upstreams.wire import reply
from upstreams.pace import Pace

ROWS = [(1, "0xa", 10.0), (1, "0xb", 5.0), (137, "0xc", 2.0)]
PAGE = "totalCount totalValueUsd unreadableCount isStale asOf nodes { chainId index }"


@pytest.fixture
def stage() -> Stage:
    """Three rows of two chains, or those of the chain asked for, as the source has it."""
    stage = Stage()

    def answer(wallet: str) -> list[dict[str, Any]]:
        asked = dict(stage.calls[-1].params).get("chain_id")
        return [
            row(wallet, index, value, chain_id=chain)
            for chain, index, value in ROWS
            if asked is None or int(asked) == chain
        ]

    stage.rows = answer
    return stage


def chains_asked(stage: Stage) -> list[str | None]:
    """The chain of each call about what is in wallets; there is another about protocols for it."""
    tokens, protocols = (
        [dict(call.params).get("chain_id") for call in stage.calls if call.path.endswith(path)]
        for path in ("/tokens/snapshot", "/protocols/snapshot")
    )
    assert tokens == protocols
    assert len(stage.calls) == 2 * len(tokens)
    return tokens


def query(*chains: int | None, number: int = 1, at: str = "", fields: str = PAGE) -> str:
    parts = []
    for chain in chains:
        arguments = [f"chainId: {chain}"] * (chain is not None) + [f'at: "{at}"'] * bool(at)
        given = f"({', '.join(arguments)})" if arguments else ""
        parts.append(f"c{chain or 'All'}: positions{given} {{ {fields} }}")
    return f'{{ wallet(address: "{wallet(number)}") {{ {" ".join(parts)} }} }}'


async def counts(graph: Graph, *chains: int | None, **more: Any) -> list[int]:
    found = (await graph.data(query(*chains, **more)))["wallet"]
    return [found[f"c{chain or 'All'}"]["totalCount"] for chain in chains]


async def test_all_chains_and_two_of_them_are_one_call(executor: str, stage: Stage) -> None:
    async with running(settings={"EXECUTOR": executor}, oneinch_transport=stage) as graph:
        found = (await graph.data(query(None, 1, 137, 10)))["wallet"]
    as_of = found["cAll"]["asOf"]
    same = {"unreadableCount": 0, "isStale": False, "asOf": as_of}
    assert found["c1"] == {
        "totalCount": 2,
        "totalValueUsd": "15.0",
        "nodes": [{"chainId": 1, "index": "0xa"}, {"chainId": 1, "index": "0xb"}],
        **same,
    }
    assert found["c137"] == {
        "totalCount": 1,
        "totalValueUsd": "2.0",
        "nodes": [{"chainId": 137, "index": "0xc"}],
        **same,
    }
    assert found["c10"] == {"totalCount": 0, "totalValueUsd": "0", "nodes": [], **same}
    assert found["cAll"]["totalCount"] == 3
    assert chains_asked(stage) == [None]


async def test_fifteen_chains_are_one_call(executor: str, stage: Stage) -> None:
    async with running(settings={"EXECUTOR": executor}, oneinch_transport=stage) as graph:
        found = await counts(graph, *range(1, 16))
    assert found == [2] + [0] * 14
    assert chains_asked(stage) == [None]


async def test_one_chain_by_itself_is_asked_for_as_such(stage: Stage) -> None:
    async with running(oneinch_transport=stage) as graph:
        assert await counts(graph, 137) == [1]
        assert await counts(graph, 137) == [1]
    assert chains_asked(stage) == ["137"]


async def test_a_wallet_costs_two_calls_however_many_chains_are_asked_for_in_turn(
    stage: Stage,
) -> None:
    async with running(oneinch_transport=stage) as graph:
        found = [(await counts(graph, chain))[0] for chain in (137, 1, 10, 137, 1)]
        assert await counts(graph, None) == [3]
    assert found == [1, 2, 0, 1, 2]
    assert chains_asked(stage) == ["137", None]


async def test_an_answer_about_all_chains_serves_each_as_long_as_it_keeps(stage: Stage) -> None:
    clock = Clock()
    async with running(oneinch_transport=stage, clock=clock, wall=clock) as graph:
        whole = (await graph.data(query(None)))["wallet"]["cAll"]
        clock.now += 20
        fresh = (await graph.data(query(1)))["wallet"]["c1"]
        clock.now += 20
        stage.gate = asyncio.Event()
        old = (await graph.data(query(1)))["wallet"]["c1"]
        await asyncio.sleep(0.01)
        assert chains_asked(stage) == [None, None]
        stage.gate.set()
    assert (fresh["totalCount"], fresh["isStale"], fresh["asOf"]) == (2, False, whole["asOf"])
    assert (old["totalCount"], old["isStale"], old["asOf"]) == (2, True, whole["asOf"])


async def test_requests_at_a_time_share_the_call_under_way(stage: Stage) -> None:
    stage.seconds = 0.05
    async with running(oneinch_transport=stage) as graph:
        whole = asyncio.create_task(counts(graph, None))
        await asyncio.sleep(0.01)
        parts = await asyncio.gather(*[counts(graph, chain) for chain in (1, 137, 10)])
        assert await whole == [3]
    assert parts == [[2], [1], [0]]
    assert chains_asked(stage) == [None]


async def test_a_moment_has_its_own_answer_about_all_chains(stage: Stage) -> None:
    then = "2024-01-01T00:00:00Z"
    async with running(oneinch_transport=stage) as graph:
        assert await counts(graph, 1, 137, at=then) == [2, 1]
        assert await counts(graph, 10, at=then) == [0]
        assert await counts(graph, 10) == [0]
    assert chains_asked(stage) == [None, "10"]
    assert ["timestamp" in dict(call.params) for call in stage.calls] == [True, True, False, False]


async def test_without_a_cache_one_request_still_shares_one_call(stage: Stage) -> None:
    async with running(oneinch_transport=stage, portfolio_ttl_seconds=0) as graph:
        assert await counts(graph, None, 1, 137) == [3, 2, 1]
        assert await counts(graph, 1) == [2]
        assert await counts(graph, 137) == [1]
    assert chains_asked(stage) == [None, "1", "137"]


async def test_a_position_is_found_by_its_id_in_what_is_there(stage: Stage) -> None:
    async with running(oneinch_transport=stage) as graph:
        page = await graph.data(query(None, fields="nodes { id index }"))
        nodes = page["wallet"]["cAll"]["nodes"]
        ids = ", ".join(f'"{node["id"]}"' for node in nodes)
        found = await graph.data(f"{{ nodes(ids: [{ids}]) {{ id ... on Position {{ index }} }} }}")
        assert found["nodes"] == nodes
    assert chains_asked(stage) == [None]


async def test_where_the_call_fails_each_field_says_so(executor: str, stage: Stage) -> None:
    stage.script = lambda call: reply("", 500)
    async with running(settings={"EXECUTOR": executor}, oneinch_transport=stage) as graph:
        answer = await graph.ask(query(1, 137))
    assert codes(answer) == [
        (["wallet", "c1"], "UPSTREAM_UNAVAILABLE"),
        (["wallet", "c137"], "UPSTREAM_UNAVAILABLE"),
    ]
    assert len(stage.calls) == 2


async def test_what_could_not_be_read_may_be_of_any_chain(stage: Stage) -> None:
    whole = stage.rows
    stage.rows = lambda wallet: [*whole(wallet), {"address": wallet, "index": 7}]
    async with running(oneinch_transport=stage) as graph:
        found = (await graph.data(query(None, 1, 10)))["wallet"]
    assert [page["unreadableCount"] for page in found.values()] == [1, 1, 1]
    assert [page["totalCount"] for page in found.values()] == [3, 2, 0]


async def test_wallets_with_several_chains_share_a_call(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a busy machine others get a turn, and what comes after it is a call of its own.
    monkeypatch.setattr(Pace, "is_due", lambda pace: False)
    async with running(oneinch_transport=stage) as graph:
        pages = " ".join(
            f'w{number}: wallet(address: "{wallet(number)}") {{ a: positions(chainId: 1) '
            "{ totalCount } b: positions(chainId: 137) { totalCount } }"
            for number in range(1, 31)
        )
        found = await graph.data(f"{{ {pages} }}")
    assert set(map(str, found.values())) == {"{'a': {'totalCount': 2}, 'b': {'totalCount': 1}}"}
    assert [len(call.wallets) for call in stage.calls] == [30, 30]
