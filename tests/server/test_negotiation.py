"""The type of an answer follows Accept; the origins that may read it follow the settings."""

import pytest

from server.negotiation import negotiate
from tests.server.harness import Bench

MODERN = "application/graphql-response+json"


@pytest.mark.parametrize(
    ("accept", "offer"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json", "application/json"),
        ("Application/JSON; charset=utf-8", "application/json"),
        (MODERN, MODERN),
        (f"{MODERN},application/json;q=0.9", MODERN),
        (f"application/json, {MODERN}", MODERN),
        (f"application/json, {MODERN};q=0.5", "application/json"),
        (f"{MODERN}, application/json, multipart/mixed", MODERN),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("*/*, text/html;q=0.5", "application/json"),
        ("text/html", "text/html"),
        ("application/xml", None),
        ("application/json;q=0", None),
        ("application/json;q=0, */*", None),
        ("application/json;q=x", None),
        (f"{MODERN};q=7", MODERN),
        (",,", "application/json"),
    ],
)
def test_the_best_offer_wins(accept: str, offer: str | None) -> None:
    assert negotiate(accept.encode()) == offer


async def preflight(bench: Bench, origin: str) -> dict[str, str]:
    response = await bench.http.options(
        "/graphql",
        headers={
            "origin": origin,
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type,apollographql-client-name",
        },
    )
    assert response.status_code == 204
    assert response.headers["vary"] == "Origin"
    assert response.headers["allow"] == "GET, POST, OPTIONS"
    return {name: value for name, value in response.headers.items() if name.startswith("access-")}


async def test_an_allowed_origin_may_send_what_apollo_client_sends() -> None:
    bench = Bench(origins=["https://app.example", "http://localhost:*"])
    assert await preflight(bench, "https://app.example") == {
        "access-control-allow-origin": "https://app.example",
        "access-control-expose-headers": "retry-after",
        "access-control-allow-methods": "GET, POST, OPTIONS",
        "access-control-allow-headers": (
            "content-type, authorization, apollographql-client-name, "
            "apollographql-client-version, apollographql-library-name, "
            "apollographql-library-version, apollo-require-preflight, x-apollo-operation-name"
        ),
        "access-control-max-age": "86400",
    }


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://app.example", "https://app.example"),
        ("http://localhost", "http://localhost"),
        ("http://localhost:5173", "http://localhost:5173"),
        ("https://app.example:444", None),
        ("https://localhost:5173", None),
        ("http://localhost:5173.evil.example", None),
        ("http://localhost.evil.example:80", None),
        ("null", None),
    ],
)
async def test_only_the_named_origins_may_read(origin: str, allowed: str | None) -> None:
    bench = Bench(origins=["https://app.example", "http://localhost:*"])
    response = await bench.http.post(
        "/graphql", json={"query": "{ hello }"}, headers={"origin": origin}
    )
    assert response.headers.get("access-control-allow-origin") == allowed
    assert "access-control-allow-credentials" not in response.headers
    granted = await preflight(bench, origin)
    assert granted.get("access-control-allow-origin") == allowed
    assert ("access-control-allow-methods" in granted) == (allowed is not None)


async def test_everyone_can_be_allowed() -> None:
    granted = await preflight(Bench(origins=["*"]), "https://anyone.example")
    assert granted["access-control-allow-origin"] == "*"


async def test_options_without_an_origin_grants_nothing() -> None:
    response = await Bench().http.options("/graphql")
    assert [name for name in response.headers if name.startswith("access-")] == []
