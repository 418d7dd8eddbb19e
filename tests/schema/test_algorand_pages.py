"""Pages of holdings from nodes that name them as they like, and rows nobody can read."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.ids import encode, opaque
from sandbox import DEMO_ACCOUNTS, Fault, Sandbox
from tests.algod_node import PAGE, Answer, Node, held, page
from tests.graph import Graph, codes, running
from tests.upstreams.documents import ADDRESS, CREATOR

QUERY = """query ($first: Int, $after: String, $filter: AlgorandHoldingFilter) {
    wallet(address: "ADDRESS") { algorandAssets(first: $first, after: $after, filter: $filter) {
        unreadableCount pageInfo { hasNextPage endCursor }
        edges { cursor node { asset { assetId } } }
    } } }""".replace("ADDRESS", ADDRESS)


@asynccontextmanager
async def on(node: Node, executor: str = "compiled") -> AsyncIterator[Graph]:
    settings = {"EXECUTOR": executor, "ALGORAND_TTL_SECONDS": "0"}
    async with running(settings=settings, algod_transport=node) as graph:
        yield graph


async def read(graph: Graph, **variables: object) -> Any:
    return (await graph.data(QUERY, variables))["wallet"]["algorandAssets"]


def ids(found: Mapping[str, Any]) -> list[int]:
    return [int(edge["node"]["asset"]["assetId"]) for edge in found["edges"]]


def named_pages(count: int, name: Callable[[int], str], unreadable: tuple[int, ...] = ()) -> Answer:
    """A node that holds assets 1 to `count`, whose tokens are names of the last asset's id."""
    names = {name(asset_id): asset_id for asset_id in range(1, count + 1)}

    def answer(query: dict[str, str]) -> object:
        after = names[query["next"]] if "next" in query else 0
        limit = int(query["limit"])
        numbers = list(range(after + 1, count + 1))
        rows = [
            held(number, "canary" if number in unreadable else 1, total=1)
            for number in numbers[:limit]
        ]
        token = name(numbers[limit - 1]) if len(numbers) > limit else None
        return page(*rows, token=token)

    return answer


NAMES: dict[str, Callable[[int], str]] = {
    "ids": str,
    "words": lambda number: f"p{number}:AAAA==",
    "hostile": lambda number: f"?limit=1&next=#/../%2e {number}+\r\nX: y\x00é",
    "padded": lambda number: f"00{number}",
    "beyond 63 bits": lambda number: str(2**63 + number),
    "page numbers": lambda number: str(1000 - number),
    "low numbers": lambda number: str(number - 1),
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
@pytest.mark.parametrize("size", [1, 3, 7, 10])
async def test_an_account_is_read_to_its_end_whatever_its_pages_are_called(
    name: Callable[[int], str], size: int
) -> None:
    node = Node({PAGE: named_pages(10, name, unreadable=(4, 7, 10))})
    found, after, unreadable = [], None, 0
    async with on(node) as graph:
        while True:
            part = await read(graph, first=size, after=after)
            found += ids(part)
            unreadable += part["unreadableCount"]
            after = part["pageInfo"]["endCursor"]
            assert not part["edges"] or part["edges"][-1]["cursor"] == after
            if not part["pageInfo"]["hasNextPage"]:
                break

    assert found == [1, 2, 3, 5, 6, 8, 9]
    assert unreadable == 3
    assert [query.get("next") for _, query in node.asked] == [
        None,
        *(name(number) for number in range(size, 10, size)),
    ]


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
async def test_any_row_is_a_place_to_go_on_from(name: Callable[[int], str]) -> None:
    node = Node({PAGE: named_pages(7, name)})
    async with on(node) as graph:
        cursors: dict[int, str] = {}
        after: str | None = None
        for _ in range(2):
            part = await read(graph, first=4, after=after)
            cursors |= dict(zip(ids(part), (edge["cursor"] for edge in part["edges"]), strict=True))
            after = part["pageInfo"]["endCursor"]
        for start, cursor in cursors.items():
            for size in (1, 4, 50):
                rest, place = [], cursor
                for _ in range(20):
                    part = await read(graph, first=size, after=place)
                    rest += ids(part)
                    place = part["pageInfo"]["endCursor"]
                    if not part["pageInfo"]["hasNextPage"]:
                        break
                assert rest == list(range(start + 1, 8))


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
async def test_a_filter_loses_nothing_whatever_pages_are_called(name: Callable[[int], str]) -> None:
    node = Node({PAGE: named_pages(9, name)})
    async with on(node) as graph:
        for keep, right in (({"isNft": True}, list(range(1, 10))), ({"isNft": False}, [])):
            found, after = [], None
            for _ in range(20):
                part = await read(graph, first=2, after=after, filter=keep)
                found += ids(part)
                after = part["pageInfo"]["endCursor"]
                if not part["pageInfo"]["hasNextPage"]:
                    break
            assert found == right


async def test_an_empty_page_with_a_token_leads_on() -> None:
    pages = {None: page(token="a"), "a": page(token="b"), "b": page(held(5, total=1))}
    node = Node({PAGE: lambda query: pages[query.get("next")]})
    async with on(node) as graph:
        found, after = [], None
        for _ in range(3):
            part = await read(graph, after=after)
            found.append((ids(part), part["pageInfo"]["hasNextPage"]))
            after = part["pageInfo"]["endCursor"]

    assert found == [([], True), ([], True), ([5], False)]


async def test_empty_pages_do_not_lead_on_for_ever(executor: str) -> None:
    node = Node({PAGE: lambda query: page(token=str(int(query.get("next", "0")) + 1))})
    async with on(node, executor) as graph:
        after: str | None = None
        for _ in range(10):
            after = (await read(graph, after=after))["pageInfo"]["endCursor"]
        answer = await graph.ask(QUERY, {"after": after})

    assert codes(answer) == [(["wallet", "algorandAssets"], "UPSTREAM_CONTRACT")]
    assert len(node.asked) == 11


async def test_pages_that_lead_back_are_refused() -> None:
    pages = {
        None: page(held(5, total=1), token="a"),
        "a": page(held(6, total=1), token="b"),
        "b": page(held(5, total=1), token="a"),
    }
    node = Node({PAGE: lambda query: pages[query.get("next")]})
    async with on(node) as graph:
        first = await read(graph)
        second = await read(graph, after=first["pageInfo"]["endCursor"])
        answer = await graph.ask(QUERY, {"after": second["pageInfo"]["endCursor"]})

    assert (ids(first), ids(second)) == ([5], [6])
    assert codes(answer) == [(["wallet", "algorandAssets"], "UPSTREAM_CONTRACT")]


async def test_a_token_that_never_moves_ends_with_the_second_page(executor: str) -> None:
    box = Sandbox()
    box.faults.add("/v2/accounts", Fault.stuck_next())
    account = DEMO_ACCOUNTS["typical"]
    query = QUERY.replace(ADDRESS, account)
    async with running(box, {"EXECUTOR": executor}) as graph:
        first = await graph.data(query, {"first": 5})
        after = first["wallet"]["algorandAssets"]["pageInfo"]["endCursor"]
        second = await graph.ask(query, {"first": 5, "after": after})

    assert codes(second) == [(["wallet", "algorandAssets"], "UPSTREAM_CONTRACT")]
    assert graph.calls()[f"/v2/accounts/{account}/assets"] == 2


async def test_a_long_token_comes_back_as_it_was() -> None:
    token = '\x00"é' * 512
    answer = {None: page(held(5, total=1), token=token), token: page(held(6, total=1))}
    node = Node({PAGE: lambda query: answer[query.get("next")]})
    async with on(node) as graph:
        first = await read(graph)
        second = await read(graph, after=first["pageInfo"]["endCursor"])

    assert (ids(first), ids(second)) == ([5], [6])


@pytest.mark.parametrize(
    "cursor",
    [
        ["holdings by token", CREATOR, 5, "a", 5, 0],
        ["holdings by token", ADDRESS, -1, "a", 5, 0],
        ["holdings by token", ADDRESS, 2**63, "a", 5, 0],
        ["holdings by token", ADDRESS, 5, "a", -1, 0],
        ["holdings by token", ADDRESS, 5, "a", 2**63, 0],
        ["holdings by token", ADDRESS, 5, "a" * 2049, 5, 0],
        ["holdings by token", ADDRESS, 5, "a", 5],
        ["holdings by token", ADDRESS, 5, 7, 5, 0],
        ["holdings by token", ADDRESS, 5, "a" * 20_000, 5, 0],
    ],
    ids=str,
)
async def test_cursors_that_were_never_given_are_refused(cursor: list[object]) -> None:
    node = Node({PAGE: page()})
    async with on(node) as graph:
        answer = await graph.ask(QUERY, {"after": opaque(msgspec.json.encode(cursor))})

    assert codes(answer) == [(["wallet", "algorandAssets"], "BAD_CURSOR")]
    assert node.asked == []


async def test_a_page_of_no_size_still_says_whether_rows_follow(executor: str) -> None:
    for row, follows in ((held(5, "canary"), True), (held(5, total=1), True), (None, False)):
        node = Node({PAGE: page(*([row] if row else []))})
        async with on(node, executor) as graph:
            assert await read(graph, first=0) == {
                "unreadableCount": 0,
                "pageInfo": {"hasNextPage": follows, "endCursor": None},
                "edges": [],
            }


async def test_odd_rows_cost_themselves_and_no_other_account(executor: str) -> None:
    odd = '{"asset-holding":{"amount":1,"asset-id":78,"is-frozen":false},"asset-params":' + (
        f'{{"creator":"{CREATOR}","decimals":0,"total":1,"name":"\\ud800"}}}}'
    )
    body = f'{{"asset-holdings":[{json.dumps(held(77, total=1))},{odd}],"round":5}}'
    node = Node({PAGE: body, f"/v2/accounts/{CREATOR}/assets": page(held(79, total=1))})
    async with on(node, executor) as graph:
        found = [await read(graph) for _ in range(8)]
        other = await graph.data(
            f'{{ wallet(address: "{CREATOR}") {{ algorandAssets {{ nodes {{ amount }} }} }} }}'
        )

    assert [(ids(each), each["unreadableCount"]) for each in found] == [([77], 1)] * 8
    assert other == {"wallet": {"algorandAssets": {"nodes": [{"amount": "1"}]}}}
    assert node.calls() == {PAGE: 8, f"/v2/accounts/{CREATOR}/assets": 1}


async def test_a_holding_nobody_can_read_is_not_called_missing(executor: str) -> None:
    node = Node({PAGE: lambda query: page(held(int(query["next"]) + 1, "canary"))})
    async with on(node, executor) as graph:
        answer = await graph.ask(
            "query ($id: ID!) { node(id: $id) { id } }",
            {"id": encode("AlgorandHolding", ADDRESS, 78)},
        )

    assert answer["data"] == {"node": None}
    assert codes(answer) == [(["node"], "UPSTREAM_CONTRACT")]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None)
@given(json_values, st.sampled_from(["amount", "asset-id", "is-frozen", "name", "decimals", None]))
async def test_no_row_costs_more_than_itself(value: object, key: str | None) -> None:
    row = held(78, total=1)
    for part in row.values():
        if key in part or key == "name":
            part[key] = value
    text = json.dumps(page(held(77, total=1), row if key else value))
    if "NaN" in text or "Infinity" in text:
        return

    node = Node({PAGE: text})
    async with on(node) as graph:
        found = await read(graph)

    assert ids(found)[:1] == [77]
    assert len(found["edges"]) + found["unreadableCount"] == 2
