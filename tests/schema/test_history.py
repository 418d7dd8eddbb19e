"""What a portfolio was worth: the source's chart, cleaned, with what is doubtful said."""

import asyncio
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox import DEMO_ACCOUNTS, DEMO_WALLETS, Fault, Sandbox
from tests.graph import CHART, Graph, codes, running
from tests.upstreams.stage import Clock, Stage
from tests.upstreams.wire import reply

SAMPLES = Path(__file__).parents[1] / "samples" / "oneinch"
TYPICAL, DEBTS, ACCOUNT = DEMO_WALLETS["typical"], DEMO_WALLETS["debts"], DEMO_ACCOUNTS["typical"]
RANGES = {"DAY": 24, "WEEK": 28, "MONTH": 31, "YEAR": 365, "THREE_YEARS": 157}
FIELDS = """range points { at valueUsd } changeUsd changeRatio issues { kind at message } isComplete
    covers { address } isStale asOf"""


def query(arguments: str = "", fields: str = FIELDS, more: str = "") -> str:
    return f"""query ($a: [String!]!) {{
        portfolio(addresses: $a{more}) {{ history{arguments} {{ {fields} }} }} }}"""


async def sample(name: str, *, now: float, arguments: str = "", fields: str = FIELDS) -> Any:
    """The history that a sample body gives at a moment."""
    stage, wall = Stage(), Clock(now)
    body = (SAMPLES / f"constructed_general_chart{name}.json").read_text()
    stage.script = lambda call: reply(body)
    async with running(oneinch_transport=stage, wall=wall) as graph:
        data = await graph.data(query(arguments, fields), {"a": [TYPICAL]})
    return data["portfolio"]["history"]


@pytest.mark.parametrize("name", RANGES)
async def test_each_range_is_one_call_of_its_own(graph: Graph, name: str) -> None:
    wallets = {"a": [DEBTS, TYPICAL]}
    for _ in range(3):
        data = await graph.data(query(f"(range: {name})"), wallets)
    found = data["portfolio"]["history"]

    assert graph.calls() == {CHART: 1}
    [call] = graph.box.calls
    assert call.values("addresses") == sorted([DEBTS, TYPICAL])
    assert found["range"] == name
    assert len(found["points"]) == RANGES[name]
    moments = [point["at"] for point in found["points"]]
    assert moments == sorted(moments)
    values = [Decimal(point["valueUsd"]) for point in found["points"] if Decimal(point["valueUsd"])]
    assert Decimal(found["changeUsd"]) == values[-1] - values[0]
    assert abs(Decimal(found["changeRatio"]) * values[0] - Decimal(found["changeUsd"])) < 1
    assert (found["issues"], found["isComplete"], found["isStale"]) == ([], True, False)
    assert len(found["covers"]) == 2


async def test_the_year_is_what_is_meant_where_nothing_is_said(graph: Graph) -> None:
    data = await graph.data(query("", "range"), {"a": [TYPICAL]})

    assert data == {"portfolio": {"history": {"range": "YEAR"}}}
    assert graph.box.calls[0].values("timerange") == ["1year"]


async def test_it_costs_nothing_unless_it_is_selected(graph: Graph) -> None:
    await graph.data(
        "query ($a: [String!]!) { portfolio(addresses: $a) { totalValueUsd } }", {"a": [TYPICAL]}
    )

    assert CHART not in graph.calls()


async def test_every_defect_of_a_chart_is_told_and_nothing_is_made_up() -> None:
    sent = json.loads((SAMPLES / "constructed_general_chart_traps.json").read_text())
    now = sent["meta"]["cached_at"]

    found = await sample("_traps", now=now, arguments="(range: MONTH)")

    assert [(point["at"][:10], point["valueUsd"]) for point in found["points"]] == [
        ("2025-07-24", "0"),
        ("2025-07-25", "18990.55"),
        ("2025-07-26", "19044.1"),
        ("2025-07-27", "412000019044.1"),
        ("2025-07-28", "-12.5"),
        ("2025-07-29", "21332.830703146672"),
        ("2025-07-30", "0"),
    ][: len(found["points"])]
    kinds = [issue["kind"] for issue in found["issues"]]
    assert "PRICE_OUTLIER" in kinds
    assert "DROPPED_POINTS" in kinds
    assert found["isComplete"] is False
    assert Decimal(found["changeUsd"]) == Decimal(found["points"][-1]["valueUsd"]) - Decimal(
        "18990.55"
    )


@pytest.mark.parametrize("name", ["1day", "1week", "1month", "1year", "3years"])
async def test_documented_charts_are_read_to_the_last_digit(name: str) -> None:
    sent = json.loads(
        (SAMPLES / f"constructed_general_chart_{name}.json").read_text(), parse_float=Decimal
    )
    ours = dict(zip(["1day", "1week", "1month", "1year", "3years"], RANGES, strict=True))[name]
    last = max(point["timestamp"] for point in sent["result"])

    found = await sample(f"_{name}", now=last, arguments=f"(range: {ours})")

    values = {
        point["timestamp"]: Decimal(point["value_usd"])
        for point in sorted(sent["result"], key=lambda point: point["timestamp"])
    }
    shown = [Decimal(point["valueUsd"]) for point in found["points"]]
    assert shown == list(values.values())[-len(shown) :]
    assert len(shown) > 1


async def test_an_empty_chart_has_no_change() -> None:
    found = await sample("_empty", now=1_760_000_000)

    assert (found["points"], found["changeUsd"], found["changeRatio"]) == ([], None, None)


@pytest.mark.parametrize(
    ("arguments", "more"),
    [
        ("(maxPoints: 1)", ""),
        ("(maxPoints: 5001)", ""),
        ("", ', at: "2024-01-01T00:00:00Z"'),
        ("", ", chainIds: [1, 137]"),
    ],
)
async def test_what_has_no_history_is_refused_and_asks_nobody(
    graph: Graph, arguments: str, more: str
) -> None:
    answer = await graph.ask(query(arguments, "range", more), {"a": [TYPICAL]})

    assert codes(answer) == [(["portfolio", "history"], "BAD_ARGUMENT")]
    assert graph.calls() == {}


async def test_one_chain_is_asked_for_as_such(graph: Graph) -> None:
    await graph.data(query("", "range", ", chainIds: [137]"), {"a": [TYPICAL]})

    assert graph.box.calls[0].values("chain_id") == ["137"]


async def test_algorand_accounts_are_not_covered_and_it_says_so(graph: Graph) -> None:
    alone = await graph.data(query(), {"a": [ACCOUNT]})
    both = (await graph.data(query(), {"a": [ACCOUNT, TYPICAL]}))["portfolio"]["history"]

    assert alone == {"portfolio": {"history": None}}
    assert [issue["kind"] for issue in both["issues"]] == ["WALLET_NOT_COVERED"]
    assert len(both["covers"]) == 1


async def test_a_chart_that_fails_costs_the_history_alone(executor: str) -> None:
    box = Sandbox()
    box.faults.add(CHART, Fault.unavailable())
    text = """query ($a: [String!]!) { portfolio(addresses: $a) {
        totalValueUsd history { points { at } } } }"""
    async with running(box, {"EXECUTOR": executor}) as graph:
        answer = await graph.ask(text, {"a": [TYPICAL]})

    assert answer["data"] == {
        "portfolio": {"totalValueUsd": "89006.21963764990998797363114", "history": None}
    }
    assert codes(answer) == [(["portfolio", "history"], "UPSTREAM_UNAVAILABLE")]


async def test_it_keeps_for_minutes_and_that_of_a_day_for_one(graph: Graph) -> None:
    clock, box = Clock(), Sandbox()
    async with running(box, clock=clock, wall=clock) as graph:
        for seconds, calls in ((0, 2), (50, 2), (20, 3), (190, 4)):
            clock.now += seconds
            text = """query ($a: [String!]!) { portfolio(addresses: $a) {
                day: history(range: DAY) { range } week: history(range: WEEK) { range } } }"""
            await graph.data(text, {"a": [TYPICAL]})
            # An old one is answered at once, while a newer one is asked for.
            await asyncio.sleep(0.05)
            assert graph.calls() == {CHART: calls}


async def test_how_many_accounts_are_not_covered_reads_well_of_one_and_of_several(
    graph: Graph,
) -> None:
    text = query("", "issues { message }")
    for count, accounts in ((1, [ACCOUNT]), (2, [ACCOUNT, DEMO_ACCOUNTS["big"]])):
        found = (await graph.data(text, {"a": [*accounts, TYPICAL]}))["portfolio"]["history"]
        message = f"Algorand accounts, which have no history here: {count}"
        assert found == {"issues": [{"message": message}]}
