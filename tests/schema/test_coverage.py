"""Chains and protocols: joined from positions and breakdowns, and listed, a call for each list."""

from typing import Any

import pytest

from sandbox import DEMO_WALLETS, Fault, Sandbox
from tests.graph import Graph, codes, running, snapshots
from tests.sandbox.conftest import client_of, validator
from tests.upstreams.stage import Clock

TYPICAL = DEMO_WALLETS["typical"]
CHAINS = "/portfolio/portfolio/v5.0/general/supported_chains"
PROTOCOLS = "/portfolio/portfolio/v5.0/general/supported_protocols"


async def test_the_sandbox_lists_both_as_documented() -> None:
    async with client_of(Sandbox()) as client:
        validator("supported_chains")((await client.get(CHAINS)).json())
        validator("supported_protocols")((await client.get(PROTOCOLS)).json())


async def test_chains_are_listed_with_their_coins(graph: Graph) -> None:
    text = """{ chains { chainId caip2 name iconUrl nativeToken { symbol isNative caip19 } }
        chain(chainId: 137) { name } none: chain(chainId: 4663) { name } }"""
    for _ in range(2):
        data = await graph.data(text)

    assert graph.calls() == {CHAINS: 1}
    ids = [chain["chainId"] for chain in data["chains"]]
    assert ids == sorted(ids)
    assert data["chains"][0] == {
        "chainId": 1,
        "caip2": "eip155:1",
        "name": "Ethereum",
        "iconUrl": "https://app.1inch.io/assets/images/network-logos/ethereum.svg",
        "nativeToken": {"symbol": "ETH", "isNative": True, "caip19": "eip155:1/slip44:60"},
    }
    assert (data["chain"], data["none"]) == ({"name": "Polygon"}, None)


async def test_positions_and_breakdowns_lead_to_them(graph: Graph) -> None:
    data = await graph.data(
        """query ($a: String!) { wallet(address: $a) {
            positions { nodes { chainId chain { chainId name protocols { id } }
                protocol { group { id chains { chainId } } } } }
            portfolio { byChain { chainId chain { name } }
                byProtocol { protocol { id chains { name } } } } } }""",
        {"a": TYPICAL},
    )

    wallet = data["wallet"]
    assert graph.calls() == {**snapshots(1), CHAINS: 1, PROTOCOLS: 1}
    for node in wallet["positions"]["nodes"]:
        group = node["protocol"]["group"]
        assert node["chain"]["chainId"] == node["chainId"]
        assert {"id": group["id"]} in node["chain"]["protocols"]
        assert {"chainId": node["chainId"]} in group["chains"]
    assert {"chainId": 137, "chain": {"name": "Polygon"}} in wallet["portfolio"]["byChain"]
    lido = {"id": "lido", "chains": [{"name": "Ethereum"}]}
    groups = [each["protocol"] for each in wallet["portfolio"]["byProtocol"]]
    assert lido not in groups
    assert {"id", "chains"} == set(groups[0])


async def test_what_is_known_of_a_chain_without_asking_costs_nothing(graph: Graph) -> None:
    await graph.data(
        """query ($a: String!) { wallet(address: $a) {
            positions { nodes { chain { chainId caip2 } } } } }""",
        {"a": TYPICAL},
    )

    assert graph.calls() == snapshots(1)


async def test_they_are_entities(graph: Graph) -> None:
    data = await graph.data(
        """query ($r: [_Any!]!) { _entities(representations: $r) {
            ... on Chain { chainId chain: name } ... on ProtocolGroup { id name } } }""",
        {
            "r": [
                {"__typename": "Chain", "chainId": 8453},
                {"__typename": "ProtocolGroup", "id": "curve"},
                {"__typename": "ProtocolGroup", "id": "unheard of"},
                {"__typename": "Chain", "chainId": 4663},
            ]
        },
    )

    assert data["_entities"] == [
        {"chainId": 8453, "chain": "Base"},
        {"id": "curve", "name": "Curve"},
        None,
        {"chainId": 4663, "chain": None},
    ]


async def test_protocols_are_listed_page_by_page_and_filtered(graph: Graph) -> None:
    text = """query (
        $after: String, $before: String, $first: Int, $last: Int, $filter: ProtocolFilter) {
        protocols(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
            totalCount nodes { name } edges { cursor node { id } } isStale
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""

    async def page(**variables: Any) -> Any:
        return (await graph.data(text, variables))["protocols"]

    whole = await page()
    names = [node["name"] for node in whole["nodes"]]
    assert names == ["Aave V3", "Curve", "Lido", "Token", "Uniswap V3"]
    first = await page(first=2)
    second = await page(first=2, after=first["pageInfo"]["endCursor"])
    back = await page(last=2, before=second["pageInfo"]["startCursor"])
    assert [node["name"] for node in second["nodes"]] == names[2:4]
    assert back["nodes"] == first["nodes"]
    assert first["pageInfo"]["hasPreviousPage"] is back["pageInfo"]["hasPreviousPage"] is False
    lido = await page(filter={"text": "LID", "chainIds": [1]})
    assert (lido["totalCount"], lido["nodes"]) == (1, [{"name": "Lido"}])
    assert (await page(filter={"chainIds": [137], "text": "lido"}))["totalCount"] == 0
    assert graph.calls() == {PROTOCOLS: 1}


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("chain(chainId: 0) { name }", "BAD_ARGUMENT"),
        ("protocols(first: 1001) { totalCount }", "BAD_PAGE_SIZE"),
        ('protocols(after: "x") { totalCount }', "BAD_CURSOR"),
        (f'protocols(filter: {{text: "{"x" * 257}"}}) {{ totalCount }}', "BAD_ARGUMENT"),
    ],
)
async def test_what_asks_for_nothing_is_refused(graph: Graph, field: str, code: str) -> None:
    answer = await graph.ask(f"{{ a: {field} }}")

    assert codes(answer) == [(["a"], code)]


async def test_a_list_that_fails_costs_what_needs_it_and_an_old_one_stands_in() -> None:
    box, clock = Sandbox(), Clock()
    text = f"""{{ wallet(address: "{TYPICAL}") {{
        positions(first: 1) {{ nodes {{ contractName chain {{ chainId name }} }} }} }} }}"""
    async with running(box, clock=clock, wall=clock, chains_ttl_seconds=100) as graph:
        box.faults.add(CHAINS, Fault.unauthorized())
        answer = await graph.ask(text)
        node = answer["data"]["wallet"]["positions"]["nodes"][0]
        assert node["chain"] == {"chainId": 1, "name": None}
        assert codes(answer) == [
            (["wallet", "positions", "nodes", 0, "chain", "name"], "UPSTREAM_UNAUTHORIZED")
        ]
        box.faults.clear()
        clock.now += 10
        assert "errors" not in await graph.ask(text)
        box.faults.add(CHAINS, Fault.unauthorized())
        clock.now += 105
        assert "errors" not in await graph.ask("{ chains { name } }")


async def test_a_chain_that_is_not_read_is_a_mistake_of_the_asker(graph: Graph) -> None:
    query = """query ($a: String!) {
        portfolio(addresses: [$a], chainIds: [99999]) { totalValueUsd }
        wallet(address: $a) { positions(chainId: 99999) { totalCount } } }"""

    answer = await graph.ask(query, {"a": TYPICAL})

    said = {(error["message"], error["extensions"]["code"]) for error in answer["errors"]}
    assert said == {
        ("chainId 99999 is of no chain that is read: `chains` lists those", "BAD_ARGUMENT")
    }
    assert graph.calls() == {**snapshots(1), CHAINS: 1}


async def test_where_no_list_can_be_had_the_source_has_the_last_word() -> None:
    box = Sandbox()
    box.faults.add(CHAINS, Fault.unavailable())
    query = (
        "query ($a: String!) { wallet(address: $a) { positions(chainId: 99999) { totalCount } } }"
    )
    async with running(box) as graph:
        answer = await graph.ask(query, {"a": TYPICAL})

    assert codes(answer) == [(["wallet", "positions"], "UPSTREAM_REJECTED")]


UNREAD = "chainId 4663 is of no chain that is read: `chains` lists those"


@pytest.mark.parametrize(
    ("fields", "more"),
    [
        ("positions(chainId: 4663) { totalCount }", ""),
        ("portfolio { id }", "one: portfolio(addresses: [$a], chainIds: [4663]) { totalValueUsd }"),
        ("portfolio { id }", "all: portfolio(addresses: [$a], chainIds: [1, 4663]) { isComplete }"),
    ],
)
async def test_of_an_answer_about_all_chains_too(graph: Graph, fields: str, more: str) -> None:
    await graph.data(
        f"""{{ chains {{ chainId }}
            wallet(address: "{TYPICAL}") {{ positions {{ totalCount }} }} }}"""
    )
    graph.forget()

    answer = await graph.ask(
        f"query ($a: String!) {{ wallet(address: $a) {{ {fields} }} {more} }}", {"a": TYPICAL}
    )

    assert {error["message"] for error in answer["errors"]} == {UNREAD}
    assert graph.calls() == {}


@pytest.mark.parametrize(
    "field", ["history { changeUsd }", "sourceTotalUsd", "metrics { profitUsd }"]
)
async def test_of_what_is_a_call_of_its_own_too(graph: Graph, field: str) -> None:
    answer = await graph.ask(
        f"query ($a: String!) {{ portfolio(addresses: [$a], chainIds: [4663]) {{ {field} }} }}",
        {"a": TYPICAL},
    )

    assert {error["message"] for error in answer["errors"]} == {UNREAD}
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_ARGUMENT"}


async def test_a_filter_takes_any_chain_but_no_number_that_is_none(graph: Graph) -> None:
    text = """query ($a: String!, $ids: [Int!]) { wallet(address: $a) {
        positions(filter: { chainIds: $ids }) { totalCount } } }"""

    none = await graph.data(text, {"a": TYPICAL, "ids": [4663]})
    refused = await graph.ask(text, {"a": TYPICAL, "ids": [1, -1]})

    assert none == {"wallet": {"positions": {"totalCount": 0}}}
    assert codes(refused) == [(["wallet", "positions"], "BAD_ARGUMENT")]
