"""What is held of each token: debts apart, never merged by symbol, and no value twice."""

from collections import defaultdict
from fractions import Fraction
from typing import Any

import pytest

from sandbox import DEMO_ACCOUNTS, DEMO_WALLETS
from tests.graph import Graph, codes, running, snapshots
from tests.schema.test_parts import LOAN, holding
from tests.upstreams.stage import row, wallet

TYPICAL, DEBTS, UNPRICED, WHALE = (
    DEMO_WALLETS[name] for name in ("typical", "debts", "unpriced", "whale")
)
FIELDS = """tokens { chainId address symbol } symbol name amount inWallets inProtocols owed priceUsd
    valueUsd share byWallet { wallet { address } amount valueUsd }"""
COIN = "0x" + "e" * 40


def query(arguments: str = "", fields: str = FIELDS) -> str:
    return f"""query ($a: [String!]!) {{ portfolio(addresses: $a) {{ totalValueUsd assetsUsd
        tokens{arguments} {{ totalCount isComplete nodes {{ {fields} }} }} }} }}"""


def held(chain: int, address: str, amount: float, price: float | None = 2, **more: Any) -> Any:
    return {
        "chain_id": chain,
        "address": address,
        "decimals": 6,
        "symbol": "USD",
        "amount": amount,
        "price_usd": price,
        **more,
    }


@pytest.mark.parametrize("wallets", [[TYPICAL], [TYPICAL, DEBTS], [TYPICAL, DEBTS, WHALE]])
async def test_they_add_up_to_what_positions_say(graph: Graph, wallets: list[str]) -> None:
    data = await graph.data(query("(first: 1000)"), {"a": wallets})
    rows = await graph.data(
        """query ($a: [String!]!) { portfolio(addresses: $a) { positions(first: 1000) {
            pageInfo { hasNextPage } nodes { side isReceipt
                underlyingTokens { amount token { chainId address } }
                rewardTokens { amount token { chainId address } } } } } }""",
        {"a": wallets},
    )

    assert graph.calls() == snapshots(1)
    found = data["portfolio"]["tokens"]["nodes"]
    values = [Fraction(node["valueUsd"]) for node in found if node["valueUsd"] is not None]
    assert values == sorted(values, reverse=True)
    positions = rows["portfolio"]["positions"]
    for node in found:
        parts = [Fraction(node[name]) for name in ("inWallets", "inProtocols", "owed")]
        assert all(part >= 0 for part in parts)
        assert Fraction(node["amount"]) == parts[0] + parts[1] - parts[2]
        assert Fraction(node["amount"]) == sum(
            Fraction(each["amount"]) for each in node["byWallet"]
        )
    if positions["pageInfo"]["hasNextPage"]:
        return
    expected: defaultdict[tuple[int, str], Fraction] = defaultdict(Fraction)
    for position in positions["nodes"]:
        if position["isReceipt"]:
            continue
        sign = -1 if position["side"] == "DEBT" else 1
        for kind, signed in (("underlyingTokens", sign), ("rewardTokens", 1)):
            for each in position[kind]:
                key = each["token"]["chainId"], each["token"]["address"]
                expected[key] += signed * Fraction(each["amount"])
    assert expected == {
        (node["tokens"][0]["chainId"], node["tokens"][0]["address"]): Fraction(node["amount"])
        for node in found
    }
    assert sum(values) == Fraction(data["portfolio"]["totalValueUsd"])
    shares = sum((Fraction(node["share"]) for node in found), Fraction(0))
    assert abs(shares - 1) < Fraction(1, 10**20)


async def test_debts_stand_apart_and_count_less_than_nothing(executor: str) -> None:
    address = wallet(7)
    tokens = [row(wallet(1), "0x01", 4, underlying_tokens=[held(1, address, 2)])]
    protocols = [
        row(wallet(1), "0x02", 6, underlying_tokens=[held(1, address, 3)], **LOAN),
        row(
            *(wallet(1), "0x03", 10),
            underlying_tokens=[held(1, address, 5)],
            reward_tokens=[held(1, address, 0.5)],
            asset_sign=-1,
            **LOAN,
        ),
    ]
    settings = {"EXECUTOR": executor}
    async with running(settings=settings, oneinch_transport=holding(tokens, protocols)) as graph:
        both = (await graph.data(query(), {"a": [wallet(1)]}))["portfolio"]["tokens"]["nodes"]
        alone = await graph.data(query("(includeProtocols: false)"), {"a": [wallet(1)]})

    [node] = both
    assert {name: node[name] for name in ("amount", "inWallets", "inProtocols", "owed")} == {
        "amount": "0.5",
        "inWallets": "2",
        "inProtocols": "3.5",
        "owed": "5",
    }
    assert (node["valueUsd"], node["priceUsd"]) == ("1.0", "2")
    [bare] = alone["portfolio"]["tokens"]["nodes"]
    assert (bare["amount"], bare["inProtocols"], bare["owed"]) == ("2", "0", "0")


async def test_only_the_same_coin_is_one_asset_on_several_chains() -> None:
    rows = [
        row(
            wallet(1),
            f"0x0{number}",
            2,
            chain_id=chain,
            underlying_tokens=[held(chain, address, 1)],
        )
        for number, (chain, address) in enumerate(
            [(1, COIN), (10, COIN), (137, COIN), (1, wallet(7)), (10, wallet(7)), (4663, COIN)]
        )
    ]
    async with running(oneinch_transport=holding(rows, [])) as graph:
        tokens = await graph.data(query(), {"a": [wallet(1)]})
        assets = await graph.data(query("(grouping: ASSET)"), {"a": [wallet(1)]})

    assert tokens["portfolio"]["tokens"]["totalCount"] == 6
    chains = [
        [token["chainId"] for token in node["tokens"]]
        for node in assets["portfolio"]["tokens"]["nodes"]
    ]
    assert sorted(chains) == [[1], [1, 10], [10], [137], [4663]]


@pytest.mark.parametrize(
    ("prices", "price"),
    [([2, 2], "2"), ([2, 2.01], "2.01"), ([2, 3], None), ([None, 2], "2"), ([None, None], None)],
)
async def test_a_price_is_one_where_all_agree(
    prices: list[float | None], price: str | None
) -> None:
    rows = [
        row(wallet(1), f"0x0{place}", 2, underlying_tokens=[held(1, wallet(7), 1, each)])
        for place, each in enumerate(prices)
    ]
    async with running(oneinch_transport=holding(rows, [])) as graph:
        [node] = (await graph.data(query(), {"a": [wallet(1)]}))["portfolio"]["tokens"]["nodes"]

    assert node["priceUsd"] == price
    assert (node["valueUsd"] is None) == (prices == [None, None])


async def test_pages_go_both_ways_and_what_has_no_value_comes_last(graph: Graph) -> None:
    text = """query ($a: [String!]!, $first: Int, $after: String, $last: Int, $before: String) {
        portfolio(addresses: $a) { tokens(first: $first, after: $after, last: $last,
            before: $before, orderBy: {field: %s, direction: %s}) {
            totalCount edges { cursor node { valueUsd symbol tokens { id } } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""
    for field, direction in (("VALUE", "DESC"), ("VALUE", "ASC"), ("SYMBOL", "ASC")):
        asked = text % (field, direction)
        seen: list[Any] = []
        more: dict[str, Any] = {"first": 40}
        while True:
            data = await graph.data(asked, {"a": [WHALE, UNPRICED, TYPICAL], **more})
            page = data["portfolio"]["tokens"]
            seen += [edge["node"] for edge in page["edges"]]
            if not page["pageInfo"]["hasNextPage"]:
                break
            more["after"] = page["pageInfo"]["endCursor"]
        ids = [node["tokens"][0]["id"] for node in seen]
        assert len(set(ids)) == len(ids) == page["totalCount"] > 100
        back = await graph.data(
            asked,
            {
                "a": [WHALE, UNPRICED, TYPICAL],
                "last": len(page["edges"]),
            },
        )
        assert back["portfolio"]["tokens"]["edges"] == page["edges"]
        if field == "VALUE":
            values = [node["valueUsd"] for node in seen]
            known = [Fraction(value) for value in values if value is not None]
            assert known == sorted(known, reverse=direction == "DESC")
            assert None not in values[: len(known)]


async def test_filters_keep_what_they_say(graph: Graph) -> None:
    async def kept(filter: str) -> list[Any]:
        data = await graph.data(
            query(f"(first: 1000, filter: {filter})"), {"a": [TYPICAL, UNPRICED]}
        )
        nodes: list[Any] = data["portfolio"]["tokens"]["nodes"]
        return nodes

    everything = await kept("{}")
    assert {node["valueUsd"] is None for node in everything} == {True, False}
    assert {node["valueUsd"] is None for node in await kept("{hasPrice: true}")} == {False}
    assert {node["valueUsd"] is None for node in await kept("{hasPrice: false}")} == {True}
    named = await kept('{text: "usd c"}')
    assert len(named) < len(everything)
    assert {node["name"][:8] for node in named} == {"USD Coin"}
    assert all(node["tokens"][0]["chainId"] == 137 for node in await kept("{chainIds: [137]}"))
    worth = [Fraction(node["valueUsd"]) for node in await kept('{minValueUsd: "1000"}')]
    assert worth
    assert min(map(abs, worth)) >= 1000
    assert graph.calls() == snapshots(1)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("(first: 1001)", "BAD_PAGE_SIZE"),
        ('(after: "x")', "BAD_CURSOR"),
        ('(filter: {minValueUsd: "-1"})', "BAD_ARGUMENT"),
        (f'(filter: {{text: "{"x" * 257}"}})', "BAD_ARGUMENT"),
    ],
)
async def test_what_asks_for_nothing_is_refused(graph: Graph, arguments: str, code: str) -> None:
    answer = await graph.ask(query(arguments), {"a": [TYPICAL]})

    assert codes(answer) == [(["portfolio", "tokens"], code)]


async def test_algorand_accounts_have_none(graph: Graph) -> None:
    data = await graph.data(
        "query ($a: [String!]!) { portfolio(addresses: $a) { tokens { totalCount } } }",
        {"a": [DEMO_ACCOUNTS["typical"]]},
    )

    assert data == {"portfolio": {"tokens": None}}
