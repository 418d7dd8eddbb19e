"""What the compiler makes of a query, for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    validate,
)
from graphql.execution.values import VariableValues

from compiler.build import compile  # noqa: A004
from compiler.generate import write
from compiler.plan import describe, selections


class Unexplained(Exception):
    """Why there is no plan to show, in a sentence; `errors` are the places it is about, if any."""

    def __init__(self, reason: str, errors: Sequence[GraphQLError] = ()) -> None:
        super().__init__(reason)
        self.errors = errors


def explain(
    schema: Any,
    text: str,
    operation_name: str | None = None,
    variables: dict[str, Any] | None = None,
) -> str:
    """The plan of one operation as text, with the code generated once it is hot.

    `schema` is a Strawberry or a graphql-core schema. Variables matter only to @skip and
    @include; where they are needed and not given, the plan cannot be shown. Raises Unexplained
    if the text is not valid or does not say which operation is meant.
    """
    core: GraphQLSchema = getattr(schema, "_schema", schema)
    document = read(core, text)
    check_choice(document, operation_name)
    plan = compile(core, document, operation_name)
    if plan is None:
        return "Not compiled: the stock executor runs this operation.\n"
    coerced = plan.variables.coerce(variables)
    if not isinstance(coerced, VariableValues):
        if plan.conditions:
            raise Unexplained("@skip or @include depend on variables", coerced)
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
        text, *_ = write(selection)
        lines += ["", f"# {selection.type.name}, after {selection.hot} objects"]
        lines += [f"# {name} = {value!r}" for name, value in keys_of(selection)]
        lines.append(text.rstrip())
    return "\n".join(lines) + "\n"


def read(core: GraphQLSchema, text: str) -> DocumentNode:
    """The document in a text, valid in the schema."""
    try:
        document = parse(text)
        errors = validate(core, document)
    except GraphQLError as error:
        errors = [error]
    if errors:
        raise Unexplained("it is not valid", errors)
    return document


def check_choice(document: DocumentNode, operation_name: str | None) -> None:
    """Raise where the name, or that there is none, leaves open which operation is meant."""
    names = [
        definition.name.value if definition.name else None
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
    ]
    listed = ", ".join(name for name in names if name is not None) or "one without a name"
    if operation_name is None and len(names) > 1:
        raise Unexplained(f"it has several operations, {listed}, and none was chosen")
    if operation_name is not None and operation_name not in names:
        raise Unexplained(f"it has no operation {operation_name!r}, only {listed}")


def name_of(plan: Any) -> str:
    """The operation's name, or (anonymous)."""
    return plan.operation.name.value if plan.operation.name else "(anonymous)"


def keys_of(selection: Any) -> list[tuple[str, str]]:
    """The response keys as the generated code calls them."""
    constants: dict[str, Any] = selection.fast.__globals__
    return [(name, value) for name, value in constants.items() if name[0] == "K"]
