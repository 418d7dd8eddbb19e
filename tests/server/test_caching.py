"""How long an answer may be kept, and by which tags a router can drop it."""

import json
import math

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.caching import cache_control
from tests.server.harness import Bench, running


@pytest.mark.parametrize(
    ("query", "control"),
    [
        ("{ aged(seconds: 30) }", "public, max-age=30"),
        ("{ aged(seconds: 29.9) }", "public, max-age=29"),
        ("{ aged(seconds: 0.5) }", "no-store"),
        ("{ aged(seconds: 30) coded }", "no-store"),
        ("{ hello }", "no-store"),
    ],
)
async def test_an_answer_is_kept_as_long_as_all_in_it_is_fresh(query: str, control: str) -> None:
    response = await Bench().post(query)
    assert response.status_code == 200
    assert response.headers.get_list("cache-control") == [control]


@given(st.floats(min_value=1, max_value=1e9), st.booleans())
def test_an_answer_is_never_kept_longer_than_it_is_fresh(seconds: float, is_public: bool) -> None:
    value = cache_control(seconds, has_failed=False, is_public=is_public).decode()
    assert value == f"{'public' if is_public else 'private'}, max-age={math.floor(seconds)}"


SECRET = "s" * 32
WALLET = (
    '{ wallet(address: "0xd8da6bf26964af9d7eed9e03e53415d37aa96045") { positions { totalCount } } '
)
UNKNOWN = {"extensions": '{"persistedQuery": {"version": 1, "sha256Hash": "%s"}}' % ("0" * 64)}
PREFLIGHT = {"origin": "http://localhost", "access-control-request-method": "POST"}

# What is asked, over GET and POST alike where both make sense, and whether it is to be kept.
KINDS: list[tuple[str, str, dict[str, str], bool]] = [
    ("GET POST", "/graphql", {"query": WALLET + "}"}, True),
    ("GET POST", "/graphql", {"query": WALLET + "sources { calls } }"}, False),
    ("GET POST", "/graphql", {"query": WALLET + "other: sources { ...S } } fragment S on Source"
     " { name }"}, False),
    ("GET POST", "/graphql", {"query": "{ __typename }"}, False),
    ("GET POST", "/graphql", {"query": '{ wallet(address: "nobody") { id } }'}, False),
    ("GET POST", "/graphql", {"query": "{"}, False),
    ("GET POST", "/graphql", {"query": "{ nothing }"}, False),
    ("GET POST", "/graphql", {"query": "subscription { nothing }"}, False),
    ("GET POST", "/graphql", {"query": "query ($a: Int!) { token(chainId: $a, address: \"x\")"
     " { id } }"}, False),
    ("GET POST", "/graphql", {}, False),
    ("GET POST", "/graphql", UNKNOWN, False),
    ("PUT OPTIONS", "/graphql", {}, False),
    ("GET POST PUT OPTIONS", "/nowhere", {}, False),
    ("GET HEAD POST", "/health/live", {}, False),
    ("GET HEAD POST", "/health/ready", {}, False),
    ("GET HEAD POST", "/metrics", {}, False),
]  # fmt: skip


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
@pytest.mark.parametrize(("methods", "path", "asked", "is_kept"), KINDS)
async def test_only_whole_answers_with_an_age_may_be_kept(
    methods: str, path: str, asked: dict[str, str], is_kept: bool, accept: str
) -> None:
    for secret, kept in (("", "public, max-age="), (SECRET, "private, max-age=")):
        async with running({"ROUTER_SECRET": secret}) as http:
            http.headers = httpx.Headers({"accept": accept, "router-authorization": secret})
            for method in methods.split():
                response = await _ask(http, method, path, asked)
                controls = response.headers.get_list("cache-control")
                if is_kept:
                    assert [control[: len(kept)] for control in controls] == [kept]
                else:
                    assert controls == ["no-store"]


async def _ask(
    http: httpx.AsyncClient, method: str, path: str, asked: dict[str, str]
) -> httpx.Response:
    if method != "POST":
        headers = {"apollo-require-preflight": "1"}
        return await http.request(method, path, params=asked, headers=headers)
    body = {
        name: json.loads(text) if name == "extensions" else text for name, text in asked.items()
    }
    return await http.post(path, json=body)


async def test_refusals_before_the_endpoint_must_not_be_kept() -> None:
    bench = Bench(most_in_flight=0, secrets=[SECRET])
    closed = await Bench(secrets=[SECRET]).post("{ aged(seconds: 30) }")
    full = await bench.post("{ hello }")
    asked = await bench.http.options("/graphql", headers=PREFLIGHT)
    refused = await bench.http.options("/graphql", headers={**PREFLIGHT, "origin": "http://x"})
    found = (closed, full, asked, refused)
    assert [response.status_code for response in found] == [401, 503, 200, 403]
    for response in found:
        assert response.headers.get_list("cache-control") == ["no-store"]


async def test_what_is_shown_to_who_knows_the_secret_is_not_for_caches_of_many() -> None:
    bench = Bench(secrets=[SECRET])
    bench.http.headers["router-authorization"] = SECRET
    response = await bench.post("{ aged(seconds: 30) }")
    assert response.headers["cache-control"] == "private, max-age=30"


ENTITIES = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Thing { id } } }"
REPRESENTATIONS = [
    {"__typename": "Thing", "id": "1", "more": {"not": "a key"}},
    {"__typename": "Thing", "id": "2"},
]


async def test_entities_carry_a_list_of_tags_each_in_order() -> None:
    bench = Bench(has_entity_tags=True)
    response = await bench.post(ENTITIES, {"r": REPRESENTATIONS})
    assert response.json()["extensions"] == {
        "apolloEntityCacheTags": [["Thing:id=1"], ["Thing:id=2"]]
    }
    literal = await bench.post(
        '{ _entities(representations: [{__typename: "Thing", id: "3"}]) { __typename } }'
    )
    assert literal.json()["extensions"] == {"apolloEntityCacheTags": [["Thing:id=3"]]}
    single = await bench.post(ENTITIES, {"r": REPRESENTATIONS[1]})
    assert single.json()["extensions"] == {"apolloEntityCacheTags": [["Thing:id=2"]]}


async def test_what_is_no_entity_has_no_tags() -> None:
    bench = Bench(has_entity_tags=True)
    twice = ENTITIES.replace("_entities", "a: _entities").replace(
        ") {", ") { hello b: _entities(representations: $r) { __typename }", 1
    )
    for query, variables in (("{ hello }", {}), (twice, {"r": REPRESENTATIONS})):
        assert "extensions" not in (await bench.post(query, variables)).json()
    off = await Bench().post(ENTITIES, {"r": REPRESENTATIONS})
    assert "extensions" not in off.json()


async def test_a_representation_that_names_nothing_has_an_empty_list() -> None:
    query = '{ _entities(representations: [7, {id: "1"}]) { __typename } }'
    response = await Bench(has_entity_tags=True).post(query)
    assert response.json()["extensions"] == {"apolloEntityCacheTags": [[], []]}
