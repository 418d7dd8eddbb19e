"""Router-only mode: nothing is answered without the secret or a signature."""

import base64
import hashlib
import hmac
from pathlib import Path

import httpx
import pytest

from server.pages import Pages
from tests.server.harness import MODERN, Bench, codes

SECRET = "s" * 32
OTHER = "o" * 32


def signature(payload: str, secret: str = SECRET) -> str:
    digest = hmac.new(secret.encode(), payload.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


async def test_any_of_the_secrets_opens_and_nothing_else() -> None:
    bench = Bench(secrets=[SECRET, OTHER])
    for secret in (SECRET, OTHER):
        response = await bench.http.post(
            "/graphql",
            json={"query": "{ hello }"},
            headers={**MODERN, "router-authorization": secret},
        )
        assert response.json() == {"data": {"hello": "hello world"}}
    for wrong in ("", SECRET[:-1], SECRET + "s", "\u00e9" * 32):
        response = await bench.http.post(
            "/graphql",
            json={"query": "{ _service { sdl } }"},
            headers=httpx.Headers({**MODERN, "router-authorization": wrong}, encoding="utf-8"),
        )
        assert (response.status_code, codes(response)) == (401, ["UNAUTHORIZED"])
        assert response.headers["www-authenticate"] == "Router-Authorization"
        assert "data" not in response.json()


async def test_the_body_of_a_stranger_is_not_read() -> None:
    response = await Bench(secrets=[SECRET]).raw(b"not even JSON")
    assert response.status_code == 401


async def test_graphiql_is_guarded_too(tmp_path: Path) -> None:
    bench = Bench(secrets=[SECRET], pages=Pages(tmp_path, is_sandbox=True))
    response = await bench.http.get("/graphql", headers={"accept": "text/html"})
    assert response.status_code == 401


@pytest.mark.parametrize(
    ("body", "payload"),
    [
        ({"query": "{ hello }"}, '{"query":"{ hello }"}'),
        ({"query": "{ hello }", "variables": {}}, '{"query":"{ hello }"}'),
        (
            {
                "query": "query ($name: String!) { hello(name: $name) }",
                "variables": {"name": "\u00fc", "b": [1, {"z": 1, "a": None}]},
            },
            '{"query":"query ($name: String!) { hello(name: $name) }",'
            '"variables":{"b":[1,{"a":null,"z":1}],"name":"\u00fc"}}',
        ),
    ],
)
async def test_a_signature_as_hive_gateway_makes_it_opens(
    body: dict[str, object], payload: str
) -> None:
    bench = Bench(signing=[OTHER, SECRET])
    signed = {**body, "extensions": {"hmac-signature": signature(payload)}}
    assert (await bench.http.post("/graphql", json=signed)).status_code == 200
    for wrong in (signature(payload + " "), signature(payload, "x" * 32), "", "\u00fc", 7, None):
        signed["extensions"] = {"hmac-signature": wrong}
        response = await bench.http.post("/graphql", json=signed)
        assert (response.status_code, codes(response)) == (401, ["UNAUTHORIZED"])
    assert (await bench.http.post("/graphql", json=body)).status_code == 401


async def test_with_both_set_either_is_enough() -> None:
    bench = Bench(secrets=[SECRET], signing=[OTHER])
    by_header = await bench.http.post(
        "/graphql", json={"query": "{ hello }"}, headers={"router-authorization": SECRET}
    )
    assert by_header.status_code == 200
    signed = {
        "query": "{ hello }",
        "extensions": {"hmac-signature": signature('{"query":"{ hello }"}', OTHER)},
    }
    assert (await bench.http.post("/graphql", json=signed)).status_code == 200
    assert (await bench.http.post("/graphql", json={"query": "{ hello }"})).status_code == 401
