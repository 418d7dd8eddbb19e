"""Running one operation on the stock and on the compiled executor, and saying what differs."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cachetools import LRUCache

from compiler import CompiledExecutor


class Generated(CompiledExecutor):
    """Generates a function for every selection at once."""

    hot = 0
    plans = LRUCache(8)


class Mixed(CompiledExecutor):
    """Changes from plain functions to generated ones in the middle of lists."""

    hot = 2
    plans = LRUCache(8)


class Interpreted(CompiledExecutor):
    """Never generates."""

    hot = 10**9
    plans = LRUCache(8)


class AlwaysDue:
    """A pace that wants a turn whenever it is asked, and grants it to others first."""

    def __init__(self) -> None:
        self.turns = 0

    def is_due(self) -> bool:
        return True

    async def turn(self) -> None:
        self.turns += 1
        await asyncio.sleep(0)


class PacedGenerated(Generated):
    """Stops after every item of every list."""

    plans = LRUCache(8)
    pace = AlwaysDue()
    stretch = 1


class PacedMixed(Mixed):
    """Stops after every second item."""

    plans = LRUCache(8)
    pace = AlwaysDue()
    stretch = 2


class PacedInterpreted(Interpreted):
    """Stops after every third item."""

    plans = LRUCache(8)
    pace = AlwaysDue()
    stretch = 3


EXECUTORS = [Generated, Mixed, Interpreted]
PACED = [PacedGenerated, PacedMixed, PacedInterpreted]


@dataclass(frozen=True)
class Outcome:
    """All of an execution that can be observed."""

    data: Any
    errors: list[tuple[str, Any, Any, Any, str]]
    log: list[Any]


async def outcome(schema: Any, operation: Any, context: Any) -> Outcome:
    """Execute, then wait for what still runs in the background."""
    variables = copy.deepcopy(operation.variables)
    result = await schema.execute(operation.text, variable_values=variables, context_value=context)
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


async def compare_loosely(
    stock: Any, others: list[Any], operation: Any, context: Callable[[], Any]
) -> None:
    """The same, but that errors may come in another order, and loads in other batches.

    Of several errors that make the same place above them null, it is open which are seen.
    """
    expected = await outcome(stock, operation, context())
    for other in others:
        got = await outcome(other, operation, context())
        assert got.data == expected.data, operation.text
        assert bool(got.errors) == bool(expected.errors), operation.text
        assert at_their_place(got) == at_their_place(expected), operation.text


def at_their_place(found: Outcome) -> list[Any]:
    """The errors that made null just the place they name, in order of place."""
    return sorted((each for each in found.errors if is_there(found.data, each[1])), key=repr)


def is_there(pairs: Any, path: Any) -> bool:
    """Whether a path, which may be None, leads to the end of it in data as `as_pairs` shows it."""
    for key in path or ():
        if isinstance(key, int):
            if not isinstance(pairs, list) or pairs[:1] != ["list"]:
                return False
            pairs = pairs[key + 1]
        else:
            if not isinstance(pairs, list):
                return False
            pairs = dict(pairs)[key]
    return True
