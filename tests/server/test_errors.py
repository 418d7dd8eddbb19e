"""What a client reads of its own mistakes: GraphQL and JSON, never Python."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import readable
from tests.server.harness import Bench, running

PYTHON = re.compile(
    r"None|True|False|\{'|\['|: '|Undefined|mapping|iterable|<class|<[A-Z]\w+\.|\\x"
)

WALLET = 'wallet(address: "0x0000000000000000000000000000000000000001")'


def asked(kind: str, argument: str) -> str:
    return f"query ($v: {kind}) {{ {WALLET} {{ positions({argument}) {{ totalCount }} }} }}"


FILTER = asked("PositionFilter", "filter: $v")
TYPES = asked("[String!]", "filter: { protocolTypes: $v }")
SIDE = asked("PositionSide", "filter: { side: $v }")
FIRST = asked("Int", "first: $v")
AT = asked("DateTime", "at: $v")
MANY = {"side": "ASSET", "x": {"deep": [1, {"deeper": None}]}, **{f"k{n}": True for n in range(20)}}


@pytest.mark.parametrize(
    ("query", "value", "end"),
    [
        (TYPES, [None], "Expected value of non-null type 'String!' not to be null."),
        (TYPES, True, "String cannot represent a non string value: true"),
        (TYPES, [{"a": None}], 'String cannot represent a non string value: {"a": null}'),
        (FIRST, True, "Int cannot represent non-integer value: true"),
        (FIRST, 1e99, "Int cannot represent non 32-bit signed integer value: 1e+99"),
        (FIRST, "1", 'Int cannot represent non-integer value: "1"'),
        (FIRST, [None], "Int cannot represent non-integer value: [null]"),
        (SIDE, False, "Enum 'PositionSide' cannot represent non-string value: false."),
        (FILTER, [], "Expected value of type 'PositionFilter' to be an object, found: []."),
        (FILTER, "x'\"", 'found: "x\'\\"".'),
        (
            FILTER,
            {"side": "ASSET", "x": 1},
            """not to include unknown field 'x', found: {"side": "ASSET", "x": 1}.""",
        ),
        (FILTER, {"statusIn": [None]}, None),
        (FILTER, MANY, None),
        (AT, None, None),
        (AT, {"a": None}, None),
    ],
)
async def test_a_wrong_variable_is_shown_as_it_was_sent(
    query: str, value: object, end: str | None
) -> None:
    async with running({"INTROSPECTION": "off"}) as http:
        response = await http.post("/graphql", json={"query": query, "variables": {"v": value}})
    for error in response.json().get("errors", ()):
        assert not PYTHON.search(error["message"])
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
    if end is not None:
        assert response.json()["errors"][0]["message"].endswith(end)


@pytest.mark.parametrize(
    "query",
    [
        f"{{ {WALLET} {{ positions(filter: null, first: [null]) {{ totalCount }} }} }}",
        f"{{ {WALLET} {{ positions(filter: {{ side: true, x: 1 }}) {{ totalCount }} }} }}",
        f"{{ {WALLET} {{ positions(filter: {{ protocolTypes: [null] }}) {{ totalCount }} }} }}",
        "{ wallet(address: null) { id } }",
        "{ wallets(addresses: [null]) { id } }",
        "query ($a: String! = null) { wallet(address: $a) { id } }",
        "query ($a: [String!]! = [null, 1]) { wallets(addresses: $a) { id } }",
        "query ($a: String) { wallet(address: $a) { id } }",
        '{ token(chainId: true, address: "x") { id } }',
        "{ algorandAsset(assetId: {a: null}) { id } }",
        "{ node(id: [true]) { id } }",
        '{ node(id: "\u00fc\u0001\'") { id } }',
        '{ wallet(address: "\u00fc\u0001\'") { id } }',
        '{ _entities(representations: [null, true, {__typename: null}, {__typename: "\u00fc"}])'
        " { __typename } }",
    ],
)
async def test_a_wrong_document_is_told_in_its_own_language(query: str) -> None:
    async with running() as http:
        response = await http.post("/graphql", json={"query": query, "variables": {"a": None}})
    errors = response.json()["errors"]
    assert errors
    for error in errors:
        assert not PYTHON.search(error["message"])
        assert error["extensions"]["code"] != "INTERNAL"


async def test_a_value_of_ours_that_does_not_fit_is_no_business_of_the_clients() -> None:
    response = await Bench().post("{ wide }")
    assert response.json()["errors"][0]["message"] == "Internal error"


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=10) | st.dictionaries(st.text(), inner, max_size=10),
    max_leaves=30,
)  # fmt: skip


@given(JSON)
def test_what_is_shown_of_a_value_is_json_and_short(value: Any) -> None:
    shown = readable(value)
    assert len(shown) < 500_000
    if "..." not in shown:
        assert json.loads(shown) == value


def test_long_and_deep_values_are_cut() -> None:
    assert readable("a" * 100_000) == '"' + "a" * 80 + '..."'
    assert readable([[[[1]]]]) == "[[[...]]]"
    assert readable({"a": {"b": {"c": 1}}, "d": {}}) == '{"a": {"b": {...}}, "d": {}}'
    assert readable(list(range(1_000))) == "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ...]"
    assert readable(object()) == "a value that is not JSON"
