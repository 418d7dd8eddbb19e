"""Fixtures every folder of tests may use: the running graph, on each of its two executors."""

from collections.abc import AsyncIterator

import pytest

from tests.graph import Graph, running


@pytest.fixture(params=["stock", "compiled"])
def executor(request: pytest.FixtureRequest) -> str:
    """How operations are executed: the graph's behaviour must not tell."""
    return str(request.param)


@pytest.fixture
async def graph(executor: str) -> AsyncIterator[Graph]:
    """The graph on a sandbox of its own, with nothing remembered between tests."""
    async with running(settings={"EXECUTOR": executor}) as found:
        yield found
