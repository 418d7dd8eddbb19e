"""Positions as files: whole or not at all, to the last digit, and never a formula."""

import csv
import io
import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from resolvers.export import Line
from sandbox import DEMO_ACCOUNTS, DEMO_WALLETS, Fault, Sandbox
from tests.graph import PROTOCOLS, Graph, running, snapshots
from tests.sandbox.conftest import client_of
from tests.upstreams.stage import Stage, row, wallet
from upstreams.addresses import evm_checksum

CSV, JSONL = "/export/positions.csv", "/export/positions.jsonl"
REPORT = "/export/report.csv"
UPSTREAM_REPORT = "/portfolio/portfolio/v5.0/general/report"
TYPICAL, DEBTS, DIGITS = (DEMO_WALLETS[name] for name in ("typical", "debts", "digits"))
TOKEN = {"chain_id": 1, "address": wallet(7), "decimals": 6, "amount": 2}


async def get(graph: Graph, path: str, *wallets: str, **more: Any) -> Any:
    return await graph.http.get(path, params={"addresses": wallets, **more})


def table(text: str) -> list[dict[str, str]]:
    assert text.endswith("\r\n")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


async def test_a_line_for_each_token_adds_up_to_the_total(graph: Graph) -> None:
    answer = await get(graph, CSV, DEBTS, evm_checksum(TYPICAL), TYPICAL)
    data = await graph.data(
        """query ($a: [String!]!) { portfolio(addresses: $a) { totalValueUsd
            positions(first: 1000) { totalCount nodes {
                underlyingTokens { amount } rewardTokens { amount } } } } }""",
        {"a": [TYPICAL, DEBTS]},
    )

    assert graph.calls() == snapshots(1)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="positions-20')
    assert answer.headers["x-columns-version"] == "1"
    assert answer.headers["cache-control"] == "no-store"
    lines = table(answer.text)
    assert tuple(lines[0]) == Line._fields
    positions = data["portfolio"]["positions"]
    values = [Fraction(line["position_value_usd"]) for line in lines if line["position_value_usd"]]
    assert len(values) == positions["totalCount"]
    assert sum(values) == Fraction(data["portfolio"]["totalValueUsd"])
    amounts = [
        token["amount"]
        for node in positions["nodes"]
        for token in (*node["underlyingTokens"], *node["rewardTokens"])
    ]
    assert sorted(line["amount"] for line in lines) == sorted(amounts)
    assert {line["wallet"] for line in lines} == {evm_checksum(TYPICAL), evm_checksum(DEBTS)}
    assert {line["side"] for line in lines} == {"ASSET", "DEBT"}


async def test_json_lines_say_the_same(graph: Graph) -> None:
    sheet = table((await get(graph, CSV, DIGITS)).text)
    answer = await get(graph, JSONL, DIGITS)

    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.headers["content-type"] == "application/jsonl"
    assert [list(line) for line in lines] == [list(Line._fields)] * len(sheet)
    for line, cells in zip(lines, sheet, strict=True):
        texts = {
            name: str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in line.items()
            if value is not None
        }
        assert texts == {name: cell for name, cell in cells.items() if cell}
    assert max(int(line["token_id"]) for line in lines) == 2**256 - 1
    assert {type(line["amount"]) for line in lines} == {str}


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
async def test_no_cell_is_a_formula_and_none_breaks_the_table(start: str) -> None:
    name = f'{start} "quoted", and\r\n=2+2'
    held = {**TOKEN, "symbol": name, "name": name}
    stage = Stage()
    stage.rows = lambda owner: [
        row(owner, contract_name=name, contract_symbol=name, underlying_tokens=[held], value_usd=-3)
    ]
    async with running(oneinch_transport=stage) as graph:
        [line] = table((await get(graph, CSV, wallet(1))).text)
        [same] = map(json.loads, (await get(graph, JSONL, wallet(1))).text.splitlines())

    for column in ("name", "symbol", "token_symbol", "token_name"):
        assert line[column] == f"'{name}"
        assert same[column] == name
    # A figure below 0 is a figure.
    assert line["position_value_usd"] == same["position_value_usd"] == "-3"


async def test_nothing_is_a_table_without_lines(graph: Graph) -> None:
    answer = await get(graph, CSV, DEMO_WALLETS["empty"])

    assert table(answer.text) == []
    assert answer.text.startswith('"as_of","wallet",')
    assert (await get(graph, JSONL, DEMO_WALLETS["empty"])).text == ""


async def test_a_chain_and_a_moment_are_those_of_the_portfolio(graph: Graph) -> None:
    answer = await get(graph, CSV, TYPICAL, chainIds=[137], at="2024-01-01T00:00:00Z")

    lines = table(answer.text)
    assert {line["chain_id"] for line in lines} == {"137"}
    assert {line["as_of"] for line in lines} == {"2024-01-01T00:00:00Z"}
    assert dict(graph.box.calls[0].query)["timestamp"] == "1704067200"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "BAD_ARGUMENT"),
        ("addresses=nobody", "BAD_ADDRESS"),
        (f"addresses={DEMO_ACCOUNTS['typical']}", "BAD_ADDRESS"),
        ("&".join(f"addresses=0x{number:040x}" for number in range(101)), "BAD_ARGUMENT"),
        (f"addresses={TYPICAL}&chainIds=x", "BAD_ARGUMENT"),
        (f"addresses={TYPICAL}&chainIds=0", "BAD_ARGUMENT"),
        (f"addresses={TYPICAL}&at=yesterday", "BAD_ARGUMENT"),
        (f"addresses={TYPICAL}&at=2999-01-01T00:00:00Z", "BAD_ARGUMENT"),
        (f"addresses={TYPICAL}&first=5", "BAD_ARGUMENT"),
    ],
)
async def test_what_asks_for_no_table_is_refused_and_asks_nobody(
    graph: Graph, query: str, code: str
) -> None:
    for path in (CSV, JSONL):
        answer = await graph.http.get(f"{path}?{query}")
        assert answer.status_code == 400
        assert [error["extensions"]["code"] for error in answer.json()["errors"]] == [code]
    assert graph.calls() == {}


@pytest.mark.parametrize(
    ("fault", "code", "after"),
    [
        (Fault.unavailable(), "UPSTREAM_UNAVAILABLE", None),
        (Fault.rate_limited(60), "UPSTREAM_RATE_LIMITED", "60"),
    ],
)
async def test_where_a_part_is_missing_there_is_no_file(
    fault: Fault, code: str, after: str | None
) -> None:
    box = Sandbox()
    box.faults.add(PROTOCOLS, fault)
    async with running(box) as graph:
        answer = await get(graph, CSV, TYPICAL)

    assert answer.status_code == 503
    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == [code]
    if after is not None:
        assert answer.headers["retry-after"] == after


async def test_it_is_closed_to_whoever_has_no_secret() -> None:
    async with running(settings={"ROUTER_SECRET": "s" * 32}) as graph:
        answer = await get(graph, CSV, TYPICAL)
        assert (answer.status_code, graph.calls()) == (401, {})
        opened = await graph.http.get(
            CSV, params={"addresses": TYPICAL}, headers={"router-authorization": "s" * 32}
        )
        assert opened.status_code == 200


async def test_a_large_table_comes_in_pieces_and_whole(graph: Graph) -> None:
    answer = await get(graph, CSV, DEMO_WALLETS["whale"])

    lines = table(answer.text)
    assert len({line["position_value_usd"] for line in lines}) > 500
    assert "content-length" not in answer.headers
    assert all(Decimal(line["amount"]) >= 0 for line in lines)


async def test_the_sources_own_report_passes_untouched(graph: Graph) -> None:
    answer = await get(graph, REPORT, DEBTS, TYPICAL, range="MONTH", chainIds=[1])
    again = await get(graph, REPORT, TYPICAL, DEBTS, TYPICAL, range="MONTH", chainIds=[1])

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="report.csv"'
    assert graph.calls() == {UPSTREAM_REPORT: 1}
    [call] = graph.box.calls
    assert dict(call.query)["timerange"] == "1month"
    async with client_of(Sandbox()) as client:
        sent = await client.get(UPSTREAM_REPORT, params=call.query)
    assert answer.text == again.text == sent.text
    assert answer.text.startswith("chain,protocol,")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("a,b\r\n=1+1,2\r\n", "a,b\r\n=1+1,2\r\n"),
        (json.dumps("a,b\n1,2\n"), "a,b\n1,2\n"),
        ('"a","b"', '"a","b"'),
        ('"a"\n"b"', '"a"\n"b"'),
        ("", ""),
    ],
)
async def test_a_report_is_text_in_any_of_its_forms(body: str, text: str) -> None:
    box = Sandbox()
    box.faults.add(UPSTREAM_REPORT, Fault.status(200, body))
    async with running(box) as graph:
        assert (await get(graph, REPORT, TYPICAL)).text == text


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.html(), "UPSTREAM_CONTRACT"),
        (Fault.status(200, '{"a": 1}'), "UPSTREAM_CONTRACT"),
        (Fault.status(200, b"\xff\xfe"), "UPSTREAM_CONTRACT"),
        (Fault.unauthorized(), "UPSTREAM_UNAUTHORIZED"),
        (Fault.unprocessable(), "UPSTREAM_REJECTED"),
    ],
)
async def test_what_is_no_report_is_an_error_with_a_code(fault: Fault, code: str) -> None:
    box = Sandbox()
    box.faults.add(UPSTREAM_REPORT, fault)
    async with running(box) as graph:
        answer = await get(graph, REPORT, TYPICAL)

    assert answer.status_code == 503
    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == [code]


@pytest.mark.parametrize(
    "more",
    [{"range": "FOREVER"}, {"chainIds": [1, 137]}, {"at": "2024-01-01T00:00:00Z"}, {"x": "1"}],
)
async def test_a_report_of_nothing_is_refused(graph: Graph, more: dict[str, Any]) -> None:
    answer = await get(graph, REPORT, TYPICAL, **more)

    assert answer.status_code == 400
    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == ["BAD_ARGUMENT"]
    assert graph.calls() == {}


LINK = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


@pytest.mark.parametrize(
    ("headers", "is_answered"),
    [
        ({}, True),
        ({**LINK, "sec-fetch-site": "none", "sec-fetch-user": "?1"}, True),
        ({**LINK, "sec-fetch-site": "same-origin"}, True),
        ({**LINK, "sec-fetch-site": "cross-site", "sec-fetch-user": "?1"}, True),
        ({**LINK, "sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, False),
        ({"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors"}, False),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors", "origin": "null"}, False),
        ({"origin": "https://evil.example"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://localhost:3000"}, True),
    ],
)
async def test_no_page_of_another_site_spends_calls_on_a_file(
    graph: Graph, headers: dict[str, str], is_answered: bool
) -> None:
    for path in (CSV, JSONL, "/export/report.csv"):
        answer = await graph.http.get(path, params={"addresses": TYPICAL}, headers=headers)
        if is_answered:
            assert answer.status_code == 200
        else:
            codes = [error["extensions"]["code"] for error in answer.json()["errors"]]
            assert (answer.status_code, codes) == (400, ["CSRF_PREVENTED"])
    assert bool(graph.calls()) is is_answered
