"""How many objects a field may answer with: read from its arguments, variables and the schema."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    FloatValueNode,
    GraphQLArgument,
    GraphQLError,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    ValueNode,
    VariableNode,
)

from schema.calls import Calls

PAGED = 5
"""Entries assumed of a list that says nothing about its length."""

_PAGE = 50
_MOST = 10**9
_SLICING = ("first", "last", "limit")
# A connection's lists: as long as the field around them is asked to make them. What @listSize
# assumes of them is for routers, which do not look that far.
_LISTS = ("edges", "nodes")


class Size(NamedTuple):
    """One field's part in the cost.

    `weight` is one object's cost with that of the arguments given, `entries` how many come, `page`
    what lists directly inside are multiplied by; `is_paged` marks such a list, whose length the
    field around it decides.
    """

    weight: int = 1
    entries: int = 1
    page: int = PAGED
    is_paged: bool = False


class _Shape(NamedTuple):
    """What the schema says of a field, found once."""

    weight: int
    is_list: bool
    assumed: int | None
    slicing: tuple[str, ...]
    lists: tuple[str, ...]
    weights: tuple[tuple[str, int], ...]
    calls: Calls | None


_UNKNOWN = Size()


class Shapes:
    """What one schema says of its fields, each looked at once."""

    def __init__(self) -> None:
        # Fields cannot be hashed. Holding each beside its shape keeps its id from being reused.
        self._known: dict[int, tuple[GraphQLField, _Shape]] = {}

    def of(self, definition: GraphQLField) -> _Shape:
        known = self._known.get(id(definition))
        if known is None:
            known = self._known[id(definition)] = definition, _read(definition)
        return known[1]


class Sizes:
    """Reads sizes for one operation and its variables; `used` collects the variables it read."""

    def __init__(
        self,
        shapes: Shapes,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
        most_entries: int,
    ) -> None:
        self.shapes = shapes
        self.variables = variables
        self.most_entries = most_entries
        self.used: dict[str, int | None] = {}
        self._defaults = {
            definition.variable.name.value: definition.default_value
            for definition in operation.variable_definitions or ()
        }

    def of(self, node: FieldNode, definition: GraphQLField | None) -> Size:
        """The field's size, all the numbers in it taken as they will be at execution."""
        if definition is None:
            return _UNKNOWN
        shape = self.shapes.of(definition)
        if not (shape.is_list or shape.slicing or shape.lists or shape.weights):
            return _UNKNOWN if shape.weight == 1 else Size(shape.weight)
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        weight = shape.weight
        for name, more in shape.weights:
            if self._is_given(given.get(name)):
                weight += more
        length = max((self._length(given.get(name)) for name in shape.lists), default=0)
        if shape.slicing:
            asked = [self._whole(name, given.get(name), definition) for name in shape.slicing]
            known = [number for number in asked if number is not None]
            page = max(known) if known else shape.assumed or _PAGE
            return Size(weight, page if shape.is_list else 1, page)
        if not shape.is_list:
            return Size(weight)
        if shape.lists:
            return Size(weight, max(1, length))
        if shape.assumed is not None:
            return Size(weight, shape.assumed)
        return Size(weight, is_paged=True)

    def calls(self, definition: GraphQLField | None) -> Calls | None:
        """What the field asks of a source, if it does."""
        return None if definition is None else self.shapes.of(definition).calls

    def read(self, names: Iterable[str]) -> tuple[int | None, ...]:
        """What the named variables come to; equal tuples mean an equal cost."""
        return tuple(self._variable(name) for name in names)

    def _whole(self, name: str, node: ValueNode | None, definition: GraphQLField) -> int | None:
        if isinstance(node, VariableNode):
            value = self._variable(node.name.value)
        elif node is None:
            value = _default(definition, name)
        else:
            value = _number(node)
        return value if value is None else max(0, value)

    def _is_given(self, node: ValueNode | None) -> bool:
        """Whether an argument is there and not null."""
        if isinstance(node, VariableNode):
            return self._variable(node.name.value) is not None
        return node is not None and not isinstance(node, NullValueNode)

    def _length(self, node: ValueNode | None) -> int:
        """Entries of a list argument; a single value stands for a list of one."""
        length = 1
        if isinstance(node, ListValueNode):
            length = len(node.values)
        elif isinstance(node, VariableNode):
            size = self._variable(node.name.value)
            if isinstance(self.variables.get(node.name.value), list | None):
                length = size or 0
        if length > self.most_entries:
            raise GraphQLError(
                f"A list argument has more than {self.most_entries} entries.",
                extensions={"code": "LIST_TOO_LONG"},
            )
        return length

    def _variable(self, name: str) -> int | None:
        """A variable's size: the number it holds, the length of its list, 1 for an object."""
        if name not in self.used:
            if name in self.variables:
                value = self.variables[name]
                size = len(value) if isinstance(value, list) else _finite(value)
                if isinstance(value, dict):
                    size = 1
            else:
                default = self._defaults.get(name)
                if isinstance(default, ListValueNode):
                    size = len(default.values)
                elif isinstance(default, ObjectValueNode):
                    size = 1
                else:
                    size = _number(default)
            self.used[name] = size
        return self.used[name]


def _finite(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # NaN fails the comparison and counts as no number.
    return int(value) if -_MOST < value < _MOST else _MOST if value == value else None


def _number(node: object) -> int | None:
    """The whole number a literal stands for; `50.0` is one."""
    if isinstance(node, IntValueNode | FloatValueNode):
        return _finite(float(node.value)) if len(node.value) <= 20 else _MOST
    return None


def _default(definition: GraphQLField, name: str) -> int | None:
    argument = definition.args[name]
    if argument.default is not None:
        literal = argument.default.literal
        return _finite(argument.default.value) if literal is None else _number(literal)
    return _finite(argument.default_value)


def _is_list(kind: object) -> bool:
    return isinstance(kind.of_type if isinstance(kind, GraphQLNonNull) else kind, GraphQLList)


def _read(definition: GraphQLField) -> _Shape:
    """The shape, with what `@cost` and `@listSize` say where Strawberry's field carries them."""
    assumed, slicing = None, None
    field: Any = (definition.extensions or {}).get("strawberry-definition")
    is_page = field is not None and field.python_name in _LISTS
    for directive in _directives(definition):
        if type(directive).__name__ == "ListSize" and not is_page:
            assumed = directive.assumed_size
            slicing = directive.slicing_arguments
    weights = {name: _weight(argument, 0) for name, argument in definition.args.items()}
    if not slicing:
        slicing = [name for name in _SLICING if name in definition.args]
    return _Shape(
        _weight(definition, 1),
        _is_list(definition.type),
        assumed,
        tuple(name for name in slicing if name in definition.args),
        tuple(name for name, argument in definition.args.items() if _is_list(argument.type)),
        tuple((name, weight) for name, weight in weights.items() if weight),
        None if field is None else (field.metadata or {}).get("calls"),
    )


def _directives(definition: GraphQLField | GraphQLArgument) -> Sequence[Any]:
    declared = (definition.extensions or {}).get("strawberry-definition")
    return getattr(declared, "directives", None) or ()


def _weight(definition: GraphQLField | GraphQLArgument, default: int) -> int:
    """What `@cost` says, if it is there."""
    for directive in _directives(definition):
        if type(directive).__name__ == "Cost":
            return max(0, int(directive.weight))
    return default
