"""The one place where an operation is executed: everything before has been checked, once."""

from collections.abc import Awaitable, Mapping
from typing import Any, ClassVar, Protocol, TypeAlias

import msgspec
from cachetools import LRUCache
from graphql import DocumentNode, ExecutionResult, GraphQLError
from graphql.execution import Executor
from graphql.execution import execute as execute_document
from strawberry import Schema
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from compiler.build import Plan
from compiler.executor import PLANS_KEPT, CompiledExecutor
from server.extended import execute_extended
from server.few_errors import FewErrors
from upstreams.pace import pace

Plans: TypeAlias = dict[str | None, Plan | None]
"""What an executor made of a document, by operation: kept and dropped together with it."""


class Execute(Protocol):
    """Executes a valid document; without a place for its plans nothing is kept of them.

    Where it sees that the answer will be longer than `most_bytes` it gives up, and the one error
    is an AnswerTooLarge.

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
        most_bytes: int | None = None,
    ) -> ExecutionResult | Awaitable[Any]: ...


def by(executor: type[Executor[Any]]) -> Execute:
    """Execute with this class of executor, called as Strawberry calls it.

    Without extensions not through `Schema.execute`: it makes an ExecutionContext, a runner of
    extensions and six context managers for each operation, and so a task for the smallest answer.
    """
    has_plans = issubclass(executor, CompiledExecutor)

    def execute(
        schema: Schema,
        document: DocumentNode,
        variables: Mapping[str, Any],
        operation_name: str | None,
        context: object,
        plans: Plans | None = None,
        most_bytes: int | None = None,
    ) -> ExecutionResult | Awaitable[Any]:
        if schema.extensions or getattr(context, "request", None) is not None:
            return execute_extended(schema, document, variables, operation_name, context)
        custom: dict[str, Any] = {}
        if has_plans:
            custom = {"plans": plans, "most_bytes": most_bytes}
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


class AnswerTooLarge(Exception):
    """The answer is longer than may be sent."""

    code: ClassVar[str] = "ANSWER_TOO_LARGE"

    def __init__(self, most_bytes: int) -> None:
        super().__init__(
            f"The answer is longer than {most_bytes} bytes: ask for smaller pages or fewer fields."
        )

    @property
    def extensions(self) -> dict[str, object]:
        return {"code": self.code}


def as_bytes(done: object) -> tuple[msgspec.Raw, int]:
    """What has been completed as the JSON that is sent, and its bytes."""
    text = msgspec.json.encode(done)
    return msgspec.Raw(text), len(text)


class Stock(FewErrors, StrawberryGraphQLCoreExecutionContext):
    """graphql-core's executor, within our bounds."""


class Extended(FewErrors, CompiledExecutor):
    """The compiled executor, within our bounds; results are of plain values.

    Long work takes turns with that of others, and ends at the operation's deadline.
    """

    plans = LRUCache(PLANS_KEPT)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pace = pace()

    def error_count(self) -> int:
        return super().error_count() + self.collected_errors.left_out

    def answer(self, data: dict[str, Any] | None) -> ExecutionResult:
        self.note_partial()
        result: ExecutionResult = self.with_count(super().answer(data))
        return result


class Serving(Extended):
    """Keeps what is asked for again as it is sent, to be put together only."""

    keep = staticmethod(as_bytes)
    most_bytes: int | None = None
    packed_bytes = 0

    @classmethod
    def build(cls, *args: Any, **custom: Any) -> Any:
        most_bytes = custom.pop("most_bytes", None)
        run = super().build(*args, **custom)
        if isinstance(run, cls):
            run.most_bytes = most_bytes
        return run

    def pack(self, items: list[Any]) -> msgspec.Raw:
        """A long list as it is sent, which takes a fifth of the memory; no more of them than sent.

        All that has been packed is part of the answer.
        """
        done, size = as_bytes(items)
        self.packed_bytes += size
        if self.most_bytes is not None and self.packed_bytes > self.most_bytes:
            self.refusal = AnswerTooLarge(self.most_bytes)
            raise self.refusal
        return done

    def size_of(self, done: Any) -> int | None:
        return memoryview(done).nbytes if type(done) is msgspec.Raw else None

    def answer(self, data: dict[str, Any] | None) -> ExecutionResult:
        if self.refusal is not None:
            return ExecutionResult(
                None, [GraphQLError(str(self.refusal), original_error=self.refusal)]
            )
        return super().answer(data)


EXECUTORS: Mapping[str, Execute] = {
    "stock": by(Stock),
    "compiled": by(Serving),
}
EXTENDED: Mapping[str, type[Executor[Any]]] = {"stock": Stock, "compiled": Extended}
"""For operations that extensions see, by the same names."""
