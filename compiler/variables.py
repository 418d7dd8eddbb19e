"""Variables and arguments: coerced by graphql-core, and only as often as they can differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphql import (
    ConstValueNode,
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLSchema,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_variable_values,
    is_non_null_type,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_argument_values
from graphql.utilities.coerce_input_value import coerce_input_value

from compiler.leaves import IMMUTABLE

NO_VARIABLES = VariableValues({}, {})


class Variables:
    """Coerces one operation's variables, its declarations read once.

    Only what needs no error message is done here: at the first doubt all of it is left to
    graphql-core.
    """

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self.schema = schema
        self.nodes = operation.variable_definitions or ()
        signatures = [get_variable_signature(schema, node) for node in self.nodes]
        self.signatures = [each for each in signatures if not isinstance(each, GraphQLError)]
        self.is_sound = len(self.signatures) == len(signatures)

    def coerce(
        self, given: dict[str, Any] | None, max_errors: int = 50
    ) -> VariableValues | list[GraphQLError]:
        """The variables, or the errors for the client."""
        if not self.nodes:
            return NO_VARIABLES
        quick = self.coerce_sound(given or {}) if self.is_sound else None
        if quick is not None:
            return quick
        return get_variable_values(self.schema, self.nodes, given or {}, max_errors=max_errors)

    def coerce_sound(self, given: dict[str, Any]) -> VariableValues | None:
        """The variables if all are as they should be."""
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for signature in self.signatures:
            name = signature.name
            value = given.get(name, Undefined)
            sources[name] = VariableValueSource(signature, value)
            if value is Undefined:
                if signature.default is not None or is_non_null_type(signature.type):
                    return None
                continue
            if not is_shallow(value):
                return None
            coerced[name] = coerce_input_value(value, signature.type)
            if coerced[name] is Undefined:
                return None
        return VariableValues(sources, coerced)


def is_shallow(value: Any) -> bool:
    """A scalar or a list of scalars: nothing that could be nested too deeply."""
    if isinstance(value, list):
        return not any(isinstance(item, (list, tuple, dict)) for item in value)
    return not isinstance(value, (tuple, dict))


def arguments_of(definition: GraphQLField, node: FieldNode) -> Callable[[Any], dict[str, Any]]:
    """A function of the run that gives the field's arguments, raising as graphql-core does.

    Arguments do not depend on the record, so one coercion serves all records of a run, and all
    runs if no variable stands in them. Values a resolver could change are coerced anew.
    """
    if not definition.args and not node.arguments:
        return lambda _: {}

    def coerce(run: Any) -> dict[str, Any]:
        return get_argument_values(
            definition, node, run.variable_values, None, run.hide_suggestions
        )

    if any(uses_variable(argument.value) for argument in node.arguments or ()):
        return once_a_run(coerce, node)
    try:
        constant = get_argument_values(definition, node, NO_VARIABLES)
    except Exception:
        return coerce
    if not all(isinstance(value, IMMUTABLE) for value in constant.values()):
        return coerce
    return lambda _: constant


def once_a_run(
    coerce: Callable[[Any], dict[str, Any]], node: FieldNode
) -> Callable[[Any], dict[str, Any]]:
    """`coerce`, remembered in the run if nothing in its result can be changed."""

    def arguments(run: Any) -> dict[str, Any]:
        known: dict[str, Any] | None = run.arguments.get(id(node))
        if known is None:
            known = coerce(run)
            if all(isinstance(value, IMMUTABLE) for value in known.values()):
                run.arguments[id(node)] = known
        return known

    return arguments


def uses_variable(value: ValueNode | ConstValueNode) -> bool:
    """Whether a variable stands anywhere in the literal."""
    if isinstance(value, VariableNode):
        return True
    if isinstance(value, ListValueNode):
        return any(uses_variable(item) for item in value.values)
    if isinstance(value, ObjectValueNode):
        return any(uses_variable(field.value) for field in value.fields)
    return False


def argument_named(nodes: Sequence[Any], name: str) -> ValueNode | None:
    """The literal of one argument."""
    return next((node.value for node in nodes if node.name.value == name), None)
