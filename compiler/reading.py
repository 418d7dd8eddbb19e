"""Readers as functions of (record, link, run), for fields that run outside generated code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import FieldNode, GraphQLField, GraphQLObjectType

from compiler.fields import Reader, is_shared
from compiler.leaves import IMMUTABLE
from compiler.links import Link, to_path
from compiler.variables import arguments_of

Read = Callable[[Any, Any, Any], Any]
UNKNOWN: Any = object()


def read_with(
    reader: Reader, parent: GraphQLObjectType, definition: GraphQLField, nodes: list[FieldNode]
) -> Read:
    """What the field's resolver would be called for."""
    plain = reader.kind not in ("resolver", "function") or (
        reader.kind == "function" and not reader.takes_info
    )
    if plain:
        # The same for all fields of a definition, which keeps its reader.
        if reader.read is None:
            reader.read = read_plainly(reader)
        return reader.read
    function = reader.function

    def info_at(link: Link, run: Any) -> Any:
        return run.build_resolve_info(definition, list(nodes), parent, to_path(link))

    make_info: Any = reader.make_info
    if reader.kind == "resolver":
        shared = {name for name, argument in definition.args.items() if is_shared(argument.type)}
        return resolve_with(reader, info_at, arguments_of(definition, nodes[0]), shared)
    return lambda record, link, run: function(record, make_info(info_at, link, run))


def read_plainly(reader: Reader) -> Read:
    """A reader that looks at the record alone."""
    function, name = reader.function, reader.name
    if reader.kind == "constant":
        return lambda record, link, run: function
    if reader.kind == "record":
        return lambda record, link, run: record
    if reader.kind == "attribute":
        return lambda record, link, run: getattr(record, name)
    return lambda record, link, run: function(record)


def resolve_with(
    reader: Reader,
    info_at: Callable[[Link, Any], Any],
    arguments: Callable[[Any], dict[str, Any]],
    shared: set[str],
) -> Read:
    """A resolver with arguments, called directly where these are plain values.

    `shared` names arguments that no resolver changes, whatever they are.
    """
    function, direct, convert = reader.function, reader.direct, reader.convert
    takes_info = reader.takes_info
    make_info: Any = reader.make_info

    def resolve(record: Any, link: Link, run: Any) -> Any:
        return function(record, info_at(link, run), **arguments(run))

    if direct is None or convert is None:
        return resolve

    def plain(run: Any) -> dict[str, Any] | None:
        """The arguments by their Python names; None if a resolver could change them."""
        given = arguments(run)
        fixed = {name: value for name, value in given.items() if name not in shared}
        if not all(isinstance(value, IMMUTABLE) for value in fixed.values()):
            return None
        try:
            found = convert(given)
            fixed = convert(fixed)
        except Exception:
            return None
        return found if all(isinstance(each, IMMUTABLE) for each in fixed.values()) else None

    def resolve_directly(record: Any, link: Link, run: Any) -> Any:
        keywords = run.arguments.get(resolve, UNKNOWN)
        if keywords is UNKNOWN:
            keywords = run.arguments[resolve] = plain(run)
        if keywords is None:
            return resolve(record, link, run)
        if takes_info:
            return direct(record, make_info(info_at, link, run), **keywords)
        return direct(record, **keywords)

    return resolve_directly
