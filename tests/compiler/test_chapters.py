"""What the compiled executor answers, chapter by chapter of the specification.

Each operation runs on the stock executor and on the compiled one in all its modes; the expected
answer is written out as well.
"""

from typing import Any

import pytest

from tests.compiler.compare import EXECUTORS, Outcome, as_pairs, compare
from tests.compiler.nasty import Context, build
from tests.compiler.queries import Operation

stock = build()
compiled = [build(executor) for executor in EXECUTORS]


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL", logger="strawberry.execution")


async def same(text: str, **variables: Any) -> Outcome:
    return await compare(stock, compiled, Operation(text, variables), Context)


def places(outcome: Outcome) -> list[tuple[str, Any]]:
    return [(message, path) for message, path, *_ in outcome.errors]


class TestNulls:
    async def test_an_error_in_a_nullable_field_stays_there(self) -> None:
        got = await same("{ node(seed: 2) { text id } }")

        assert got.data == as_pairs({"node": {"text": None, "id": "N2"}})
        assert places(got) == [('String cannot represent value: ["no"]', ["node", "text"])]

    async def test_an_error_in_a_non_null_field_empties_the_parent(self) -> None:
        got = await same("{ node(seed: 5) { id shout } a: node { id } }")

        assert got.data == as_pairs({"node": None, "a": {"id": "N1"}})
        assert got.errors[0][:4] == ("shout 5", ["node", "shout"], [(1, 22)], {"code": "RUDE"})

    async def test_null_goes_up_through_lists_to_the_nearest_nullable(self) -> None:
        got = await same("{ node(seed: 3) { solidChildren { shout } grid { shout } } }")

        assert got.data == as_pairs({"node": None})
        assert places(got)[0][1] == ["node", "solidChildren", 2, "shout"]

    async def test_null_reaches_data(self) -> None:
        got = await same("{ solidNode(seed: 5) { shout } node { id } }")

        assert got.data == as_pairs(None)
        assert places(got) == [("shout 5", ["solidNode", "shout"])]

    async def test_a_later_error_below_a_nulled_place_is_not_reported(self) -> None:
        got = await same("{ node(seed: 5) { slow friend { slowSolid } shout } slowNode { slow } }")

        assert places(got) == [("shout 5", ["node", "shout"])]
        assert got.data[0] == ("node", as_pairs(None))

    async def test_items_that_are_exceptions_are_errors_at_their_index(self) -> None:
        got = await same("{ node(seed: 7) { children { id } } }")

        assert got.data == as_pairs({"node": {"children": [None, None, {"id": "N9"}]}})
        assert places(got) == [("kid 7", ["node", "children", 0])]


class TestMerging:
    async def test_the_same_key_merges_its_selections(self) -> None:
        got = await same("{ a: node { id } ...F a: node { ... on Node { big } } }"
                         " fragment F on Query { a: node { mood id } }")  # fmt: skip

        assert got.data == as_pairs({"a": {"id": "N1", "mood": "CALM", "big": "1000000000000"}})

    async def test_an_error_names_all_places_of_its_key(self) -> None:
        got = await same("{ node(seed: 2) { text ...F } } fragment F on Node { text }")

        assert got.errors[0][2] == [(1, 19), (1, 54)]

    async def test_info_sees_all_nodes(self) -> None:
        got = await same("{ nodes(count: 1) { place ...F } } fragment F on Node { place }")

        assert got.data == as_pairs({"nodes": [{"place": "['nodes', 0, 'place'] Node String 2"}]})


class TestVariables:
    TEXT = """query Q($n: Int! = 4, $t: String, $f: Filter) {
        node(seed: 2) { echo(n: $n, text: $t, mood: CALM, filter: $f) } }"""

    async def test_defaults_stand_in_for_what_is_not_given(self) -> None:
        got = await same(self.TEXT)

        assert got.data == as_pairs({"node": {"echo": "2 4 'dflt' Mood.CALM None None"}})

    async def test_null_is_a_value(self) -> None:
        got = await same(self.TEXT, t=None, f={"least": 2, "moods": ["CROSS"]})

        assert "None Mood.CALM None Filter(least=2" in str(got.data)

    async def test_a_bad_variable_is_a_request_error(self) -> None:
        got = await same(self.TEXT, n="x")

        assert got.data == as_pairs(None)
        assert places(got)[0][1] is None

    async def test_arguments_are_coerced_for_every_run(self) -> None:
        for n in (1, 2, 1):
            got = await same(self.TEXT, n=n, t="x")
            assert got.data == as_pairs({"node": {"echo": f"2 {n} 'x' Mood.CALM None None"}})


class TestDirectives:
    TEXT = """query Q($a: Boolean!, $b: Boolean = true) {
        node { id @skip(if: $a) ...F @include(if: $b) } } fragment F on Node { big }"""

    @pytest.mark.parametrize(
        ("a", "b", "keys"),
        [
            (True, True, ["big"]),
            (False, True, ["id", "big"]),
            (False, False, ["id"]),
            (True, False, []),
        ],
    )
    async def test_the_plan_follows_the_variables(self, a: bool, b: bool, keys: list[str]) -> None:
        got = await same(self.TEXT, a=a, b=b)

        assert [key for key, _ in got.data[0][1]] == keys

    async def test_null_for_a_condition_is_left_to_the_stock_executor(self) -> None:
        got = await same(self.TEXT, a=False, b=None)

        assert len(got.errors) == 1


class TestAbstractTypes:
    async def test_is_type_of_decides_sync_or_async(self) -> None:
        got = await same(
            "{ node(seed: 0) { things { __typename label ... on Rock { count text }"
            " ... on Plant { ratio } } thing { __typename } } }"
        )

        rock = {"__typename": "Rock", "label": "x", "count": 1, "text": "text 0"}
        plant = {"__typename": "Plant", "label": "v", "ratio": 0.5}
        assert got.data == as_pairs(
            {"node": {"things": [rock, plant], "thing": {"__typename": "Rock"}}}
        )

    async def test_a_value_of_no_type_is_an_error(self) -> None:
        got = await same("{ node(seed: 7) { thing { label } id } }")

        assert got.data == as_pairs({"node": {"thing": None, "id": "N7"}})
        assert "must resolve to an Object type" in places(got)[0][0]

    async def test_is_type_of_guards_concrete_types(self) -> None:
        got = await same("{ nodes(first: 1, count: 4) { rock { label } plant { label } } }")

        assert any("Expected value of type 'Rock' but got" in message for message, _ in places(got))

    async def test_a_union_is_told_apart(self) -> None:
        got = await same("{ node(seed: 4) { odds { __typename ... on Note { seed } } } }")

        assert ("__typename", as_pairs("Rock")) in got.data[0][1][0][1][1]


class TestEntities:
    TEXT = """query Q($r: [_Any!]!) { _entities(representations: $r) {
        __typename ... on Entity { seed text } } _service { sdl } }"""

    async def test_each_representation_is_answered_at_its_index(self) -> None:
        given = [{"__typename": "Entity", "seed": seed} for seed in (0, 1, 2, 3, 8, 7)]
        got = await same(self.TEXT, r=given)

        paths = [path for _, path in places(got)]
        assert ["_entities", 1] in paths
        assert got.log == [("nodes", (0, 3, 8, 7))]

    async def test_exceptions_null_their_own_item(self) -> None:
        given = [{"__typename": "Entity", "seed": 1}, {"__typename": "Entity", "seed": 0}]
        got = await same(self.TEXT, r=given)

        assert got.errors[0][:2] == ("entity 1", ["_entities", 0])
        assert got.errors[0][3] == {"code": "RUDE"}


class TestAsync:
    async def test_fields_of_one_level_share_a_batch(self) -> None:
        got = await same("{ nodes(first: 1, count: 3) { id slow friend { id slow } } }")

        assert got.log[0] == ("texts", (1, 2, 3))
        assert got.log[1] == ("nodes", (6, 7, 8))

    async def test_an_awaitable_from_a_sync_resolver_is_awaited(self) -> None:
        got = await same("{ nodes(count: 7) { sneaky id later } }")

        assert got.log[0][0] == "texts"

    async def test_async_generators_are_lists(self) -> None:
        got = await same("{ node(seed: 20) { streamed { id } } }")

        assert got.data == as_pairs({"node": {"streamed": [{"id": "N20"}, {"id": "N21"}]}})


def test_sync_execution() -> None:
    text = "{ nodes(count: 5) { id shout big children { id } } node { id } boom }"
    expected = stock.execute_sync(text, context_value=None)

    for schema in compiled:
        got = schema.execute_sync(text, context_value=None)
        assert got.data == expected.data
        assert got.errors == expected.errors
