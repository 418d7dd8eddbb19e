"""How often variables and arguments are coerced: as seldom as a resolver cannot tell."""

from typing import Any

import pytest
import strawberry
from graphql import GraphQLError, parse
from graphql.execution.values import get_argument_values, get_variable_values
from strawberry.extensions import ParserCache

from compiler import CompiledExecutor
from compiler.variables import Variables


class Executor(CompiledExecutor):
    hot = 1


@strawberry.input
class Box:
    size: int


@strawberry.type
class Item:
    @strawberry.field
    def plus(self, number: int = 0) -> int:
        return number

    @strawberry.field
    def size(self, box: Box) -> int:
        box.size += 1
        return box.size

    @strawberry.field
    def joined(self, words: list[str]) -> str:
        words.append("!")
        return "".join(words)


@strawberry.type
class Query:
    @strawberry.field
    def items(self, count: int = 5) -> list[Item]:
        return [Item() for _ in range(count)]


schema = strawberry.Schema(
    Query, execution_context_class=Executor, extensions=[lambda: ParserCache(maxsize=20)]
)


@pytest.fixture
def coerced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The fields whose arguments graphql-core was asked to coerce, in order."""
    found: list[str] = []

    def counted(definition: Any, node: Any, *args: Any) -> Any:
        found.append(node.name.value)
        return get_argument_values(definition, node, *args)

    monkeypatch.setattr("compiler.variables.get_argument_values", counted)
    return found


async def ask(text: str, **variables: Any) -> Any:
    found = await schema.execute(text, variable_values=variables)
    assert found.errors is None
    assert found.data is not None
    return found.data["items"]


async def test_arguments_without_variables_are_coerced_once_for_all_runs(
    coerced: list[str],
) -> None:
    text = "{ items(count: 9) { plus(number: 2) } }"
    for _ in range(3):
        assert await ask(text) == [{"plus": 2}] * 9
    assert sorted(coerced) == ["items", "plus"]


async def test_arguments_with_variables_are_coerced_once_a_run(coerced: list[str]) -> None:
    text = "query ($n: Int!, $c: Int) { items(count: $c) { plus(number: $n) } }"
    for number in (1, 2):
        assert await ask(text, n=number, c=9) == [{"plus": number}] * 9
    assert coerced == ["items", "plus"] * 2


@pytest.mark.parametrize("hot", [1, 1_000])
async def test_what_a_resolver_could_change_is_coerced_for_each(
    hot: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Executor, "hot", hot)
    text = f'{{ items {{ joined(words: ["a", "{hot}"]) size(box: {{size: 1}}) }} }}'
    assert await ask(text) == [{"joined": f"a{hot}!", "size": 2}] * 5
    text = "query ($w: [String!]!, $b: Box!) { items { joined(words: $w) size(box: $b) } }"
    assert await ask(text, w=["a"], b={"size": 1}) == [{"joined": "a!", "size": 2}] * 5


OPERATION = """query ($n: Int!, $d: Int = 7, $o: Int, $l: [Int], $b: Box) {
  items { plus(number: $n) } }"""
ALL = {"n": 1, "d": 2, "o": None, "l": [1, None]}
MISSING = "Expected a value of non-null type 'Int!' to be provided."


@pytest.mark.parametrize(
    ("given", "is_quick", "expected"),
    [
        ({"n": 1, "d": 2}, True, {"n": 1, "d": 2}),
        (ALL, True, ALL),
        ({"n": 1, "d": 2, "other": 3}, True, {"n": 1, "d": 2}),
        ({"n": 1}, False, {"n": 1, "d": 7}),
        ({"n": 1, "d": 2, "b": {"size": 3}}, False, {"n": 1, "d": 2, "b": {"size": 3}}),
        ({}, False, [f"Variable '$n' has invalid value: {MISSING}"]),
        ({"n": "x"}, False, None),
        ({"n": 1, "d": 2, "l": [[1]]}, False, None),
    ],
)  # fmt: skip
def test_sound_variables_are_coerced_without_graphql_cores_messages(
    given: dict[str, Any], is_quick: bool, expected: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def counted(*args: Any, **kwargs: Any) -> Any:
        asked.append(args)
        return get_variable_values(*args, **kwargs)

    monkeypatch.setattr("compiler.variables.get_variable_values", counted)
    [operation] = parse(OPERATION).definitions
    variables = Variables(schema._schema, operation)  # type: ignore[arg-type]

    found = variables.coerce(given)

    assert bool(asked) == (not is_quick)
    if isinstance(found, list):
        assert all(isinstance(each, GraphQLError) for each in found)
        if expected is not None:
            assert [each.message for each in found] == expected
    else:
        assert found.coerced == expected
