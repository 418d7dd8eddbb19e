"""Readers of wallets, and what they are answered."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from tests.upstreams.stage import Call, key
from tests.upstreams.wire import reply
from upstreams.errors import UpstreamError
from upstreams.oneinch.attribution import Snapshot
from upstreams.open import Upstreams
from upstreams.source.timestamped import Timestamped

T = TypeVar("T")
Answer = Timestamped[Snapshot] | UpstreamError


async def ask(upstreams: Upstreams, number: int = 1, chain_id: int = 1) -> Answer:
    return (await upstreams.portfolio.snapshots([key(number, chain_id)]))[0]


async def good(upstreams: Upstreams, number: int = 1) -> Timestamped[Snapshot]:
    answer = await ask(upstreams, number)
    assert isinstance(answer, Timestamped), answer
    return answer


def value(answer: Timestamped[Snapshot]) -> int:
    return int(answer.value.rows[0].value_usd)


def failing(call: Call) -> Any:
    return reply("", status=500)


async def at_once(work: Coroutine[Any, Any, T]) -> T:
    """What becomes of work that is to wait for no timer, and for nobody else."""
    task = asyncio.ensure_future(work)
    for _ in range(30):
        await asyncio.sleep(0)
        if task.done():
            return task.result()
    task.cancel()
    raise AssertionError("It waits.")


async def settled() -> None:
    """Let background refreshes end."""
    for _ in range(30):
        await asyncio.sleep(0)
