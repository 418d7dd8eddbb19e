"""What an OpenTelemetry collector receives of a server, and what it must not."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from sandbox import DEMO_ACCOUNTS, DEMO_WALLETS, Fault
from server import telemetry
from server.settings import SettingsError
from tests.server.collector import Collector, attributes, collecting
from tests.server.process import serving
from tests.server.upstreams import Upstreams, upstreams

pytestmark = pytest.mark.slow

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
KEY = "canary-of-a-key"
WALLET, ACCOUNT = DEMO_WALLETS["typical"], DEMO_ACCOUNTS["typical"]
ASSETS = """query Canary($address: String!, $account: String!) {
    wallet(address: $address) { netWorthUsd }
    algorandAccount: wallet(address: $account) { algorandAssets(first: 3) { totalCount } }
}"""
NETWORTH = "query ($address: String!) { wallet(address: $address) { tokens: netWorthUsd } }"


@contextmanager
def traced(**environ: str) -> Iterator[tuple[Collector, Upstreams, Any, str]]:
    """A collector, upstreams, a server between them, and its URL."""
    with collecting() as collector, upstreams() as played:
        settings = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": "100",
            "DRAIN_SECONDS": "0",
            "UPSTREAMS": "live",
            "ONEINCH_URL": played.url,
            "ONEINCH_API_KEY": KEY,
            "ALGOD_URL": played.url,
            "ONEINCH_RPS": "100",
            **environ,
        }
        with serving(**settings) as (process, port):
            yield collector, played, process, f"http://127.0.0.1:{port}"


def stopped(process: Any) -> str:
    """What the server has written to its log; all spans have been sent by then."""
    process.terminate()
    _, log = process.communicate(timeout=30)
    return str(log)


def asked(url: str, query: str, headers: dict[str, str] | None = None, **variables: str) -> Any:
    answer = httpx.post(
        f"{url}/graphql",
        json={"query": query, "variables": variables},
        headers=headers,
        trust_env=False,
        timeout=20,
    )
    assert "errors" not in answer.json(), answer.text
    return answer.json()["data"]


def test_a_request_is_one_trace_from_the_router_to_both_upstreams() -> None:
    with traced() as (collector, played, process, url):
        context = {"traceparent": f"00-{TRACE}-{PARENT}-01", "tracestate": "router=1"}
        asked(url, ASSETS, context, address=WALLET, account=ACCOUNT)
        stopped(process)

    spans = {span.span_id.hex(): span for span in collector.spans}
    assert {span.trace_id.hex() for span in spans.values()} == {TRACE}
    (server,) = [span for span in spans.values() if span.kind == 2]
    (operation,) = [span for span in spans.values() if span.kind == 1]
    calls = {name: span for name, span in spans.items() if span.kind == 3}
    assert (server.name, server.parent_span_id.hex()) == ("POST /graphql", PARENT)
    assert (operation.name, operation.parent_span_id) == ("query", server.span_id)
    assert {span.parent_span_id for span in calls.values()} == {operation.span_id}
    assert attributes(operation)["walletgraph.cache.miss"] == len(calls)
    assert collector.services == {"walletgraph"}
    told = [attributes(span) for span in calls.values()]
    assert sorted((each["walletgraph.source"], each["url.template"]) for each in told) == [
        ("algorand", "/v2/accounts/{address}"),
        ("algorand", "/v2/accounts/{address}/assets"),
        ("portfolio", "/portfolio/portfolio/v5.0/protocols/snapshot"),
        ("portfolio", "/portfolio/portfolio/v5.0/tokens/snapshot"),
    ]
    assert {attributes(span)["http.response.status_code"] for span in calls.values()} == {200}
    # Upstreams get the trace, with their own call as the parent.
    contexts = [(each["traceparent"], each["tracestate"]) for each in played.headers]
    assert sorted(contexts) == sorted((f"00-{TRACE}-{name}-01", "router=1") for name in calls)


def test_a_call_that_serves_several_operations_is_linked_to_each() -> None:
    with traced(ONEINCH_RPS="1") as (collector, _played, process, url):

        async def crowd() -> None:
            async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=20) as http:
                query = {"query": NETWORTH}
                wallets = [f"0x{number:040x}" for number in range(1, 5)]
                answers = await asyncio.gather(
                    *[
                        http.post("/graphql", json=query | {"variables": {"address": each}})
                        for each in wallets
                    ]
                )
                assert [answer.status_code for answer in answers] == [200] * 4

        asyncio.run(crowd())
        stopped(process)

    operations = {span.span_id: span.trace_id for span in collector.spans if span.kind == 1}
    calls = [span for span in collector.spans if span.kind == 3]
    assert len(operations) == 4
    served = [
        [(call.parent_span_id, call.trace_id), *((it.span_id, it.trace_id) for it in call.links)]
        for call in calls
    ]
    assert all(operations[span] == trace for each in served for span, trace in each)
    sizes = [attributes(call)["walletgraph.batch.size"] for call in calls]
    assert [len(each) for each in served] == sizes
    assert max(sizes) > 1
    waits = [attributes(call)["walletgraph.wait"] for call in calls]
    assert min(waits) < 1 < max(waits)


def test_a_failed_attempt_is_told_on_the_span_of_its_call() -> None:
    with traced() as (collector, played, process, url):
        tokens = "/portfolio/portfolio/v5.0/tokens/snapshot"
        played.box.faults.add(tokens, Fault.unavailable(), times=1)
        asked(url, NETWORTH, address=WALLET)
        stopped(process)

    (call,) = [span for span in collector.spans if span.kind == 3 and span.events]
    assert attributes(call)["http.request.resend_count"] == 1
    assert attributes(call)["http.response.status_code"] == 200
    assert [(event.name, attributes(event)) for event in call.events] == [
        ("attempt failed", {"walletgraph.attempt": 1, "error.type": "UPSTREAM_UNAVAILABLE"})
    ]


def test_durations_are_sent_under_the_names_of_the_conventions() -> None:
    with traced() as (collector, played, process, url):
        asked(url, NETWORTH, address=WALLET)
        stopped(process)

    points = {
        metric.name: [(attributes(point), point.count) for point in metric.histogram.data_points]
        for metric in collector.metrics
    }
    host, port = played.url.removeprefix("http://").split(":")
    assert points == {
        "http.server.request.duration": [
            (
                {
                    "http.request.method": "POST",
                    "url.scheme": "http",
                    "http.route": "/graphql",
                    "http.response.status_code": 200,
                },
                1,
            )
        ],
        "http.client.request.duration": [
            (
                {
                    "http.request.method": "GET",
                    "server.address": host,
                    "server.port": int(port),
                    "http.response.status_code": 200,
                },
                2,
            )
        ],
    }


def test_nothing_sent_or_logged_tells_what_was_asked_for() -> None:
    canary = "0x" + "c0ffee" * 6 + "c0ff"
    logged = {"LOG_LEVEL": "INFO", "OTEL_EXPORTER_OTLP_HEADERS": "api-key=canary-header"}
    with traced(**logged) as (collector, played, process, url):
        told = {
            "host": f"{canary}.example",
            "user-agent": canary,
            "x-forwarded-for": canary,
            "baggage": f"wallet={canary}",
            "referer": f"http://127.0.0.1/{ACCOUNT}",
        }
        asked(url, ASSETS, told, address=canary, account=ACCOUNT)
        with httpx.Client(base_url=url, trust_env=False, timeout=20) as http:
            http.get("/graphql", params={"query": f'{{ wallet(address: "{canary}") {{ id }} }}'})
            http.get(f"/{canary}")
            http.get("/export/positions.csv", params={"addresses": canary})
            http.post("/graphql", json={"query": f'{{ wallet(address: "x{ACCOUNT}") {{ id }} }}'})
            http.request(canary[2:].upper(), "/graphql")
        log = stopped(process)

    sent = b"\n".join(body for _, body in collector.raw) + log.encode()
    assert len(collector.spans) > 10
    for secret in (canary, canary[2:], ACCOUNT, KEY, "canary-header", "algorandAssets", "Canary"):
        # The name of an operation is the client's own word, and in the log alone.
        haystack = sent.replace(b'"operation_name":"Canary"', b"")
        assert secret.lower().encode() not in haystack.lower(), secret
    assert {header for each in played.headers for header in each} & {"baggage", "referer"} == set()


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        (
            {"OTEL_TRACES_EXPORTER": "zipkin"},
            "OTEL_TRACES_EXPORTER must be otlp, console or none, got 'zipkin'",
        ),
        (
            {
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
                "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
            },
            "OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf, got 'grpc'",
        ),
    ],
)
def test_what_cannot_be_exported_is_refused_by_name(environ: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        telemetry.exporting(environ)

    assert refused.value.problems == [said]


def test_a_missing_sdk_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr("importlib.import_module", missing)
    with pytest.raises(SettingsError) as refused:
        telemetry.exporting({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"})

    assert refused.value.problems == [
        "OTEL_* variables ask for telemetry, and OpenTelemetry's SDK is not installed: "
        "pip install 'walletgraph[telemetry]'"
    ]


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"OTEL_SERVICE_NAME": "graph"},
        {"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
        {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"},
    ],
)
def test_nothing_is_imported_where_nothing_is_asked_for(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.import_module", lambda name: pytest.fail(name))

    with telemetry.exporting(environ):
        pass


def test_an_exporter_of_one_signal_leaves_the_other_alone() -> None:
    with traced(OTEL_METRICS_EXPORTER="none") as (collector, _played, process, url):
        asked(url, NETWORTH, address=WALLET)
        stopped(process)

    assert collector.spans != []
    assert collector.metrics == []


def test_a_collector_that_is_away_costs_no_answer() -> None:
    away = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    with traced(**away) as (_collector, _played, process, url):
        assert asked(url, NETWORTH, address=WALLET)["wallet"]["tokens"] is not None
        stopped(process)


def test_an_operation_whose_time_is_over_is_an_error_of_its_span() -> None:
    with traced(REQUEST_DEADLINE_SECONDS="0.2", ONEINCH_RPS="0.01") as (collector, _, process, url):
        query = {"query": NETWORTH, "variables": {"address": WALLET}}
        answers = [httpx.post(f"{url}/graphql", json=query, trust_env=False) for _ in range(2)]
        stopped(process)

    codes = [error["extensions"]["code"] for each in answers for error in each.json()["errors"]]
    told = [
        code
        for span in collector.spans
        for code in attributes(span).get("walletgraph.error.codes", ())
    ]
    assert set(told) == set(codes) != set()


def test_a_short_value_of_a_collectors_header_blots_out_no_log() -> None:
    said = telemetry.secrets({"OTEL_EXPORTER_OTLP_HEADERS": "a=1, api-key=long%20enough"})
    assert sorted(said) == ["long enough", "long%20enough"]
