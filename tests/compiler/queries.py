"""Hypothesis strategies for valid operations over any GraphQL schema."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLNamedType,
    GraphQLSchema,
    get_named_type,
    is_composite_type,
    is_enum_type,
    is_input_object_type,
    is_interface_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
    is_union_type,
    parse,
    validate,
)
from hypothesis import assume
from hypothesis import strategies as st

Values = Callable[[str, str, Any], st.SearchStrategy[Any] | None]
"""(field name, argument or input field name, type) -> values as JSON, or None for the default."""


@dataclass(frozen=True)
class Operation:
    """A valid document of one operation, and variables for it."""

    text: str
    variables: dict[str, Any]


class Name(str):
    """An enum value, printed without quotes."""


def no_values(field_name: str, name: str, type_: Any) -> None:
    """No opinion about any argument."""


@dataclass
class Drawing:
    """One operation in the making."""

    draw: Any
    schema: GraphQLSchema
    values: Values
    skip: Callable[[str, str], bool]
    fields: int
    fragments: list[tuple[str, GraphQLNamedType, str]] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    declared: dict[str, str] = field(default_factory=dict)
    arguments: dict[tuple[str, str], str] = field(default_factory=dict)

    def chance(self, percent: int) -> bool:
        return bool(self.draw(st.integers(0, 99)) < percent)

    def selection_set(self, type_: Any, depth: int) -> str:
        """A selection set on a composite type, braces included."""
        parts: list[str] = []
        for _ in range(self.draw(st.integers(1, 5))):
            part = self.selection(type_, depth)
            if part:
                parts.append(part)
        if not parts:
            parts.append("__typename")
        return "{ " + " ".join(parts) + " }"

    def selection(self, type_: Any, depth: int) -> str:
        """A field, an inline fragment or a spread."""
        kind = self.draw(st.integers(0, 9))
        if is_union_type(type_) or kind >= 8:
            return self.fragment(type_, depth)
        if kind == 7:
            alias = "kind: " if self.chance(30) else ""
            return f"{alias}__typename{self.directives()}"
        return self.field(type_, depth)

    def field(self, type_: Any, depth: int) -> str:
        """One field with arguments, directives and what is below it."""
        names = [
            name
            for name, each in type_.fields.items()
            if not self.skip(type_.name, name)
            and (depth > 0 or not is_composite_type(get_named_type(each.type)))
        ]
        if not names or self.fields <= 0:
            return ""
        self.fields -= 1
        name = self.draw(st.sampled_from(names))
        definition: GraphQLField = type_.fields[name]
        number = self.draw(st.integers(0, 2))
        alias = f"{type_.name}_{name}_{number}".lstrip("_")
        if (type_.name, alias) not in self.arguments:
            self.arguments[type_.name, alias] = self.print_arguments(name, definition)
        given = self.arguments[type_.name, alias]
        prefix = "" if not definition.args and number else f"{alias}: "
        named = get_named_type(definition.type)
        below = self.selection_set(named, depth - 1) if is_composite_type(named) else ""
        return f"{prefix}{name}{given}{self.directives()} {below}".rstrip()

    def fragment(self, type_: Any, depth: int) -> str:
        """An inline fragment or a spread on this type or one that overlaps with it."""
        targets = [type_]
        if not is_object_type(type_):
            targets += self.schema.get_possible_types(type_)
        elif is_interface_type(type_) or is_object_type(type_):
            targets += list(type_.interfaces)
        target = self.draw(st.sampled_from(targets))
        if self.chance(50):
            if is_union_type(target) and depth <= 0:
                return ""
            condition = "" if target is type_ and self.chance(40) else f" on {target.name}"
            return f"...{condition}{self.directives()} {self.selection_set(target, depth - 1)}"
        known = [each for each in self.fragments if each[1] is target]
        if known and self.chance(60):
            name = self.draw(st.sampled_from(known))[0]
        else:
            body = self.selection_set(target, depth - 1)
            name = f"F{len(self.fragments)}"
            self.fragments.append((name, target, body))
        return f"...{name}{self.directives()}"

    def directives(self) -> str:
        """Mostly nothing; @skip or @include on a literal or a variable."""
        if not self.chance(12):
            return ""
        name = self.draw(st.sampled_from(["skip", "include"]))
        if self.chance(40):
            return f" @{name}(if: {str(self.chance(50)).lower()})"
        return f" @{name}(if: {self.variable('Boolean!', self.chance(50))})"

    def variable(self, type_: str, value: Any, default: str = "") -> str:
        """A new variable with a value."""
        name = f"v{len(self.declared)}"
        self.declared[name] = f"{type_}{default}"
        self.variables[name] = value
        return f"${name}"

    def print_arguments(self, field_name: str, definition: GraphQLField) -> str:
        """Arguments in parentheses, or nothing."""
        printed: list[str] = []
        for name, argument in definition.args.items():
            required = is_non_null_type(argument.type) and argument.default is None
            if not required and self.chance(35):
                continue
            printed.append(f"{name}: {self.argument(field_name, name, argument)}")
        return f"({', '.join(printed)})" if printed else ""

    def argument(self, field_name: str, name: str, argument: GraphQLArgument) -> str:
        """A literal or a variable."""
        value = self.value(field_name, name, argument.type)
        if self.chance(55):
            return literal(value)
        type_ = str(argument.type)
        if value is not None and self.chance(20) and not type_.endswith("!"):
            text = self.variable(type_, None, f" = {literal(value)}")
            if self.chance(70):
                del self.variables[text[1:]]
            return text
        text = self.variable(type_, plain(value))
        if not type_.endswith("!") and self.chance(20):
            del self.variables[text[1:]]
        return text

    def value(self, field_name: str, name: str, type_: Any) -> Any:
        """A value of an input type, enum values as Name."""
        own = self.values(field_name, name, type_)
        if own is not None:
            return self.draw(own)
        if is_non_null_type(type_):
            return self.not_null(field_name, name, type_.of_type)
        return None if self.chance(10) else self.not_null(field_name, name, type_)

    def not_null(self, field_name: str, name: str, type_: Any) -> Any:
        if is_list_type(type_):
            count = self.draw(st.integers(0, 3))
            return [self.value(field_name, name, type_.of_type) for _ in range(count)]
        if is_enum_type(type_):
            return Name(self.draw(st.sampled_from(sorted(type_.values))))
        if is_input_object_type(type_):
            result: dict[str, Any] = {}
            inner: GraphQLInputField
            for inner_name, inner in type_.fields.items():
                required = is_non_null_type(inner.type) and inner.default is None
                if required or self.chance(50):
                    result[inner_name] = self.value(field_name, inner_name, inner.type)
            return result
        return self.draw(SCALARS.get(type_.name, st.integers(0, 9)))


SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "Int": st.integers(-3, 12),
    "Float": st.floats(-4, 4, width=16),
    "Boolean": st.booleans(),
    "String": st.text('ab"\\ é', max_size=4),
    "ID": st.text("abc123", min_size=1, max_size=3),
}


def literal(value: Any) -> str:
    """A JSON value in GraphQL's notation."""
    if isinstance(value, Name):
        return str(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {literal(each)}" for key, each in value.items()) + "}"
    return str(value)


def plain(value: Any) -> Any:
    """The value as a client would send it in JSON."""
    if isinstance(value, Name):
        return str(value)
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return value


def skip_none(type_name: str, field_name: str) -> bool:
    """No field is left out."""
    return False


@st.composite
def operations(
    draw: Any,
    schema: GraphQLSchema,
    values: Values = no_values,
    skip: Callable[[str, str], bool] = skip_none,
    depth: int = 4,
    fields: int = 40,
) -> Operation:
    """Valid query operations.

    `values` supplies arguments (or None for any value of the type), `skip` leaves fields out by
    (type name, field name), `depth` and `fields` bound the size.
    """
    making = Drawing(draw, schema, values, skip, fields)
    body = making.selection_set(schema.query_type, depth)
    signature = ", ".join(f"${name}: {type_}" for name, type_ in making.declared.items())
    text = f"query Q{f'({signature})' if signature else ''} {body}"
    for name, type_, inner in making.fragments:
        text += f"\nfragment {name} on {type_.name} {inner}"
    assume(not validate(schema, parse(text)))
    return Operation(text, making.variables)
