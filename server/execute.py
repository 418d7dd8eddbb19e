"""The one place where an operation is executed: everything before has been checked, once."""

from collections.abc import Awaitable, Mapping
from typing import Any, Protocol, TypeAlias

import msgspec
from graphql import DocumentNode, ExecutionResult
from graphql.execution import Executor
from graphql.execution import execute as execute_document
from strawberry import Schema
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from compiler.build import Plan
from compiler.executor import CompiledExecutor
from server.few_errors import BoundedErrors, FewErrors
from upstreams.pace import pace

Plans: TypeAlias = dict[str | None, Plan | None]
"""What an executor made of a document, by operation: kept and dropped together with it."""


class Execute(Protocol):
    """Executes a valid document; without a place for its plans nothing is kept of them.

    The result comes at once where nothing had to be awaited, so that small answers need no task.
    """

    def __call__(
        self,
        schema: Schema,
        document: DocumentNode,
        variables: Mapping[str, Any],
        operation_name: str | None,
        context: object,
        plans: Plans | None = None,
    ) -> ExecutionResult | Awaitable[ExecutionResult]: ...


def by(executor: type[Executor[Any]]) -> Execute:
    """Execute with this class of executor, called as Strawberry calls it, without extensions."""
    has_plans = issubclass(executor, CompiledExecutor)

    def execute(
        schema: Schema,
        document: DocumentNode,
        variables: Mapping[str, Any],
        operation_name: str | None,
        context: object,
        plans: Plans | None = None,
    ) -> ExecutionResult | Awaitable[ExecutionResult]:
        custom: dict[str, Any] = {"plans": plans} if has_plans else {}
        return execute_document(
            schema._schema,
            document,
            variable_values=dict(variables),
            operation_name=operation_name,
            context_value=context,
            is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]
            executor_class=executor,
            operation_extensions=None,
            **custom,
        )

    return execute


def as_bytes(done: object) -> tuple[msgspec.Raw, int]:
    """What has been completed as the JSON that is sent, and its bytes."""
    text = msgspec.json.encode(done)
    return msgspec.Raw(text), len(text)


class Stock(FewErrors, StrawberryGraphQLCoreExecutionContext):
    """graphql-core's executor, within our bounds."""


class Serving(FewErrors, CompiledExecutor):
    """Keeps what is asked for again as it is sent, to be put together only.

    Long work takes turns with that of others, and ends at the operation's deadline.
    """

    keep = staticmethod(as_bytes)

    def prepare(self, *args: Any) -> None:
        super().prepare(*args)
        self.collected_errors = BoundedErrors()
        self.pace = pace()

    def error_count(self) -> int:
        return super().error_count() + self.collected_errors.left_out

    def answer(self, data: dict[str, Any] | None) -> ExecutionResult:
        result: ExecutionResult = self.with_count(super().answer(data))
        return result


EXECUTORS: Mapping[str, Execute] = {
    "stock": by(Stock),
    "compiled": by(Serving),
}
