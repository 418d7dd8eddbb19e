"""The seam: an executor class for `strawberry.Schema(execution_context_class=...)`.

Of the two places a compiler can stand in, this one is handed all that the stock executor would
get (the middleware of other extensions among it, which an extension cannot see), works for sync
and async execution alike, and costs no context manager a request.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, ClassVar

from cachetools import LRUCache
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    default_field_resolver,
    default_type_resolver,
)
from graphql.execution import MiddlewareManager
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from compiler.build import Plan, compile  # noqa: A004
from compiler.plan import Selection
from compiler.run import run_selection

PLANS_KEPT = 256


class CompiledExecutor(StrawberryGraphQLCoreExecutionContext):
    """Runs the operation by its plan, where there is one; the stock executor otherwise.

    Plans are kept by the identity of the document, so many of them: let a parser cache hand out
    the same document for the same text. Or give `build` a place for the plans of each.
    """

    hot: ClassVar[int] = 64
    keep: staticmethod[[Any], tuple[Any, int]] | None = None
    """Makes of a completed list or object what stands for it in later results, and its bytes; see
    `compiler.fields.keeps`. None: results are of plain dicts, lists and leaves. A subclass that
    sets it has `plans` of its own, or is given a place for them."""
    plans: ClassVar[LRUCache[tuple[int, int, str | None], tuple[Any, Any, Plan | None]]] = LRUCache(
        PLANS_KEPT
    )
    plans_lock: ClassVar[Lock] = Lock()

    pace: Any = None
    """What says, by `is_due()`, that others must have the event loop, and gives it to them by
    `await turn()`, which may raise. None: an operation works on for as long as it can."""

    pack: Callable[[list[Any]], Any] | None = None
    """Makes of a long completed list what stands for it in the result, as `keep` would; may raise.
    `size_of` knows it again."""

    refusal: Exception | None = None
    """Why no list of objects is completed any more."""

    stretch: ClassVar[int] = 16
    """Items of a list between two looks at the pace."""

    plan_root: Selection | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.arguments: dict[Any, dict[str, Any] | None] = {}

    @classmethod
    def build(
        cls,
        schema: GraphQLSchema,
        document: DocumentNode,
        root_value: Any = None,
        context_value: Any = None,
        raw_variable_values: dict[str, Any] | None = None,
        operation_name: str | None = None,
        field_resolver: Any = None,
        type_resolver: Any = None,
        subscribe_field_resolver: Any = None,
        max_coercion_errors: int = 50,
        enable_early_execution: bool = False,
        middleware: Any = None,
        is_awaitable: Any = None,
        is_async_iterable: Any = None,
        hide_suggestions: bool = False,
        abort_signal: Any = None,
        hooks: Any = None,
        **custom: Any,
    ) -> Any:
        """An executor with a plan, a stock one, or the errors of a request that cannot run.

        `plans=` is a dict of whoever keeps the document: its plans are kept there, by operation.
        If it is None nobody does: the plan is given up after use, and nothing is kept for it.
        """
        is_given_up = "plans" in custom and custom["plans"] is None
        plans = custom.pop("plans", None)
        usual = (
            is_awaitable is optimized_is_awaitable
            and field_resolver is None
            and type_resolver is None
            and abort_signal is None
            and hooks is None
            and not hide_suggestions
            and does_nothing(middleware)
            and not custom.keys() - {"operation_extensions"}
        )
        plan = None
        if usual and is_given_up:
            plan = compile(schema, document, operation_name, hot=cls.hot)
        elif usual:
            plan = cls.plan_of(schema, document, operation_name, plans)
        if plan is not None:
            variables = plan.variables.coerce(raw_variable_values, max_coercion_errors)
            if isinstance(variables, list):
                return variables
            root = plan.root(variables)
            if root is not None:
                run = cls(
                    schema,
                    plan.fragments,
                    plan.details,
                    root_value,
                    context_value,
                    plan.operation,
                    variables,
                    default_field_resolver,
                    default_type_resolver,
                    default_field_resolver,
                    is_awaitable=is_awaitable,
                    is_async_iterable=is_async_iterable,
                    **custom,
                )
                run.plan_root = root
                if is_given_up:
                    run.keep = None
                return run
        return super().build(
            schema,
            document,
            root_value,
            context_value,
            raw_variable_values,
            operation_name,
            field_resolver,
            type_resolver,
            subscribe_field_resolver,
            max_coercion_errors,
            enable_early_execution,
            middleware,
            is_awaitable,
            is_async_iterable,
            hide_suggestions=hide_suggestions,
            abort_signal=abort_signal,
            hooks=hooks,
            **custom,
        )

    @classmethod
    def plan_of(
        cls,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation_name: str | None,
        plans: dict[str | None, Plan | None] | None = None,
    ) -> Plan | None:
        """The kept plan of this document, compiled if it is not there."""
        if plans is not None:
            if operation_name not in plans:
                plans[operation_name] = compile(schema, document, operation_name, hot=cls.hot)
            return plans[operation_name]
        key = (id(schema), id(document), operation_name)
        with cls.plans_lock:
            known = cls.plans.get(key)
        if known is not None and known[0] is document and known[1] is schema:
            return known[2]
        plan = compile(schema, document, operation_name, hot=cls.hot)
        with cls.plans_lock:
            cls.plans[key] = document, schema, plan
        return plan

    def execute_operation(self, serially: bool | None = None) -> Any:
        """The result, or an awaitable of it."""
        root = self.plan_root
        if root is None:
            return super().execute_operation(serially)
        try:
            data = run_selection(root, self.root_value, None, self)
        except GraphQLError as error:
            self.collected_errors.add(error, None)
            return self.answer(None)
        if type(data) is dict:
            return self.answer(data)
        return self.answer_later(data)

    async def answer_later(self, pending: Any) -> ExecutionResult:
        """Await the data."""
        try:
            data = await pending
        except GraphQLError as error:
            self.collected_errors.add(error, None)
            return self.answer(None)
        return self.answer(data)

    def size_of(self, done: Any) -> int | None:
        """The bytes of what `pack` made of a list; None of anything else."""
        return None

    def error_count(self) -> int:
        """How many errors there have been so far."""
        return len(self.collected_errors.errors)

    def answer(self, data: dict[str, Any] | None) -> ExecutionResult:
        """The result as graphql-core builds it: the list of errors is the live one."""
        return ExecutionResult(data, self.collected_errors.errors or None)


def does_nothing(middleware: Any) -> bool:
    """Whether no extension wants to see the resolvers."""
    if middleware is None:
        return True
    given: Sequence[Any] | None = (
        middleware.middlewares if isinstance(middleware, MiddlewareManager) else middleware
    )
    return not given
