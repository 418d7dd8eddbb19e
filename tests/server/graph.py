"""A small federation schema, made to be awkward: errors of every kind, lists in lists."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from decimal import Decimal

import strawberry
from graphql import GraphQLError
from strawberry.federation.schema_directives import Cost, ListSize
from strawberry.schema.config import StrawberryConfig

SECRET = "canary-key-1234567890-abcdefghijklmnop"


FEW: tuple[object, ...] = (ListSize(assumed_size=3, slicing_arguments=["most"], sized_fields=None),)
DEAR: tuple[object, ...] = (Cost(weight=1000),)


class Coded(Exception):
    extensions = {"code": "BAD_ADDRESS"}  # noqa: RUF012


@dataclass
class Loaded:
    """The context: what an operation did, and how fresh its answer is."""

    max_age: float | None = None
    begun: asyncio.Event | None = None
    is_finished: bool = False
    cancelled: list[str] = field(default_factory=list)


Info = strawberry.Info[Loaded, None]


@strawberry.federation.type(keys=["id"])
class Thing:
    id: strawberry.ID

    @strawberry.field
    def name(self) -> str:
        return f"thing {self.id}"

    @strawberry.field
    def things(self, first: int = 50, last: int | None = None) -> "ThingConnection":
        return ThingConnection(nodes=[])

    @strawberry.field
    def parts(self) -> list["Thing"]:
        return []

    @strawberry.field(directives=FEW)  # type: ignore[untyped-decorator]
    def few(self, most: int | None = strawberry.UNSET) -> list["Thing"]:
        return []

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> "Thing":
        return cls(id=id)


@strawberry.type
class ThingConnection:
    nodes: list[Thing]


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "world") -> str:
        return f"hello {name}"

    @strawberry.field
    def price(self, of: Decimal | None = None) -> Decimal:
        return of or Decimal("0.100000000000000000000000000001")

    @strawberry.field
    def thing(self, id: strawberry.ID) -> Thing:
        return Thing(id=id)

    @strawberry.field
    def things(self, ids: list[strawberry.ID]) -> list[Thing]:
        return [Thing(id=id) for id in ids]

    @strawberry.field(directives=DEAR)  # type: ignore[untyped-decorator]
    def dear(self) -> Thing:
        return Thing(id=strawberry.ID("1"))

    @strawberry.field
    async def boom(self) -> str | None:
        raise ValueError(f"https://upstream.example/?key={SECRET}")

    @strawberry.field
    def coded(self) -> str | None:
        raise Coded("That is no address")

    @strawberry.field
    def chatty(self) -> str | None:
        raise GraphQLError("x" * 1000, extensions={"code": "BAD_ARGUMENT"})

    @strawberry.field
    def missing(self) -> str:
        return None  # type: ignore[return-value]

    @strawberry.field
    def wide(self) -> int | None:
        return 2**40

    @strawberry.field
    async def slow(self, info: Info, seconds: float) -> str:
        if info.context.begun is not None:
            info.context.begun.set()
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            info.context.cancelled.append("slow")
            raise
        return "done"

    @strawberry.field
    def aged(self, info: Info, seconds: float) -> str:
        info.context.max_age = seconds
        return "aged"


@strawberry.type
class Mutation:
    @strawberry.mutation
    def change(self) -> str:
        return "changed"


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self) -> AsyncIterator[int]:
        yield 1


def make_schema() -> strawberry.federation.Schema:
    class Small(strawberry.federation.Schema):
        def process_errors(self, *_: object) -> None:
            """Strawberry's own writes all errors to the log."""

    return Small(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[Thing],
        config=StrawberryConfig(),
        federation_version="2.9",
    )
