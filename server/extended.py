"""Execution through `Schema.execute`, where Strawberry's extensions are to see an operation."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from graphql import DocumentNode, print_ast
from strawberry import Schema
from strawberry.extensions import SchemaExtension
from strawberry.extensions.tracing import ApolloFederationTracingExtension
from strawberry.types import ExecutionResult

from schema.federation import extended_by
from server.requests import Headers

_FTV1 = b"apollo-federation-include-trace"


def wants_trace(headers: Headers) -> bool:
    """Whether a router asks for Apollo's trace of the request in its answer."""
    return headers.get(_FTV1, b"").lower() == b"ftv1"


class _Prepared(SchemaExtension):
    """Hands in the document that was parsed and validated before, within our bounds."""

    def __init__(self, document: DocumentNode) -> None:
        super().__init__()
        self._document = document

    def on_parse(self) -> Iterator[None]:
        self.execution_context.graphql_document = self._document
        yield

    def on_validate(self) -> Iterator[None]:
        self.execution_context.pre_execution_errors = []
        yield


async def execute_extended(
    schema: Schema,
    document: DocumentNode,
    variables: Mapping[str, Any],
    operation_name: str | None,
    context: Any,
) -> ExecutionResult:
    """The result as Strawberry makes it; with the request in the context, with Apollo's trace.

    A field takes several times as long as without: extensions see each as it is resolved.
    """
    text = document.loc.source.body if document.loc else print_ast(document)
    more: list[Callable[[], SchemaExtension]] = [lambda: _Prepared(document)]
    if context.request is not None:
        more.append(ApolloFederationTracingExtension)
    with extended_by(more):
        return await schema.execute(
            text,
            variable_values=dict(variables),
            context_value=context,
            operation_name=operation_name,
        )
