"""What a client may get wrong: each has its code at its path, and nothing else is lost."""

import base64
from typing import Any

import pytest

from resolvers import ids
from sandbox import DEMO_ACCOUNTS, DEMO_WALLETS
from tests.graph import SNAPSHOT, Graph, codes

VITALIK = "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045"
ZERO = "0x" + "0" * 40
ALGO_ZERO = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAY5HFKQ"
APP = "XSKED5VKZZCSYNDWXZJI65JM2HP7HZFJWCOBIMOONKHTK5UVKENBNVDEYM"
MAINNET = "wGHE2Pwdvd7S12BL5FaOP20EGYesN73k"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "vitalik.eth",
        VITALIK[:-1],
        VITALIK + "0",
        VITALIK[:-1] + "g",
        VITALIK.replace("dA6BF", "da6BF"),
        "0x" + "А" * 40,
        ALGO_ZERO[:-1] + "A",
        APP.lower(),
        APP[:-1],
        "x" * 10_000,
        f"eip155:1:{VITALIK}x",
        f"eip155:{VITALIK}",
        f"bip122:1:{VITALIK}",
        f"algorand:{MAINNET}:{VITALIK}",
    ],
)
async def test_what_is_no_address_is_null_with_a_code(graph: Graph, address: str) -> None:
    answer = await graph.ask(
        "query ($a: String!, $b: String!) { bad: wallet(address: $a) { id } "
        "good: wallet(address: $b) { address } }",
        {"a": address, "b": ZERO},
    )

    assert answer["data"] == {"bad": None, "good": {"address": ZERO}}
    assert codes(answer) == [(["bad"], "BAD_ADDRESS")]
    assert len(answer["errors"][0]["message"]) < 300
    assert graph.calls() == {}


@pytest.mark.parametrize(
    ("text", "ecosystem", "address"),
    [
        (VITALIK, "EVM", VITALIK),
        (VITALIK.lower(), "EVM", VITALIK),
        ("0x" + VITALIK[2:].upper(), "EVM", VITALIK),
        (f"eip155:137:{VITALIK}", "EVM", VITALIK),
        (ZERO, "EVM", ZERO),
        (APP, "ALGORAND", APP),
        (ALGO_ZERO, "ALGORAND", ALGO_ZERO),
    ],
)
async def test_addresses_are_answered_in_their_one_form(
    graph: Graph, text: str, ecosystem: str, address: str
) -> None:
    data = await graph.data(
        "query ($a: String!) { wallet(address: $a) { ecosystem address } }", {"a": text}
    )

    assert data == {"wallet": {"ecosystem": ecosystem, "address": address}}


async def test_an_account_of_another_network_is_refused(graph: Graph) -> None:
    data = await graph.data("{ sources { network } }")
    asset = (await graph.data('{ algorandAsset(assetId: "31566704") { caip19 } }'))["algorandAsset"]
    here = asset["caip19"].split("/")[0]
    answer = await graph.ask(
        "query ($here: String!, $there: String!) "
        "{ here: wallet(address: $here) { address } there: wallet(address: $there) { id } }",
        {"here": f"{here}:{APP}", "there": f"algorand:{MAINNET}:{APP}"},
    )

    assert data["sources"][1]["network"] == "sandbox-v1"
    assert answer["data"] == {"here": {"address": APP}, "there": None}
    assert codes(answer) == [(["there"], "BAD_ADDRESS")]


async def test_one_bad_address_among_good_ones_costs_only_itself(graph: Graph) -> None:
    answer = await graph.ask(
        "query ($a: [String!]!) { wallets(addresses: $a) { address } }",
        {"a": [VITALIK, "nobody", VITALIK.lower(), APP]},
    )

    wallets = [{"address": VITALIK}, None, {"address": VITALIK}, {"address": APP}]
    assert answer["data"] == {"wallets": wallets}
    assert codes(answer) == [(["wallets", 1], "BAD_ADDRESS")]


@pytest.mark.parametrize(("count", "is_refused"), [(0, False), (100, False), (101, True)])
async def test_a_hundred_wallets_at_most(graph: Graph, count: int, is_refused: bool) -> None:
    answer = await graph.ask(
        "query ($a: [String!]!) { wallets(addresses: $a) { id } portfolioStatus { isAvailable } }",
        {"a": [VITALIK] * count},
    )

    if is_refused:
        assert codes(answer) == [(["wallets"], "BAD_ARGUMENT")]
        assert answer["data"] == {"wallets": None, "portfolioStatus": {"isAvailable": True}}
    else:
        assert len(answer["data"]["wallets"]) == count


def positions(arguments: str) -> str:
    return (
        f'{{ wallet(address: "{DEMO_WALLETS["typical"]}") {{ address '
        f"positions({arguments}) "
        "{ totalCount edges { cursor } pageInfo { hasNextPage } } } }"
    )


def holdings(arguments: str) -> str:
    return (
        f'{{ wallet(address: "{DEMO_ACCOUNTS["typical"]}") {{ address '
        f"algorandAssets({arguments}) {{ edges {{ cursor }} pageInfo {{ hasNextPage }} }} }} }}"
    )


FUTURE = "2099-01-01T00:00:00Z"
FORGED = base64.urlsafe_b64encode(b'["holdings","X",1]').decode().rstrip("=")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("first: -1", "BAD_PAGE_SIZE"),
        ("first: 1001", "BAD_PAGE_SIZE"),
        ("last: 1001", "BAD_PAGE_SIZE"),
        ("last: -1", "BAD_PAGE_SIZE"),
        ("first: 1, last: 1", "BAD_PAGE_SIZE"),
        ('after: "garbage"', "BAD_CURSOR"),
        ('before: "x"', "BAD_CURSOR"),
        (f'after: "{FORGED}"', "BAD_CURSOR"),
        ("chainId: 0", "BAD_ARGUMENT"),
        ("chainId: -1", "BAD_ARGUMENT"),
        (f'at: "{FUTURE}"', "BAD_ARGUMENT"),
        ('at: "1969-12-31T23:59:59Z"', "BAD_ARGUMENT"),
        ('at: "2106-02-07T06:28:16Z"', "BAD_ARGUMENT"),
        ('filter: {tokens: ["0x1"]}', "BAD_ADDRESS"),
        ('filter: {minValueUsd: "-1"}', "BAD_ARGUMENT"),
    ],
)
async def test_a_bad_page_of_positions_costs_only_the_page(
    graph: Graph, arguments: str, code: str
) -> None:
    answer = await graph.ask(positions(arguments))

    assert answer["data"]["wallet"]["positions"] is None
    assert answer["data"]["wallet"]["address"].lower() == DEMO_WALLETS["typical"]
    assert codes(answer) == [(["wallet", "positions"], code)]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("first: -1", "BAD_PAGE_SIZE"),
        ("first: 1001", "BAD_PAGE_SIZE"),
        ('after: "garbage"', "BAD_CURSOR"),
        (f'after: "{FORGED}"', "BAD_CURSOR"),
    ],
)
async def test_a_bad_page_of_assets_costs_only_the_page(
    graph: Graph, arguments: str, code: str
) -> None:
    answer = await graph.ask(holdings(arguments))

    assert answer["data"] == {
        "wallet": {"address": DEMO_ACCOUNTS["typical"], "algorandAssets": None}
    }
    assert codes(answer) == [(["wallet", "algorandAssets"], code)]
    assert graph.calls() == {}


async def test_a_cursor_beyond_the_largest_asset_id_is_refused(graph: Graph) -> None:
    raw = f'["holdings","{DEMO_ACCOUNTS["typical"]}",{2**63}]'
    cursor = base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")

    answer = await graph.ask(holdings(f'after: "{cursor}"'))

    assert codes(answer) == [(["wallet", "algorandAssets"], "BAD_CURSOR")]
    assert graph.calls() == {}


async def test_cursors_do_not_cross_wallets_or_connections(graph: Graph) -> None:
    mine = await graph.data(positions("first: 1"))
    theirs = await graph.data(holdings("first: 1"))
    position = mine["wallet"]["positions"]["edges"][0]["cursor"]
    holding = theirs["wallet"]["algorandAssets"]["edges"][0]["cursor"]

    swapped = [
        await graph.ask(positions(f'after: "{holding}"')),
        await graph.ask(holdings(f'after: "{position}"')),
        await graph.ask(
            positions(f'after: "{position}"').replace(
                DEMO_WALLETS["typical"], DEMO_WALLETS["debts"]
            )
        ),
        await graph.ask(
            holdings(f'after: "{holding}"').replace(DEMO_ACCOUNTS["typical"], DEMO_ACCOUNTS["big"])
        ),
    ]

    assert [answer["errors"][0]["extensions"]["code"] for answer in swapped] == ["BAD_CURSOR"] * 4


async def test_an_empty_page_is_a_page(graph: Graph) -> None:
    evm = await graph.data(positions("first: 0"))
    algorand = await graph.data(holdings("first: 0"))

    assert evm["wallet"]["positions"] == {
        "totalCount": 12,
        "edges": [],
        "pageInfo": {"hasNextPage": True},
    }
    assert algorand["wallet"]["algorandAssets"] == {
        "edges": [],
        "pageInfo": {"hasNextPage": True},
    }


async def test_after_needs_no_first(graph: Graph) -> None:
    all_of_them = await graph.data(positions("first: 1000"))
    edges = all_of_them["wallet"]["positions"]["edges"]

    rest = await graph.data(positions(f'after: "{edges[3]["cursor"]}"'))

    assert rest["wallet"]["positions"]["edges"] == edges[4:]


@pytest.mark.parametrize(
    "asset_id", ['"0"', "0", "-1", '"9223372036854775808"', '"18446744073709551615"']
)
async def test_an_asset_id_out_of_range_is_refused_at_its_path(graph: Graph, asset_id: str) -> None:
    answer = await graph.ask(
        f'{{ algorandAsset(assetId: {asset_id}) {{ id }} wallet(address: "{ZERO}") {{ address }} }}'
    )

    assert answer["data"] == {"algorandAsset": None, "wallet": {"address": ZERO}}
    assert codes(answer) == [(["algorandAsset"], "BAD_ARGUMENT")]
    assert graph.calls() == {}


@pytest.mark.parametrize("asset_id", ["31566704.0", '"NaN"', '"1e7"', "true", "{}", '"0x1"'])
async def test_what_is_no_integer_is_refused_before_anything_runs(
    graph: Graph, asset_id: str
) -> None:
    answer = await graph.ask(f"{{ algorandAsset(assetId: {asset_id}) {{ id }} }}")

    assert "data" not in answer
    assert [error["extensions"]["code"] for error in answer["errors"]] == [
        "GRAPHQL_VALIDATION_FAILED"
    ]


@pytest.mark.parametrize("value", [31566704.5, "NaN", True, [], {"a": 1}])
async def test_a_variable_of_the_wrong_kind_is_refused(graph: Graph, value: Any) -> None:
    answer = await graph.ask(
        "query ($id: BigInt!) { algorandAsset(assetId: $id) { id } }", {"id": value}
    )

    assert "data" not in answer
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    assert graph.calls() == {}


@pytest.mark.parametrize("value", [31566704, "31566704"])
async def test_integers_pass_as_numbers_and_as_text(graph: Graph, value: Any) -> None:
    data = await graph.data(
        "query ($id: BigInt!) { algorandAsset(assetId: $id) { assetId name } }", {"id": value}
    )

    assert data == {"algorandAsset": {"assetId": "31566704", "name": "USDC"}}


@pytest.mark.parametrize(
    ("chain", "address", "code"),
    [
        (0, ZERO, "BAD_ARGUMENT"),
        (-5, ZERO, "BAD_ARGUMENT"),
        (1, "0x1", "BAD_ADDRESS"),
        (1, APP, "BAD_ADDRESS"),
        (1, "", "BAD_ADDRESS"),
        (1, VITALIK.replace("dA6BF", "da6BF"), "BAD_ADDRESS"),
    ],
)
async def test_what_names_no_token_is_refused(
    graph: Graph, chain: int, address: str, code: str
) -> None:
    answer = await graph.ask(
        "query ($c: Int!, $a: String!) { token(chainId: $c, address: $a) { id } }",
        {"c": chain, "a": address},
    )

    assert answer["data"] == {"token": None}
    assert codes(answer) == [(["token"], code)]
    assert graph.calls() == {}


@pytest.mark.parametrize(
    "id",
    [
        "",
        "garbage!",
        ids.encode("Query"),
        ids.encode("Wallet", "nobody"),
        ids.encode("Wallet"),
        ids.encode("Wallet", VITALIK),
        ids.encode("Wallet", "0X" + VITALIK[2:].lower()),
        ids.encode("Wallet", ALGO_ZERO[:-1] + "5"),
        ids.encode("Token", "x", ZERO),
        ids.encode("Token", "1", VITALIK),
        ids.encode("Token", "01", ZERO),
        ids.encode("Token", "-1", ZERO),
        ids.encode("Token", str(2**31), ZERO),
        ids.encode("Token", "1", "0x1"),
        ids.encode("Token", "1", f".{ZERO}"),
        ids.encode("Token", "1", ".a b"),
        ids.encode("Token", "1", ".%61"),
        ids.encode("Position", ZERO, "1", "0x01", "7", "1", "0", "0", "-4"),
        ids.encode("Position", ZERO, "1", "0x01", "7", "1", "0", "0", "01"),
        ids.encode("Position", ZERO, "1", "0x01", "7", "1", "0", "0", str(2**32)),
        ids.encode("Position", ZERO, "1", "0x01", "7", "-0", "0", "0", ""),
        ids.encode("Position", VITALIK, "1", "0x01", "7", "1", "0", "0", ""),
        ids.encode("Position", "0x", "1", "0x01", "7", "1", "0", "0", ""),
        ids.encode("Position", ZERO, "1", "0x01", "1", "0", ""),
        ids.encode("AlgorandAsset", str(2**63)),
        ids.encode("AlgorandAsset", "01"),
        ids.encode("AlgorandAsset", "+1"),
        ids.encode("AlgorandHolding", ALGO_ZERO, "0"),
        ids.encode("AlgorandHolding", ALGO_ZERO, "01"),
        ids.encode("AlgorandHolding", ALGO_ZERO.lower(), "1"),
        ids.encode("AlgorandHolding", "x", "1"),
    ],
)
async def test_an_id_that_names_nothing_is_refused(graph: Graph, id: str) -> None:
    answer = await graph.ask(
        "query ($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } }", {"id": id}
    )

    assert answer["data"] == {"node": None, "nodes": [None]}
    found = codes(answer)
    assert [path for path, _ in found] == [["node"], ["nodes", 0]]
    assert {code for _, code in found} == {"BAD_ARGUMENT"}
    assert SNAPSHOT not in graph.calls()


async def test_a_hundred_nodes_at_most(graph: Graph) -> None:
    answer = await graph.ask(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
        {"ids": [ids.encode("Wallet", ZERO)] * 101},
    )

    assert codes(answer) == [(["nodes"], "BAD_ARGUMENT")]
