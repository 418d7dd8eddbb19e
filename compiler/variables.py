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
    ValueNode,
    VariableNode,
    get_variable_values,
)
from graphql.execution.values import VariableValues, get_argument_values

from compiler.leaves import IMMUTABLE

NO_VARIABLES = VariableValues({}, {})


def coerce_variables(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    given: dict[str, Any] | None,
    max_errors: int,
    hide_suggestions: bool,
) -> VariableValues | list[GraphQLError]:
    """The operation's variables, or the errors for the client."""
    if not operation.variable_definitions:
        return NO_VARIABLES
    return get_variable_values(
        schema,
        operation.variable_definitions,
        given or {},
        max_errors=max_errors,
        hide_suggestions=hide_suggestions,
    )


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
