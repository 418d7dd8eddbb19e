"""Fixtures every folder of tests may use: the running graph, on each of its two executors."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest

from tests.graph import Graph, running
from tests.virtual_time import VirtualTime

Loops = Mapping[str, Callable[[], asyncio.AbstractEventLoop]]

_TESTS = Path(__file__).parent
_IN_VIRTUAL_TIME = frozenset({"test_endpoint_faults.py", "sandbox/test_faults.py"})
_SLOW_FOLDERS = frozenset({"bench", "supergraph", "web"})


def pytest_asyncio_loop_factories(item: pytest.Item) -> Loops:
    """A deadline of a second is met by the clock of the loop, and not by the machine's speed."""
    is_virtual = item.path.relative_to(_TESTS).as_posix() in _IN_VIRTUAL_TIME
    return {"virtual": VirtualTime} if is_virtual else {"asyncio": asyncio.new_event_loop}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole folders are slow: all in them takes a browser, a gateway or a peer. So is a Redis.

    What is slow begins first, so that no worker is left with it at the end.
    """
    for item in items:
        is_in_one = item.path.relative_to(_TESTS).parts[0] in _SLOW_FOLDERS
        if is_in_one or "redis_process" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(params=["stock", "compiled"])
def executor(request: pytest.FixtureRequest) -> str:
    """How operations are executed: the graph's behaviour must not tell."""
    return str(request.param)


@pytest.fixture
async def graph(executor: str) -> AsyncIterator[Graph]:
    """The graph on a sandbox of its own, with nothing remembered between tests."""
    async with running(settings={"EXECUTOR": executor}) as found:
        yield found
