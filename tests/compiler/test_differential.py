"""Both executors answer the same: data, order, errors and the batches of loads."""

import asyncio
import gc
import logging
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.compiler.compare import EXECUTORS, PACED, PacedGenerated, compare, compare_loosely
from tests.compiler.nasty import Context, build
from tests.compiler.queries import Operation, operations

EXAMPLES = int(os.environ.get("DIFFERENTIAL_EXAMPLES", "200"))

stock = build()
compiled = [build(executor) for executor in EXECUTORS]
paced = [build(executor) for executor in PACED]
compared: dict[str, int] = {"queries": 0, "with errors": 0, "with loads": 0, "in turns": 0}


def values(field_name: str, name: str, type_: Any) -> st.SearchStrategy[Any] | None:
    """Arguments that meet the interesting rows."""
    if name == "representations":
        wrong = st.fixed_dictionaries({"__typename": st.just("Entity")})
        right = st.fixed_dictionaries({"__typename": st.just("Entity"), "seed": st.integers(0, 12)})
        return st.lists(st.one_of(right, right, right, wrong), max_size=4)
    if name in ("seed", "first", "seeds") and str(type_).startswith("Int"):
        return st.integers(0, 30)
    if name == "seeds":
        return st.lists(st.integers(0, 30), max_size=4)
    if name == "count":
        return st.integers(-1, 4)
    return None


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    logging.disable(logging.CRITICAL)
    yield
    # Coroutines of cancelled siblings go while the filters of their test still hold.
    gc.collect()
    logging.disable(logging.NOTSET)


def no_sdl(type_name: str, field_name: str) -> bool:
    return field_name in ("sdl", "__type", "__schema")


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)
@given(operations(stock._schema, values, no_sdl, depth=4, fields=30))
def test_answers_are_the_same(operation: Operation) -> None:
    expected = asyncio.run(compare(stock, compiled, operation, Context))

    compared["queries"] += 1
    compared["with errors"] += bool(expected.errors)
    compared["with loads"] += bool(expected.log)


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)
@given(operations(stock._schema, values, no_sdl, depth=4, fields=30))
def test_answers_are_the_same_in_many_turns(operation: Operation) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("compiler.generate.MOST_INLINE", 0)
        asyncio.run(compare_loosely(stock, paced, operation, Context))
    compared["in turns"] += 1


def test_lists_took_several_turns() -> None:
    # Where tests run side by side, the others may be another process's.
    assert PacedGenerated.pace.turns > 0 or not compared["in turns"]


def test_something_was_compared(capsys: pytest.CaptureFixture[str]) -> None:
    if compared["queries"]:
        with capsys.disabled():
            print(f"\ncompared {compared}", end=" ")  # noqa: T201
        assert compared["with errors"]
