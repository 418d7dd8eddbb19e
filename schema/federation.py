"""The federation schema: Strawberry's, with `_entities` made safe and the SDL printed once.

What is mended: a representation is never changed, a bad one fails alone at its own index, equal
ones are resolved once an operation, keys arrive as the schema spells them and as its types say,
and no Python text reaches a client.
"""

import asyncio
import inspect
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from typing import Any, cast

import strawberry
from graphql import GraphQLError, GraphQLObjectType
from strawberry.extensions import SchemaExtension
from strawberry.federation import schema as base
from strawberry.printer import print_schema
from strawberry.types import ExecutionContext
from strawberry.utils.str_converters import to_camel_case

from resolvers.errors import BadRepresentation, shown

_extended_by: ContextVar[Sequence[Callable[[], SchemaExtension]]] = ContextVar(
    "extended_by", default=()
)


@contextmanager
def extended_by(makers: Sequence[Callable[[], SchemaExtension]]) -> Iterator[None]:
    """Inside, `Schema.execute` has these extensions too, after those of the schema."""
    token = _extended_by.set(makers)
    try:
        yield
    finally:
        _extended_by.reset(token)


class Schema(strawberry.federation.Schema):
    """One instance a class: Strawberry notes the entity union on the class's own resolver."""

    def get_extensions(self, sync: bool = False) -> list[SchemaExtension]:
        return [*super().get_extensions(sync), *(make() for make in _extended_by.get())]

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Called with every operation's errors; does nothing: what is ours to mend is logged."""

    @cached_property
    def sdl(self) -> str:
        """The subgraph's SDL, with its federation directives."""
        return print_schema(self)

    def entities_resolver(
        self, info: strawberry.Info, representations: list[base.FederationAny]
    ) -> list[base.FederationAny]:
        """One result an index: a record, an awaitable of one, or the exception to report there."""
        made = info.context.loaders.made
        return [self._entity(info, made, item) for item in representations]

    def _entity(self, info: strawberry.Info, made: dict[Hashable, Any], representation: Any) -> Any:
        """What a representation names; `made` has what equal ones came to in this operation."""
        try:
            if not isinstance(representation, dict):
                raise BadRepresentation("A representation must be an object")
            name = representation.get("__typename")
            if not isinstance(name, str):
                raise BadRepresentation("A representation needs its __typename")
            entity = self._entity_named(name)
            arguments = entity.arguments(representation)
        except Exception as error:
            return error
        key = (entity, *arguments.items())
        found = made.get(key)
        if found is None:
            try:
                found = entity.resolve(info=info, **arguments)
            except Exception as error:
                found = error
            if inspect.iscoroutine(found):
                # Several places may wait for it.
                found = asyncio.ensure_future(found)
            made[key] = found
        return found

    def entity_tags(self, representation: object) -> list[str]:
        """By what a router may drop what it keeps of an entity: its type, and each of its keys.

        One entity has the same tags however it was spelled, and by whichever key. What names none
        has no tags.
        """
        if not isinstance(representation, dict):
            return []
        name = representation.get("__typename")
        entity = self._resolvable.get(name) if isinstance(name, str) else None
        if entity is None:
            return []
        try:
            keys = entity.identity(representation)
        except Exception:  # a reference that cannot be read is answered with an error, not kept
            return []
        return [f"{name}", *(f"{name}:{key}={value}" for key, value in sorted(keys.items()))]

    def _entity_named(self, name: str) -> "_Entity":
        entity = self._resolvable.get(name)
        if entity is None:
            raise BadRepresentation(f"{shown(name)} is not an entity of this subgraph")
        return entity

    @cached_property
    def _resolvable(self) -> "dict[str, _Entity]":
        found = {}
        for name, concrete in self.schema_converter.type_map.items():
            resolve = getattr(
                getattr(concrete.definition, "origin", None), "resolve_reference", None
            )
            if resolve is not None:
                origin = concrete.definition.origin  # type: ignore[union-attr]
                found[name] = _Entity(origin, cast(GraphQLObjectType, concrete.implementation))
        return found


class _Entity:
    """How a type resolves a reference: its function, and the GraphQL name and kind of each key.

    A type whose entities can be spelled in several ways has an `identity`, too: of the same
    arguments, it makes the one spelling of the key that tells them apart.
    """

    def __init__(self, origin: Any, graphql_type: GraphQLObjectType) -> None:
        self.resolve = origin.resolve_reference
        self._identity = getattr(origin, "identity", None)
        self.keys: list[tuple[str, str, str]] = []
        for parameter in inspect.signature(self.resolve).parameters:
            if parameter != "info":
                name = to_camel_case(parameter)
                kind = str(graphql_type.fields[name].type).rstrip("!")
                self.keys.append((parameter, name, kind))

    def identity(self, representation: dict[str, Any]) -> dict[str, object]:
        """The key of what a representation names, under the schema's names."""
        arguments = self.arguments(representation)
        if self._identity is not None:
            found: dict[str, object] = self._identity(**arguments)
            return found
        return {
            name: arguments[parameter] for parameter, name, _ in self.keys if parameter in arguments
        }

    def arguments(self, representation: dict[str, Any]) -> dict[str, Any]:
        """The key fields that are there, under their Python names; all else is left out."""
        found = {}
        for parameter, name, kind in self.keys:
            value = representation.get(name)
            if value is not None:
                found[parameter] = _coerced(name, kind, value)
        return found


def _coerced(name: str, kind: str, value: Any) -> Any:
    """A key as its GraphQL type reads it; gateways send ids as numbers, and numbers as text."""
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    if kind in ("ID", "String"):
        if is_integer:
            return str(value)
        if isinstance(value, str):
            return value
    elif kind == "Int":
        if is_integer:
            return value
    elif is_integer or isinstance(value, str):
        return value
    raise BadRepresentation(f"{name} must be of type {kind}")
