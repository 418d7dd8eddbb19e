"""`_entities` as gateways use it, and as strangers might."""

from types import SimpleNamespace
from typing import Any

import pytest

from resolvers import ids, positions
from resolvers.loaders import Loaders
from sandbox import DEMO_ACCOUNTS, DEMO_WALLETS
from schema import query
from tests.graph import Graph, codes, running
from upstreams.addresses import evm_checksum

USDC = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
USDC_SHOWN = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
WALLET = DEMO_WALLETS["typical"]
ACCOUNT = DEMO_ACCOUNTS["typical"]

QUERY = """query ($r: [_Any!]!) { _entities(representations: $r) {
    __typename
    ... on Wallet { address ecosystem }
    ... on Position { index }
    ... on Token { chainId address symbol decimals }
    ... on AlgorandAsset { assetId name }
} }"""

TOKEN = {
    "__typename": "Token",
    "chainId": 1,
    "address": USDC_SHOWN,
    "symbol": "USDC",
    "decimals": 6,
}
ASSET = {"__typename": "AlgorandAsset", "assetId": "31566704", "name": "USDC"}
EVM = {"__typename": "Wallet", "address": "0x" + "0" * 40, "ecosystem": "EVM"}


async def entities(graph: Graph, *representations: Any) -> Any:
    return await graph.ask(QUERY, {"r": list(representations)})


@pytest.mark.parametrize(
    ("representation", "entity"),
    [
        ({"__typename": "Wallet", "address": EVM["address"]}, EVM),
        ({"__typename": "Wallet", "id": ids.encode("Wallet", EVM["address"])}, EVM),
        (
            {"__typename": "Wallet", "address": ACCOUNT},
            {"__typename": "Wallet", "address": ACCOUNT, "ecosystem": "ALGORAND"},
        ),
        ({"__typename": "Token", "chainId": 1, "address": USDC}, TOKEN),
        ({"__typename": "Token", "chainId": 1, "address": USDC_SHOWN}, TOKEN),
        ({"__typename": "Token", "id": ids.encode("Token", 1, USDC)}, TOKEN),
        ({"__typename": "AlgorandAsset", "assetId": "31566704"}, ASSET),
        ({"__typename": "AlgorandAsset", "assetId": 31566704}, ASSET),
        ({"__typename": "AlgorandAsset", "id": ids.encode("AlgorandAsset", 31566704)}, ASSET),
        ({"__typename": "AlgorandAsset", "assetId": "31566704", "total": 7, "x": {}}, ASSET),
    ],
)
async def test_each_type_resolves_by_each_of_its_keys(
    graph: Graph, representation: Any, entity: Any
) -> None:
    assert await entities(graph, representation) == {"data": {"_entities": [entity]}}


async def test_an_account_of_another_network_is_no_entity_and_costs_itself_alone(
    graph: Graph,
) -> None:
    asset = await graph.data('{ algorandAsset(assetId: "31566704") { caip19 } }')
    here = asset["algorandAsset"]["caip19"].split("/")[0]
    there = "algorand:wGHE2Pwdvd7S12BL5FaOP20EGYesN73k"

    answer = await entities(
        graph,
        *({"__typename": "Wallet", "address": f"{each}:{ACCOUNT}"} for each in (here, there)),
        {"__typename": "Wallet", "address": EVM["address"]},
    )

    account = {"__typename": "Wallet", "address": ACCOUNT, "ecosystem": "ALGORAND"}
    assert answer["data"] == {"_entities": [account, None, EVM]}
    assert codes(answer) == [(["_entities", 1], "BAD_ADDRESS")]


async def test_positions_resolve_by_id(graph: Graph) -> None:
    data = await graph.data(
        "query ($a: String!) { wallet(address: $a) "
        "{ positions(first: 3) { nodes { id index } } } }",
        {"a": WALLET},
    )
    nodes = data["wallet"]["positions"]["nodes"]

    answer = await entities(
        graph, *({"__typename": "Position", "id": node["id"]} for node in nodes)
    )

    found = [{"__typename": "Position", "index": node["index"]} for node in nodes]
    assert answer == {"data": {"_entities": found}}


async def test_a_past_position_resolves_to_the_same_past(graph: Graph) -> None:
    data = await graph.data(
        """query ($a: String!) { wallet(address: $a) {
            positions(first: 1, at: "2024-01-01T00:00:00Z") {
                nodes { id index timestamp valueUsd }
            }
        } }""",
        {"a": WALLET},
    )
    node = data["wallet"]["positions"]["nodes"][0]

    answer = await graph.data(
        "query ($id: ID!) { node(id: $id) { ... on Position { id index timestamp valueUsd } } }",
        {"id": node["id"]},
    )

    assert answer == {"node": node}


GONE = ids.encode("Position", WALLET, 1, "0xffff", 7, 1, 0, 0, "")


async def test_what_is_missing_is_null_without_an_error(graph: Graph) -> None:
    answer = await entities(
        graph,
        {"__typename": "Token", "chainId": 1, "address": "0x" + "ab" * 20},
        {"__typename": "AlgorandAsset", "assetId": "1000003"},
        {
            "__typename": "Position",
            "id": ids.encode("Position", WALLET, 1, "0xffff", 7, 1, 0, 0, ""),
        },
    )

    assert answer == {"data": {"_entities": [None, None, None]}}


@pytest.mark.parametrize(
    "representation",
    [
        {"__typename": "Nope", "id": "1"},
        {"__typename": "PageInfo", "hasNextPage": True},
        {"__typename": "String"},
        {"__typename": "_Entity"},
        {"__typename": "Query"},
        {"__typename": "AlgorandHolding", "id": "x"},
        {"__typename": 7, "id": "1"},
        {"__typename": None},
        {"address": "0x"},
        {},
        [],
        7,
        "Wallet",
        True,
        {"__typename": "Wallet"},
        {"__typename": "Wallet", "address": None},
        {"__typename": "Wallet", "address": {"x": 1}},
        {"__typename": "Wallet", "address": ["0x"]},
        {"__typename": "Token", "chainId": 1},
        {"__typename": "Token", "chainId": "1", "address": USDC},
        {"__typename": "Token", "chainId": True, "address": USDC},
        {"__typename": "Token", "chainId": 1.5, "address": USDC},
        {"__typename": "AlgorandAsset", "assetId": 1.0},
        {"__typename": "AlgorandAsset", "asset_id": "1"},
        {"__typename": "Position"},
    ],
)
async def test_a_bad_representation_fails_alone_at_its_index(
    graph: Graph, representation: Any
) -> None:
    answer = await entities(
        graph, {"__typename": "Wallet", "address": EVM["address"]}, representation
    )

    assert answer["data"] == {"_entities": [EVM, None]}
    assert codes(answer) == [(["_entities", 1], "BAD_REPRESENTATION")]
    assert "Traceback" not in answer["errors"][0]["message"]


@pytest.mark.parametrize(
    ("representation", "code"),
    [
        ({"__typename": "Wallet", "address": "nobody"}, "BAD_ADDRESS"),
        ({"__typename": "Wallet", "address": 7}, "BAD_ADDRESS"),
        ({"__typename": "Wallet", "id": "x"}, "BAD_ARGUMENT"),
        ({"__typename": "Token", "chainId": 0, "address": USDC}, "BAD_ARGUMENT"),
        ({"__typename": "AlgorandAsset", "assetId": str(2**64)}, "BAD_ARGUMENT"),
        ({"__typename": "AlgorandAsset", "assetId": "x"}, "BAD_REPRESENTATION"),
        ({"__typename": "Position", "id": ids.encode("Wallet", "x")}, "BAD_ARGUMENT"),
    ],
)
async def test_a_bad_key_has_the_code_of_what_is_bad(
    graph: Graph, representation: Any, code: str
) -> None:
    answer = await entities(graph, representation)

    assert answer["data"] == {"_entities": [None]}
    assert codes(answer) == [(["_entities", 0], code)]


async def test_two_aliases_may_share_one_variable(graph: Graph) -> None:
    representations = [{"__typename": "Token", "chainId": 1, "address": USDC}]

    answer = await graph.ask(
        """query ($r: [_Any!]!) {
            _e0: _entities(representations: $r) { ... on Token { symbol } }
            _e1: _entities(representations: $r) { ... on Token { decimals } }
        }""",
        {"r": representations},
    )

    assert answer == {"data": {"_e0": [{"symbol": "USDC"}], "_e1": [{"decimals": 6}]}}


async def test_order_is_kept(graph: Graph) -> None:
    addresses = [f"0x{number:040x}" for number in (5, 3, 9, 3, 1)]

    answer = await entities(graph, *({"__typename": "Wallet", "address": a} for a in addresses))

    found = [entity["address"].lower() for entity in answer["data"]["_entities"]]
    assert found == addresses


async def test_the_sdl_is_served_as_it_is_committed(graph: Graph) -> None:
    data = await graph.data("{ _service { sdl } }")

    assert data["_service"]["sdl"].startswith("schema @link(")
    assert 'federation/v2.9"' in data["_service"]["sdl"]


async def test_equal_representations_are_resolved_once_under_all_aliases(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def counted(loaders: Loaders, text: str) -> Any:
        asked.append(text)
        return await positions.position_of_id(loaders, text)

    monkeypatch.setattr("schema.position.resolve", SimpleNamespace(position_of_id=counted))
    known = ids.encode("Position", WALLET, 1, "0x01", 7, 1, 0, 0, "")
    bad = "garbage"
    aliases = " ".join(
        f"a{n}: _entities(representations: $r) {{ ... on Position {{ id }} }}" for n in range(3)
    )

    answer = await graph.ask(
        f"query ($r: [_Any!]!) {{ {aliases} }}",
        {"r": [{"__typename": "Position", "id": each} for each in (known, bad) * 20]},
    )

    assert sorted(asked) == sorted([known, bad])
    assert len(codes(answer)) == 60
    assert {code for _, code in codes(answer)} == {"BAD_ARGUMENT"}
    assert [set(map(repr, found)) for found in answer["data"].values()] == [{"None"}] * 3


async def test_equal_ids_are_found_once_under_all_aliases(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def counted(loaders: Loaders, text: str) -> Any:
        asked.append(text)
        return await positions.position_of_id(loaders, text)

    monkeypatch.setitem(query._NODES, "Position", counted)
    known = ids.encode("Position", WALLET, 1, "0x01", 7, 1, 0, 0, "")

    answer = await graph.ask(
        "query ($i: [ID!]!, $one: ID!) { a: nodes(ids: $i) { id } b: nodes(ids: $i) { id } "
        "node(id: $one) { id } }",
        {"i": [known] * 50, "one": known},
    )

    assert asked == [known]
    assert answer == {"data": {"a": [None] * 50, "b": [None] * 50, "node": None}}


_EVM = WALLET.removeprefix("0x")
_WALLET_TAGS = ["Wallet", f"Wallet:address={WALLET}"]
_TOKEN_TAGS = ["Token", f"Token:address={USDC}", "Token:chainId=1"]
_ASSET_TAGS = ["AlgorandAsset", "AlgorandAsset:assetId=31566704"]


@pytest.mark.parametrize(
    ("representation", "tags"),
    [
        ({"__typename": "Wallet", "address": WALLET}, _WALLET_TAGS),
        ({"__typename": "Wallet", "address": evm_checksum(WALLET)}, _WALLET_TAGS),
        ({"__typename": "Wallet", "address": f"0x{_EVM.upper()}"}, _WALLET_TAGS),
        ({"__typename": "Wallet", "address": f"eip155:1:{WALLET}"}, _WALLET_TAGS),
        ({"__typename": "Wallet", "id": ids.encode("Wallet", WALLET)}, _WALLET_TAGS),
        ({"__typename": "Wallet", "address": ACCOUNT}, ["Wallet", f"Wallet:address={ACCOUNT}"]),
        ({"__typename": "Token", "chainId": 1, "address": USDC}, _TOKEN_TAGS),
        ({"__typename": "Token", "chainId": 1, "address": USDC_SHOWN}, _TOKEN_TAGS),
        ({"__typename": "Token", "id": ids.encode("Token", 1, USDC)}, _TOKEN_TAGS),
        ({"__typename": "AlgorandAsset", "assetId": "31566704"}, _ASSET_TAGS),
        ({"__typename": "AlgorandAsset", "assetId": 31566704, "total": "7"}, _ASSET_TAGS),
        ({"__typename": "AlgorandAsset", "id": ids.encode("AlgorandAsset", 31566704)}, _ASSET_TAGS),
        ({"__typename": "Position", "id": "UG9"}, ["Position", "Position:id=UG9"]),
        ({"__typename": "Wallet", "address": "nonsense"}, []),
        ({"__typename": "Wallet"}, []),
        ({"__typename": "Nope", "id": "1"}, []),
        ({"address": WALLET}, []),
        (7, []),
    ],
)
async def test_one_entity_has_the_same_cache_tags_however_it_is_spelled(
    representation: Any, tags: list[str]
) -> None:
    async with running(settings={"PROFILE": "supergraph"}) as graph:
        answer = await entities(graph, representation)

    assert answer["extensions"] == {"apolloEntityCacheTags": [tags]}
