"""What the compiler makes of a query, for people."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLSchema, parse, validate
from graphql.execution.values import VariableValues

from compiler.build import compile  # noqa: A004
from compiler.plan import describe, selections


def explain(
    schema: Any,
    text: str,
    operation_name: str | None = None,
    variables: dict[str, Any] | None = None,
) -> str:
    """The plan of one operation as text, with the code generated once it is hot.

    `schema` is a Strawberry or a graphql-core schema. Variables matter only to @skip and
    @include; where they are needed and not given, the plan cannot be shown. Raises GraphQLError
    if the text does not parse; errors of validation are listed instead of a plan.
    """
    core: GraphQLSchema = getattr(schema, "_schema", schema)
    document = parse(text)
    errors = validate(core, document)
    if errors:
        return "\n".join(["Not valid:", *(f"  {error.message}" for error in errors)]) + "\n"
    plan = compile(core, document, operation_name)
    if plan is None:
        return "Not compiled: the stock executor runs this operation.\n"
    coerced = plan.variables.coerce(variables)
    if not isinstance(coerced, VariableValues):
        if plan.conditions:
            listed = "\n".join(f"  {error.message}" for error in coerced)
            return f"@skip or @include depend on variables:\n{listed}\n"
        coerced = VariableValues({}, {})
    root = plan.root(coerced)
    if root is None:
        return "Not compiled: the stock executor judges its variables.\n"
    lines = [f"{plan.operation.operation.value} {name_of(plan)}", *describe(root, 1)]
    for selection in selections(root):
        if selection.is_inlined:
            continue
        if selection.fast is None:
            selection.make(selection)
        lines += ["", f"# {selection.type.name}, after {selection.hot} objects"]
        lines += [f"# {name} = {value!r}" for name, value in keys_of(selection)]
        lines.append(selection.source.rstrip())
    return "\n".join(lines) + "\n"


def name_of(plan: Any) -> str:
    """The operation's name, or (anonymous)."""
    return plan.operation.name.value if plan.operation.name else "(anonymous)"


def keys_of(selection: Any) -> list[tuple[str, str]]:
    """The response keys as the generated code calls them."""
    constants: dict[str, Any] = selection.fast.__globals__
    return [(name, value) for name, value in constants.items() if name[0] == "K"]
