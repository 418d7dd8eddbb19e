"""An Algorand account: pages as the node pages, amounts to the last unit, facts read off assets."""

from typing import Any

import pytest

from resolvers import ids
from sandbox import DEMO_ACCOUNTS, Fault, Sandbox
from tests.graph import Graph, codes, running
from tests.upstreams.stage import Clock, Running

USDC = "31566704"
HASH = "wGHE2Pwdvd7S12BL5FaOP20EGYesN73ktiC1qzkkit8="
ZERO = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAY5HFKQ"

PAGE = """query ($a: String!, $first: Int, $after: String, $filter: AlgorandHoldingFilter) {
    wallet(address: $a) { algorandAssets(first: $first, after: $after, filter: $filter) {
        round totalCount isStale pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        edges { cursor node { id amount displayAmount isFrozen wallet { address }
            asset { assetId isDestroyed isNft decimals total name nameBase64 } } }
    } } }"""


async def pages(graph: Graph, account: str, size: int, **more: Any) -> list[Any]:
    found, after = [], None
    while True:
        variables = {"a": account, "first": size, "after": after, **more}
        page = (await graph.data(PAGE, variables))["wallet"]["algorandAssets"]
        found.append(page)
        if not page["pageInfo"]["hasNextPage"]:
            return found
        assert page["pageInfo"]["endCursor"] != after
        after = page["pageInfo"]["endCursor"]


async def test_twenty_five_hundred_assets_are_three_pages_and_three_calls(graph: Graph) -> None:
    account = DEMO_ACCOUNTS["big"]

    found = await pages(graph, account, 1000)

    assert [len(page["edges"]) for page in found] == [1000, 1000, 500]
    assert [page["pageInfo"]["hasPreviousPage"] for page in found] == [False, True, True]
    seen = [int(edge["node"]["asset"]["assetId"]) for page in found for edge in page["edges"]]
    assert seen == sorted(set(seen))
    assert len(seen) == found[0]["totalCount"] == 2500
    assert graph.calls()[f"/v2/accounts/{account}/assets"] == 3
    for page in found:
        assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
        assert page["pageInfo"]["endCursor"] == page["edges"][-1]["cursor"]


async def test_a_filter_shortens_pages_but_loses_nothing(graph: Graph) -> None:
    account = DEMO_ACCOUNTS["big"]
    whole = await pages(graph, account, 1000)
    frozen = [
        edge["node"]["id"] for page in whole for edge in page["edges"] if edge["node"]["isFrozen"]
    ]

    found = await pages(graph, account, 50, filter={"isFrozen": True})

    assert [edge["node"]["id"] for page in found for edge in page["edges"]] == frozen
    assert all(page["totalCount"] is None for page in found)


async def test_each_part_of_a_filter_must_hold(graph: Graph) -> None:
    account = DEMO_ACCOUNTS["extremes"]
    whole = (await pages(graph, account, 1000))[0]["edges"]
    nodes = [edge["node"] for edge in whole]

    async def kept(**filter: bool) -> list[str]:
        found = await pages(graph, account, 1000, filter=filter)
        return [edge["node"]["id"] for edge in found[0]["edges"]]

    assert await kept(isNft=True) == [n["id"] for n in nodes if n["asset"]["isNft"]]
    assert await kept(isDestroyed=True) == [n["id"] for n in nodes if n["asset"]["isDestroyed"]]
    assert await kept(hasBalance=False) == [n["id"] for n in nodes if n["amount"] == "0"]
    assert await kept(hasBalance=True, isFrozen=False) == [
        n["id"] for n in nodes if n["amount"] != "0" and not n["isFrozen"]
    ]
    assert await kept() == [n["id"] for n in nodes]


async def test_an_account_nobody_funded_is_an_empty_one(graph: Graph) -> None:
    data = await graph.data(
        """query ($a: String!) { wallet(address: $a) {
            algo {
                balance { microAlgos algos } minimumBalance { algos } spendable { algos } status
            }
            algorandAssets { totalCount edges { cursor } pageInfo { hasNextPage endCursor } }
            positions { totalCount }
        } }""",
        {"a": ZERO},
    )

    assert data["wallet"] == {
        "algo": {
            "balance": {"microAlgos": "0", "algos": "0.000000"},
            "minimumBalance": {"algos": "0.100000"},
            "spendable": {"algos": "0.000000"},
            "status": "Offline",
        },
        "algorandAssets": {
            "totalCount": 0,
            "edges": [],
            "pageInfo": {"hasNextPage": False, "endCursor": None},
        },
        "positions": None,
    }


async def test_amounts_keep_every_unit(graph: Graph) -> None:
    found = await pages(graph, DEMO_ACCOUNTS["extremes"], 1000)
    nodes = [edge["node"] for page in found for edge in page["edges"]]

    largest = [node for node in nodes if node["amount"] == "18446744073709551615"]
    assert largest
    by_decimals = {node["asset"]["decimals"]: node["displayAmount"] for node in largest}
    assert by_decimals[19] == "1.8446744073709551615"
    assert {node["asset"]["total"] for node in largest} == {"18446744073709551615"}


async def test_a_destroyed_asset_keeps_its_place_and_its_id(graph: Graph) -> None:
    found = await pages(graph, DEMO_ACCOUNTS["extremes"], 1000, filter={"isDestroyed": True})

    node = found[0]["edges"][0]["node"]
    assert node["amount"] == "0"
    assert node["displayAmount"] is None
    assert node["asset"] == {
        "assetId": node["asset"]["assetId"],
        "isDestroyed": True,
        "isNft": None,
        "decimals": None,
        "total": None,
        "name": None,
        "nameBase64": None,
    }


async def test_names_that_come_in_base64_alone_are_shown_where_they_are_texts(graph: Graph) -> None:
    found = await pages(graph, DEMO_ACCOUNTS["extremes"], 1000)
    assets = [edge["node"]["asset"] for page in found for edge in page["edges"]]

    names = {asset["nameBase64"]: asset["name"] for asset in assets}
    assert names["R2lsAAAAAA=="] == "Gil"
    assert names["ZmFtaWx5IPCfkajigI3wn5Gp4oCN8J+Rpw=="] == "family 👨\u200d👩\u200d👧"
    assert names["ZXZpbOKArmducC5leGU="] == "evilgnp.exe"
    assert names["Cgk="] is None
    assert "Tom & Jerry <3 – 東京" in names.values()


async def test_an_asset_is_found_by_id_with_every_parameter(graph: Graph) -> None:
    data = await graph.data(
        f"""{{ algorandAsset(assetId: {USDC}) {{
            id assetId creator total decimals defaultFrozen manager reserve freeze clawback
            name nameBase64 unitName unitNameBase64 url urlBase64 metadataHash
            isDestroyed isNft standards resolvedUrl caip19
        }} }}"""
    )

    asset = data["algorandAsset"]
    reference = asset["caip19"].split("/")[0].removeprefix("algorand:")
    assert len(reference) == 32
    assert asset["caip19"] == f"algorand:{reference}/asa:{USDC}"
    assert {key: asset[key] for key in ("id", "name", "nameBase64", "decimals", "isNft")} == {
        "id": ids.encode("AlgorandAsset", USDC),
        "name": "USDC",
        "nameBase64": "VVNEQw==",
        "decimals": 6,
        "isNft": False,
    }
    assert asset["standards"] == []


async def test_a_holding_is_found_by_its_id(graph: Graph) -> None:
    account = DEMO_ACCOUNTS["typical"]
    first = (await pages(graph, account, 1000))[0]["edges"][0]["node"]
    missing = ids.encode("AlgorandHolding", account, 999_999_999_999)

    data = await graph.data(
        """query ($held: ID!, $missing: ID!) {
            held: node(id: $held) { id ... on AlgorandHolding { amount } }
            missing: node(id: $missing) { id }
        }""",
        {"held": first["id"], "missing": missing},
    )

    assert data == {"held": {"id": first["id"], "amount": first["amount"]}, "missing": None}


async def test_what_may_change_in_an_asset_is_asked_again_after_a_minute(executor: str) -> None:
    path = f"/v2/assets/{USDC}"
    lasting = f"{{ algorandAsset(assetId: {USDC}) {{ name decimals total standards }} }}"
    roles = f"{{ algorandAsset(assetId: {USDC}) {{ name manager isDestroyed resolvedUrl }} }}"
    clock = Running()
    async with running(settings={"EXECUTOR": executor}, clock=clock) as graph:
        first = await graph.data(lasting)
        clock.now += 120
        kept = await graph.data(lasting)
        assert graph.calls() == {path: 1}

        renewed = await graph.data(roles)
        again = await graph.data(roles)

        assert graph.calls() == {path: 2}
    assert kept == first
    assert again == renewed
    assert renewed["algorandAsset"]["isDestroyed"] is False
    assert len(renewed["algorandAsset"]["manager"]) == 58


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [("name decimals total", 86_400), ("name manager", 60), ("isDestroyed", 60)],
)
async def test_caches_may_keep_an_asset_only_as_long_as_what_was_read_of_it_lasts(
    executor: str, fields: str, seconds: int
) -> None:
    query = f"{{ algorandAsset(assetId: {USDC}) {{ {fields} }} }}"

    async with running(settings={"EXECUTOR": executor}, clock=Clock()) as graph:
        answer = await graph.http.post("/graphql", json={"query": query})

    found = int(answer.headers["cache-control"].removeprefix("public, max-age="))
    # Up to a tenth sooner, so that not all that came together ends together.
    assert 0.9 * seconds - 1 < found <= seconds


async def test_a_failing_node_costs_only_its_own_fields(executor: str) -> None:
    box = Sandbox()
    box.faults.add("/v2/accounts", Fault.unavailable())
    async with running(box, {"EXECUTOR": executor}) as graph:
        answer = await graph.ask(
            """query ($a: String!) {
                wallet(address: $a) { address algo { status } algorandAssets { round } }
                asset: algorandAsset(assetId: 31566704) { name }
                portfolioStatus { isAvailable }
            }""",
            {"a": DEMO_ACCOUNTS["typical"]},
        )

    assert answer["data"] == {
        "wallet": {"address": DEMO_ACCOUNTS["typical"], "algo": None, "algorandAssets": None},
        "asset": {"name": "USDC"},
        "portfolioStatus": {"isAvailable": True},
    }
    assert codes(answer) == [
        (["wallet", "algo"], "UPSTREAM_UNAVAILABLE"),
        (["wallet", "algorandAssets"], "UPSTREAM_UNAVAILABLE"),
    ]
    assert answer["errors"][0]["extensions"]["source"] == "algorand"
