"""Operations that ask too much are refused at once, whatever their shape; real ones pass."""

# ruff: noqa: E501  (queries are easier to read on one line)

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from graphql import GraphQLError, get_introspection_query, parse
from graphql import build_schema as build_graphql_schema
from hypothesis import given
from hypothesis import strategies as st

from schema import build_schema
from server.documents import Documents, Refused
from server.limits import Limits, Measure, measure
from server.sizes import Shapes, Sizes
from tests.server.harness import SCHEMA

GRAPH = build_schema()


def documents(schema: Any = SCHEMA, **limits: int) -> Documents:
    return Documents(schema, Limits(**limits), is_discreet=False, has_introspection=True)


def refusal(text: str, variables: dict[str, Any] | None = None, schema: Any = SCHEMA) -> str:
    """The code of the first error, with default limits."""
    with pytest.raises(Refused) as refused:
        documents(schema).prepare(text, None, variables or {})
    return str((refused.value.errors[0].extensions or {})["code"])


def measured(text: str, variables: dict[str, Any] | None = None, schema: Any = SCHEMA) -> Measure:
    document = parse(text)
    fragments: dict[str, Any] = {
        node.name.value: node  # type: ignore[attr-defined]
        for node in document.definitions
        if node.kind == "fragment_definition"
    }
    operation: Any = document.definitions[0]
    sizes = Sizes(Shapes(), operation, variables or {}, 1_000)
    return measure(schema._schema, operation, fragments, sizes, Limits(cost=10**15))


def fan_out(steps: int, field: str = "") -> str:
    """Fragments that each use the next one twice: 2^steps fields from a few hundred bytes."""
    spread = f"a: {field} {{ ...F%d }} b: {field} {{ ...F%d }}" if field else "...F%d ...F%d"
    chain = " ".join(
        f"fragment F{step} on Thing {{ {spread % (step + 1, step + 1)} }}" for step in range(steps)
    )
    return f"{{ dear {{ ...F0 }} }} {chain} fragment F{steps} on Thing {{ id }}"


ATTACKS: dict[str, tuple[str, set[str]]] = {
    "10k aliases of a plain field": (
        "{" + " ".join(f"a{n}: __typename" for n in range(10_000)) + "}",
        {"DOCUMENT_TOO_LARGE"},
    ),
    "101 aliases in a fragment": (
        "{ dear { ...F } } fragment F on Thing {" + " ".join(f"a{n}: id" for n in range(101)) + "}",
        {"TOO_MANY_ALIASES"},
    ),
    "aliases counted at each use of a fragment": (
        "{ a: dear { ...F } b: dear { ...F } c: dear { ...F } } fragment F on Thing {"
        + " ".join(f"a{n}: id" for n in range(40))
        + "}",
        {"TOO_MANY_ALIASES"},
    ),
    "10k duplicates": ("{" + "hello " * 10_000 + "}", {"DOCUMENT_TOO_LARGE"}),
    "4k duplicates": ("{" + "hello " * 2_900 + "}", {"OPERATION_TOO_LARGE"}),
    "5k spreads of one fragment": (
        "{" + "...F " * 1_100 + "} fragment F on Query { hello }",
        {"TOO_MANY_ROOT_FIELDS"},
    ),
    "100k tokens in a list": (
        "{ things(ids: [" + "1 " * 100_000 + "]) { id } }",
        {"DOCUMENT_TOO_LARGE"},
    ),
    "4k entries in a list": ("{ things(ids: [" + "1 " * 2_900 + "]) { id } }", {"LIST_TOO_LONG"}),
    "2 MB of commas": ("{ hello " + "," * 2_000_000 + "}", {"DOCUMENT_TOO_LARGE"}),
    "comments": ("{ hello }" + "#\n" * 10_000, {"DOCUMENT_TOO_LARGE"}),
    "block string": ('{ hello(name: """' + "\n" * 100_000 + '""") }', {"DOCUMENT_TOO_LARGE"}),
    "1 MB name": ("{ " + "a" * 1_000_000 + " }", {"DOCUMENT_TOO_LARGE"}),
    "nesting 16": (
        "{ dear" + " { parts" * 15 + " { id }" + "}" * 15 + " }",
        {"OPERATION_TOO_DEEP"},
    ),
    "nesting 150": (
        "{ dear" + " { parts" * 150 + "}" * 150 + " }",
        {"OPERATION_TOO_DEEP", "GRAPHQL_PARSE_FAILED"},
    ),
    "nesting 1000": ("{ dear" + " { parts" * 1000 + "}" * 1000 + " }", {"GRAPHQL_PARSE_FAILED"}),
    "inline nesting 190": (
        "{ " + "... {" * 190 + " hello " + "}" * 190 + " }",
        {"OPERATION_TOO_DEEP"},
    ),
    "fragment chain of 1000": (
        "{ ...F0 } "
        + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(1_000))
        + " fragment F1000 on Query { hello }",
        {"DOCUMENT_TOO_LARGE"},
    ),
    "61 definitions": (
        "{ hello } " + " ".join(f"fragment F{n} on Query {{ hello }}" for n in range(60)),
        {"DOCUMENT_TOO_LARGE"},
    ),
    "cycle": (
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        {"GRAPHQL_VALIDATION_FAILED"},
    ),
    "self-recursion": (
        "{ ...A } fragment A on Query { ...A hello }",
        {"GRAPHQL_VALIDATION_FAILED"},
    ),
    "unknown spread": ("{ ...Nobody }", {"GRAPHQL_VALIDATION_FAILED"}),
    "deep use of a fragment first seen shallow": (
        "{ a: dear { ...F } b: dear {" + "parts { " * 9 + "...F" + " }" * 9 + "} } "
        "fragment F on Thing {" + "parts { " * 9 + "id" + " }" * 9 + "}",
        {"OPERATION_TOO_DEEP"},
    ),
    "operation named __schema": (
        "query __schema { dear" + " { parts" * 15 + " { id }" + "}" * 15 + " }",
        {"OPERATION_TOO_DEEP"},
    ),
    "fragment named __schema": (
        "{ dear { ...__schema } } fragment __schema on Thing {"
        + "parts { " * 15
        + "id"
        + " }" * 15
        + "}",
        {"OPERATION_TOO_DEEP"},
    ),
    "fan-out 2^20": (fan_out(20), {"OPERATION_TOO_LARGE"}),
    "fan-out 2^50": (fan_out(50), {"OPERATION_TOO_LARGE"}),
    "fan-out through fields": (fan_out(10, "parts"), {"TOO_MANY_ALIASES", "OPERATION_TOO_LARGE"}),
    "overlap in inline fragments": (
        "{" + ' ... on Query { a: hello(name: "%s") }' * 200 % tuple(range(200)) + "}",
        {"TOO_MANY_ALIASES", "TOO_MANY_ROOT_FIELDS"},
    ),
    "overlap of 2k fields with other arguments": (
        "{ dear { few { " + " ".join(f"few(most: {n}) {{ id }}" for n in range(900)) + " } } }",
        {"GRAPHQL_VALIDATION_FAILED", "DOCUMENT_TOO_LARGE", "OPERATION_TOO_COSTLY"},
    ),
    "directives": ("{ hello " + "@include(if: true) " * 400 + "}", {"TOO_MANY_DIRECTIVES"}),
    "unknown directives": ("{ hello " + "@x " * 1_300 + "}", {"TOO_MANY_DIRECTIVES"}),
    "directives on the operation": (
        "query Q " + "@x " * 1_300 + "{ hello }",
        {"TOO_MANY_DIRECTIVES"},
    ),
    "variables": (
        "query (" + " ".join(f"$v{n}: Int" for n in range(1_600)) + ") { hello }",
        {"GRAPHQL_VALIDATION_FAILED", "DOCUMENT_TOO_LARGE"},
    ),
    "operations": (
        " ".join(f"query Q{n} {{ hello }}" for n in range(1_000)),
        {"DOCUMENT_TOO_LARGE"},
    ),
    "root fields": ("{" + "hello " * 51 + "}", {"TOO_MANY_ROOT_FIELDS"}),
    "unknown fields": (
        "{ dear {" + " ".join(f"f{n}" for n in range(1_900)) + "} }",
        {"GRAPHQL_VALIDATION_FAILED"},
    ),
    "lists in lists": (
        "{ dear { things(first: 50) { nodes { things(first: 50) { nodes { things(first: 50) "
        "{ nodes { things(first: 50) { nodes { id } } } } } } } } } }",
        {"OPERATION_TOO_COSTLY"},
    ),
    "a page of 10^30": (
        "{ dear { things(first: 1000000000000000000000000000000) { nodes { id } } } }",
        {"OPERATION_TOO_COSTLY"},
    ),
    "circular introspection": (
        "{ __schema { types { fields { type { fields { type { fields { type { name }}}}}}}}}",
        {"GRAPHQL_VALIDATION_FAILED"},
    ),
    "introspection many times": (
        "{"
        + " ".join(
            f"a{n}: __schema {{ types {{ fields {{ args {{ type {{ name }} }} }} }} }}"
            for n in range(45)
        )
        + "}",
        {"OPERATION_TOO_COSTLY"},
    ),
    "number without end": (
        "{ slow(seconds: " + "1" * 10_000 + ", x: 1) }",
        {"GRAPHQL_VALIDATION_FAILED"},
    ),
}


class Count:
    """How often a function was called: what work comes to on a machine of any speed."""

    calls = 0

    def __call__(self, frame: object, event: str, argument: object) -> None:
        self.calls += event in ("call", "c_call")


@contextmanager
def counting() -> Iterator[Count]:
    count = Count()
    # The collector calls functions, too.
    gc.disable()
    sys.setprofile(count)
    try:
        yield count
    finally:
        sys.setprofile(None)
        gc.enable()


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_at_once(name: str) -> None:
    text, expected = ATTACKS[name]
    made = documents()
    with pytest.raises(Refused) as refused, counting() as count:
        made.prepare(text, None, {})
    codes = {str((error.extensions or {}).get("code")) for error in refused.value.errors}
    assert codes <= expected
    assert len(refused.value.errors) <= 5
    assert "recursion" not in str(refused.value)
    # Its work is in proportion to its length; the longest takes 30 ms.
    assert count.calls <= 10_000 + 50 * len(text)


def test_fan_out_takes_work_in_proportion_to_its_length() -> None:
    limits = Limits(fields=10**18, aliases=10**18, definitions=400, cost=10**18)
    measured_fields = []
    calls = []
    for steps in (10, 20, 40):
        document = parse(fan_out(steps))
        operation: Any = document.definitions[0]
        fragments: Any = {node.name.value: node for node in document.definitions[1:]}  # type: ignore[attr-defined]
        sizes = Sizes(Shapes(), operation, {}, 1_000)
        with counting() as count:
            found = measure(SCHEMA._schema, operation, fragments, sizes, limits)
        measured_fields.append(found.fields)
        calls.append(count.calls)
    assert measured_fields == [1 + 2**10, 1 + 2**20, 1 + 2**40]
    assert calls[2] - calls[1] == 2 * (calls[1] - calls[0]) > 0


def test_introspection_is_exempt_by_field_from_depth_alone() -> None:
    text = get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )
    for schema in (SCHEMA, GRAPH):
        prepared, _ = documents(schema).prepare(text, "IntrospectionQuery", {})
        assert list(prepared.operations) == ["IntrospectionQuery"]
    inside = '{ __type(name: "Query") { ' + "ofType { " * 20 + "name" + " }" * 20 + " } }"
    documents().prepare(inside, None, {})


POSITION = """
fragment Tokens on TokenBalance { amount priceUsd valueUsd token { id chainId address symbol name } }
fragment Row on Position {
  id chainId contractAddress side status valueUsd
  protocol { type group { id name iconUrl } subGroup { id name } }
  underlyingTokens { ...Tokens } rewardTokens { ...Tokens }
}
"""


def test_what_clients_and_gateways_really_ask_passes() -> None:
    known = documents(GRAPH)
    page = "{ pageInfo { hasNextPage endCursor } totalCount totalValueUsd edges { cursor node { ...Row } } }"
    wide = f"query ($a: String!, $n: Int) {{ wallet(address: $a) {{ id positions(first: $n) {page} }} }}"
    known.prepare(wide + POSITION, None, {"a": "0x0", "n": 1000})
    batch = (
        "query ($a: [String!]!, $n: Int) { wallets(addresses: $a) "
        f"{{ id positions(first: $n) {page} }} }}"
    )
    for size in (10, 50):
        known.prepare(batch + POSITION, None, {"a": ["0x0"] * 100, "n": size})
    entities = " ".join(
        f"_v{n}_e: _entities(representations: $r) {{ __typename ... on Wallet {{ id positions(first: 10) "
        "{ nodes { id valueUsd protocol { type } } } } }"
        for n in range(12)
    )
    representations = [{"__typename": "Wallet", "address": "0x0"}] * 20
    known.prepare(f"query ($r: [_Any!]!) {{ {entities} }}", None, {"r": representations})
    with pytest.raises(Refused):
        known.prepare(batch + POSITION, None, {"a": ["0x0"] * 100, "n": 1000})


@pytest.mark.parametrize(("aliases", "entries"), [(5, 1_000), (40, 125), (1, 1_000)])
def test_representations_are_counted_over_all_aliases(aliases: int, entries: int) -> None:
    one = "_entities(representations: $r) { ... on Wallet { id } }"
    text = "query ($r: [_Any!]!) { %s } fragment E on Query { %s }"
    direct = text % (
        " ".join(f"a{n}: {one}" for n in range(aliases)) + " ...E",
        "hello: __typename",
    )
    representations = [{"__typename": "Wallet", "address": "0x0"}] * entries
    documents(GRAPH).prepare(direct, None, {"r": representations})

    beyond = text % (
        " ".join(f"a{n}: {one}" for n in range(aliases - 1)) + " ...E",
        f"b: {one} c: {one}",
    )
    with pytest.raises(Refused) as refused:
        documents(GRAPH, representations=aliases * entries).prepare(
            beyond, None, {"r": representations}
        )
    (error,) = refused.value.errors
    assert error.extensions == {"code": "LIST_TOO_LONG"}
    assert f"has {(aliases + 1) * entries} representations" in error.message


@pytest.mark.parametrize(
    ("text", "variables", "cost"),
    [
        ("{ hello }", {}, 0),
        ("{ dear { id } }", {}, 1000),
        ("{ thing(id: 1) { id } }", {}, 1),
        ("{ things(ids: [1, 2, 3]) { id } }", {}, 3),
        ("{ things(ids: 1) { id } }", {}, 1),
        ("query ($i: [ID!]!) { things(ids: $i) { id } }", {"i": [1, 2, 3, 4]}, 4),
        ("query ($i: [ID!]!) { things(ids: $i) { id } }", {"i": 77}, 1),
        ("query ($i: [ID!]! = [1, 2]) { things(ids: $i) { id } }", {}, 2),
        ("{ thing(id: 1) { things { nodes { id } } } }", {}, 52),
        ("{ thing(id: 1) { things(first: 7) { nodes { id } } } }", {}, 9),
        ("{ thing(id: 1) { things(first: 2, last: 7) { nodes { id } } } }", {}, 9),
        ("{ thing(id: 1) { things(first: 0) { nodes { id } } } }", {}, 2),
        ("query ($n: Int) { thing(id: 1) { things(first: $n) { nodes { id } } } }", {"n": 8}, 10),
        ("query ($n: Int) { thing(id: 1) { things(first: $n) { nodes { id } } } }", {"n": 8.0}, 10),
        ("query ($n: Int = 9) { thing(id: 1) { things(first: $n) { nodes { id } } } }", {}, 11),
        ("query ($n: Int) { thing(id: 1) { things(first: $n) { nodes { id } } } }", {"n": "x"}, 52),
        (
            "query ($n: Int) { thing(id: 1) { things(first: $n) { nodes { id } } } }",
            {"n": True},
            52,
        ),
        (
            "{ thing(id: 1) { things(first: 3) { ...F } } } fragment F on ThingConnection { nodes { id } }",
            {},
            5,
        ),
        ("{ thing(id: 1) { parts { id } } }", {}, 6),
        ("{ thing(id: 1) { few { id } } }", {}, 4),
        ("{ thing(id: 1) { few(most: 6) { id } } }", {}, 7),
        ("query ($n: Int) { thing(id: 1) { few(most: $n) { id } } }", {"n": 10.0**30}, 10**9 + 1),
        ("query ($n: Int) { thing(id: 1) { few(most: $n) { id } } }", {"n": float("nan")}, 4),
        ("query ($n: Int) { thing(id: 1) { few(most: $n) { id } } }", {"n": -5}, 1),
        ("{ thing(id: 1) { things(first: null) { nodes { id } } } }", {}, 52),
        ("{ thing(id: 1) { unknown { id } } }", {}, 2),
    ],
)
def test_cost_counts_the_objects_an_answer_can_hold(
    text: str, variables: dict[str, Any], cost: int
) -> None:
    assert measured(text, variables).cost == cost


@pytest.mark.parametrize(
    ("arguments", "variables", "weight"),
    [
        ("first: 0", {}, 10),
        ("first: 0, chainId: 1", {}, 10),
        ("first: 0, filter: {locked: true}", {}, 20),
        ("first: 0, filter: {locked: true}, orderBy: {field: NAME}", {}, 30),
        ("first: 0, filter: null, orderBy: null", {}, 10),
        ("first: 0, filter: $f, orderBy: $o", {}, 10),
        ("first: 0, filter: $f, orderBy: $o", {"f": None, "o": {"field": "NAME"}}, 20),
        ("first: 0, filter: $f, orderBy: $o", {"f": {}, "o": {}}, 30),
        ("first: 0, filter: $d", {}, 20),
    ],
)
def test_arguments_that_make_work_have_their_price(
    arguments: str, variables: dict[str, Any], weight: int
) -> None:
    text = (
        "query ($f: PositionFilter, $o: PositionOrder, $d: PositionFilter = {}) "
        f'{{ wallet(address: "0x0") {{ positions({arguments}) {{ totalCount }} }} }}'
    )
    assert measured(text, variables, GRAPH).cost == 1 + weight


@pytest.mark.parametrize(("values", "cost"), [(1, 3), (9, 3), (10, 6), (19, 6), (20, 9), (100, 33)])
def test_an_object_of_many_values_costs_as_much_as_several(values: int, cost: int) -> None:
    names = " ".join(f"a{n}: id" for n in range(values - values // 2))
    more = " ".join(f"b{n}: id" for n in range(values // 2))
    text = f"{{ things(ids: [1, 2, 3]) {{ {names} ...F }} }} fragment F on Thing {{ {more or '__typename'} }}"
    if values == 1:
        text = "{ things(ids: [1, 2, 3]) { id } }"
    assert measured(text).cost == cost


@pytest.mark.parametrize(
    ("page", "entries"), [("", 50), ("(first: 7)", 7), ("(last: 3)", 3), ("(first: 1000)", 1000)]
)
@pytest.mark.parametrize("rows", ["edges { node { id } }", "nodes { id }"])
def test_a_page_costs_what_is_asked_for_whatever_routers_assume(
    page: str, entries: int, rows: str
) -> None:
    text = f'{{ wallet(address: "0x0") {{ positions{page} {{ {rows} }} }} }}'
    each = 2 if "edges" in rows else 1

    # The wallet is one object, its positions cost ten.
    assert measured(text, schema=GRAPH).cost == 11 + entries * each


@pytest.mark.parametrize(
    ("default", "cost"), [("", 51), (" = 4", 5), (" = null", 51), (" = 1000000000", 10**9 + 1)]
)
def test_defaults_are_read_from_schemas_of_any_make(default: str, cost: int) -> None:
    schema = build_graphql_schema(
        f"type Query {{ all(first: Int{default}): All }} type All {{ nodes: [All!]! id: ID }}"
    )
    operation: Any = parse("{ all { nodes { id } } }").definitions[0]
    sizes = Sizes(Shapes(), operation, {}, 1_000)
    assert measure(schema, operation, {}, sizes, Limits(cost=10**15)).cost == cost


def test_one_document_with_other_sizes_is_measured_again() -> None:
    known = documents()
    text = "query ($n: Int) { dear { things(first: $n) { nodes { parts { id } } } } }"
    known.prepare(text, None, {"n": 10})
    known.prepare(text, None, {"n": 10})
    with pytest.raises(Refused) as refused:
        known.prepare(text, None, {"n": 10**6})
    assert refused.value.errors[0].extensions == {"code": "OPERATION_TOO_COSTLY"}
    for size in range(100):
        known.prepare(text, None, {"n": size})
    assert len(known) == 1


def test_a_document_in_wide_characters_is_measured_in_bytes() -> None:
    text = '{ hello(name: "' + "\U0001f600" * 9_000 + '") }'
    assert refusal(text) == "DOCUMENT_TOO_LARGE"


@st.composite
def selections(draw: st.DrawFn, depth: int = 3) -> str:
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.integers(0, 3))
        if kind == 0 or depth == 0:
            parts.append(draw(st.sampled_from(["id", "a: name", "name @skip(if: false)"])))
        elif kind == 1:
            parts.append(f"parts {{ {draw(selections(depth - 1))} }}")
        elif kind == 2:
            parts.append(f"... on Thing {{ {draw(selections(depth - 1))} }}")
        else:
            parts.append(f"...F{draw(st.integers(0, 2))}")
    return " ".join(parts)


@given(st.lists(selections(), min_size=4, max_size=4))
def test_a_measure_with_fragments_is_that_of_the_document_spread_out(parts: list[str]) -> None:
    """F0 may use F1 and F2, F1 only F2; the naive expansion has the same measure."""
    bodies = [parts[0], parts[1], parts[2], parts[3]]
    for index, body in enumerate(bodies[1:]):
        for other in range(3):
            if other <= index:
                body = body.replace(f"...F{other}", "id")
        bodies[index + 1] = body
    text = f"{{ dear {{ {bodies[0]} }} }}" + "".join(
        f" fragment F{index} on Thing {{ {body} }}" for index, body in enumerate(bodies[1:])
    )
    spread = bodies[0]
    for index, body in enumerate(bodies[1:]):
        spread = spread.replace(f"...F{index}", f"... on Thing {{ {body} }}")
    whole = f"{{ dear {{ {spread} }} }}"
    assert verdict(text) == verdict(whole)


def verdict(text: str) -> object:
    """The operation's measure, or why it has none."""
    try:
        return measured(text)
    except GraphQLError as error:
        return error.extensions


@pytest.mark.parametrize(
    ("limit", "most", "text", "code"),
    [
        ("tokens", 4, "{ hello price }", "DOCUMENT_TOO_LARGE"),
        ("comments", 2, "{ hello #a\n#b\n }", "DOCUMENT_TOO_LARGE"),
        ("definitions", 3, "{ ...A ...B } fragment A on Query { hello } fragment B on Query { price }", "DOCUMENT_TOO_LARGE"),
        ("depth", 4, "{ dear { parts { parts { id } } } }", "OPERATION_TOO_DEEP"),
        ("fields", 4, "{ hello dear { id name } }", "OPERATION_TOO_LARGE"),
        ("aliases", 3, "{ a: hello b: price dear { c: id } }", "TOO_MANY_ALIASES"),
        ("root_fields", 3, "{ hello price dear { id name } }", "TOO_MANY_ROOT_FIELDS"),
        ("directives", 2, "{ hello @skip(if: false) dear { id @include(if: true) } }", "TOO_MANY_DIRECTIVES"),
        ("list_entries", 3, "{ things(ids: [1, 2, 3]) { id } }", "LIST_TOO_LONG"),
        ("cost", 1_005, "{ dear { id parts { id } } hello }", "OPERATION_TOO_COSTLY"),
    ],
)  # fmt: skip
def test_what_a_limit_names_is_allowed_and_one_more_is_not(
    limit: str, most: int, text: str, code: str
) -> None:
    documents(**{limit: most}).prepare(text, None, {})
    with pytest.raises(Refused) as refused:
        documents(**{limit: most - 1}).prepare(text, None, {})
    assert (refused.value.errors[0].extensions or {})["code"] == code


@pytest.mark.parametrize(("sets", "is_allowed"), [(59, True), (60, False)])
def test_selection_sets_without_fields_nest_so_deep(sets: int, is_allowed: bool) -> None:
    text = "{ " + "... { " * sets + "hello" + " }" * sets + " }"
    if is_allowed:
        documents().prepare(text, None, {})
    else:
        assert refusal(text) == "OPERATION_TOO_DEEP"
