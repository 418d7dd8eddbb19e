"""The little we know of Strawberry's internals: how a field is read, what is_type_of looks at."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import FunctionType
from typing import Any

from graphql import (
    GraphQLAbstractType,
    GraphQLField,
    GraphQLInputType,
    GraphQLObjectType,
    GraphQLSchema,
    default_field_resolver,
    get_nullable_type,
)
from strawberry import Info
from strawberry.types.arguments import convert_arguments
from strawberry.types.base import has_object_definition
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from compiler.links import Link

# Strawberry has no public way to tell its own wrapper of a resolver from another's. Calling through
# it takes seven times as long for a list of a thousand rows; tests/test_private_names.py looks
# whether these are still its names, and without them all is called through it.
CONVERTER = "strawberry.schema.schema_converter"
WRAPPED = "GraphQLCoreConverter.from_resolver.<locals>."
UNION = "StrawberryUnion.get_type_resolver.<locals>._resolve_union_type"
UNION_MODULE = "strawberry.types.union"
CLASSES_KEPT = 64


MakeInfo = Callable[[Callable[[Link, Any], Any], Link, Any], Any]
"""(what makes a GraphQLResolveInfo of a link and a run, link, run) to a Strawberry Info."""


@dataclass(slots=True, eq=False)
class Reader:
    """How a field's value is had from a record.

    constant: `function` is the value. record: the record itself. attribute: `name` of the record.
    function: called with the record, and with a Strawberry Info where `takes_info`. resolver:
    called as graphql-core would, with a GraphQLResolveInfo and the arguments; where there is a
    `direct` function, it may be called like `function` above, with what `convert` makes of the
    arguments as keywords.
    """

    kind: str
    label: str
    name: str = ""
    function: Any = None
    takes_info: bool = False
    is_async: bool = False
    make_info: MakeInfo | None = None
    direct: Callable[..., Any] | None = None
    convert: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    resolve: Any = None
    read: Callable[[Any, Any, Any], Any] | None = None
    """The function that reads as said, where that depends on nothing else."""


def reader_of(schema: GraphQLSchema, definition: GraphQLField) -> Reader:
    """The shortest way to the field's value that gives what its resolver gives."""
    resolve = definition.resolve
    if resolve is None:
        return Reader(
            "resolver", "graphql-core's default resolver", function=default_field_resolver
        )
    strawberry_field = definition.extensions.get("strawberry-definition")
    if isinstance(strawberry_field, StrawberryField) and is_plain(resolve, strawberry_field):
        short = basic(strawberry_field) or derived(schema, definition, strawberry_field)
        if short is not None:
            return short
    is_async = inspect.iscoroutinefunction(resolve)
    label = f"{'await ' if is_async else ''}its resolver with info and arguments"
    return Reader("resolver", label, function=resolve, is_async=is_async)


def is_plain(resolve: Any, definition: StrawberryField) -> bool:
    """Whether Strawberry's own wrapper stands there, and nothing has been put around it."""
    return (
        isinstance(resolve, FunctionType)
        and resolve.__module__ == CONVERTER
        and resolve.__qualname__.startswith(WRAPPED)
        and type(definition).get_result is StrawberryField.get_result
        and not definition.extensions
        and not definition.permission_classes
    )


def basic(definition: StrawberryField) -> Reader | None:
    """An attribute, where Strawberry would call getattr(record, python name)."""
    if not definition.is_basic_field:
        return None
    name = definition.python_name
    lookup: Any = definition.default_resolver
    if lookup is getattr:
        return Reader("attribute", f"record.{name}", name=name)
    return Reader(
        "function", f"default resolver of {name!r}", function=lambda source: lookup(source, name)
    )


def derived(
    schema: GraphQLSchema, definition: GraphQLField, strawberry_field: StrawberryField
) -> Reader | None:
    """A resolver called directly; None where the wrapper does more than to call it.

    One that gives the record itself, for a type that reads on from it, says so by `gives_record`.
    """
    resolver = strawberry_field.base_resolver
    owner = getattr(schema, "_strawberry_schema", None)
    if (
        resolver is None
        or owner is None
        or owner.schema_converter._exception_handler_specs
        or type(resolver.wrapped_func) is not FunctionType
        or inspect.isasyncgenfunction(resolver.wrapped_func)
    ):
        return None
    given = reserved(resolver, {each.python_name for each in strawberry_field.arguments})
    if given is None:
        return None
    called = resolver.wrapped_func
    label = f"{'await ' if resolver.is_async else ''}{called.__name__}({', '.join(given)}"
    takes_info = "info" in given
    make_info = info_maker(owner.config.info_class, strawberry_field)
    if not definition.args:
        if given == ["record"] and getattr(called, "gives_record", False):
            return Reader("record", "the record")
        return Reader(
            "function",
            f"{label})",
            function=arranged(called, given),
            takes_info=takes_info,
            is_async=resolver.is_async,
            make_info=make_info,
        )

    def convert(values: dict[str, Any]) -> dict[str, Any]:
        return convert_arguments(
            values,
            strawberry_field.arguments,
            scalar_registry=owner.schema_converter.scalar_registry,
            config=owner.config,
        )

    return Reader(
        "resolver",
        f"{label}, arguments)" if given else f"{label}arguments)",
        function=definition.resolve,
        takes_info=takes_info,
        is_async=resolver.is_async,
        make_info=make_info,
        direct=arranged(called, given),
        convert=convert,
    )


def reserved(resolver: StrawberryResolver[Any], arguments: set[str]) -> list[str] | None:
    """The resolver's first parameters, "record" or "info" each; None if others come between."""
    records = {
        parameter.name
        for parameter in (
            resolver.self_parameter,
            resolver.root_parameter,
            resolver.parent_parameter,
        )
        if parameter is not None
    }
    info = resolver.info_parameter.name if resolver.info_parameter is not None else None
    given: list[str] = []
    seen = 0
    for parameter in resolver.signature.parameters.values():
        if parameter.name in arguments and parameter.kind is not parameter.POSITIONAL_ONLY:
            seen += 1
        elif seen or parameter.kind is not parameter.POSITIONAL_OR_KEYWORD:
            return None
        elif parameter.name in records:
            given.append("record")
        elif parameter.name == info:
            given.append("info")
        else:
            return None
    return given


class LateInfo(Info[Any, Any]):
    """Strawberry's Info; graphql-core's is made when something of it is looked at first."""

    def __init__(
        self, raw: Callable[[Link, Any], Any], link: Link, run: Any, field: StrawberryField
    ) -> None:
        self._raw, self._link, self._run, self._field = raw, link, run, field

    @cached_property
    def _raw_info(self) -> Any:  # type: ignore[override]
        return self._raw(self._link, self._run)

    @property
    def context(self) -> Any:
        """The context of the operation."""
        return self._run.context_value


def info_maker(info_class: type[Info[Any, Any]], strawberry_field: StrawberryField) -> MakeInfo:
    """How the field's Info is made; a class of the schema's own gets all at once."""
    if info_class is Info:
        return lambda raw, link, run: LateInfo(raw, link, run, strawberry_field)
    return lambda raw, link, run: info_class(_raw_info=raw(link, run), _field=strawberry_field)


def arranged(function: Any, given: list[str]) -> Any:
    """`function` with (record) or (record, info) in front of its arguments."""
    if given in (["record"], ["record", "info"]):
        return function
    if not given:
        return lambda _, **arguments: function(**arguments)
    if given == ["info"]:
        return lambda _, info, **arguments: function(info, **arguments)
    if "info" not in given:
        return lambda record, **arguments: function(*[record] * len(given), **arguments)
    return lambda record, info, **arguments: function(
        *(record if g == "record" else info for g in given), **arguments
    )


def is_shared(type_: GraphQLInputType) -> bool:
    """Whether an argument of this type may be made once for all records of a run.

    A Strawberry input says so by `is_shared = True`: resolvers change nothing in it.
    """
    definition = getattr(get_nullable_type(type_), "extensions", {}).get("strawberry-definition")
    return bool(getattr(getattr(definition, "origin", None), "is_shared", False))


def keeps(type_: GraphQLObjectType, what: str) -> bool:
    """Whether the type's records keep completed "lists", or "objects" made of themselves.

    A Strawberry type says so by `keeps_lists = True` or `keeps_objects = True`: what its records
    give without info or arguments, and all that is read from there, never changes. Records that
    keep lists have a `list_cache`, None or an object with `get(serial)`, the kept value or None;
    `wants(serial)`, whether to keep one; and `put(serial, value, size)`. Records that keep objects
    have a dict `kept`.
    """
    definition = type_.extensions.get("strawberry-definition")
    return bool(getattr(getattr(definition, "origin", None), f"keeps_{what}", False))


@dataclass(slots=True, eq=False)
class TypeTest:
    """A type's is_type_of, and how much of what it is given it can look at.

    `needs_info`: it may read the info. `by_class`: its answer depends on the value's class
    alone, so that `classes` may remember those it said yes to.
    """

    function: Callable[..., Any]
    needs_info: bool
    by_class: Callable[[Any], bool]
    classes: set[type] = field(default_factory=set)

    def remember(self, value: Any) -> bool:
        """Keep the class of an accepted value if the answer holds for all of the class."""
        cls = type(value)
        if cls in self.classes:
            return True
        if len(self.classes) >= CLASSES_KEPT or not self.by_class(value):
            return False
        self.classes.add(cls)
        return True


def test_of(type_: GraphQLObjectType) -> TypeTest | None:
    """What is known about a type's is_type_of; None if it has none."""
    function = type_.is_type_of
    if function is None:
        return None
    if getattr(function, "__module__", "") == CONVERTER and isinstance(function, FunctionType):
        return TypeTest(function, False, has_no_cast)
    classes = record_classes(type_)
    if classes is not None and all(map(is_ordinary, classes)):
        return TypeTest(function, False, lambda _: True)
    return TypeTest(function, True, lambda _: False)


def record_classes(type_: GraphQLObjectType) -> tuple[type, ...] | None:
    """The classes of which a value of the type is, if nothing else tells that it is of the type.

    A Strawberry type says so by `record_classes`: its `is_type_of` is then an isinstance of them.
    """
    definition = type_.extensions.get("strawberry-definition")
    found: tuple[type, ...] | None = getattr(
        getattr(definition, "origin", None), "record_classes", None
    )
    return found


def picked_by_class(
    type_: GraphQLAbstractType, possible: Sequence[GraphQLObjectType]
) -> Callable[[Any], bool]:
    """Whether Strawberry picks the type for a value by the value's class alone.

    So it does in a union, for what is no Strawberry object, by the tests of the union's types.
    """
    resolve = type_.resolve_type
    if getattr(resolve, "__qualname__", "") != UNION or resolve.__module__ != UNION_MODULE:
        return lambda _: False
    tests = [test for each in possible if (test := test_of(each)) is not None]
    return lambda value: (
        has_no_cast(value)
        and not has_object_definition(value)
        and all(test.by_class(value) for test in tests)
    )


def has_no_cast(value: Any) -> bool:
    """For Strawberry's own test: it also looks for strawberry.cast on the instance."""
    cls: Any = type(value)
    return (
        cls.__dictoffset__ == 0
        and not hasattr(cls, "__getattr__")
        and cls.__getattribute__ is object.__getattribute__
        and not hasattr(value, "__as_strawberry_type__")
    )


def is_ordinary(candidate: type) -> bool:
    """A class for which isinstance asks nobody else, as that of an abc does."""
    return type(candidate).__instancecheck__ is type.__instancecheck__
