"""A wallet's positions: each figure as the source sent it, whichever of its shapes it used."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resolvers import ids
from sandbox import DEMO_ACCOUNTS, DEMO_WALLETS, Fault, Sandbox
from tests.graph import PROTOCOLS, SNAPSHOT, STATUS, Graph, codes, running, snapshots

OWNER = "0xd470055c6189b921c4d44b3d277ad868f79c0f75"
SHOWN = "0xD470055c6189B921c4d44b3d277Ad868F79C0F75"

# Both token amounts have 30 significant digits; the product of amount and price has 60.
AMOUNT = "0.123456789012345678901234567891"
PRICE = "3612.44000000000000000000000001"
VALUE = "445.980643012345678901234567890123"
# Of what tells the row below from others of its index; another would change its id.
MARK = 1546488245

ROW = (
    '{"index":"0x8701712e8b853823","chain":1,'
    '"contract_address":"0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",'
    '"token_id":115792089237316195423570985008687907853269984665640564039457584007913129639935,'
    '"address":"0x0000000000000000000000000000000000000000",'
    '"block_number_created":18446744073709551615,"block_number":null,"timestamp":4294967295,'
    '"protocol_type":"token","protocol_handler_id":"native","protocol_group_id":"token",'
    '"protocol_group_name":"Token","protocol_group_icon":null,"protocol_sub_group_id":null,'
    '"protocol_sub_group_name":null,"contract_name":"<b>Ether</b>","contract_symbol":"ETH",'
    '"asset_sign":-1,"status":1,"underlying_tokens":[{"chain_id":1,'
    '"address":"0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee","decimals":18,"symbol":null,'
    f'"name":"Ether","amount":{AMOUNT},"price_usd":"{PRICE}","new_key":[1]}}],'
    f'"reward_tokens":[],"value_usd":{VALUE},"locked":true}}'
)


def answering(body: str) -> httpx.ASGITransport:
    """An upstream with that one answer about what is in wallets, which have nothing elsewhere."""

    async def answer(request: Request) -> Response:
        is_asked = request.url.path != PROTOCOLS
        return Response(body if is_asked else '{"result": []}', media_type="application/json")

    return httpx.ASGITransport(Starlette(routes=[Route("/{path:path}", answer)]))


WHOLE = """query ($a: String!) { wallet(address: $a) { positions {
    totalCount totalValueUsd unpricedCount isStale
    nodes {
        __typename id index chainId contractAddress tokenId blockNumberCreated blockNumber timestamp
        contractName contractSymbol side status locked valueUsd
        wallet { id address ecosystem }
        protocol { type handlerId group { id name iconUrl } subGroup { id name } }
        underlyingTokens { amount priceUsd valueUsd
            token { id chainId address decimals symbol name isNative caip19 } }
        rewardTokens { amount }
    }
} } }"""


@pytest.mark.parametrize("body", [f"[{ROW}]", f'{{"result":[{ROW}],"meta":{{"pages":1}}}}'])
async def test_the_answers_digits_are_the_wires_digits(executor: str, body: str) -> None:
    settings = {"EXECUTOR": executor}
    async with running(settings=settings, oneinch_transport=answering(body)) as graph:
        data = await graph.data(WHOLE, {"a": OWNER})

    exact = Decimal(AMOUNT).as_tuple(), Decimal(PRICE).as_tuple()
    product = int("".join(map(str, exact[0].digits))) * int("".join(map(str, exact[1].digits)))
    places = -int(exact[0].exponent) - int(exact[1].exponent)
    digits = str(product)
    assert data["wallet"]["positions"] == {
        "totalCount": 1,
        "totalValueUsd": f"-{VALUE}",
        "unpricedCount": 0,
        "isStale": False,
        "nodes": [
            {
                "__typename": "Position",
                "id": ids.encode(
                    *("Position", OWNER, 1, "0x8701712e8b853823"), MARK, *(-1, 2**256 - 1, 0, "")
                ),
                "index": "0x8701712e8b853823",
                "chainId": 1,
                "contractAddress": "0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE",
                "tokenId": str(2**256 - 1),
                "blockNumberCreated": str(2**64 - 1),
                "blockNumber": None,
                "timestamp": "2106-02-07T06:28:15Z",
                "contractName": "<b>Ether</b>",
                "contractSymbol": "ETH",
                "side": "DEBT",
                "status": "OPEN",
                "locked": True,
                "valueUsd": f"-{VALUE}",
                "wallet": {
                    "id": ids.encode("Wallet", OWNER),
                    "address": SHOWN,
                    "ecosystem": "EVM",
                },
                "protocol": {
                    "type": "token",
                    "handlerId": "native",
                    "group": {"id": "token", "name": "Token", "iconUrl": None},
                    "subGroup": None,
                },
                "underlyingTokens": [
                    {
                        "amount": AMOUNT,
                        "priceUsd": PRICE,
                        "valueUsd": f"{digits[:-places]}.{digits[-places:]}",
                        "token": {
                            "id": ids.encode("Token", 1, "0x" + "ee" * 20),
                            "chainId": 1,
                            "address": "0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE",
                            "decimals": 18,
                            "symbol": None,
                            "name": "Ether",
                            "isNative": True,
                            "caip19": "eip155:1/slip44:60",
                        },
                    }
                ],
                "rewardTokens": [],
            }
        ],
    }


async def test_the_observed_shape_gives_the_same_portfolio_as_the_documented(executor: str) -> None:
    # A native coin's index is a hash of its owner too, and live that is the zero address.
    query = WHOLE.replace(" id index ", " ")
    answers = []
    for box in (Sandbox(), Sandbox("observed"), Sandbox("observed", zero_owner=False)):
        async with running(box, {"EXECUTOR": executor}) as graph:
            answers.append(await graph.data(query, {"a": DEMO_WALLETS["typical"]}))

    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["wallet"]["positions"]["totalCount"] == 12


async def test_a_thousand_positions_page_without_gap_or_repeat(graph: Graph) -> None:
    query = """query ($a: String!, $after: String) { wallet(address: $a) {
        positions(first: 300, after: $after) {
            edges { cursor node { id valueUsd } } pageInfo { hasNextPage endCursor } totalCount
        }
    } }"""
    seen: list[dict[str, Any]] = []
    after, pages = None, 0
    while True:
        data = await graph.data(query, {"a": DEMO_WALLETS["whale"], "after": after})
        page = data["wallet"]["positions"]
        pages += 1
        seen += [edge["node"] for edge in page["edges"]]
        assert page["pageInfo"]["endCursor"] == page["edges"][-1]["cursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]

    assert (pages, len(seen), page["totalCount"]) == (4, 1000, 1000)
    assert len({node["id"] for node in seen}) == 1000
    values = [Decimal(node["valueUsd"]) for node in seen if node["valueUsd"] is not None]
    assert values == sorted(values, reverse=True)
    assert graph.calls() == snapshots(1)


@pytest.mark.parametrize("name", sorted(DEMO_WALLETS))
async def test_the_total_is_the_exact_sum_of_what_is_shown(graph: Graph, name: str) -> None:
    data = await graph.data(
        """query ($a: String!) { wallet(address: $a) { positions(first: 1000) {
            totalValueUsd unpricedCount totalCount nodes { valueUsd } } } }""",
        {"a": DEMO_WALLETS[name]},
    )

    page = data["wallet"]["positions"]
    values = [node["valueUsd"] for node in page["nodes"]]
    assert page["totalCount"] == len(values)
    assert page["unpricedCount"] == values.count(None)
    assert Fraction(page["totalValueUsd"]) == sum(Fraction(value) for value in values if value)


async def test_filters_orders_and_chains_reach_the_source_as_little_as_possible(
    graph: Graph,
) -> None:
    data = await graph.data(
        """query ($a: String!) { wallet(address: $a) {
            debts: positions(filter: {side: DEBT}) { totalCount totalValueUsd nodes { side } }
            byName: positions(orderBy: {field: NAME, direction: ASC}, first: 3) {
                nodes { contractName } }
            last: positions(last: 1) { nodes { side } pageInfo { hasPreviousPage hasNextPage } }
            polygon: positions(chainId: 137) { nodes { chainId } }
        } }""",
        {"a": DEMO_WALLETS["typical"]},
    )

    wallet = data["wallet"]
    assert wallet["debts"]["nodes"] == [{"side": "DEBT"}] * wallet["debts"]["totalCount"]
    assert wallet["debts"]["totalValueUsd"].startswith("-")
    names = [node["contractName"] for node in wallet["byName"]["nodes"]]
    assert names == sorted(names, key=str.casefold)
    assert wallet["last"]["pageInfo"] == {"hasPreviousPage": True, "hasNextPage": False}
    assert {node["chainId"] for node in wallet["polygon"]["nodes"]} == {137}
    assert graph.calls() == snapshots(1)


async def test_the_past_is_asked_for_by_its_second(graph: Graph) -> None:
    data = await graph.data(
        """query ($a: String!) { wallet(address: $a) {
            positions(first: 1, at: "2024-01-01T01:00:00+01:00") { nodes { timestamp } } } }""",
        {"a": DEMO_WALLETS["typical"]},
    )

    assert dict(graph.box.calls[0].query)["timestamp"] == "1704067200"
    moment = data["wallet"]["positions"]["nodes"][0]["timestamp"]
    assert datetime.fromisoformat(moment) <= datetime(2024, 1, 1, tzinfo=UTC)


async def test_an_evm_wallet_has_no_algorand_side(graph: Graph) -> None:
    data = await graph.data(
        "query ($a: String!) { wallet(address: $a) { algo { status } algorandAssets { round } } }",
        {"a": OWNER},
    )

    assert data == {"wallet": {"algo": None, "algorandAssets": None}}
    assert graph.calls() == {}


async def test_the_status_is_told_whole(graph: Graph) -> None:
    data = await graph.data(
        """{ portfolioStatus { isAvailable cachedAt isStale
            timings { clickTime nodeTime microservicesTime redisTime totalTime } } }"""
    )

    status = data["portfolioStatus"]
    assert status["isAvailable"] is True
    assert status["isStale"] is False
    assert all(Decimal(figure) >= 0 for figure in status["timings"].values())
    assert graph.calls() == {STATUS: 1}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (
            '{"result":{"is_available":false}}',
            {"isAvailable": False, "cachedAt": None, "timings": None},
        ),
        (
            '{"result":{"is_available":true},"meta":{"cached_at":1751328000,"system":'
            '{"click_time":0.1,"node_time":0.20,"microservices_time":3,"redis_time":0.4,'
            '"total_time":3.70}}}',
            {
                "isAvailable": True,
                "cachedAt": "2025-07-01T00:00:00Z",
                "timings": {"clickTime": "0.1", "nodeTime": "0.20", "totalTime": "3.70"},
            },
        ),
    ],
)
async def test_the_status_as_it_was_sent(executor: str, body: str, status: Any) -> None:
    settings = {"EXECUTOR": executor}
    async with running(settings=settings, oneinch_transport=answering(body)) as graph:
        data = await graph.data(
            "{ portfolioStatus { isAvailable cachedAt timings { clickTime nodeTime totalTime } } }"
        )

    assert data == {"portfolioStatus": status}


async def test_rows_that_name_nobody_are_never_guessed(executor: str) -> None:
    wallets = [DEMO_WALLETS["typical"], DEMO_WALLETS["debts"], DEMO_WALLETS["digits"]]
    query = """query ($a: [String!]!) { wallets(addresses: $a) { address positions {
        totalCount totalValueUsd nodes { wallet { address } valueUsd } } }
        sources { name isBatching } }"""
    async with running(Sandbox(), {"EXECUTOR": executor}) as graph:
        named = await graph.data(query, {"a": wallets})
        assert graph.calls() == snapshots(1)
    async with running(Sandbox("observed"), {"EXECUTOR": executor}) as graph:
        unnamed = await graph.data(query, {"a": wallets})
        calls = graph.calls()
        later = await graph.data(query, {"a": wallets})

    assert unnamed["wallets"] == named["wallets"] == later["wallets"]
    assert calls == {SNAPSHOT: 1 + len(wallets), PROTOCOLS: 1}
    assert named["sources"][0] == {"name": "portfolio", "isBatching": True}
    assert later["sources"][0] == {"name": "portfolio", "isBatching": True}


async def test_net_worth_is_the_total_of_all_positions_and_costs_no_further_call(
    graph: Graph,
) -> None:
    wallets = [DEMO_WALLETS["typical"], DEMO_WALLETS["debts"], DEMO_WALLETS["digits"]]
    query = """query ($a: [String!]!, $n: Int) { wallets(addresses: $a) {
        netWorthUsd positions(first: 0, filter: {side: DEBT}) { totalCount }
        all: positions(first: $n) { totalValueUsd } } }"""

    data = await graph.data(query, {"a": wallets, "n": 1})

    for wallet in data["wallets"]:
        assert wallet["netWorthUsd"] == wallet["all"]["totalValueUsd"]
    assert data["wallets"][0]["netWorthUsd"] == "89006.21963764990998797363114"
    assert graph.calls() == snapshots(1)


async def test_net_worth_is_unknown_where_there_are_no_prices(graph: Graph) -> None:
    account = DEMO_ACCOUNTS["typical"]

    data = await graph.data(
        "query ($a: String!) { wallet(address: $a) { netWorthUsd } }", {"a": account}
    )

    assert data == {"wallet": {"netWorthUsd": None}}
    assert graph.calls() == {}


async def test_net_worth_is_null_and_coded_where_the_source_fails(graph: Graph) -> None:
    graph.box.faults.add(SNAPSHOT, Fault.unavailable())

    answer = await graph.ask(
        "query ($a: String!) { wallet(address: $a) { address netWorthUsd } }", {"a": OWNER}
    )

    assert answer["data"] == {"wallet": {"address": SHOWN, "netWorthUsd": None}}
    assert codes(answer) == [(["wallet", "netWorthUsd"], "UPSTREAM_UNAVAILABLE")]
