"""However much goes wrong in an operation, its answer lists a bounded number of errors."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

import pytest
import strawberry
from graphql import ExecutionResult, parse
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from server.execute import EXECUTORS, Execute, by
from server.few_errors import MOST_ERRORS
from tests.graph import Graph, codes

BAD = ["nobody"] * 100


class Broken(Exception):
    extensions = {"code": "BAD_ARGUMENT"}  # noqa: RUF012


@strawberry.type
class Row:
    @strawberry.field
    def some(self) -> int | None:
        raise Broken("some")

    @strawberry.field
    async def later(self) -> int | None:
        raise Broken("later")

    @strawberry.field
    def sure(self) -> int:
        raise Broken("sure")

    @strawberry.field
    async def surely(self) -> int:
        await asyncio.sleep(0)
        raise Broken("surely")


class ListCache:
    """Wants all that it is offered."""

    put: Callable[[int, Any, int], None]

    def get(self, serial: int) -> None:
        return None

    def wants(self, serial: int) -> bool:
        return True


class ItemRecord:
    fine = 1

    @property
    def odd(self) -> int:
        raise Broken("odd")


LIST_CACHE = ListCache()
P = "fragment P on Page { items { odd } }"


class PageRecord:
    list_cache = LIST_CACHE
    items = (ItemRecord(),)


@strawberry.type
class Item:
    fine: int | None
    odd: int | None

    @classmethod
    def is_type_of(cls, obj: object, info: object) -> bool:
        return isinstance(obj, ItemRecord)


@strawberry.type
class Page:
    keeps_lists: ClassVar[bool] = True

    items: list[Item]

    @classmethod
    def is_type_of(cls, obj: object, info: object) -> bool:
        return isinstance(obj, PageRecord)


@strawberry.type
class Query:
    @strawberry.field(graphql_type=Page)  # type: ignore[untyped-decorator]
    def page(self) -> PageRecord:
        return PageRecord()

    @strawberry.field
    def rows(self) -> list[Row | None]:
        return [Row() for _ in range(150)]

    @strawberry.field
    def all_rows(self) -> list[Row] | None:
        return [Row() for _ in range(150)]


SCHEMA = strawberry.Schema(Query)


async def test_errors_beyond_the_bound_are_counted_in_one(graph: Graph) -> None:
    aliases = " ".join(f"a{n}: wallets(addresses: $a) {{ id }}" for n in range(4))

    answer = await graph.ask(f"query ($a: [String!]!) {{ {aliases} }}", {"a": BAD})

    assert answer["data"] == {f"a{n}": [None] * 100 for n in range(4)}
    *listed, last = answer["errors"]
    assert codes({"errors": listed}) == sorted(
        (([f"a{n}", index], "BAD_ADDRESS") for n in range(2) for index in range(100)),
        key=lambda item: [str(part) for part in item[0]],
    )
    assert last == {
        "message": "200 more errors are not listed.",
        "extensions": {"code": "TOO_MANY_ERRORS"},
    }


async def test_as_many_errors_as_the_bound_are_listed(graph: Graph) -> None:
    aliases = " ".join(f"a{n}: wallets(addresses: $a) {{ id }}" for n in range(2))

    answer = await graph.ask(f"query ($a: [String!]!) {{ {aliases} }}", {"a": BAD})

    assert len(answer["errors"]) == MOST_ERRORS == 200
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_ADDRESS"}


async def executed(execute: Execute, text: str) -> tuple[Any, list[Any]]:
    result = execute(SCHEMA, parse(text), {}, None, None, {})
    if isinstance(result, Awaitable):
        result = await result
    assert isinstance(result, ExecutionResult)
    return result.data, [error.formatted for error in result.errors or ()]


@pytest.mark.parametrize("name", EXECUTORS)
@pytest.mark.parametrize(
    "text",
    [
        "{ rows { some b: some } }",
        "{ rows { later } a: rows { some sure } b: rows { later surely } }",
        "{ rows { surely some } a: allRows { some sure } b: allRows { surely later } }",
        "{ rows { some sure surely later } allRows { some } }",
    ],
)
async def test_the_first_errors_are_those_without_a_bound_and_none_goes_uncounted(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In several turns they may come in another order.
    monkeypatch.setattr("server.execute.pace", lambda: None)
    data, errors = await executed(by(StrawberryGraphQLCoreExecutionContext), text)
    assert len(errors) > MOST_ERRORS

    bounded, listed = await executed(EXECUTORS[name], text)

    assert bounded == data
    assert listed[:-1] == errors[:MOST_ERRORS]
    assert listed[-1]["message"] == f"{len(errors) - MOST_ERRORS} more errors are not listed."


async def test_a_list_with_unlisted_errors_is_not_kept() -> None:
    kept: list[int] = []
    LIST_CACHE.put = lambda serial, value, size: kept.append(serial)

    await executed(EXECUTORS["compiled"], "{ page { items { fine } } }")
    assert len(kept) == 1
    await executed(
        EXECUTORS["compiled"], "{ a: rows { some } b: rows { some } page { ...P } } " + P
    )

    assert len(kept) == 1
