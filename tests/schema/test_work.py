"""The work an operation causes: done once where it is the same, bounded where it is not."""

from typing import Any

import pytest

from resolvers import position, position_filter, positions
from sandbox import DEMO_ACCOUNTS, DEMO_WALLETS
from tests.graph import Graph, codes, running

WALLET = DEMO_WALLETS["typical"]
ROWS = 12


def pages(*arguments: str) -> str:
    """One wallet, a connection for each of the arguments."""
    aliases = " ".join(
        f"a{number}: positions({each}) {{ totalCount }}" for number, each in enumerate(arguments)
    )
    return f'{{ wallet(address: "{WALLET}") {{ {aliases} }} }}'


async def test_rows_are_counted_once_for_each_filter_and_order(executor: str) -> None:
    same = ['first: 0, filter: {text: "usd"}', 'first: 1, filter: {text: "USD"}, last: null']
    text = pages("first: 3", "first: 0", *same, "first: 0, orderBy: {field: NAME}")
    async with running(settings={"EXECUTOR": executor, "MAX_ROWS": str(3 * ROWS)}) as graph:
        assert "errors" not in await graph.ask(text)

        beyond = await graph.ask(
            pages(*(f"first: 0, filter: {{minValueUsd: {n}}}" for n in range(5)))
        )

    assert [len(codes(beyond)), {code for _, code in codes(beyond)}] == [
        2,
        {"OPERATION_TOO_COSTLY"},
    ]
    assert list(beyond["data"]["wallet"].values()).count(None) == 2


async def test_a_wallet_is_valued_once_whatever_is_asked_of_it(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    valued: list[Any] = []

    def counted(row: Any) -> Any:
        valued.append(row)
        return position.value_usd(row)

    monkeypatch.setattr(positions, "value_usd", counted)

    await graph.data(
        pages("first: 1", 'first: 1, filter: {text: "x"}', "last: 1, filter: {locked: true}")
    )

    assert len(valued) == ROWS


async def test_a_filter_is_read_once_for_all_wallets(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    make = position_filter.make_filter

    def counted(**parts: Any) -> Any:
        made.append(parts)
        return make(**parts)

    monkeypatch.setattr(position_filter, "make_filter", counted)
    query = """query ($a: [String!]!, $t: [String!], $n: Int) { wallets(addresses: $a) {
        a: positions(first: $n, filter: {tokens: $t}) { totalCount }
        b: positions(first: $n, filter: {tokens: $t, locked: true}) { totalCount }
    } }"""
    async with running() as graph:
        for token in ("0x" + "1" * 40, "garbage"):
            variables = {"a": [WALLET, DEMO_WALLETS["whale"]] * 10, "t": [token] * 1_000, "n": 0}
            answer = await graph.ask(query, variables)
            assert len(made) == 2
            made.clear()

    assert {code for _, code in codes(answer)} == {"BAD_ADDRESS"}
    assert len(codes(answer)) == 40


async def test_holdings_are_counted_once_for_each_page_and_filter(executor: str) -> None:
    account = DEMO_ACCOUNTS["typical"]
    same = " ".join(f"a{n}: algorandAssets(first: 5) {{ round }}" for n in range(9))
    other = " ".join(
        f"b{n}: algorandAssets(first: 5, filter: {each}) {{ round }}"
        for n, each in enumerate(["{isFrozen: true}", "{hasBalance: true}", "{isFrozen: true}"])
    )
    text = f'{{ wallet(address: "{account}") {{ {same} %s }} }}'
    async with running(settings={"EXECUTOR": executor, "MAX_ROWS": "10"}) as graph:
        assert "errors" not in await graph.ask(text % "")
        beyond = await graph.ask(text % other)

    assert codes(beyond) == [(["wallet", "b1"], "OPERATION_TOO_COSTLY")]


async def test_positions_by_id_are_counted_once_a_wallet(executor: str) -> None:
    page = "query ($a: String!) { wallet(address: $a) { positions { nodes { id } } } }"
    query = "query ($i: [ID!]!) { nodes(ids: $i) { id } }"
    async with running(settings={"EXECUTOR": executor, "MAX_ROWS": str(ROWS)}) as graph:
        first, second = [
            (await graph.data(page, {"a": DEMO_WALLETS[name]}))["wallet"]["positions"]["nodes"]
            for name in ("typical", "debts")
        ]
        assert await graph.data(query, {"i": [n["id"] for n in first]}) == {"nodes": first}
        beyond = await graph.ask(query, {"i": [n["id"] for n in [*first, *second]]})

    assert {code for _, code in codes(beyond)} == {"OPERATION_TOO_COSTLY"}
