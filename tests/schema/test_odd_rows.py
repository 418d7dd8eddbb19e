"""What a source may send that it does not document, and what a client sees of it."""

from typing import Any

import pytest

from tests.graph import codes, running
from tests.schema.odd import HELD, ONE, TWO, positions, rows, shown_by, snapshot, text
from tests.upstreams.stage import Stage, row, wallet

BOTH = f"""{{
    a: wallet(address: "{ONE}") {{ positions {{ totalCount unreadableCount isComplete }} }}
    b: wallet(address: "{TWO}") {{ positions {{ totalCount unreadableCount isComplete }} }}
}}"""


ODD = [
    text(TWO, "0x02", contract_symbol=None),
    text(TWO, "0x02", underlying_tokens=None),
    text(TWO, "0x02", underlying_tokens=[{**HELD, "decimals": None}]),
    text(TWO, "0x02", underlying_tokens=[{**HELD, "decimals": 300}]),
    text(TWO, "0x02", reward_tokens=[{**HELD, "amount": "1_0"}]),
    text(TWO, "0x02", reward_tokens=[None]),
    text(TWO, "0x02", contract_name="half \ud83d"),
    text(TWO, "0x02", contract_name="none").replace("none", "\udcff"),
    text(TWO, "0x02", value_usd=None),
    text(TWO, "0x02", value_usd=77).replace("77", "1e401"),
    text(TWO, "0x02", token_id=0.5),
    text(TWO, "0x02", chain_id=None),
    text(TWO, "0x02").replace('"token_id"', '"index": "0x03", "token_id"'),
]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
async def test_an_odd_row_costs_itself_alone(executor: str, odd: str) -> None:
    body = rows(text(ONE), text(TWO), odd)
    async with running(
        settings={"EXECUTOR": executor}, oneinch_transport=(stage := snapshot(body))
    ) as graph:
        data = await graph.data(BOTH)

    whole = {"totalCount": 1, "unreadableCount": 0, "isComplete": True}
    lacking = {"totalCount": 1, "unreadableCount": 1, "isComplete": False}
    assert data == {"a": {"positions": whole}, "b": {"positions": lacking}}
    assert len(stage.calls) == 2


@pytest.mark.parametrize("odd", ["null", "[]", "{}", '{"address": 7}', "NaN"])
async def test_a_row_of_which_nobody_knows_whose_it_is_counts_for_all(odd: str) -> None:
    async with running(oneinch_transport=snapshot(rows(text(ONE), odd))) as graph:
        data = await graph.data(BOTH)

    assert data == {
        "a": {"positions": {"totalCount": 1, "unreadableCount": 1, "isComplete": False}},
        "b": {"positions": {"totalCount": 0, "unreadableCount": 1, "isComplete": False}},
    }


async def test_a_wallet_of_which_no_row_can_be_read_lacks_a_part_and_its_neighbour_none() -> None:
    body = rows(text(ONE), text(TWO, contract_name=7))
    async with running(oneinch_transport=snapshot(body)) as graph:
        answer = await graph.ask(BOTH)

    whole = {"totalCount": 1, "unreadableCount": 0, "isComplete": True}
    lacking = {"totalCount": 0, "unreadableCount": 0, "isComplete": False}
    assert answer["data"] == {"a": {"positions": whole}, "b": {"positions": lacking}}
    assert codes(answer) == [(["b", "positions"], "UPSTREAM_CONTRACT")]
    assert answer["errors"][0]["message"] == (
        "The portfolio upstream broke its contract: Expected `string`, got `integer` - at "
        "`$[1].contract_name`."
    )


async def test_readers_of_an_odd_wallet_close_the_source_for_nobody() -> None:
    stage = Stage()
    stage.rows = lambda one: [row(one, contract_name=7 if one == TWO else "Ether")]
    async with running(oneinch_transport=stage, portfolio_ttl_seconds=0) as graph:
        for _ in range(20):
            await graph.ask(BOTH.replace(ONE, TWO))
        data = await graph.data(
            f'{{ wallet(address: "{ONE}") {{ positions {{ totalCount }} }} sources {{ breaker }} }}'
        )

    assert data["wallet"] == {"positions": {"totalCount": 1}}
    assert data["sources"][0] == {"breaker": "CLOSED"}


async def test_a_row_of_another_wallet_is_shown_to_nobody(executor: str) -> None:
    fields = "totalCount totalValueUsd unreadableCount isComplete"
    for body in (rows(text(wallet(9))), rows(text("native")), rows(text(""))):
        found = await positions(body, fields, executor)
        assert found == {
            "totalCount": 0,
            "totalValueUsd": "0",
            "unreadableCount": 1,
            "isComplete": False,
        }
    body = rows(text(ONE), text(TWO), text(wallet(9)))
    async with running(oneinch_transport=(stage := snapshot(body))) as graph:
        data = await graph.data(BOTH)
    lacking = {"totalCount": 1, "unreadableCount": 1, "isComplete": False}
    assert data == {"a": {"positions": lacking}, "b": {"positions": lacking}}
    assert len(stage.calls) == 2


async def test_rows_of_another_chain_than_asked_for_are_left_out(executor: str) -> None:
    body = rows(text(ONE), text(ONE, "0x02", chain_id=137), text(wallet(0), "0x03", chain_id=10))

    found = await positions(
        body, "totalCount totalValueUsd unreadableCount nodes { chainId }", executor, "(chainId: 1)"
    )

    assert found == {
        "totalCount": 1,
        "totalValueUsd": "1.5",
        "unreadableCount": 2,
        "nodes": [{"chainId": 1}],
    }


async def test_rows_alike_to_the_last_digit_all_count(executor: str) -> None:
    body = rows(*[text(ONE)] * 3)
    async with running(settings={"EXECUTOR": executor}, oneinch_transport=snapshot(body)) as graph:
        found = await shown_by(graph, "totalCount totalValueUsd nodes { id }")
        nodes = await graph.data(
            "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
            {"ids": [node["id"] for node in found["nodes"]]},
        )

    assert (found["totalCount"], found["totalValueUsd"]) == (3, "4.5")
    assert len({node["id"] for node in found["nodes"]}) == 3
    assert nodes == {"nodes": found["nodes"]}


JOINING: list[dict[str, Any]] = [
    {"token_id": 4},
    {"contract_address": wallet(3)},
    {"asset_sign": -1},
    {"protocol_type": "lending"},
    {"protocol_handler_id": "aavev3"},
    {"protocol_group_id": "aave"},
    {"protocol_sub_group_id": "debt"},
    {"protocol_sub_group_name": "0.3%"},
    {"locked": True},
    {"contract_name": "Other"},
    {"chain_id": 137},
    {"underlying_tokens": [HELD]},
    {"value_usd": 1e9},
]


@pytest.mark.parametrize("joining", JOINING, ids=lambda each: next(iter(each)))
async def test_an_id_keeps_its_row_when_others_of_its_index_come_and_go(
    joining: dict[str, Any],
) -> None:
    alone, other = row(ONE), row(ONE) | joining
    stage = Stage()
    told_apart = "value_usd" not in joining
    async with running(oneinch_transport=stage, portfolio_ttl_seconds=0) as graph:

        async def shown(*sent: dict[str, Any]) -> list[str]:
            stage.rows = lambda _: list(sent)
            edges = (await shown_by(graph, "edges { cursor node { id } }"))["edges"]
            assert len({edge["cursor"] for edge in edges}) == len(edges)
            return [edge["node"]["id"] for edge in edges]

        (first,) = await shown(alone)
        (second,) = await shown(other)
        together = [await shown(alone, other), await shown(other, alone)]

    assert together[0] == together[1]
    assert len(set(together[0])) == 2
    assert first in together[0]
    assert (second in together[0] and second != first) == told_apart
