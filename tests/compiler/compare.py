"""Running one operation on the stock and on the compiled executor, and saying what differs."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import ExecutionResult

from compiler import CompiledExecutor
from compiler.cache import Bounded


class Generated(CompiledExecutor):
    """Generates a function for every selection at once."""

    hot = 0
    plans = Bounded(8)


class Mixed(CompiledExecutor):
    """Changes from plain functions to generated ones in the middle of lists."""

    hot = 2
    plans = Bounded(8)


class Interpreted(CompiledExecutor):
    """Never generates."""

    hot = 10**9
    plans = Bounded(8)


EXECUTORS = [Generated, Mixed, Interpreted]


@dataclass(frozen=True)
class Outcome:
    """All of an execution that can be observed."""

    data: Any
    errors: list[tuple[str, Any, Any, Any, str]]
    log: list[Any]


async def outcome(schema: Any, operation: Any, context: Any) -> Outcome:
    """Execute, then wait for what still runs in the background."""
    variables = copy.deepcopy(operation.variables)
    try:
        result = await schema.execute(
            operation.text, variable_values=variables, context_value=context
        )
    except asyncio.CancelledError:
        # An error cancels its siblings, and with them loads that others share.
        result = ExecutionResult({"cancelled": True}, None)
    errors = [
        (
            error.message,
            error.path,
            [tuple(location) for location in error.locations or ()],
            error.extensions,
            type(error.original_error).__name__,
        )
        for error in result.errors or ()
    ]
    data = copy.deepcopy(result.data)
    for _ in range(12):
        await asyncio.sleep(0)
    return Outcome(as_pairs(data), errors, list(context.log))


def as_pairs(data: Any) -> Any:
    """The data with the order of keys and the kinds of numbers made visible."""
    if isinstance(data, dict):
        return [(key, as_pairs(value)) for key, value in data.items()]
    if isinstance(data, list):
        return ["list", *map(as_pairs, data)]
    return type(data).__name__, repr(data)


async def compare(
    stock: Any, others: list[Any], operation: Any, context: Callable[[], Any]
) -> Outcome:
    """The stock outcome, asserted to be that of every other schema."""
    expected = await outcome(stock, operation, context())
    for other in others:
        got = await outcome(other, operation, context())
        assert got == expected, operation.text
    return expected
