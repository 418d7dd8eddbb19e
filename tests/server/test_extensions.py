"""Strawberry's own hooks: extensions, permissions, `process_errors`, Apollo's trace."""

import base64
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import strawberry
from graphql import GraphQLError
from strawberry.extensions import MaskErrors, SchemaExtension
from strawberry.permission import BasePermission

from compiler.executor import CompiledExecutor
from sandbox import DEMO_ACCOUNTS, DEMO_WALLETS, Sandbox
from schema import Schema
from server.app import Extensions, create_app
from server.settings import Settings
from tests.graph import FAST

SECRET = "known-to-the-router-alone"
EXECUTORS = pytest.mark.parametrize("executor", ["stock", "compiled"])
QUERY = """query Page($a: String!, $b: String!) {
    wallet(address: $a) {
        netWorthUsd positions(first: 3) { edges { node { contractName valueUsd } } }
    }
    other: wallet(address: $b) { algorandAssets(first: 2) { totalCount } }
}"""
VARIABLES = {"a": DEMO_WALLETS["typical"], "b": DEMO_ACCOUNTS["typical"]}


@asynccontextmanager
async def extended(
    extensions: Extensions = (), settings: Mapping[str, str] | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    box = Sandbox()
    app = create_app(
        Settings.from_env(dict(settings or {})),
        upstreams={
            **FAST,
            "oneinch_transport": httpx.ASGITransport(box.oneinch),
            "algod_transport": httpx.ASGITransport(box.algod),
        },
        extensions=extensions,
    )
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://graph") as http:
            yield http


async def ask(http: httpx.AsyncClient, query: str, **headers: str) -> Any:
    body = {"query": query, "variables": VARIABLES if "$a" in query else {}}
    return (await http.post("/graphql", json=body, headers=headers)).json()


class Counting(SchemaExtension):
    """As a stranger would write it, from Strawberry's guide."""

    seen: list[str]

    def on_operation(self) -> Iterator[None]:
        self.fields = 0
        self.seen.append("operation")
        yield
        self.seen.append("operation ended")

    def on_parse(self) -> Iterator[None]:
        self.seen.append("parse")
        yield

    def on_validate(self) -> Iterator[None]:
        self.seen.append("validate")
        yield

    def on_execute(self) -> Iterator[None]:
        self.seen.append(f"execute {self.execution_context.operation_name}")
        yield

    def resolve(self, _next: Any, root: Any, info: Any, *args: Any, **kwargs: Any) -> Any:
        self.fields += 1
        return _next(root, info, *args, **kwargs)

    def get_results(self) -> dict[str, Any]:
        return {"fields": self.fields}


@EXECUTORS
async def test_a_third_partys_extension_sees_every_step_and_every_field(executor: str) -> None:
    class Mine(Counting):
        seen: list[str] = []  # noqa: RUF012

    settings = {"EXECUTOR": executor}
    async with extended(settings=settings) as http:
        expected = await ask(http, QUERY)
    async with extended([Mine], settings) as http:
        for _ in range(2):
            Mine.seen.clear()
            answer = await ask(http, QUERY)
            assert Mine.seen == [
                "operation",
                "parse",
                "validate",
                "execute Page",
                "operation ended",
            ]
            assert answer["data"] == expected["data"]
            # wallet, other, netWorthUsd, positions, edges and so on, and each of three nodes'.
            assert answer["extensions"] == {"fields": 2 + 2 + 1 + 3 * (1 + 2) + 1 + 1}


@EXECUTORS
async def test_an_extension_that_watches_operations_alone_leaves_fields_compiled(
    executor: str,
) -> None:
    class Watching(SchemaExtension):
        def on_operation(self) -> Iterator[None]:
            yield
            result: Any = self.execution_context.result
            self.keys = sorted(result.data["wallet"])

        def get_results(self) -> dict[str, Any]:
            return {"keys": self.keys}

    async with extended([Watching], {"EXECUTOR": executor}) as http:
        answer = await ask(http, QUERY)

    assert answer["extensions"] == {"keys": ["netWorthUsd", "positions"]}


@EXECUTORS
async def test_one_that_refuses_is_answered_with_its_code(executor: str) -> None:
    class Refusing(SchemaExtension):
        def on_operation(self) -> Iterator[None]:
            if self.execution_context.query:
                raise GraphQLError("Not on Sundays.", extensions={"code": "CLOSED"})
            yield

    async with extended([Refusing], {"EXECUTOR": executor}) as http:
        answer = await ask(http, "{ __typename }")

    assert answer["errors"] == [{"message": "Not on Sundays.", "extensions": {"code": "CLOSED"}}]


@EXECUTORS
async def test_what_the_librarys_own_extension_makes_of_errors_needs_a_code(executor: str) -> None:
    class Coded(MaskErrors):
        def anonymise_error(self, error: GraphQLError) -> GraphQLError:
            hidden = super().anonymise_error(error)
            return GraphQLError(hidden.message, path=hidden.path, extensions={"code": "HIDDEN"})

    def told(answer: Any) -> list[tuple[str, str]]:
        return [(error["message"], error["extensions"]["code"]) for error in answer["errors"]]

    bad = '{ wallet(address: "no address") { id } }'
    async with extended([lambda: Coded(error_message="Hidden.")], {"EXECUTOR": executor}) as http:
        assert told(await ask(http, bad)) == [("Hidden.", "HIDDEN")]
    async with extended([MaskErrors], {"EXECUTOR": executor}) as http:
        assert told(await ask(http, bad)) == [("Internal error", "INTERNAL")]


@EXECUTORS
@pytest.mark.parametrize("extensions", [(), (Counting,)])
async def test_process_errors_is_called_once_an_operation(
    executor: str, extensions: Extensions, monkeypatch: pytest.MonkeyPatch
) -> None:
    processed: list[list[str]] = []

    def process(self: Schema, errors: list[GraphQLError], execution_context: Any = None) -> None:
        processed.append([str(error.path) for error in errors])

    monkeypatch.setattr(Schema, "process_errors", process)
    monkeypatch.setattr(Counting, "seen", [], raising=False)
    async with extended(extensions, {"EXECUTOR": executor}) as http:
        await ask(http, '{ wallet(address: "no address") { id } }')
        await ask(http, "{ __typename }")

    assert processed == [["['wallet']"]]


class Members(BasePermission):
    message = "For members."
    error_extensions = {"code": "FORBIDDEN"}  # noqa: RUF012

    def has_permission(self, source: Any, info: Any, **kwargs: Any) -> bool:
        return bool(info.context == "a member")


@strawberry.type
class Club:
    @strawberry.field(permission_classes=[Members])  # type: ignore[untyped-decorator]
    def password(self) -> str:
        return "swordfish"


@pytest.mark.parametrize("executor", [None, CompiledExecutor])
async def test_permission_classes_are_asked(executor: Any) -> None:
    schema = strawberry.Schema(Club, execution_context_class=executor)

    allowed = await schema.execute("{ password }", context_value="a member")
    refused = await schema.execute("{ password }", context_value="a stranger")

    assert allowed.data == {"password": "swordfish"}
    assert refused.data is None
    assert refused.errors is not None
    assert [(error.message, error.extensions) for error in refused.errors] == [
        ("For members.", {"code": "FORBIDDEN"})
    ]


@EXECUTORS
async def test_a_trusted_router_gets_apollos_trace_where_it_asks_for_it(executor: str) -> None:
    settings = {"EXECUTOR": executor, "ROUTER_SECRET": SECRET * 2}
    secret = {"router-authorization": SECRET * 2}
    async with extended(settings=settings) as http:
        plain = await ask(http, QUERY, **secret)
        traced = await ask(http, QUERY, **secret, **{"apollo-federation-include-trace": "ftv1"})
        again = await ask(http, QUERY, **secret)

    assert set(traced) == {"data", "extensions"}
    assert traced["data"] == plain["data"] == again["data"]
    assert set(traced["extensions"]) == {"ftv1"}
    assert "extensions" not in plain
    assert "extensions" not in again
    root = message(base64.b64decode(traced["extensions"]["ftv1"]))[14][0]
    fields = {message(node)[1][0].decode(): message(node) for node in message(root)[12]}
    assert set(fields) == {"wallet", "other"}
    assert fields["wallet"][3] == [b"Wallet"]
    assert fields["wallet"][13] == [b"Query"]
    assert fields["wallet"][9][0] >= fields["wallet"][8][0] > 0
    inner = {message(node)[1][0] for node in fields["wallet"][12]}
    assert inner == {b"netWorthUsd", b"positions"}


async def test_a_stranger_gets_no_trace() -> None:
    async with extended() as http:
        answer = await ask(http, QUERY, **{"apollo-federation-include-trace": "ftv1"})

    assert set(answer) == {"data"}


def message(data: bytes) -> dict[int, list[Any]]:
    """The fields of a message in protobuf: numbers, or bytes that may be messages themselves."""
    found: dict[int, list[Any]] = {}
    place = 0

    def number() -> int:
        nonlocal place
        value = shift = 0
        while True:
            byte = data[place]
            place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while place < len(data):
        key = number()
        value: Any = number()
        if key & 7 == 2:
            value, place = data[place : place + value], place + value
        found.setdefault(key >> 3, []).append(value)
    return found
