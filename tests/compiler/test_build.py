"""Which operations are taken, what a plan prints, and that plans do not pile up."""

import gc
import tracemalloc
from typing import Any

import pytest
import strawberry
from cachetools import LRUCache
from graphql import parse
from strawberry.extensions import ParserCache, SchemaExtension

from compiler import CompiledExecutor, Unexplained, compile, explain  # noqa: A004
from compiler.build import Plan
from compiler.generate import code_of
from tests.compiler.nasty import Context, build


class Executor(CompiledExecutor):
    hot = 1
    plans = LRUCache(20)


@strawberry.type
class Query:
    @strawberry.field
    def numbers(self) -> list[int]:
        return [1, 2]

    @strawberry.field
    def word(self, of: int = 1) -> str:
        return str(of)


@strawberry.type
class Mutation:
    @strawberry.field
    def change(self) -> int:
        return 1


small = strawberry.Schema(query=Query, mutation=Mutation, execution_context_class=Executor)
nasty = build(Executor)
cached = build(Executor, [lambda: ParserCache(maxsize=20)])


@pytest.mark.parametrize(
    "text",
    [
        "mutation { change }",
        "{ __schema { queryType { name } } }",
        "{ ...F } fragment F on Query { __type(name: \"Query\") { name } }",
        "{ word @defer }",
        "query @client { word }",
        "{ word @skip(if: 3) }",
        "query A { word } query B { word }",
        "fragment F on Query { word }",
        "{ ...Missing }",
    ],
)  # fmt: skip
def test_what_is_not_taken_is_left_to_the_stock_executor(text: str) -> None:
    assert compile(small._schema, parse(text)) is None


def test_the_operation_is_chosen_by_name() -> None:
    document = parse("query A { word } query B { numbers }")

    plan = compile(small._schema, document, "B")

    assert isinstance(plan, Plan)
    assert plan.operation is document.definitions[1]
    assert compile(small._schema, document, "C") is None


async def test_the_stock_executor_answers_what_is_not_taken() -> None:
    mutation = await small.execute("mutation { change }")
    introspection = await small.execute('{ __type(name: "Query") { name } word }')

    assert mutation.data == {"change": 1}
    assert introspection.data == {"__type": {"name": "Query"}, "word": "1"}


async def test_extensions_that_look_at_resolvers_see_them_all() -> None:
    seen: list[str] = []

    class Watching(SchemaExtension):
        def resolve(self, _next: Any, root: Any, info: Any, *args: Any, **kwargs: Any) -> Any:
            seen.append(info.field_name)
            return _next(root, info, *args, **kwargs)

    schema = strawberry.Schema(query=Query, extensions=[Watching], execution_context_class=Executor)

    await schema.execute("{ word numbers }")

    assert seen == ["word", "numbers"]


def test_a_plan_explains_itself() -> None:
    text = explain(small, "query Q { evil: word(of: 7) numbers }")

    assert text == EXPLAINED


EXPLAINED = """\
query Q
  evil: String! = word(record, arguments)
  numbers: [Int!]! = numbers(record)

# Query, after 64 objects
# K0 = 'evil'
# K1 = 'numbers'
def plan(s, p, r):
 try:
  n = 0
  v0 = R0(s, (Q(p), N0), r)
  if type(v0) is not str: v0 = L0(v0)
  n = 1
  v1 = F1(s)
  if type(v1) is not tuple and type(v1) is not list or len(v1) > 256:
   v1 = X1(v1, (p, N1), r)
  elif not v1: v1 = []
  else:
   i1 = iter(v1); v1 = l1 = []
   try:
    for x1 in i1:
     if type(x1) is not int or not -2147483648 <= x1 <= 2147483647: x1 = L1_(x1)
     l1.append(x1)
   except Exception as e: v1 = Z1(e, l1, i1, (p, N1), r)
  return {K0: v0, K1: v1}
 except Exception as e: return H(s, p, r, locals(), e)
"""


def test_explain_says_why_there_is_no_plan() -> None:
    assert explain(small, "mutation { change }").startswith("Not compiled")
    assert "word: String!" in explain(
        small, "query($a: Boolean!) { word @skip(if: $a) }", variables={"a": False}
    )


@pytest.mark.parametrize(
    ("text", "chosen", "reason", "places"),
    [
        ("{ nothing }", None, "it is not valid", [(1, 3)]),
        ("{ word", None, "it is not valid", [(1, 7)]),
        ("", None, "it is not valid", [(1, 1)]),
        (
            "query A { word } query B { word }",
            None,
            "it has several operations, A, B, and none was chosen",
            [],
        ),
        ("query A { word }", "B", "it has no operation 'B', only A", []),
        ("{ word }", "B", "it has no operation 'B', only one without a name", []),
        (
            "query($a: Boolean!) { word @skip(if: $a) }",
            None,
            "@skip or @include depend on variables",
            [(1, 7)],
        ),
    ],
)
def test_what_has_no_plan_is_refused_with_its_place(
    text: str, chosen: str | None, reason: str, places: list[tuple[int, int]]
) -> None:
    with pytest.raises(Unexplained) as refused:
        explain(small, text, chosen)

    assert str(refused.value) == reason
    found = [location for error in refused.value.errors for location in error.locations or ()]
    assert [(place.line, place.column) for place in found] == places


def test_no_text_of_the_client_is_in_the_code() -> None:
    text = explain(nasty, "{ alias_by_client: nodes { second_alias: text big } }")

    code = [line for line in text.splitlines() if line.startswith((" try", "  v", "  return"))]
    assert code
    assert not any("alias" in line for line in code)


async def test_operations_of_one_structure_share_their_code() -> None:
    code_of.cache_clear()
    for alias in ("a", "b", "c"):
        await nasty.execute(
            f"{{ {alias}: nodes(count: 5) {{ {alias}{alias}: text big id }} }}",
            context_value=Context(),
        )

    assert len(code_of.cache) == 1


async def test_distinct_queries_do_not_grow_memory() -> None:
    async def ask(first: int, last: int) -> int:
        for number in range(first, last):
            text = f"{{ a{number}: nodes(count: 4) {{ b{number}: id logged child {{ big }} }} }}"
            await cached.execute(text, context_value=Context())
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        warm = await ask(0, 60)
        later = await ask(60, 260)
    finally:
        tracemalloc.stop()

    assert len(Executor.plans) <= 20
    assert later - warm < 100_000
