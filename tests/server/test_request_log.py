"""A line a request: what it tells, and what it never tells."""

import json
import logging
from typing import Any

import httpx
import pytest

from sandbox import DEMO_ACCOUNTS, DEMO_WALLETS
from server.logs import Redacting, RedactingJson
from tests.graph import Graph
from tests.server.process import serving

QUERY = "query Worth($a: String!) { wallet(address: $a) { netWorthUsd } }"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
WALLET, ACCOUNT = DEMO_WALLETS["typical"], DEMO_ACCOUNTS["typical"]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Any:
    caplog.set_level(logging.INFO, "walletgraph.requests")

    def found() -> list[dict[str, Any]]:
        return [
            each.__dict__["fields"]
            for each in caplog.records
            if each.name == "walletgraph.requests"
        ]

    return found


async def test_it_tells_what_was_asked_and_what_it_took(graph: Graph, lines: Any) -> None:
    headers = {"x-request-id": "abc-1", "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    for address in (WALLET, WALLET, "nobody"):
        body = {"query": QUERY, "variables": {"a": address}}
        answer = await graph.http.post("/graphql", json=body, headers=headers)
        assert answer.headers["x-request-id"] == "abc-1"

    first, second, third = lines()
    assert first.pop("duration_ms") > 0
    assert len(first.pop("operation_hash")) == 64
    assert first == {
        "request_id": "abc-1",
        "trace_id": TRACE,
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "operation_type": "query",
        "operation_name": "Worth",
        "cache": {"miss": 2},
    }
    assert second["cache"] == {"fresh": 2}
    assert (third["codes"], "cache" in third) == (["BAD_ADDRESS"], False)


@pytest.mark.parametrize(
    "sent", [None, "", "a b", "x" * 129, "\u00e9".encode(), 'a"b', "a\tb"], ids=repr
)
async def test_an_id_that_is_no_word_is_replaced(graph: Graph, sent: Any, lines: Any) -> None:
    headers = {} if sent is None else {"x-request-id": sent}
    ids = {(await graph.http.get("/", headers=headers)).headers["x-request-id"] for _ in range(2)}

    assert len(ids) == 2
    assert {len(each) for each in ids} == {32}
    assert [line["request_id"] in ids for line in lines()] == [True, True]


@pytest.mark.parametrize(
    "traceparent",
    [f"00-{'0' * 32}-00f067aa0ba902b7-01", f"00-{TRACE}-{'0' * 16}-01", TRACE, "00-x-y-01"],
)
async def test_a_trace_that_is_none_is_left_out(graph: Graph, traceparent: str, lines: Any) -> None:
    await graph.http.get("/", headers={"traceparent": traceparent})

    assert "trace_id" not in lines()[0]


async def test_it_tells_no_address_document_or_variable(graph: Graph, lines: Any) -> None:
    for address in (WALLET, ACCOUNT):
        text = f'{{ wallet(address: "{address}") {{ id }} }}'
        await graph.http.post("/graphql", json={"query": text})
        await graph.http.get("/graphql", params={"query": text})
        await graph.http.get(f"/{address}")
        await graph.http.get("/export/positions.csv", params={"addresses": address})
        await graph.http.request(address, "/")

    said = json.dumps(lines())
    assert len(lines()) == 10
    assert WALLET.lower() not in said.lower()
    assert ACCOUNT not in said
    assert {line["path"] for line in lines()} == {"/graphql", "/export/positions.csv", "/", "other"}


async def test_machines_that_look_after_it_are_not_told_of(graph: Graph, lines: Any) -> None:
    for path in ("/health/live", "/health/ready", "/metrics"):
        assert "x-request-id" in (await graph.http.get(path)).headers

    assert lines() == []


def test_a_process_writes_json_and_its_metrics_have_a_port_of_their_own() -> None:
    with serving(LOG_LEVEL="INFO", METRICS_PORT="0", DRAIN_SECONDS="0") as (process, port):
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            http.post("/graphql", json={"query": "query Name { __typename }"})
            assert http.get("/metrics").status_code == 404
        assert process.stdout is not None
        banner = [process.stdout.readline().split() for _ in range(4)]
        [metrics] = [line[1] for line in banner if line[0] == "Metrics"]
        shown = httpx.get(metrics, trust_env=False).text
        assert 'walletgraph_requests_total{status="200"} 1.0' in shown
        process.terminate()
        assert process.stderr is not None
        log = [json.loads(line) for line in process.stderr.read().splitlines()]

    [line] = [each for each in log if each["logger"] == "walletgraph.requests"]
    assert (line["event"], line["level"], line["status"]) == ("request", "INFO", 200)
    assert (line["operation_name"], line["path"]) == ("Name", "/graphql")
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize("style", [Redacting, RedactingJson])
def test_a_secret_is_taken_out_however_it_is_written(style: type[Redacting]) -> None:
    secret = 'a"b\\c/d'
    record = logging.LogRecord("x", logging.INFO, "x.py", 1, "with %s", (secret,), None)
    record.fields = {"more": secret}

    line = style([secret]).format(record)

    assert "with ***" in line
    assert line.count("***") == 2
    assert "b\\" not in line
