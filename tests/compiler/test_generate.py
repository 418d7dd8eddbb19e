"""Generated functions at their edges, against the stock executor."""

# ruff: noqa: N805
# mypy: disable-error-code="untyped-decorator"

from enum import IntFlag
from types import SimpleNamespace
from typing import Any, NewType

import pytest
import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    graphql_sync,
    parse,
)
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.config import StrawberryConfig

from compiler import explain
from tests.compiler.compare import EXECUTORS, compare
from tests.compiler.queries import Operation

Picky = NewType("Picky", object)
Row = strawberry.Parent[Any]


@strawberry.enum
class Bits(IntFlag):
    A = 1
    B = 2


@strawberry.type
class Item:
    picky: Picky | None
    sure: Picky
    word: str = strawberry.field(name="word")
    bits: Bits

    @strawberry.field
    def constant() -> int:
        return 7

    @strawberry.field
    def where(info: strawberry.Info) -> str:
        return str(info.path.as_list())

    @strawberry.field
    def turned(info: strawberry.Info, root: Row) -> str:
        return f"{info.field_name} {root.word}"

    @strawberry.field
    def both(self, root: Row) -> bool:
        return self is root


@strawberry.type
class Query:
    @strawberry.field(graphql_type=list[Item | None])
    def items(self) -> Any:
        return [
            SimpleNamespace(picky=1, sure=1, word="a", bits=Bits.A),
            SimpleNamespace(picky=2, sure=2, word="b", bits=Bits.A | Bits.B),
            SimpleNamespace(picky=0, sure=3, word="c", bits=Bits.B),
            SimpleNamespace(picky=4, sure=0, word="d", bits=1),
            SimpleNamespace(picky=5, sure=5, bits=Bits.B),
            SimpleNamespace(picky=6, sure=6, word="f", bits=Bits.B),
        ]

    @strawberry.field(graphql_type=list[Picky | None])
    def pickies(self) -> Any:
        return (1, 0, 2, None, ValueError("item"), 3)

    @strawberry.field
    def numbers(self) -> list[list[int | None] | None]:
        return [[1, 2**40, None], None, [True, 3]]


def build(executor: Any) -> strawberry.Schema:
    scalar = strawberry.scalar(name="Picky", serialize=lambda value: value or None)
    return strawberry.Schema(
        query=Query,
        config=StrawberryConfig(scalar_map={Picky: scalar}),
        execution_context_class=executor,
    )


stock = build(None)
compiled = [build(executor) for executor in EXECUTORS]


@pytest.mark.parametrize(
    "text",
    [
        "{ items { picky word } }",
        "{ items { sure picky } }",
        "{ items { word sure } pickies }",
        "{ items { bits } }",
        "{ items { constant where turned both } }",
        "{ items { a: word b: word c: __typename } numbers }",
    ],
)
async def test_generated_functions_answer_like_the_stock_executor(
    text: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("CRITICAL", logger="strawberry.execution")

    class Context:
        log: list[object] = []  # noqa: RUF012

    for _ in range(2):
        await compare(stock, compiled, Operation(text, {}), Context)


def test_attributes_that_are_no_names_are_read_by_getattr() -> None:
    @strawberry.type
    class Thing:
        __dunder: int
        plain: int

    Thing.__annotations__.clear()
    fields = Thing.__strawberry_definition__.fields  # type: ignore[attr-defined]
    fields[0].python_name = "class"

    @strawberry.type
    class Root:
        @strawberry.field(graphql_type=Thing)
        def thing(self) -> Any:
            return {}

    text = explain(strawberry.Schema(query=Root), "{ thing { class plain } }")

    assert "v0_0 = getattr(v0, T0_0)" in text
    assert "v0_1 = v0.plain" in text


def test_enums_that_are_not_strawberrys_are_looked_up_by_value() -> None:
    color = GraphQLEnumType("Color", {"RED": 1, "BLUE": 2})
    query = GraphQLObjectType("Query", {"color": GraphQLField(color, resolve=lambda *_: 2)})
    schema = GraphQLSchema(query)

    stock = graphql_sync(schema, "{ color }")
    run: Any = EXECUTORS[0].build(schema, parse("{ color }"), is_awaitable=optimized_is_awaitable)

    assert run.execute_operation() == stock
