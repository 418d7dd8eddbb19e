"""How long an answer may be kept, and by which tags a router can drop it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.caching import cache_control
from tests.server.harness import Bench


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


@given(st.floats(min_value=1, max_value=1e9))
def test_an_answer_is_never_kept_longer_than_it_is_fresh(seconds: float) -> None:
    value = cache_control(seconds, has_failed=False).decode()
    assert value == f"public, max-age={math.floor(seconds)}"


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
