"""Pages of other origins: which may call, what they may send, and that they see every answer."""

import asyncio
from typing import Any

import httpx
import pytest

from server.cors import Origins
from tests.server.harness import Bench, codes, running

APP = "https://app.example"


async def preflight(http: httpx.AsyncClient, origin: str, **asked: str) -> httpx.Response:
    headers = {"origin": origin, "access-control-request-method": "POST"}
    named = {f"access-control-request-{name}": value for name, value in asked.items()}
    return await http.options("/graphql", headers={**headers, **named})


@pytest.mark.parametrize(
    "headers",
    [
        "content-type",
        "content-type,apollographql-client-name,apollographql-client-version",
        "apollo-require-preflight,x-apollo-operation-name,authorization",
        "baggage,content-type,sentry-trace,traceparent,tracestate",
        "content-type,x-request-id",
        "x-datadog-origin,x-datadog-parent-id,x-datadog-sampling-priority,x-datadog-trace-id",
        "b3,newrelic,request-id,request-context,x-b3-traceid,x-amzn-trace-id",
    ],
)
async def test_an_allowed_origin_may_send_any_header(headers: str) -> None:
    response = await preflight(Bench(origins=[APP]).http, APP, headers=headers)
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == APP
    assert response.headers["access-control-allow-headers"] == headers
    assert response.headers["access-control-allow-methods"] == "GET, HEAD, POST, OPTIONS"
    assert response.headers["access-control-max-age"] == "86400"
    assert "access-control-allow-credentials" not in response.headers


@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [
        (APP, True),
        ("http://localhost", True),
        ("http://localhost:5173", True),
        ("https://app.example:444", False),
        ("http://app.example", False),
        ("https://localhost:5173", False),
        ("http://localhost:5173.evil.example", False),
        ("http://localhost:", False),
        ("http://localhost.evil.example:80", False),
        ("http://localhost:5173\n", False),
        ("null", False),
    ],
)
async def test_only_the_named_origins_may_read(origin: str, is_allowed: bool) -> None:
    origins = [APP, "http://localhost:*"]
    assert Origins(origins).allow(origin) is is_allowed
    if "\n" in origin:
        return
    http = Bench(origins=origins).http
    response = await http.post("/graphql", json={"query": "{ hello }"}, headers={"origin": origin})
    asked = await preflight(http, origin, headers="content-type")
    expected = origin if is_allowed else None
    assert response.headers.get("access-control-allow-origin") == expected
    assert asked.headers.get("access-control-allow-origin") == expected
    assert "access-control-allow-credentials" not in response.headers
    if not is_allowed:
        assert (asked.status_code, codes(asked)) == (403, ["CORS_REFUSED"])


async def test_a_method_that_is_not_served_is_refused_beforehand() -> None:
    headers = {"origin": APP, "access-control-request-method": "PUT"}
    response = await Bench(origins=[APP]).http.options("/graphql", headers=headers)
    assert (response.status_code, codes(response)) == (403, ["CORS_REFUSED"])


async def test_everyone_can_be_allowed() -> None:
    bench = Bench(origins=["*"])
    granted = await preflight(bench.http, "https://anyone.example")
    assert granted.headers["access-control-allow-origin"] == "*"
    assert Origins(["*"]).allow("https://anyone.example")


async def test_options_without_an_origin_grants_nothing() -> None:
    response = await Bench().http.options("/graphql")
    assert (response.status_code, response.headers["allow"]) == (204, "GET, HEAD, POST, OPTIONS")
    assert [name for name in response.headers if name.startswith("access-")] == []


REFUSED: list[tuple[str, str, dict[str, Any], int]] = [
    ("POST", "/nowhere", {}, 404),
    ("POST", "/health/live", {}, 405),
    ("PUT", "/graphql", {}, 405),
    ("POST", "/graphql", {"content": b"[]"}, 415),
    ("POST", "/graphql", {"json": []}, 400),
    ("POST", "/graphql", {"json": {}, "headers": {"accept": "image/png"}}, 406),
    ("POST", "/graphql", {"json": {"query": "a" * 2_000}}, 413),
    ("GET", "/graphql", {}, 400),
    ("GET", "/health/ready", {}, 200),
    ("GET", "/metrics", {}, 200),
]


@pytest.mark.parametrize(("method", "path", "more", "status"), REFUSED)
async def test_every_answer_may_be_read_wherever_it_was_made(
    method: str, path: str, more: dict[str, Any], status: int
) -> None:
    headers = {"accept": "", **more.pop("headers", {}), "origin": APP}
    async with running({"ALLOWED_ORIGINS": APP, "MAX_BODY_BYTES": "1024"}) as http:
        response = await http.request(method, path, headers=headers, **more)
    assert response.status_code == status
    assert response.headers["access-control-allow-origin"] == APP
    assert "Origin" in response.headers["vary"]


async def test_faults_lateness_and_overload_may_be_read_and_preflights_are_no_load(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("server.graphql._GRACE_SECONDS", 0.02)
    bench = Bench(origins=[APP], most_in_flight=1, deadline_seconds=0.02)
    late = asyncio.create_task(
        bench.http.post(
            "/graphql", json={"query": "{ slow(seconds: 30) }"}, headers={"origin": APP}
        )
    )
    await bench.begun.wait()
    full = await bench.http.post("/graphql", json={"query": "{ hello }"}, headers={"origin": APP})
    asked = await preflight(bench.http, APP)
    assert (full.status_code, asked.status_code, (await late).status_code) == (503, 200, 504)

    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(bench.endpoint, "context", broken)
    fault = await bench.http.post("/graphql", json={"query": "{ hello }"}, headers={"origin": APP})
    assert fault.status_code == 500
    for response in (full, asked, await late, fault):
        assert response.headers["access-control-allow-origin"] == APP
