"""What the compiler reads out of resolvers and is_type_of, and what it keeps its hands off."""

# mypy: disable-error-code="untyped-decorator"

from abc import ABC
from typing import Annotated, Any

import msgspec
import pytest
import strawberry
from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema, GraphQLString
from strawberry.schema.config import StrawberryConfig

from compiler import CompiledExecutor, explain
from compiler.fields import TypeTest, picked_by_class, reader_of
from compiler.fields import test_of as find_test
from tests.compiler.nasty import build


class Plain(msgspec.Struct, frozen=True):
    a: int = 1


class Loose:
    pass


class Virtual(ABC):  # noqa: B024
    pass


@strawberry.type(name="Declared")
class OfRecords:
    record_classes = (Plain, Loose)
    a: int

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        return isinstance(obj, cls.record_classes)


@strawberry.type(name="Abstract")
class OfVirtual(OfRecords):
    record_classes = (Virtual,)  # type: ignore[assignment]


@strawberry.type(name="Silent")
class OfSome:
    a: int

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        return isinstance(obj, Plain)


def analysed(origin: type) -> TypeTest:
    query = strawberry.type(type("Query", (), {"__annotations__": {"a": origin}}))
    schema: Any = strawberry.Schema(query=query)
    test = find_test(schema._schema.query_type.fields["a"].type.of_type)
    assert test is not None
    return test


def test_a_type_that_says_which_records_it_reads_is_asked_once_for_a_class() -> None:
    test = analysed(OfRecords)
    assert not test.needs_info
    assert test.remember(Plain())
    assert test.classes == {Plain}


@pytest.mark.parametrize("origin", [OfVirtual, OfSome])
def test_any_other_is_asked_each_time(origin: type) -> None:
    test = analysed(origin)
    assert test.needs_info
    assert not test.remember(Plain())


@pytest.mark.parametrize("function", [lambda obj, info: True, print])
def test_what_is_no_strawberry_type_is_asked_each_time(function: Any) -> None:
    type_ = GraphQLObjectType("T", {"a": GraphQLField(GraphQLString)}, is_type_of=function)
    test = find_test(type_)
    assert test is not None
    assert (test.needs_info, test.remember(Plain())) == (True, False)


def test_the_classes_remembered_are_bounded() -> None:
    test = analysed(OfRecords)

    for number in range(100):
        test.remember(type(f"C{number}", (Loose,), {})())

    assert len(test.classes) == 64


def test_strawberrys_own_test_is_trusted_where_no_cast_can_hide() -> None:
    @strawberry.interface
    class Shape:
        a: int

    @strawberry.type
    class Square(Shape):
        pass

    @strawberry.type
    class Query:
        @strawberry.field
        def shape(self) -> Shape:
            return Square(a=1)

    schema: Any = strawberry.Schema(query=Query, types=[Square])
    test = find_test(schema._schema.type_map["Square"])

    assert test is not None
    assert not test.needs_info
    assert test.remember(Plain())
    assert not test.remember(Loose())
    assert not test.remember(Square(a=1))


def labels(*names: str) -> list[str]:
    core: Any = build()._schema
    fields = core.type_map["Node"].fields
    return [reader_of(core, fields[name]).label for name in names]


def test_readers_are_as_short_as_they_may_be() -> None:
    assert labels("text", "id", "shout", "place", "slow", "slowSolid", "echo", "secret") == [
        "record.text",
        "id(record)",
        "shout(record)",
        "place(record, info)",
        "await slow(record, info)",
        "await slow_solid(record, info)",
        "echo(record, arguments)",
        "its resolver with info and arguments",
    ]


def test_a_resolver_somebody_has_wrapped_is_called_as_it_stands() -> None:
    core: Any = build()._schema
    field = core.type_map["Node"].fields["text"]
    inner = field.resolve
    field.resolve = lambda *args, **kwargs: inner(*args, **kwargs)

    assert reader_of(core, field).kind == "resolver"


async def test_other_default_resolvers_and_odd_names_are_read_as_declared() -> None:
    @strawberry.type
    class Thing:
        class_: int

    @strawberry.type
    class Query:
        @strawberry.field(graphql_type=list[Thing])
        def things(self) -> Any:
            return [{"class_": 1}, {"class_": 2}]

    schema = strawberry.Schema(
        query=Query, config=StrawberryConfig(default_resolver=lambda obj, name: obj[name])
    )

    assert "default resolver of 'class_'" in explain(schema, "{ things { class_: class_ } }")


def test_a_schema_without_strawberry_can_be_compiled() -> None:
    schema = GraphQLSchema(GraphQLObjectType("Query", {"a": GraphQLField(GraphQLString)}))

    assert "a: String = graphql-core's default resolver" in explain(schema, "{ a }")


async def test_an_info_class_of_ones_own_is_made_and_given() -> None:
    class Mine(strawberry.Info):
        @property
        def shout(self) -> str:
            return f"{self.field_name} {self.path.key}!"

    @strawberry.type
    class Query:
        @strawberry.field
        def a(self, info: Mine, times: int = 1) -> str:
            return info.shout * times

    schema = strawberry.Schema(
        query=Query,
        config=StrawberryConfig(info_class=Mine),
        execution_context_class=CompiledExecutor,
    )
    result = await schema.execute("{ b: a(times: 2) c: a }")

    assert result.data == {"b": "a b!a b!", "c": "a c!"}


class Dog(msgspec.Struct):
    name: str = "Rex"


class Cat(msgspec.Struct):
    name: str = "Tom"


asked: list[str] = []


@strawberry.type(name="Dog")
class DogType:
    record_classes = (Dog,)
    name: str

    @classmethod
    def is_type_of(cls, obj: object, info: object) -> bool:
        return isinstance(obj, Dog)


@strawberry.type(name="Cat")
class CatType:
    name: str

    @classmethod
    def is_type_of(cls, obj: object, info: object) -> bool:
        asked.append(type(obj).__name__)
        return isinstance(obj, Cat)


@strawberry.type
class Pets:
    @strawberry.field(graphql_type=list[Annotated[DogType | CatType, strawberry.union("Pet")]])
    def pets(self) -> Any:
        return [Dog(), Cat(), Dog(), Cat()]


def test_a_type_of_a_union_is_picked_once_for_a_class_where_only_classes_matter() -> None:
    core: Any = strawberry.Schema(query=Pets)._schema
    union, dog, cat = (core.type_map[name] for name in ("Pet", "Dog", "Cat"))

    assert picked_by_class(union, [dog])(Dog())
    assert not picked_by_class(union, [dog])(DogType(name="x"))
    assert not picked_by_class(union, [dog, cat])(Dog())


async def test_a_union_answers_the_same_whether_its_types_are_remembered_or_not() -> None:
    text = "{ pets { __typename ... on Dog { name } ... on Cat { name } } }"
    stock = await strawberry.Schema(query=Pets).execute(text)
    asked.clear()
    schema = strawberry.Schema(query=Pets, execution_context_class=CompiledExecutor)
    compiled = await schema.execute(text)

    assert compiled.data == stock.data
    assert stock.data is not None
    assert [pet["name"] for pet in stock.data["pets"]] == ["Rex", "Tom", "Rex", "Tom"]
    # A test that also counts its calls is asked each time, to pick and to check.
    assert asked == ["Cat", "Cat", "Cat", "Cat"]
