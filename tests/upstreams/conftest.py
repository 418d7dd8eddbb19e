"""Fixtures of the upstreams' tests, and the loops they run in."""

import asyncio
from collections.abc import Callable, Mapping

import pytest
import uvloop

from tests.redis_server import redis_process, redis_server
from tests.upstreams.stage import Stage, row
from tests.virtual_time import VirtualTime

__all__ = ["redis_process", "redis_server"]

Loops = Mapping[str, Callable[[], asyncio.AbstractEventLoop]]

# What waits for nothing but itself: there, being late is a defect and never the machine's load.
_IN_VIRTUAL_TIME = {
    "algod/test_source.py",
    "http/test_client.py",
    "oneinch/test_source.py",
    "source/test_ages.py",
    "source/test_batch_queue.py",
    "source/test_cached_source.py",
    "source/test_fairness.py",
    "source/test_limiter.py",
    "source/test_patience.py",
    "source/test_single_flight.py",
    "upstreams/test_deadline.py",
}


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> Loops:
    """Awaiting another thread differs a little in the loop that the server runs in."""
    if f"{item.path.parent.name}/{item.path.name}" in _IN_VIRTUAL_TIME:
        return {"virtual": VirtualTime}
    if item.path.name == "test_transport.py":
        return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
    return {"asyncio": asyncio.new_event_loop}


@pytest.fixture
def counting() -> Stage:
    """Each answer's value is the number of the call that brought it."""
    stage = Stage()
    stage.rows = lambda wallet: [row(wallet, value=len(stage.calls))]
    return stage
