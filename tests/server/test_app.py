"""The application as it is put together: its routes, its upstreams, its secrets."""

import asyncio
import hashlib
import json
import logging
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import Route

from sandbox import Sandbox
from schema import build_schema
from schema.errors import CODES as GRAPH_CODES
from server.app import create_app, upstream_config
from server.codes import CODES
from server.logs import Redacting, configure
from server.middleware import Lifecycle
from server.settings import Settings, SettingsError
from tests.redis_server import RedisServer
from tests.server.harness import MODERN, codes, leave, running
from upstreams.version import VERSION

CANARY = "canary-key-1234567890-abcdefghijklmnop"
SDL = hashlib.sha256(build_schema().sdl.encode()).hexdigest()[:12]
WALLET = "0xd8da6bf26964af9d7eed9e03e53415d37aa96045"
POSITIONS = "query ($a: String!) { wallet(address: $a) { positions(first: 1) { totalCount } } }"
_PATHS = ("/", "/graphql", "/health/live", "/health/ready", "/metrics", "/nowhere")


async def test_a_bare_environment_serves_the_sandbox() -> None:
    async with running() as http:
        response = await http.post(
            "/graphql", json={"query": POSITIONS, "variables": {"a": WALLET}}, headers=MODERN
        )
        assert response.status_code == 200
        assert response.json()["data"]["wallet"]["positions"]["totalCount"] >= 0
        assert response.headers["cache-control"].startswith("public, max-age=")
        sources = await http.post("/graphql", json={"query": "{ sources { mode } }"})
        assert sources.json() == {"data": {"sources": [{"mode": "SANDBOX"}] * 2}}


async def test_the_environment_is_read_where_no_settings_are_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PORT", "x")
    with pytest.raises(SettingsError, match=r"^PORT must be a whole number"):
        create_app()


async def test_health_asks_no_upstream_and_follows_the_lifecycle() -> None:
    box, lifecycle = Sandbox(), Lifecycle()
    transports: dict[str, Any] = {
        "oneinch_transport": httpx.ASGITransport(box.oneinch),
        "algod_transport": httpx.ASGITransport(box.algod),
    }
    async with running(lifecycle=lifecycle, **transports) as http:
        assert (await http.get("/health/live")).json() == {
            "status": "live",
            "version": VERSION,
        }
        ready = await http.get("/health/ready")
        assert (ready.status_code, ready.json()) == (
            200,
            {"status": "ready", "version": VERSION},
        )
        lifecycle.is_draining = True
        draining = await http.get("/health/ready")
        assert (draining.status_code, draining.json()) == (
            503,
            {"status": "draining", "version": VERSION},
        )
        assert draining.headers["connection"] == "close"
        assert (await http.get("/health/live")).status_code == 200
    assert not lifecycle.is_ready
    assert list(box.calls) == []


async def test_before_it_has_started_it_is_not_ready() -> None:
    app = create_app(Settings())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        assert (await http.get("/health/ready")).status_code == 503
        metrics = (await http.get("/metrics")).text.splitlines()
        assert "walletgraph_in_flight 0.0" in metrics
        assert f"walletgraph_tasks {len(asyncio.all_tasks())}.0" in metrics


async def test_metrics_count_what_happened() -> None:
    async with running({"MAX_DEPTH": "3"}) as http:
        await http.post("/graphql", json={"query": POSITIONS, "variables": {"a": WALLET}})
        await http.post("/graphql", json={"query": POSITIONS, "variables": {"a": "nobody"}})
        deep = '{ wallet(address: "x") { positions { nodes { protocol { type } } } } }'
        await http.post("/graphql", json={"query": deep}, headers=MODERN)
        response = await http.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=")
    lines = response.text.splitlines()
    for line in (
        'walletgraph_requests_total{status="200"} 2.0',
        'walletgraph_requests_total{status="400"} 1.0',
        'walletgraph_errors_total{code="BAD_ADDRESS"} 1.0',
        'walletgraph_errors_total{code="OPERATION_TOO_DEEP"} 1.0',
        "walletgraph_request_seconds_count 3.0",
        'walletgraph_upstream_calls_total{source="portfolio"} 2.0',
        'walletgraph_upstream_calls_total{source="algorand"} 0.0',
        'walletgraph_upstream_breaker{source="portfolio"} 0.0',
        "walletgraph_in_flight 0.0",
        f'walletgraph_build_info{{sdl_sha256="{SDL}",version="{VERSION}"}} 1.0',
    ):
        assert line in lines
    assert WALLET not in response.text
    assert "process_resident_memory_bytes " in response.text
    assert "python_gc_collections_total{" in response.text


@pytest.mark.parametrize(
    "path", ["/nowhere", "/graphql/x", "/health/live/", "/../pyproject.toml", "/index.html"]
)
async def test_what_is_not_there_is_404_in_json_whatever_is_asked_of_it(path: str) -> None:
    async with running() as http:
        for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
            response = await http.request(method, path)
            assert (response.status_code, codes(response)) == (404, ["NOT_FOUND"])


async def test_the_endpoint_may_be_spelt_with_a_slash() -> None:
    async with running({"MAX_IN_FLIGHT": "1"}) as http:
        response = await http.post("/graphql/", json={"query": "{ __typename }"})
        assert response.json() == {"data": {"__typename": "Query"}}


async def test_other_routes_are_only_read() -> None:
    async with running() as http:
        response = await http.post("/health/live")
    assert (response.status_code, codes(response)) == (405, ["METHOD_NOT_ALLOWED"])
    assert "GET" in response.headers["allow"]


async def test_every_page_and_answer_is_dressed() -> None:
    async with running() as http:
        for path in _PATHS:
            response = await http.get(path, headers={"accept": "text/html"})
            assert response.headers["x-content-type-options"] == "nosniff", path
            assert response.headers["referrer-policy"] == "no-referrer", path
            assert "frame-ancestors 'none'" in response.headers["content-security-policy"], path
            assert "server" not in response.headers


async def test_a_supergraph_profile_shows_no_pages_and_no_introspection() -> None:
    async with running({"PROFILE": "supergraph"}) as http:
        page = await http.get("/graphql", headers={"accept": "text/html"})
        assert (page.status_code, codes(page)) == (406, ["NOT_ACCEPTABLE"])
        for query in ("{ __schema { queryType { name } } }", '{ node(id: "x") { id } }'):
            response = await http.post("/graphql", json={"query": query}, headers=MODERN)
            assert codes(response)[0] == "GRAPHQL_VALIDATION_FAILED"
        sdl = await http.post("/graphql", json={"query": "{ _service { sdl } }"})
        assert "type Wallet" in sdl.json()["data"]["_service"]["sdl"]
        query = "query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }"
        representations = [{"__typename": "Wallet", "address": WALLET}]
        entities = await http.post(
            "/graphql", json={"query": query, "variables": {"r": representations}}
        )
        assert entities.json()["extensions"] == {
            "apolloEntityCacheTags": [["Wallet", f"Wallet:address={WALLET}"]]
        }


async def test_a_manifest_closes_the_graph_and_a_bad_one_stops_the_boot(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"type": "{ __typename }"}))
    async with running({"PERSISTED_OPERATIONS": str(manifest)}) as http:
        listed = await http.post("/graphql", json={"documentId": "type"})
        assert listed.json() == {"data": {"__typename": "Query"}}
        other = await http.post("/graphql", json={"query": "{ sources { mode } }"})
        assert codes(other) == ["QUERY_NOT_IN_SAFELIST"]
    manifest.write_text("{}")
    with pytest.raises(SettingsError, match=r"^PERSISTED_OPERATIONS is neither an Apollo manifest"):
        create_app(Settings.from_env({"PERSISTED_OPERATIONS": str(manifest)}))


async def test_the_router_secret_guards_the_graph() -> None:
    async with running({"ROUTER_SECRET": CANARY}) as http:
        assert (await http.post("/graphql", json={"query": "{ __typename }"})).status_code == 401
        answered = await http.post(
            "/graphql",
            json={"query": "{ __typename }"},
            headers={"router-authorization": CANARY},
        )
        assert answered.json() == {"data": {"__typename": "Query"}}


def test_upstreams_get_what_the_settings_say() -> None:
    config = upstream_config(
        Settings.from_env(
            {
                "ONEINCH_API_KEY": CANARY,
                "ONEINCH_RPS": "2",
                "ALGOD_URL": "http://127.0.0.1:4001",
                "REDIS_URL": "redis://127.0.0.1:1",
            }
        )
    )
    assert (config.sandbox, config.oneinch_transport, config.algod_transport) == (False, None, None)
    assert (config.oneinch_api_key, config.oneinch_rps) == (CANARY, 2.0)
    assert (config.algod_url, config.redis_url) == ("http://127.0.0.1:4001", "redis://127.0.0.1:1")
    assert upstream_config(Settings()).sandbox


async def test_a_redis_that_is_away_is_said_at_the_start_and_in_the_metrics(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def metrics(environ: dict[str, str]) -> dict[str, str]:
        async with running(environ) as http:
            lines = (await http.get("/metrics")).text.splitlines()
        return dict(line.split(" ") for line in lines if line.startswith("walletgraph_redis"))

    environ = {"REDIS_URL": redis_server.url}
    up = await metrics(environ)
    assert [record for record in caplog.records if "Redis" in record.getMessage()] == []
    redis_server.kill()
    down = await metrics(environ)
    said = [each.getMessage() for each in caplog.records if each.name == "walletgraph.redis"]
    tail = "cannot be used: there is no connection. This replica goes on by itself and keeps trying"
    assert sorted(said) == [f"Redis (cache) {tail}", f"Redis (pace) {tail}"]
    for link in ("cache", "pace"):
        assert up[f'walletgraph_redis_up{{link="{link}"}}'] == "1.0"
        assert up[f'walletgraph_redis_failures_total{{link="{link}"}}'] == "0.0"
        assert down[f'walletgraph_redis_up{{link="{link}"}}'] == "0.0"
        assert float(down[f'walletgraph_redis_failures_total{{link="{link}"}}']) >= 1
    assert 'walletgraph_redis_up{link="operations"}' in up
    assert await metrics({}) == {}


async def test_a_key_appears_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    """Every kind of failure of an upstream that repeats the key back at us."""
    answers: list[Response | Exception] = [
        PlainTextResponse(f"key {CANARY}", 500),
        JSONResponse({"error": CANARY}, 401),
        HTMLResponse(f"<html>{CANARY}"),
        RedirectResponse(f"https://x/{CANARY}"),
        httpx.ConnectError(f"no way to https://x/?key={CANARY}"),
    ]
    seen: list[str | None] = []

    async def answer(request: Request) -> Response:
        found = answers[len(seen) % len(answers)]
        seen.append(request.headers.get("authorization"))
        if isinstance(found, Exception):
            raise found
        return found

    transport = httpx.ASGITransport(Starlette(routes=[Route("/{path:path}", answer)]))
    with caplog.at_level(logging.DEBUG):
        async with running(
            {"ONEINCH_API_KEY": CANARY, "ALGOD_TOKEN": CANARY, "ONEINCH_RPS": "1000"},
            oneinch_transport=transport,
            algod_transport=transport,
        ) as http:
            found = []
            for number in range(len(answers) * 2):
                variables = {"a": f"0x{number + 1:040x}"}
                body = {"query": POSITIONS, "variables": variables}
                found.append((await http.post("/graphql", json=body)).text)
            found.append((await http.get("/metrics")).text)
            sources = "{ sources { name mode isAvailable } portfolioStatus { isAvailable } }"
            found.append((await http.post("/graphql", json={"query": sources})).text)
    assert f"Bearer {CANARY}" in seen
    assert all('"code":"UPSTREAM_' in text for text in found[: len(answers)])
    assert CANARY not in "".join(found)
    ours = [record for record in caplog.records if record.name.startswith("walletgraph")]
    assert CANARY not in "".join(record.getMessage() for record in ours)


def test_log_lines_lose_secrets_even_in_tracebacks() -> None:
    formatter = Redacting([CANARY, CANARY[:20]])
    try:
        raise ValueError(f"https://x/?key={CANARY}")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "f", 1, f"asked with {CANARY}", None, (ValueError, error, None)
        )
    line = formatter.format(record)
    assert "canary" not in line
    assert "asked with ***" in line
    assert "ValueError: https://x/?key=***" in line


def test_the_log_goes_to_standard_error_and_libraries_stay_quiet(
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    try:
        configure("INFO", [CANARY], "text")
        logging.getLogger("walletgraph.x").info("hello %s", CANARY)
        logging.getLogger("httpx").info("GET https://x/")
        assert capsys.readouterr().err.endswith("INFO walletgraph.x: hello ***\n")
    finally:
        root.handlers[:], level = before
        root.setLevel(level)


def test_every_code_is_in_the_table() -> None:
    assert set(GRAPH_CODES) <= set(CODES)
    assert all(text.endswith(".") for text in CODES.values())
    package = Path(__file__).parent.parent.parent / "server"
    source = "".join(path.read_text() for path in package.glob("*.py") if path.name != "codes.py")
    for code in set(CODES) - set(GRAPH_CODES):
        assert f'"{code}"' in source, code


async def test_disconnected_lifespans_leave_no_tasks() -> None:
    before = asyncio.all_tasks()
    async with running() as http:
        await http.post("/graphql", json={"query": POSITIONS, "variables": {"a": WALLET}})
    await asyncio.sleep(0.05)
    assert asyncio.all_tasks() == before


class Silent(httpx.AsyncBaseTransport):
    """An upstream that never answers; it counts who asks and who gives up."""

    def __init__(self) -> None:
        self.begun = self.given_up = 0
        self.has_both, self.is_rid_of_both = asyncio.Event(), asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.begun += 1
        if self.begun == 2:
            self.has_both.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.given_up += 1
            if self.given_up == 2:
                self.is_rid_of_both.set()
            raise
        raise AssertionError


async def test_the_calls_of_a_client_who_leaves_are_given_up() -> None:
    silent = Silent()
    app = create_app(
        Settings.from_env({}), upstreams={"oneinch_transport": silent, "oneinch_rps": 1e6}
    )
    body = json.dumps({"query": POSITIONS, "variables": {"a": WALLET}}).encode()
    async with app.router.lifespan_context(app):
        sent = await leave(app, body, silent.has_both)
        await asyncio.wait_for(silent.is_rid_of_both.wait(), 5)
        assert (silent.begun, silent.given_up) == (2, 2)
    assert sent == []
