"""Plan nodes: what the builder makes of an operation, and how a plan prints itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    GraphQLAbstractType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
)
from graphql.execution.collect_fields import FieldDetailsList

from compiler.fields import Reader, TypeTest

SELECTION_BYTES = 500
FIELD_BYTES = 450
ARGUMENTS_BYTES = 2_000
LETTER_BYTES = 6

Fast = Callable[[Any, Any, Any], Any]
"""A generated function: (record, link of the record, run) -> dict, or an awaitable of one."""


Class = type


@dataclass(slots=True, eq=False)
class Leaf:
    """A scalar or an enum; `style` says which check generated code may do by itself.

    `shortcut` is what a scalar's serializer says of itself in an attribute of that name: for a
    value `w` of exactly this class the first expression gives the same text, unless the second,
    of it and the text `t`, is true.
    """

    declared: GraphQLOutputType
    non_null: bool
    name: str
    style: str
    coerce: Callable[[Any], Any]
    names: dict[int, str] = field(default_factory=dict)
    members: tuple[Any, ...] = ()
    shortcut: tuple[type, str, str] | None = None


@dataclass(slots=True, eq=False)
class Listing:
    """A list of anything, a list included."""

    declared: GraphQLOutputType
    non_null: bool
    item: Shape
    loop: Callable[[Listing, FieldPlan, Any, Any, Any], Any] | None = None
    """(this, its field, list, its link, run) -> the completed list, for items that have a
    generated function; raises Pending where it takes several turns."""


@dataclass(slots=True, eq=False)
class Object:
    """An object of a type known when the plan is built."""

    declared: GraphQLOutputType
    non_null: bool
    selection: Selection


@dataclass(slots=True, eq=False)
class Abstract:
    """An interface or a union; selections are built when a type first turns up."""

    declared: GraphQLOutputType
    non_null: bool
    type: GraphQLAbstractType
    select: Callable[[GraphQLObjectType], Selection]
    by_class: Callable[[Any], bool]
    """Whether the type of a value is that of all values of its class."""
    built: dict[str, Selection]
    """What has been selected so far, by the type's name."""
    known: dict[Class, Selection] = field(default_factory=dict)
    """The selections of such classes, for values of which nothing needs to be asked."""


Shape = Leaf | Listing | Object | Abstract


@dataclass(slots=True, eq=False)
class FieldPlan:
    """One response key of a selection: how to read its value and how to complete it."""

    key: str
    name: str
    parent: GraphQLObjectType
    definition: GraphQLField
    details: FieldDetailsList
    reader: Reader
    shape: Shape
    read: Callable[[Any, Any, Any], Any]
    """(record, link of this field, run) -> what the resolver returns."""
    may_wait: bool
    """Whether the value may need awaiting, as far as can be known beforehand."""
    serial: int = 0
    """A number of its own, if its completed value may be kept with the record it is read from."""

    @property
    def nodes(self) -> list[FieldNode]:
        """Where the field stands in the document."""
        return [each.node for each in self.details]


@dataclass(slots=True, eq=False)
class Selection:
    """The merged fields of one object type at one place of the operation."""

    type: GraphQLObjectType
    test: TypeTest | None
    fields: list[FieldPlan]
    hot: int
    """Objects after which a function is generated."""
    make: Callable[[Selection], Fast]
    """Generates it."""
    serial: int = 0
    """A number of its own, if its objects may be kept with their records."""
    heat: int = 0
    fast: Fast | None = None
    written: int = 0
    """Letters of its text."""
    is_inlined: bool = False
    """Whether the function of the object above does this one's work."""

    @property
    def may_wait(self) -> bool:
        """Whether completing an object of this selection may give an awaitable."""
        return any(each.may_wait for each in self.fields)


def describe(selection: Selection, depth: int = 0) -> list[str]:
    """The selection as indented lines: key, how it is read, what becomes of the value."""
    lines: list[str] = []
    for each in selection.fields:
        mark = " (may wait)" if each.may_wait else ""
        lines.append(
            f"{'  ' * depth}{each.key}: {each.definition.type} = {each.reader.label}{mark}"
        )
        inner = innermost(each.shape)
        if isinstance(inner, Object):
            lines += describe(inner.selection, depth + 1)
        elif isinstance(inner, Abstract):
            lines.append(f"{'  ' * (depth + 1)}... by the type of each {inner.type.name}")
    return lines


def selections(selection: Selection) -> list[Selection]:
    """The selection and all below it that are known before running, parents first."""
    found = [selection]
    for each in selection.fields:
        inner = innermost(each.shape)
        if isinstance(inner, Object):
            found += selections(inner.selection)
    return found


def weigh(selection: Selection) -> int:
    """Estimated bytes of all that is kept of the selection and those below it, as measured."""
    size = SELECTION_BYTES + LETTER_BYTES * selection.written
    for each in selection.fields:
        size += FIELD_BYTES + ARGUMENTS_BYTES * (each.reader.kind == "resolver")
        inner = innermost(each.shape)
        if isinstance(inner, Object):
            size += weigh(inner.selection)
        elif isinstance(inner, Abstract):
            size += sum(map(weigh, inner.built.values()))
    return size


def innermost(shape: Shape) -> Leaf | Object | Abstract:
    """What stands inside all the lists."""
    while isinstance(shape, Listing):
        shape = shape.item
    return shape
