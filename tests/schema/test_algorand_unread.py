"""Holdings whose assets came without parameters: asked for, once, where something reads them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.algod_node import PAGE, Answer, Node, asset_params, held, page
from tests.graph import Graph, codes, running
from tests.upstreams.documents import ADDRESS, CREATOR, VERSIONS
from tests.upstreams.wire import reply

QUERY = """query ($filter: AlgorandHoldingFilter) {
    wallet(address: "ADDRESS") { algorandAssets(filter: $filter) { unreadableCount nodes {
        amount displayAmount asset { assetId isDestroyed isNft name decimals manager standards
            resolvedUrl } } } } }""".replace("ADDRESS", ADDRESS)
IDS = (
    f'{{ wallet(address: "{ADDRESS}") {{ algorandAssets {{ nodes {{ asset {{ assetId }} }} }} }} }}'
)
ASSET: dict[str, Any] = {
    "index": 77,
    "params": asset_params(name="Alive", manager=CREATOR, url="https://a"),
}
GONE: dict[str, Any] = {
    "assetId": "77",
    "isDestroyed": True,
    "isNft": None,
    "name": None,
    "decimals": None,
    "manager": None,
    "standards": [],
    "resolvedUrl": None,
}
ALIVE: dict[str, Any] = {
    **GONE,
    "isDestroyed": False,
    "isNft": True,
    "name": "Alive",
    "decimals": 0,
    "manager": CREATOR,
    "resolvedUrl": "https://a",
}
NULLED = dict.fromkeys(GONE) | {"assetId": "77"}


def release(minor: int) -> dict[str, Any]:
    return {**VERSIONS, "build": {**VERSIONS["build"], "major": 4, "minor": minor}}


@asynccontextmanager
async def on(executor: str, row: object, asset: Answer = None) -> AsyncIterator[tuple[Graph, Node]]:
    node = Node({PAGE: page(row), "/v2/assets/77": asset})
    settings = {"EXECUTOR": executor, "ALGORAND_TTL_SECONDS": "0"}
    async with running(settings=settings, algod_transport=node) as graph:
        yield graph, node


async def nodes(graph: Graph, **keep: bool) -> Any:
    found = await graph.data(QUERY, {"filter": keep or None})
    return found["wallet"]["algorandAssets"]["nodes"]


@pytest.mark.parametrize("minor", [5, 6, 7, 9])
@pytest.mark.parametrize("amount", [0, 3])
@pytest.mark.parametrize("params", [{}, {"asset-params": None}], ids=["absent", "null"])
async def test_a_living_asset_is_told_by_itself_whatever_its_page_lacks(
    executor: str, minor: int, amount: int, params: dict[str, Any]
) -> None:
    async with on(executor, {**held(77, amount), **params}, ASSET) as (graph, node):
        node.answers["/versions"] = release(minor)

        found = await nodes(graph)

    assert found == [{"amount": str(amount), "displayAmount": str(amount), "asset": ALIVE}]
    assert node.calls() == {PAGE: 1, "/v2/assets/77": 1}


async def test_a_destroyed_asset_is_asked_for_once_a_minute(executor: str) -> None:
    async with on(executor, held(77, 0)) as (graph, node):
        found = [await nodes(graph) for _ in range(3)]

    assert found == [[{"amount": "0", "displayAmount": None, "asset": GONE}]] * 3
    assert node.calls() == {PAGE: 3, "/v2/assets/77": 1}


async def test_nothing_is_asked_that_the_page_or_nobody_needs(executor: str) -> None:
    async with on(executor, held(77, 3), ASSET) as (graph, node):
        assert (await graph.data(IDS))["wallet"]["algorandAssets"]["nodes"] == [
            {"asset": {"assetId": "77"}}
        ]
        assert await nodes(graph, hasBalance=False) == []
        assert await nodes(graph, isFrozen=True, isDestroyed=True) == []
        assert node.calls() == {PAGE: 3}
    async with on(executor, held(77, 3, **ASSET["params"])) as (graph, node):
        assert [each["asset"] for each in await nodes(graph, isDestroyed=False)] == [ALIVE]
        assert node.calls() == {PAGE: 1}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda _: reply("", 500), "UPSTREAM_UNAVAILABLE"),
        (lambda _: reply('{"message":"Not Found"}', 404), "UPSTREAM_REJECTED"),
        (lambda _: reply("", 403), "UPSTREAM_RATE_LIMITED"),
        ({"index": 77, "params": None}, "UPSTREAM_CONTRACT"),
        ({"index": 77}, "UPSTREAM_CONTRACT"),
        ({"index": 77, "params": asset_params(decimals=None)}, "UPSTREAM_CONTRACT"),
    ],
    ids=["500", "no route", "quota", "null", "no params", "odd params"],
)
@pytest.mark.parametrize("amount", [0, 3])
async def test_an_asset_that_cannot_be_had_is_not_called_destroyed(
    executor: str, answer: Answer, code: str, amount: int
) -> None:
    async with on(executor, held(77, amount), answer) as (graph, node):
        found = await graph.ask(QUERY)

    place = ["wallet", "algorandAssets", "nodes", 0]
    assert found["data"]["wallet"]["algorandAssets"]["nodes"] == [
        {"amount": str(amount), "displayAmount": None, "asset": NULLED}
    ]
    assert codes(found) == sorted(
        ([*place, *path], code)
        for path in (["displayAmount"], *(["asset", name] for name in NULLED if name != "assetId"))
    )
    assert node.calls() == {PAGE: 1, "/v2/assets/77": 1}


async def test_units_of_an_asset_that_does_not_exist_are_a_contradiction(executor: str) -> None:
    async with on(executor, held(77, 3)) as (graph, _):
        found = await graph.ask(QUERY)

    assert found["data"]["wallet"]["algorandAssets"]["nodes"] == [
        {"amount": "3", "displayAmount": None, "asset": NULLED}
    ]
    assert {code for _, code in codes(found)} == {"UPSTREAM_CONTRACT"}


async def test_a_filter_that_cannot_ask_is_an_error_and_does_not_guess(executor: str) -> None:
    async with on(executor, held(77, 3), lambda _: reply("", 500)) as (graph, _):
        found = await graph.ask(QUERY, {"filter": {"isDestroyed": True}})

    assert found["data"] == {"wallet": {"algorandAssets": None}}
    assert codes(found) == [(["wallet", "algorandAssets"], "UPSTREAM_UNAVAILABLE")]


@pytest.mark.parametrize("keep", ["isDestroyed", "isNft"])
async def test_a_filter_counts_what_it_cannot_tell_because_the_asset_is_odd(
    executor: str, keep: str
) -> None:
    async with on(executor, held(77, 3), {"index": 77, "params": None}) as (graph, _):
        for side in (True, False):
            found = await graph.data(QUERY, {"filter": {keep: side}})
            assert found["wallet"]["algorandAssets"] == {"unreadableCount": 1, "nodes": []}


async def test_filters_say_what_the_fields_say(executor: str) -> None:
    rows = [
        held(71, 3, decimals=0, total=1),
        held(72, 3, decimals=2, total=100),
        held(73, 0),
        held(74, 3),
        held(75, 0),
        held(76, 3),
        held(77, 0),
    ]
    living = {
        "/v2/assets/73": {"index": 73, "params": asset_params()},
        "/v2/assets/74": {"index": 74, "params": asset_params()},
        "/v2/assets/75": {"index": 75, "params": asset_params(decimals=2, total=100)},
        "/v2/assets/76": {"index": 76, "params": asset_params(decimals=2, total=100)},
    }
    node = Node({PAGE: page(*rows), **living})
    async with running(settings={"EXECUTOR": executor}, algod_transport=node) as graph:
        whole = await nodes(graph)
        for keep, told in (
            ({"isDestroyed": True}, lambda asset: asset["isDestroyed"]),
            ({"isDestroyed": False}, lambda asset: not asset["isDestroyed"]),
            ({"isNft": True}, lambda asset: asset["isNft"]),
            ({"isNft": False}, lambda asset: not asset["isNft"]),
            ({"isNft": False, "isDestroyed": False}, lambda asset: asset["isNft"] is False),
        ):
            assert await nodes(graph, **keep) == [each for each in whole if told(each["asset"])]
        assert [each["asset"]["isDestroyed"] for each in whole] == [False] * 6 + [True]

    assert node.calls() == {PAGE: 1, **dict.fromkeys((*living, "/v2/assets/77"), 1)}
