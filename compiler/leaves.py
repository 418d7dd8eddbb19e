"""Scalars and enums: which outputs need no call at all, and the exact call for the rest."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from types import CoroutineType
from typing import Any
from uuid import UUID

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLString,
    Undefined,
)
from graphql.pyutils import inspect
from strawberry.execution import optimized_is_awaitable as is_awaitable

from compiler.plan import Leaf
from compiler.signals import Raw

PLAIN = frozenset(
    {
        type(None), bool, int, float, complex, str, bytes, bytearray, list, tuple, dict, set,
        frozenset, Decimal, datetime, date, time, UUID,
    }
)  # fmt: skip
"""Classes whose instances are never awaitable and never exceptions."""

IMMUTABLE = (str, int, float, bool, type(None), Decimal, datetime, date, time, UUID, Enum)

STYLES = {
    id(GraphQLString): "text",
    id(GraphQLID): "text",
    id(GraphQLInt): "int",
    id(GraphQLFloat): "float",
    id(GraphQLBoolean): "bool",
}


def leaf_of(
    declared: GraphQLOutputType, type_: GraphQLScalarType | GraphQLEnumType, non_null: bool
) -> Leaf:
    """The plan for a leaf. Enum members are looked up by identity, in the type's own order."""
    coerce = type_.coerce_output_value
    if isinstance(type_, GraphQLScalarType):
        style = STYLES.get(id(type_), "custom")
        shortcut = getattr(coerce, "shortcut", None)
        return Leaf(declared, non_null, type_.name, style, coerce, shortcut=shortcut)
    members = getattr(type_, "wrapped_cls", None)
    if not (isinstance(members, type) and issubclass(members, Enum)):
        return Leaf(declared, non_null, type_.name, "custom", coerce)
    kept = tuple(members)
    names: dict[int, str] = {}
    for member in kept:
        try:
            names[id(member)] = coerce(member)
        except Exception:  # noqa: S112  such a member fails when it is answered
            continue
    return Leaf(declared, non_null, type_.name, "enum", coerce, names, kept)


def complete_leaf(shape: Leaf, value: Any) -> Any:
    """Complete a value that is neither null nor an exception, as graphql-core does."""
    result = shape.coerce(value)
    if result is None or result is Undefined:
        raise refused(shape, value, result)
    return result


def refused(shape: Leaf, value: Any, result: Any) -> TypeError:
    """The error for a scalar that serialised a value to nothing."""
    return TypeError(
        f"Expected `{shape.name}.coerce_output_value({inspect(value)})` to return"
        f" non-nullable value, returned: {inspect(result)}"
    )


def null_error(parent: str, name: str) -> TypeError:
    """The error for null where the schema promises a value."""
    return TypeError(f"Cannot return null for non-nullable field {parent}.{name}.")


def must_await(value: Any) -> bool:
    """Whether a value of none of the PLAIN classes must be awaited: mostly, it is a coroutine."""
    return type(value) is CoroutineType or is_awaitable(value)


class Cell:
    """The one class a place has seen and may treat without questions."""

    __slots__ = ("cls",)

    def __init__(self) -> None:
        self.cls: type | None = None


class OddLeaf:
    """What generated code calls with a value that its inline check did not know."""

    __slots__ = ("cell", "name", "parent", "shape")

    def __init__(self, shape: Leaf, parent: str, name: str, cell: Cell) -> None:
        self.shape, self.parent, self.name, self.cell = shape, parent, name, cell

    def __call__(self, value: Any) -> Any:
        """The completed value; raises Raw for an awaitable, else what graphql-core raises."""
        if value is None or value is Undefined:
            if self.shape.non_null:
                raise null_error(self.parent, self.name)
            return None
        cls = type(value)
        if cls in PLAIN:
            self.cell.cls = cls
        elif must_await(value):
            raise Raw(value)
        elif isinstance(value, Exception):
            raise value.with_traceback(None)
        return complete_leaf(self.shape, value)
