"""The reference of the graph as a page of Markdown, made of the schema that is served."""

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    get_named_type,
    is_introspection_type,
    is_specified_scalar_type,
)
from graphql.language import print_ast
from graphql.utilities import ast_from_value

from schema import build_schema

_HEAD = """\
# Reference

Every type of the graph with its fields, made of the schema by `make schema`; the same text is in \
GraphiQL's documentation. How its parts belong together: [the graph](graph.md), \
[portfolios](portfolio.md). Ids, money and counts are strings; null is unknown.
"""
# What routers ask for, which no client does.
_FEDERATION = frozenset({"_Service", "_Entity", "_Any", "FieldSet", "link__Import"})
_ORDER = (
    ("Objects", GraphQLObjectType),
    ("Interfaces", GraphQLInterfaceType),
    ("Unions", GraphQLUnionType),
    ("Inputs", GraphQLInputObjectType),
    ("Enums", GraphQLEnumType),
    ("Scalars", GraphQLScalarType),
)


def reference(schema: GraphQLSchema) -> str:
    """The page: queries first, then every type by its kind and name."""
    assert schema.query_type is not None  # noqa: S101
    lines = [_HEAD, "## Queries", "", *_fields(schema.query_type.fields)]
    kept = [
        each
        for name, each in sorted(schema.type_map.items())
        if each is not schema.query_type
        and name not in _FEDERATION
        and not is_introspection_type(each)
        and not is_specified_scalar_type(each)
    ]
    for title, kind in _ORDER:
        found = [each for each in kept if isinstance(each, kind)]
        if found:
            lines += [f"## {title}", ""]
        for each in found:
            lines += [f"### {each.name}", "", *_said(each.description), *_parts(each)]
    return "\n".join(lines).rstrip() + "\n"


def _parts(each: GraphQLNamedType) -> Iterator[str]:
    if isinstance(each, GraphQLObjectType | GraphQLInterfaceType):
        if each.interfaces:
            yield from (f"Implements {', '.join(map(_link, each.interfaces))}.", "")
        yield from _fields(each.fields)
    elif isinstance(each, GraphQLUnionType):
        yield from (f"One of {', '.join(map(_link, each.types))}.", "")
    elif isinstance(each, GraphQLInputObjectType):
        rows = ((name, _typed(field), field.description) for name, field in each.fields.items())
        yield from _table("Field", rows)
    elif isinstance(each, GraphQLEnumType):
        values = each.values.items()
        yield from _table("Value", ((name, "", value.description) for name, value in values))


def _fields(fields: dict[str, GraphQLField]) -> Iterator[str]:
    shown = {name: field for name, field in fields.items() if not name.startswith("_")}
    yield from _table("Field", ((name, _typed(it), _told(it)) for name, it in shown.items()))
    for name, field in shown.items():
        if field.args:
            yield from (f"Arguments of `{name}`:", "")
            rows = ((each, _typed(arg), arg.description) for each, arg in field.args.items())
            yield from _table("Argument", rows)


def _told(field: GraphQLField) -> str | None:
    if field.deprecation_reason is None:
        return field.description
    return f"**Deprecated:** {field.deprecation_reason} {field.description or ''}"


def _table(head: str, rows: Iterator[tuple[str, str, str | None]]) -> Iterator[str]:
    """Rows of a name, a type and a text; a column in which nothing stands is left out."""
    texts = [
        (f"`{name}`", kind, " ".join((text or "").split()).replace("|", "\\|"))
        for name, kind, text in rows
    ]
    columns = [0, *(place for place in (1, 2) if any(row[place] for row in texts))]
    heads = (head, "Type", "Description")
    for row in (heads, ("---",) * len(heads), *texts):
        yield f"| {' | '.join(row[place] for place in columns)} |"
    yield ""


def _typed(field: GraphQLField | GraphQLArgument | GraphQLInputField) -> str:
    kind: Any = field.type
    named = get_named_type(kind)
    text = str(kind).replace(named.name, _link(named))
    default = getattr(field, "default_value", Undefined)
    if default is Undefined:
        return text
    literal = ast_from_value(default, kind)
    return f"{text} = `{print_ast(literal)}`" if literal is not None else text


def _link(kind: GraphQLNamedType) -> str:
    if is_specified_scalar_type(kind):
        return f"`{kind.name}`"
    return f"[{kind.name}](#{kind.name.lower()})"


def _said(text: str | None) -> list[str]:
    return [text, ""] if text else []


if __name__ == "__main__":
    print(reference(build_schema()._schema), end="")  # noqa: T201
