"""What positions earned: joined by index, summed over wallets, and what is missing counted."""

import json
from fractions import Fraction
from typing import Any

import pytest

from sandbox import DEMO_ACCOUNTS, DEMO_WALLETS, Fault, Sandbox
from tests.graph import CHART, PROTOCOLS, SNAPSHOT, Graph, codes, running, snapshots
from tests.sandbox.conftest import client_of, validator
from tests.upstreams.stage import Stage, row, wallet
from tests.upstreams.wire import reply

TYPICAL, DEBTS, ACCOUNT = DEMO_WALLETS["typical"], DEMO_WALLETS["debts"], DEMO_ACCOUNTS["typical"]
BASE = "/portfolio/portfolio/v5.0"
BOTH = {f"{BASE}/tokens/metrics": 1, f"{BASE}/protocols/metrics": 1}
CHAINS = f"{BASE}/general/supported_chains"
SUMS = """range profitUsd rewardsUsd claimedFeesUsd unclaimedFeesUsd impermanentLossUsd
    positionCount unmatchedCount missingCount covers { address } isStale"""
EACH = """profitUsd roi apr holdingDays rewardsUsd claimedFeesUsd unclaimedFeesUsd
    impermanentLossUsd rewards { amount } claimedFees { amount } unclaimedFees { amount }
    impermanentLoss { amount } isStale"""
PAGE = f"""query ($a: [String!]!) {{ portfolio(addresses: $a) {{
    totalValueUsd byChain {{ chain {{ name }} }} history {{ changeUsd }} metrics {{ {SUMS} }}
    positions(first: 1000) {{ nodes {{ index isReceipt wallet {{ id }} metrics {{ {EACH} }} }} }}
}} }}"""


def earning(*metrics: dict[str, Any], tokens: tuple[dict[str, Any], ...]) -> Stage:
    """An upstream with these rows of each wallet, and these metrics of its tokens."""
    stage = Stage()
    stage.rows = lambda owner: [{**each, "address": owner} for each in tokens]

    def answer(call: Any) -> Any:
        if call.path.endswith("/metrics"):
            rows = metrics if "/tokens/" in call.path else ()
            return reply(json.dumps({"result": rows}))
        return None

    stage.script = answer
    return stage


async def test_the_sandbox_plays_them_as_documented() -> None:
    async with client_of(Sandbox()) as client:
        for part in ("tokens", "protocols"):
            params = {"addresses": [TYPICAL, DEBTS], "timerange": "1month"}
            answer = await client.get(f"{BASE}/{part}/metrics", params=params)
            validator(f"{part}_metrics")(answer.json())
            assert len(answer.json()["result"]) > 2
            bad = await client.get(f"{BASE}/{part}/metrics", params={**params, "timerange": "7d"})
            assert bad.status_code == 422


async def test_a_whole_page_is_six_calls_and_none_when_warm(graph: Graph) -> None:
    for _ in range(2):
        data = await graph.data(PAGE, {"a": [TYPICAL, DEBTS, ACCOUNT]})

    assert graph.calls() == {**snapshots(1), **BOTH, CHART: 1, CHAINS: 1}
    found = data["portfolio"]["metrics"]
    assert len(found["covers"]) == 2
    nodes = [node for node in data["portfolio"]["positions"]["nodes"] if not node["isReceipt"]]
    known = [node["metrics"] for node in nodes if node["metrics"] is not None]
    assert (found["positionCount"], found["missingCount"]) == (len(known), len(nodes) - len(known))
    assert found["missingCount"] > 0
    # One of each wallet and part is of no position: its profit counts.
    assert found["unmatchedCount"] == 4
    profit = sum((Fraction(each["profitUsd"]) for each in known), Fraction(0))
    assert Fraction(found["profitUsd"]) == profit - 4 * Fraction("12.34")
    for name in ("rewardsUsd", "claimedFeesUsd", "unclaimedFeesUsd", "impermanentLossUsd"):
        values = [Fraction(each[name]) for each in known if each[name] is not None]
        assert Fraction(found[name]) == sum(values, Fraction(0))


async def test_totals_leave_before_what_may_wait() -> None:
    """With a call a second, whoever asks for everything gets what is held first."""
    stage = earning(tokens=(row(wallet(1)),))
    async with running(oneinch_transport=stage, oneinch_rps=50) as graph:
        await graph.ask(PAGE, {"a": [wallet(1)]})

    paths = [call.path for call in stage.calls]
    assert paths[:2] == [SNAPSHOT, PROTOCOLS]


async def test_positions_of_a_wallet_are_two_calls_for_each_range(graph: Graph) -> None:
    text = """query ($a: String!) { wallet(address: $a) { positions { nodes {
        year: metrics { profitUsd } month: metrics(range: MONTH) { range } } } } }"""
    data = await graph.data(text, {"a": TYPICAL})

    assert graph.calls() == {**snapshots(1), **dict.fromkeys(BOTH, 2)}
    found = {
        node["month"]["range"]
        for node in data["wallet"]["positions"]["nodes"]
        if node["month"] is not None
    }
    assert found == {"MONTH"}


async def test_unknown_is_null_and_nothing_is_0(executor: str) -> None:
    tokens = (row("", "0x01"), row("", "0x02"), row("", "0x03"))
    stage = earning(
        {"index": "0x01", "profit_abs_usd": 0, "roi": "-0.000000000000000000000000000000125"},
        {"index": "0x02"},
        {"index": "0x09", "profit_abs_usd": -2.5},
        tokens=tokens,
    )
    text = f"""{{ portfolio(addresses: ["{wallet(1)}"]) {{ metrics {{ {SUMS} }}
        positions {{ nodes {{ index metrics {{ {EACH} }} }} }} }} }}"""
    settings = {"EXECUTOR": executor}
    async with running(settings=settings, oneinch_transport=stage) as graph:
        found = (await graph.data(text))["portfolio"]

    by_index = {node["index"]: node["metrics"] for node in found["positions"]["nodes"]}
    assert by_index["0x03"] is None
    assert set(by_index["0x02"].values()) == {None, False}
    assert by_index["0x01"]["profitUsd"] == "0"
    assert by_index["0x01"]["roi"] == "-0.000000000000000000000000000000125"
    sums = found["metrics"]
    assert (sums["profitUsd"], sums["rewardsUsd"]) == ("-2.5", None)
    counts = ("positionCount", "unmatchedCount", "missingCount")
    assert [sums[name] for name in counts] == [2, 1, 1]


async def test_wallets_that_share_an_index_are_asked_one_by_one() -> None:
    stage = earning({"index": "0x01", "profit_abs_usd": 3}, tokens=(row("", "0x01"),))
    text = """query ($a: [String!]!) { portfolio(addresses: $a) {
        metrics { profitUsd positionCount } positions { nodes { metrics { profitUsd } } } } }"""
    async with running(oneinch_transport=stage) as graph:
        data = await graph.data(text, {"a": [wallet(1), wallet(2)]})

    asked = [call.wallets for call in stage.calls if call.path.endswith("tokens/metrics")]
    assert sorted(asked) == [[wallet(1)], [wallet(2)]]
    assert data["portfolio"]["metrics"] == {"profitUsd": "6", "positionCount": 2}
    assert data["portfolio"]["positions"]["nodes"] == [{"metrics": {"profitUsd": "3"}}] * 2


async def test_what_has_no_metrics_is_null_or_refused_and_asks_nobody(graph: Graph) -> None:
    text = "query ($a: [String!]!) { portfolio(addresses: $a%s) { metrics { profitUsd } } }"
    assert await graph.data(text % "", {"a": [ACCOUNT]}) == {"portfolio": {"metrics": None}}
    for more in (', at: "2024-01-01T00:00:00Z"', ", chainIds: [1, 137]"):
        answer = await graph.ask(text % more, {"a": [TYPICAL]})
        assert codes(answer) == [(["portfolio", "metrics"], "BAD_ARGUMENT")]
    assert graph.calls() == {}
    past = """query ($a: String!) { wallet(address: $a) {
        positions(first: 1, at: "2024-01-01T00:00:00Z") { nodes { metrics { profitUsd } } } } }"""
    data = await graph.data(past, {"a": TYPICAL})
    assert data["wallet"]["positions"]["nodes"] == [{"metrics": None}]
    assert graph.calls() == snapshots(1)


@pytest.mark.parametrize("part", ["tokens", "protocols"])
async def test_metrics_that_fail_cost_what_needs_them(executor: str, part: str) -> None:
    box = Sandbox()
    box.faults.add(f"{BASE}/{part}/metrics", Fault.unauthorized())
    text = """query ($a: [String!]!) { portfolio(addresses: $a) { totalValueUsd
        metrics { profitUsd } positions { nodes { category metrics { profitUsd } } } } }"""
    async with running(box, {"EXECUTOR": executor}) as graph:
        answer = await graph.ask(text, {"a": [TYPICAL]})

    found = answer["data"]["portfolio"]
    assert found["totalValueUsd"] == "89006.21963764990998797363114"
    assert found["metrics"] is None
    nodes = found["positions"]["nodes"]
    is_gone = [(node["category"] == "PROTOCOL") == (part == "protocols") for node in nodes]
    lost = [place for place, gone in enumerate(is_gone) if gone]
    paths: list[list[Any]] = [["portfolio", "metrics"]]
    paths += [["portfolio", "positions", "nodes", place, "metrics"] for place in lost]
    assert sorted(map(str, codes(answer))) == sorted(
        str((path, "UPSTREAM_UNAUTHORIZED")) for path in paths
    )
    assert any(node["metrics"] for node, gone in zip(nodes, is_gone, strict=True) if not gone)


async def test_metrics_are_no_younger_than_the_source_says() -> None:
    stage = earning(tokens=(row(wallet(1)),))
    index = row(wallet(1))["index"]
    body = {
        "result": [{"index": index, "profit_abs_usd": 1.5, "roi": None, "holding_time_days": 3}],
        "meta": {"cached_at": 1753750000},
    }

    def answer(call: Any) -> Any:
        if call.path.endswith("/metrics"):
            return reply(json.dumps(body if "/tokens/" in call.path else {"result": []}))
        return None

    stage.script = answer
    text = f"""{{ wallet(address: "{wallet(1)}") {{ positions {{ nodes {{
        metrics {{ profitUsd asOf }} }} }} }} }}"""
    async with running(oneinch_transport=stage) as graph:
        data = await graph.data(text)

    [node] = data["wallet"]["positions"]["nodes"]
    assert node["metrics"] == {"profitUsd": "1.5", "asOf": "2025-07-29T00:46:40Z"}
