"""One batch a loader: how many upstream calls a query costs, whatever its shape."""

from typing import Any

from resolvers import ids
from sandbox import DEMO_ACCOUNTS, DEMO_WALLETS
from tests.graph import PROTOCOLS, SNAPSHOT, Graph, running, snapshots

WALLETS = [f"0x{number:040x}" for number in range(1, 101)]
ACCOUNT = DEMO_ACCOUNTS["big"]
ASSETS = f"/v2/accounts/{ACCOUNT}/assets"


async def test_a_hundred_wallets_are_four_calls_for_fifty_each(graph: Graph) -> None:
    data = await graph.data(
        "query ($a: [String!]!) { wallets(addresses: $a) { positions(first: 10) { totalCount } } }",
        {"a": WALLETS},
    )

    assert len(data["wallets"]) == 100
    assert graph.calls() == snapshots(2)
    for path in (SNAPSHOT, PROTOCOLS):
        asked = [call.values("addresses") for call in graph.box.calls if call.path == path]
        assert sorted(map(len, asked)) == [50, 50]
        assert sorted(asked[0] + asked[1]) == WALLETS


async def test_the_largest_batch_is_a_setting() -> None:
    async with running(oneinch_max_batch=7) as graph:
        await graph.data(
            "query ($a: [String!]!) { wallets(addresses: $a) { positions { totalCount } } }",
            {"a": WALLETS},
        )

        assert graph.calls() == snapshots(15)


async def test_ten_aliases_of_one_wallet_ask_once(graph: Graph) -> None:
    wallet = DEMO_WALLETS["typical"]
    forms = [wallet, "0x" + wallet[2:].upper(), f"eip155:1:{wallet}"]
    aliases = " ".join(
        f'w{number}: wallet(address: "{forms[number % 3]}") '
        f"{{ positions(first: {number + 1}) {{ nodes {{ id }} }} }}"
        for number in range(10)
    )

    data = await graph.data(f"{{ {aliases} }}")

    assert [len(data[f"w{number}"]["positions"]["nodes"]) for number in range(10)] == [
        *range(1, 11)
    ]
    assert graph.calls() == snapshots(1)


async def test_another_moment_is_another_call_and_a_chain_is_not(graph: Graph) -> None:
    await graph.data(
        f"""{{ wallet(address: "{WALLETS[0]}") {{
            all: positions {{ totalCount }}
            again: positions(orderBy: {{field: NAME}}, filter: {{locked: true}}) {{ totalCount }}
            one: positions(chainId: 1) {{ totalCount }}
            then: positions(at: "2024-01-01T00:00:00Z") {{ totalCount }}
        }} }}"""
    )

    assert graph.calls() == snapshots(2)


async def test_a_thousand_holdings_with_their_parameters_are_one_call(graph: Graph) -> None:
    query = """query ($a: String!) { wallet(address: $a) { algorandAssets(first: 1000) {
        nodes { amount displayAmount asset { assetId name total decimals creator } }
        pageInfo { hasNextPage }
    } } }"""

    data = await graph.data(query, {"a": ACCOUNT})
    paid = graph.calls()
    again = await graph.data(query, {"a": ACCOUNT})

    page = data["wallet"]["algorandAssets"]
    assert len(page["nodes"]) == 1000
    assert page["pageInfo"] == {"hasNextPage": True}
    assets = [node["asset"] for node in page["nodes"]]
    # Those that came without parameters were destroyed, which each of them says by itself.
    gone = [asset["assetId"] for asset in assets if asset["creator"] is None]
    assert paid == {ASSETS: 1, **{f"/v2/assets/{asset_id}": 1 for asset_id in gone}}
    assert 0 < len(gone) < 100
    assert again == data
    assert graph.calls() == paid


async def test_the_count_of_assets_is_a_call_of_its_own_only_when_selected(graph: Graph) -> None:
    query = "query ($a: String!) { wallet(address: $a) { algorandAssets(first: 1) { %s } } }"

    await graph.data(query % "round", {"a": ACCOUNT})
    without = graph.calls()
    data = await graph.data(query % "totalCount", {"a": ACCOUNT})

    assert without == {ASSETS: 1}
    assert data["wallet"]["algorandAssets"] == {"totalCount": 2500}
    assert graph.calls()[f"/v2/accounts/{ACCOUNT}"] == 1


async def test_a_hundred_entities_of_mixed_types_are_one_batch_a_loader(graph: Graph) -> None:
    token = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
    wallets = [{"__typename": "Wallet", "address": address} for address in WALLETS[:40]]
    mixed: list[dict[str, Any]] = []
    for number in range(40):
        mixed.append(wallets[number])
        if number < 30:
            mixed.append({"__typename": "Token", "chainId": 1, "address": token})
            mixed.append({"__typename": "AlgorandAsset", "assetId": "31566704"})

    data = await graph.data(
        """query ($r: [_Any!]!) { _entities(representations: $r) {
            ... on Wallet { positions(first: 10) { totalCount } }
            ... on Token { symbol }
            ... on AlgorandAsset { name }
        } }""",
        {"r": mixed},
    )

    assert len(data["_entities"]) == 100
    assert None not in data["_entities"]
    assert graph.calls() == {**snapshots(1), "/token/v1.3/1/custom": 1, "/v2/assets/31566704": 1}


async def test_positions_and_their_entities_share_a_snapshot(graph: Graph) -> None:
    wallet = DEMO_WALLETS["typical"]
    first = await graph.data(
        "query ($a: String!) { wallet(address: $a) { positions { nodes { id } } } }", {"a": wallet}
    )
    found = [node["id"] for node in first["wallet"]["positions"]["nodes"]]
    graph.forget()

    data = await graph.data(
        "query ($ids: [ID!]!, $w: ID!) { nodes(ids: $ids) { id __typename } node(id: $w) { id } }",
        {"ids": found, "w": ids.encode("Wallet", wallet)},
    )

    assert data["nodes"] == [{"id": id, "__typename": "Position"} for id in found]
    assert sum(graph.calls().values()) <= 2


async def test_logos_of_many_tokens_are_one_call_a_chain(graph: Graph) -> None:
    data = await graph.data(
        """query ($a: String!) { wallet(address: $a) { positions {
            nodes { chainId underlyingTokens { token { chainId logoUrl } } }
        } } }""",
        {"a": DEMO_WALLETS["typical"]},
    )

    chains = {
        balance["token"]["chainId"]
        for node in data["wallet"]["positions"]["nodes"]
        for balance in node["underlyingTokens"]
    }
    custom = dict.fromkeys((f"/token/v1.3/{chain}/custom" for chain in chains), 1)
    assert graph.calls() == {**snapshots(1), **custom}
