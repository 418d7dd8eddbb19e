"""Router-only mode: nothing is answered without the secret or a signature."""

import base64
import hashlib
import hmac
from pathlib import Path

import httpx
import pytest

from server.pages import Pages
from tests.server.harness import MODERN, Bench, codes, running

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


NUMBERS = "1e-7,1e+21,0.1,-0.5,9007199254740992,1.7976931348623157e+308,100,1.5e-10"


def signed_body(payload: str, digest: str) -> bytes:
    """The payload as the body of a request, with that signature beside what it signs."""
    return f'{{"extensions":{{"hmac-signature":"{digest}"}},{payload[1:]}'.encode()


@pytest.mark.parametrize(
    "payload",
    [
        f'{{"query":"{{ hello }}","variables":{{"n":[{NUMBERS}]}}}}',
        # JavaScript orders keys by 16-bit units, and escapes less than it could.
        '{"query":"{ hello }","variables":{"\U0001f600":1,"\uff21":2}}',
        '{"query":"{ hello }","variables":{"a":"\\n\\u0001/\u2028\x7f\\\\\\""}}',
    ],
)
async def test_what_is_signed_is_what_stands_in_the_body(payload: str) -> None:
    bench = Bench(signing=[SECRET])
    body = signed_body(payload, signature(payload))
    assert (await bench.raw(body)).status_code == 200
    for other in (payload.replace("1e-7", "1.0e-7"), payload.replace(":1", ":2")):
        if other != payload:
            assert (await bench.raw(signed_body(other, signature(payload)))).status_code == 401


async def test_a_signed_get_is_checked_like_a_post() -> None:
    bench = Bench(signing=[SECRET])
    payload = '{"query":"{ hello }","variables":{"n":1e-7}}'
    asked = {
        "query": "{ hello }",
        "variables": '{"n": 1e-7}',
        "extensions": f'{{"hmac-signature":"{signature(payload)}"}}',
    }
    headers = {"apollo-require-preflight": "1"}
    right = await bench.http.get("/graphql", params=asked, headers=headers)
    asked["variables"] = '{"n": 1e-8}'
    wrong = await bench.http.get("/graphql", params=asked, headers=headers)
    assert (right.status_code, wrong.status_code) == (200, 401)


async def test_what_the_signature_leaves_out_decides_nothing() -> None:
    bench = Bench(signing=[SECRET])
    text = "query A { hello } query B { price }"
    two = signature(f'{{"query":"{text}"}}')
    for name in ("A", "B"):
        response = await bench.http.post(
            "/graphql",
            json={"query": text, "operationName": name, "extensions": {"hmac-signature": two}},
        )
        assert codes(response) == ["BAD_REQUEST"]
    digest = hashlib.sha256(b"{ hello }").hexdigest()
    persisted = {"version": 1, "sha256Hash": digest}
    known = {"hmac-signature": signature('{"query":"{ hello }"}'), "persistedQuery": persisted}
    with_text = {"query": "{ hello }", "extensions": known}
    assert (await bench.http.post("/graphql", json=with_text)).status_code == 200
    for payload in ('{"query":null}', "{}", '{"query":"{ hello }"}'):
        alone = {"hmac-signature": signature(payload), "persistedQuery": persisted}
        for body in ({"extensions": alone}, {"extensions": alone, "documentId": digest}):
            response = await bench.http.post("/graphql", json=body)
            assert (response.status_code, codes(response)) == (401, ["UNAUTHORIZED"])


CLOSED = ("/", "/metrics", "/assets/app.js", "/graphql")


@pytest.fixture
def dist(tmp_path: Path) -> str:
    (tmp_path / "assets").mkdir()
    for path in ("index.html", "assets/app.js", "assets/app-B7aXq3_Z.js"):
        (tmp_path / path).write_text("built")
    return str(tmp_path)


@pytest.mark.parametrize("path", CLOSED)
async def test_a_secret_closes_all_but_health(dist: str, path: str) -> None:
    headers = {"accept": "text/html"}
    async with running({"ROUTER_SECRET": SECRET, "WEB_DIST": dist}) as http:
        stranger = await http.get(path, headers=headers)
        assert (stranger.status_code, codes(stranger)) == (401, ["UNAUTHORIZED"])
        known = await http.get(path, headers={**headers, "router-authorization": SECRET})
        assert known.status_code == 200
        bearer = await http.get(path, headers={**headers, "authorization": f"Bearer {SECRET}"})
        assert bearer.status_code == (200 if path == "/metrics" else 401)
        wrong = await http.get(path, headers={**headers, "authorization": f"Bearer {OTHER}"})
        assert wrong.status_code == 401
        assert (await http.get("/health/live")).status_code == 200
        assert (await http.get("/health/ready")).status_code == 200
    async with running({"ROUTER_HMAC_SECRET": SECRET, "WEB_DIST": dist}) as http:
        # A key that signs is never sent, so nothing opens these.
        given = {**headers, "router-authorization": SECRET, "authorization": f"Bearer {SECRET}"}
        assert (await http.get(path, headers=given)).status_code == 401
    async with running({"WEB_DIST": dist}) as http:
        assert (await http.get(path, headers=headers)).status_code == 200


async def test_what_a_secret_closes_is_not_for_caches_of_many(dist: str) -> None:
    hashed = "/assets/app-B7aXq3_Z.js"
    rest = ", max-age=31536000, immutable"
    async with running({"ROUTER_SECRET": SECRET, "WEB_DIST": dist}) as http:
        known = await http.get(hashed, headers={"router-authorization": SECRET})
        assert known.headers["cache-control"] == f"private{rest}"
    async with running({"WEB_DIST": dist}) as http:
        assert (await http.get(hashed)).headers["cache-control"] == f"public{rest}"


SDL = "{ _service { sdl } }"
AROUND = "{ __typename ...F } fragment F on Query { a: _service { __typename } }"


@pytest.mark.parametrize("query", [SDL, AROUND])
@pytest.mark.parametrize(
    ("environ", "is_shown"),
    [
        ({}, True),
        ({"INTROSPECTION": "off"}, False),
        ({"INTROSPECTION": "off", "ROUTER_SECRET": SECRET}, True),
        ({"PROFILE": "supergraph"}, True),
        ({"PROFILE": "supergraph", "ROUTER_SECRET": SECRET}, True),
    ],
)
async def test_the_schema_is_shown_to_routers_and_where_introspection_is_on(
    environ: dict[str, str], is_shown: bool, query: str
) -> None:
    async with running(environ) as http:
        http.headers["router-authorization"] = SECRET
        response = await http.post("/graphql", json={"query": query})
        if is_shown:
            assert "errors" not in response.json()
        else:
            assert codes(response) == ["GRAPHQL_VALIDATION_FAILED"]


FIELD = "{ walet { id } }"
AT = 'wallet(address: "0x0000000000000000000000000000000000000001")'
LITERAL = f"{{ {AT} {{ positions(filter: {{ sid: ASSET }}) {{ totalCount }} }} }}"
VARIABLE = f"query ($f: PositionFilter) {{ {AT} {{ positions(filter: $f) {{ totalCount }} }} }}"


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (FIELD, {}),
        (LITERAL, {}),
        (LITERAL.replace("sid: ASSET", "side: ASSETS"), {}),
        (VARIABLE, {"f": {"sid": "ASSET"}}),
        (VARIABLE, {"f": {"side": "ASSETS"}}),
        ("{ wallet { idd } }", {}),
        ('{ wallet(adress: "x") { id } }', {}),
        ("{ sources }", {}),
        ("{ ... on Walet { id } }", {}),
    ],
)
@pytest.mark.parametrize("executor", ["stock", "compiled"])
async def test_no_name_is_suggested_where_introspection_is_off(
    query: str, variables: dict[str, object], executor: str
) -> None:
    environs: list[dict[str, str]] = [{}, {"INTROSPECTION": "off"}, {"PROFILE": "supergraph"}]
    seen = []
    for environ in environs:
        async with running({**environ, "EXECUTOR": executor}) as http:
            response = await http.post("/graphql", json={"query": query, "variables": variables})
            assert response.json()["errors"]
            seen.append("Did you mean" in response.text)
    assert seen == [True, False, False]
