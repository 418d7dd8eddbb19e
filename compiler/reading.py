"""Readers as functions of (record, link, run), for fields that run outside generated code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import FieldNode, GraphQLField, GraphQLObjectType

from compiler.fields import Reader
from compiler.links import to_path
from compiler.variables import arguments_of

Read = Callable[[Any, Any, Any], Any]


def read_with(
    reader: Reader, parent: GraphQLObjectType, definition: GraphQLField, nodes: list[FieldNode]
) -> Read:
    """What the field's resolver would be called for."""
    function = reader.function
    if reader.kind == "constant":
        return lambda record, link, run: function
    if reader.kind == "attribute":
        name = reader.name
        return lambda record, link, run: getattr(record, name)

    def info_at(link: Any, run: Any) -> Any:
        return run.build_resolve_info(definition, list(nodes), parent, to_path(link))

    if reader.kind == "resolver":
        arguments = arguments_of(definition, nodes[0])

        def resolve(record: Any, link: Any, run: Any) -> Any:
            info = info_at(link, run)
            return function(record, info, **arguments(run))

        return resolve
    if not reader.takes_info:
        return lambda record, link, run: function(record)
    make_info: Any = reader.make_info
    return lambda record, link, run: function(record, make_info(info_at(link, run)))
