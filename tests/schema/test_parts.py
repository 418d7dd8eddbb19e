"""A wallet's tokens and what it has in protocols: two snapshots, one list, each its own trouble."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox import DEMO_WALLETS, Fault, Sandbox
from tests.graph import PROTOCOLS, SNAPSHOT, Graph, codes, running, snapshots
from tests.upstreams.stage import Clock, Stage, row, wallet
from tests.upstreams.wire import reply

SAMPLES = Path(__file__).parents[1] / "samples" / "oneinch"
TYPICAL, ONE = DEMO_WALLETS["typical"], wallet(1)
PAGE = """totalCount totalValueUsd isComplete unpricedCount
    parts { source state code retryAfter } nodes { id category isReceipt valueUsd }"""
KINDS = {"underlyingTokens": "underlying_tokens", "rewardTokens": "reward_tokens"}
LOAN: dict[str, Any] = {"protocol_type": "lending", "protocol_handler_id": "aavev3"}


def asking(arguments: str = "", fields: str = PAGE, address: str = TYPICAL) -> str:
    return f'{{ wallet(address: "{address}") {{ positions{arguments} {{ {fields} }} }} }}'


def holding(tokens: list[dict[str, Any]], protocols: list[dict[str, Any]]) -> Stage:
    """An upstream with these rows of every wallet."""
    stage = Stage()
    bodies = {
        f"/{name}/snapshot": json.dumps({"result": rows})
        for name, rows in (("tokens", tokens), ("protocols", protocols))
    }
    stage.script = lambda call: next(
        (reply(body) for end, body in bodies.items() if call.path.endswith(end)), None
    )
    return stage


async def test_categories_tell_where_a_position_is(graph: Graph) -> None:
    page = (await graph.data(asking()))["wallet"]["positions"]

    found = [node["category"] for node in page["nodes"]]
    counts = {name: found.count(name) for name in ("NATIVE", "TOKEN", "PROTOCOL")}
    assert counts == {"NATIVE": 3, "TOKEN": 5, "PROTOCOL": 4}
    assert [part["source"] for part in page["parts"]] == ["tokens", "protocols"]
    assert [part["state"] for part in page["parts"]] == ["FRESH", "FRESH"]
    assert graph.calls() == snapshots(1)


@pytest.mark.parametrize(
    ("categories", "count", "calls"),
    [
        ("PROTOCOL", 4, {PROTOCOLS: 1}),
        ("[TOKEN]", 5, {SNAPSHOT: 1}),
        ("[NATIVE, TOKEN]", 8, {SNAPSHOT: 1}),
        ("[NATIVE, PROTOCOL]", 7, snapshots(1)),
        ("[]", 0, {SNAPSHOT: 1}),
    ],
)
async def test_who_asks_for_one_half_pays_for_one_call(
    graph: Graph, categories: str, count: int, calls: dict[str, int]
) -> None:
    data = await graph.data(asking(f"(filter: {{categories: {categories}}})"))

    page = data["wallet"]["positions"]
    assert (page["totalCount"], page["isComplete"]) == (count, True)
    assert graph.calls() == calls


async def test_a_list_of_chains_keeps_those(graph: Graph) -> None:
    fields = "nodes { chainId }"
    data = await graph.data(asking("(filter: {chainIds: [137, 8453, 5]})", fields))

    assert {node["chainId"] for node in data["wallet"]["positions"]["nodes"]} == {137, 8453}


@pytest.mark.parametrize(
    ("missing", "left", "count"), [(PROTOCOLS, "tokens", 8), (SNAPSHOT, "protocols", 4)]
)
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.unauthorized(), "UPSTREAM_UNAUTHORIZED"),
        (Fault.unavailable(), "UPSTREAM_UNAVAILABLE"),
        (Fault.rate_limited(30), "UPSTREAM_RATE_LIMITED"),
        (Fault.unprocessable(), "UPSTREAM_REJECTED"),
        (Fault.truncated(), "UPSTREAM_CONTRACT"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_half_that_fails_costs_that_half(
    executor: str, missing: str, left: str, count: int, fault: Fault, code: str
) -> None:
    box = Sandbox()
    box.faults.add(missing, fault)
    async with running(box, {"EXECUTOR": executor}) as graph:
        alone = {"tokens": "[NATIVE, TOKEN]", "protocols": "[PROTOCOL]"}[left]
        expected = (await graph.data(asking(f"(filter: {{categories: {alone}}})")))["wallet"]
        answer = await graph.ask(asking())
        worth = await graph.ask(f'{{ wallet(address: "{TYPICAL}") {{ address netWorthUsd }} }}')

    page = answer["data"]["wallet"]["positions"]
    assert page["totalCount"] == count
    assert page["nodes"] == expected["positions"]["nodes"]
    assert page["totalValueUsd"] == expected["positions"]["totalValueUsd"]
    assert page["isComplete"] is False
    parts = {part["source"]: part for part in page["parts"]}
    assert parts.pop(left)["state"] == "FRESH"
    [gone] = parts.values()
    assert (gone["state"], gone["code"]) == ("MISSING", code)
    assert codes(answer) == [(["wallet", "positions"], code)]
    # A total of one half would be a lie.
    assert worth["data"]["wallet"]["netWorthUsd"] is None
    assert codes(worth) == [(["wallet", "netWorthUsd"], code)]


async def test_where_both_fail_the_field_is_null_with_one_error(executor: str) -> None:
    box = Sandbox()
    box.faults.add("/portfolio/", Fault.unauthorized())
    async with running(box, {"EXECUTOR": executor}) as graph:
        answer = await graph.ask(asking())

    assert answer["data"] == {"wallet": {"positions": None}}
    assert codes(answer) == [(["wallet", "positions"], "UPSTREAM_UNAUTHORIZED")]


async def test_an_old_half_is_labelled_beside_a_new_one() -> None:
    box, clock = Sandbox(), Clock()
    async with running(box, clock=clock, wall=clock) as graph:
        await graph.data(asking())
        box.faults.add(PROTOCOLS, Fault.unavailable())
        clock.now += 70
        fields = "totalCount isStale isComplete parts { source state code }"
        page = (await graph.data(asking(fields=fields)))["wallet"]["positions"]

    assert page == {
        "totalCount": 12,
        "isStale": True,
        "isComplete": True,
        "parts": [
            {"source": "tokens", "state": "FRESH", "code": None},
            {"source": "protocols", "state": "STALE", "code": None},
        ],
    }


async def test_a_receipt_counts_once_and_says_so(executor: str) -> None:
    atoken = "0x" + "ab" * 20
    tokens = [
        row(ONE, "0x01", 100.25, contract_address=atoken.upper().replace("X", "x")),
        row(ONE, "0x02", 7.0, contract_address=atoken, chain_id=137),
        row(ONE, "0x03", 1.0, contract_address="0x" + "e" * 40),
    ]
    protocols = [
        row(ONE, "0x04", 100.5, contract_address=atoken, **LOAN),
        # A coin is no receipt of what holds coins, nor is anything of a position that is closed.
        row(ONE, "0x05", 2.0, contract_address="0x" + "e" * 40, **LOAN),
        row(ONE, "0x06", 0.0, contract_address=atoken, chain_id=137, status=0, **LOAN),
    ]
    settings = {"EXECUTOR": executor}
    async with running(settings=settings, oneinch_transport=holding(tokens, protocols)) as graph:
        query = asking(fields="totalValueUsd totalCount nodes { index isReceipt }", address=ONE)
        for _ in range(3):
            page = (await graph.data(query))["wallet"]["positions"]
            receipts = {node["index"] for node in page["nodes"] if node["isReceipt"]}
            assert (page["totalValueUsd"], page["totalCount"]) == ("110.5", 6)
            assert receipts == {"0x01"}
        alone = asking("(filter: {categories: [NATIVE, TOKEN]})", "totalValueUsd", ONE)
        assert (await graph.data(alone))["wallet"]["positions"]["totalValueUsd"] == "108.25"


async def test_rows_of_one_index_in_both_halves_are_two_positions(executor: str) -> None:
    """Whatever else they have in common: ids, cursors and pages tell them apart."""
    alike = row(ONE, "0x01", 5.0, contract_address=wallet(9))
    settings = {"EXECUTOR": executor}
    async with running(settings=settings, oneinch_transport=holding([alike], [alike])) as graph:
        fields = "nodes { id category } edges { cursor }"
        page = (await graph.data(asking(fields=fields, address=ONE)))["wallet"]["positions"]
        ids = [node["id"] for node in page["nodes"]]
        found = await graph.data(
            "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Position { category } } }",
            {"ids": ids},
        )
        cursors = [edge["cursor"] for edge in page["edges"]]
        seen = [
            (await graph.data(asking(f'(after: "{cursor}")', "nodes { id }", ONE)))["wallet"]
            for cursor in cursors
        ]

    assert len(set(ids)) == len(set(cursors)) == 2
    assert {node["category"] for node in page["nodes"]} == {"TOKEN", "PROTOCOL"}
    assert found["nodes"] == page["nodes"]
    assert [[node["id"] for node in each["positions"]["nodes"]] for each in seen] == [ids[1:], []]


@pytest.mark.parametrize("shape", ["schema", "observed"])
async def test_documented_bodies_are_read_to_the_last_digit(shape: str) -> None:
    body = (SAMPLES / f"constructed_protocols_snapshot_{shape}_shape.json").read_text()
    sent = json.loads(body, parse_float=Decimal)["result"]
    owner = next(one["address"] for one in sent if int(one["address"], 16))
    stage = Stage()
    stage.rows = lambda wallet: []
    stage.script = lambda call: reply(body) if "/protocols/" in call.path else None
    async with running(oneinch_transport=stage) as graph:
        fields = """unreadableCount nodes { index chainId contractName side valueUsd
            protocol { group { id } subGroup { id } } underlyingTokens { amount priceUsd }
            rewardTokens { amount } }"""
        page = (await graph.data(asking(fields=fields, address=owner)))["wallet"]["positions"]

    assert page["unreadableCount"] == 0
    shown = {node["index"]: node for node in page["nodes"]}
    assert len(shown) == len(sent)
    for one in sent:
        node = shown[one["index"]]
        assert node["chainId"] == one.get("chain_id", one.get("chain"))
        assert node["contractName"] == one["contract_name"]
        assert node["side"] == ("DEBT" if one["asset_sign"] < 0 else "ASSET")
        assert abs(Decimal(node["valueUsd"])) == abs(Decimal(one["value_usd"]))
        assert node["protocol"]["group"] == {"id": one["protocol_group_id"]}
        for kind, name in (
            ("underlyingTokens", "underlying_tokens"),
            ("rewardTokens", "reward_tokens"),
        ):
            amounts = [Decimal(token["amount"]) for token in node[kind]]
            assert amounts == [Decimal(token["amount"]) for token in one.get(name) or ()]
