"""A Strawberry schema in which everything that may go wrong does, by a seed."""

# ruff: noqa: N805
# mypy: disable-error-code="untyped-decorator,type-arg"

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Annotated, Any

import strawberry
from aiodataloader import DataLoader
from graphql import GraphQLError, GraphQLResolveInfo
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission
from strawberry.schema.config import StrawberryConfig

from tests.compiler.rows import (
    SCALARS,
    Big,
    Exact,
    Fussy,
    Leafy,
    Mood,
    Record,
    Rude,
    Stone,
    kid,
    record,
    thing,
)


class Loads(DataLoader[int, Any]):
    """Each who awaits a key may be cancelled without the others."""

    def load(self, key: int) -> asyncio.Future[Any]:
        return asyncio.shield(super().load(key))


class Context:
    """The loaders of one request, and what happened, in order."""

    def __init__(self) -> None:
        self.log: list[object] = []
        self.text: DataLoader[int, str | None] = Loads(self.load_texts)
        self.node: DataLoader[int, Record | None] = Loads(self.load_nodes)

    async def load_texts(self, keys: list[int]) -> list[Any]:
        self.log.append(("texts", tuple(keys)))
        await asyncio.sleep(0)
        return [
            Rude(f"no text {key}") if key % 7 == 5 else None if key % 5 == 3 else f"text {key}"
            for key in keys
        ]

    async def load_nodes(self, keys: list[int]) -> list[Any]:
        self.log.append(("nodes", tuple(keys)))
        await asyncio.sleep(0)
        return [
            ValueError(f"no node {key}") if key % 9 == 4 else None if key % 8 == 6 else record(key)
            for key in keys
        ]


Info = strawberry.Info[Context, None]
Row = strawberry.Parent[Record]


class Allowed(BasePermission):
    message = "not allowed"
    error_extensions = {"code": "DENIED"}  # noqa: RUF012

    def has_permission(self, source: Any, info: strawberry.Info, **kwargs: Any) -> bool:
        return bool(source.seed % 3)


class Slowly(FieldExtension):
    def resolve(self, next_: Any, source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        return f"<{next_(source, info, **kwargs)}>"


@strawberry.input
class Filter:
    least: int = 1
    name: str | None = strawberry.UNSET
    moods: list[Mood] | None = None
    inner: Filter | None = None


@strawberry.interface
class Thing:
    label: str
    big: Big


@strawberry.type
class Rock(Thing):
    record_classes = (Stone,)
    count: int | None

    @classmethod
    def is_type_of(cls, obj: Any, info: GraphQLResolveInfo) -> bool:
        return isinstance(obj, Stone)

    @strawberry.field
    async def text(self, info: Info) -> str | None:
        return await info.context.text.load(self.seed)  # type: ignore[attr-defined]


@strawberry.type
class Plant(Thing):
    ratio: float

    @classmethod
    async def is_type_of(cls, obj: Any, info: GraphQLResolveInfo) -> bool:
        await asyncio.sleep(0)
        if obj.seed % 11 == 10:
            raise Rude("cannot tell")
        return isinstance(obj, Leafy) and obj.seed % 6 != 5


@strawberry.type
class Note:
    text: str | None
    seed: int

    @classmethod
    def is_type_of(cls, obj: Any, info: GraphQLResolveInfo) -> bool:
        return isinstance(obj, Record) and info.field_name != "never"


Odd = Annotated[Rock | Note, strawberry.union("Odd")]


@strawberry.type
class Node:
    text: str | None
    solid: str
    count: int | None
    ratio: float | None
    flag: bool | None
    fussy: Fussy | None
    big: Big
    exact: Exact
    mood: Mood | None
    tags: list[str | None] | None
    solid_tags: list[str] | None
    all_tags: list[str]
    matrix: list[list[int | None] | None] | None
    solid_matrix: list[list[int]] | None
    gone: str | None

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(f"N{self.seed}")  # type: ignore[attr-defined]

    @strawberry.field
    def shout(root: Row) -> str:
        if root.seed % 6 == 5:
            raise Rude(f"shout {root.seed}")
        return str(root.seed) if root.seed % 7 != 6 else None  # type: ignore[return-value]

    @strawberry.field
    def place(root: Row, info: Info) -> str | None:
        raw = info._raw_info
        return f"{info.path.as_list()} {raw.parent_type} {raw.return_type} {len(raw.field_nodes)}"

    @strawberry.field
    def logged(root: Row, info: Info) -> int | None:
        info.context.log.append(("logged", root.seed))
        return root.seed

    @strawberry.field(graphql_type=str | None)
    def sneaky(root: Row, info: Info) -> object:
        if root.seed % 3 == 0:
            return info.context.text.load(root.seed)
        return GraphQLError("returned", extensions={"a": 1}) if root.seed % 5 == 0 else "plain"

    @strawberry.field(graphql_type=str)
    def later(root: Row, info: Info) -> Awaitable[str | None]:
        return info.context.text.load(root.seed)

    @strawberry.field
    async def slow(self, info: Info) -> str | None:
        return await info.context.text.load(self.seed)  # type: ignore[attr-defined]

    @strawberry.field
    async def slow_solid(root: Row, info: Info) -> str:
        return await info.context.text.load(root.seed)  # type: ignore[return-value]

    @strawberry.field(graphql_type="Node | None")
    def child(root: Row) -> Record | None:
        return record(root.seed + 1) if root.seed % 5 else None

    @strawberry.field(graphql_type="Node")
    def solid_child(root: Row) -> Record | None:
        return record(root.seed + 2) if root.seed % 6 else None

    @strawberry.field(graphql_type="list[Node | None] | None")
    def children(root: Row, count: int = 3) -> tuple[object, ...]:
        if count < 0:
            raise Rude("negative")
        return tuple(kid(root.seed + n) for n in range(count))

    @strawberry.field(graphql_type="list[Node]")
    def solid_children(root: Row) -> list[Record]:
        return [record(root.seed * 3 + n) for n in range(root.seed % 4)]

    @strawberry.field(graphql_type="list[list[Node] | None]")
    def grid(root: Row) -> list[Any]:
        return [[record(root.seed), record(root.seed + 3)], None, (record(root.seed + 4),)]

    @strawberry.field(graphql_type="Node | None")
    async def friend(root: Row, info: Info) -> Record | None:
        return await info.context.node.load(root.seed + 5)

    @strawberry.field(graphql_type="Node")
    async def solid_friend(root: Row, info: Info) -> Record | None:
        return await info.context.node.load(root.seed + 3)

    @strawberry.field(graphql_type="list[Node] | None")
    async def friends(root: Row, info: Info) -> list[Any]:
        return list(await asyncio.gather(*(info.context.node.load(root.seed + n) for n in (1, 2))))

    @strawberry.field(graphql_type="list[Node | None]")
    def promised(root: Row, info: Info) -> list[Any]:
        seeds = (root.seed, root.seed + 1, root.seed + 6)
        return [record(1), *(info.context.node.load(seed) for seed in seeds)]

    @strawberry.field(graphql_type="list[Node] | None")
    def solid_promised(root: Row, info: Info) -> list[Any]:
        return [info.context.node.load(root.seed), record(2), info.context.node.load(root.seed + 8)]

    @strawberry.field(graphql_type="list[Node | None] | None")
    async def streamed(root: Row) -> AsyncIterator[Record]:
        for n in range(2):
            await asyncio.sleep(0)
            yield record(root.seed + n)

    @strawberry.field(graphql_type="Thing | None")
    def thing(root: Row) -> object:
        return thing(root.seed)

    @strawberry.field(graphql_type="list[Thing]")
    async def things(root: Row) -> list[object]:
        await asyncio.sleep(0)
        return [thing(root.seed), thing(root.seed + 3)]

    @strawberry.field(graphql_type="list[Thing | None]")
    def many_things(root: Row) -> list[object]:
        return [thing(root.seed + n) for n in range(4)]

    @strawberry.field(graphql_type="Rock | None")
    def rock(root: Row) -> object:
        return thing(root.seed)

    @strawberry.field(graphql_type="Plant | None")
    def plant(root: Row) -> object:
        return thing(root.seed)

    @strawberry.field(graphql_type="list[Odd | None] | None")
    def odds(root: Row) -> list[object]:
        return [thing(root.seed % 3), record(root.seed), None, thing(root.seed)]

    @strawberry.field
    def echo(
        root: Row,
        n: int = 3,
        text: str | None = "dflt",
        mood: Mood = Mood.CALM,
        numbers: list[int] | None = None,
        filter: Filter | None = None,
    ) -> str:
        if n > 9:
            raise Rude("too many")
        return f"{root.seed} {n!r} {text!r} {mood} {numbers!r} {filter!r}"

    @strawberry.field(permission_classes=[Allowed])
    def secret(root: Row) -> str | None:
        return "secret"

    guarded: str | None = strawberry.field(permission_classes=[Allowed], resolver=lambda: "g")

    @strawberry.field(extensions=[Slowly()])
    def wrapped(root: Row, times: int = 2) -> str:
        return "w" * times


@strawberry.federation.type(keys=["seed"])
class Entity:
    seed: int
    text: str

    @classmethod
    def resolve_reference(cls, info: Info, seed: int) -> Any:
        if seed % 4 == 1:
            raise Rude(f"entity {seed}")
        if seed % 4 == 2:
            return None
        loaded = info.context.node.load(seed)
        return loaded if seed % 4 == 3 else record(seed)

    @classmethod
    def is_type_of(cls, obj: Any, info: GraphQLResolveInfo) -> bool:
        return isinstance(obj, Record)


@strawberry.type
class Query:
    @strawberry.field(graphql_type=Node | None)
    def node(self, seed: int = 1) -> Record:
        return record(seed)

    @strawberry.field(graphql_type=Node)
    def solid_node(self, seed: int = 1) -> Record:
        return record(seed)

    @strawberry.field(graphql_type=list[Node | None] | None)
    def nodes(self, first: int = 0, count: int = 3) -> list[Record]:
        return [record(first + n) for n in range(max(count, 0))]

    @strawberry.field(graphql_type=list[Node])
    async def loaded(self, info: Info, seeds: list[int]) -> list[Any]:
        return list(await asyncio.gather(*(info.context.node.load(seed) for seed in seeds)))

    @strawberry.field(graphql_type=Node | None)
    async def slow_node(self, info: Info, seed: int = 2) -> Record | None:
        return await info.context.node.load(seed)

    @strawberry.field
    def boom(self) -> str:
        raise Rude("boom")

    @strawberry.field
    async def late_boom(self) -> str | None:
        await asyncio.sleep(0)
        raise Rude("late boom")


def build(executor: Any = None, extensions: Any = ()) -> strawberry.federation.Schema:
    """The schema; `executor` is an execution context class."""
    return strawberry.federation.Schema(
        query=Query,
        types=[Rock, Plant, Note, Entity],
        config=StrawberryConfig(scalar_map=SCALARS),
        execution_context_class=executor,
        extensions=extensions,
        federation_version="2.9",
    )
