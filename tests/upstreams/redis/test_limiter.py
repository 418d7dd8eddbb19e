import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from redis import Redis

from tests.redis_server import RedisServer
from tests.upstreams.source.test_limiter import most_in_a_second
from tests.upstreams.stage import Clock
from upstreams.clock import Clock as Now
from upstreams.redis import limiter
from upstreams.redis.limiter import RedisLimiter
from upstreams.redis.link import RedisLink, Script
from upstreams.redis.script import Reply
from upstreams.source.limiter import NoPermitInTime

pytestmark = pytest.mark.slow


@asynccontextmanager
async def budget(
    redis: RedisServer,
    limit: float = 1,
    replicas: int = 2,
    name: str = "test",
    clock: Now = time.monotonic,
) -> AsyncIterator[RedisLimiter]:
    link = RedisLink(redis.url, time.monotonic)
    made = RedisLimiter(link, name, limit, replicas, clock=clock, wall=time.time)
    try:
        async with made as entered:
            yield entered
    finally:
        await link.aclose()


async def spend(budget: RedisLimiter, until: float, moments: list[float]) -> None:
    """Take every permit there is until a moment, as a replica under load does."""
    while (left := until - time.monotonic()) > 0:
        try:
            await budget.permit(left)
        except NoPermitInTime as late:
            await asyncio.sleep(min(left, max(0.01, late.wait)))
        else:
            moments.append(time.monotonic())


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """New replicas wait for nobody, and Redis has time even where tests crowd the processors."""
    monkeypatch.setattr(limiter, "GRACE", 0.2)
    monkeypatch.setattr(limiter, "CONFIRM", 1.0)
    monkeypatch.setattr("upstreams.redis.link.BUDGET_SECONDS", 0.2)


@pytest.mark.parametrize("how", ["die", "freeze"])
async def test_replicas_together_stay_within_the_limit_while_redis_is_away(
    redis_server: RedisServer, how: str
) -> None:
    end = time.monotonic() + 15
    seen: dict[tuple[float, int], list[float]] = {(1, 2): [], (5, 2): [], (20, 3): []}

    async def replica(limit: float, replicas: int) -> None:
        async with budget(redis_server, limit, replicas, f"{limit}") as mine:
            await spend(mine, end, seen[limit, replicas])

    running = [
        asyncio.create_task(replica(limit, replicas))
        for limit, replicas in seen
        for _ in range(replicas)
    ]
    await asyncio.sleep(4)
    away = time.monotonic()
    if how == "die":
        redis_server.kill()
        await asyncio.sleep(7)
        await asyncio.to_thread(redis_server.start)
    else:
        for seconds in (0.5, 2.5, 1.5):
            redis_server.freeze()
            await asyncio.sleep(seconds)
            redis_server.thaw()
            await asyncio.sleep(1)
    back = time.monotonic()
    await asyncio.gather(*running)

    for (limit, _), moments in seen.items():
        assert most_in_a_second(moments) <= limit
        # Nobody stopped for good: there are calls before, during and after.
        assert min(moments) < away
        assert [each for each in moments if away + 5 < each < back]
        assert max(moments) > back + 1.5


class GrantingLink(RedisLink):
    """Grants whatever is asked for at once, as Redis does when it is our turn."""

    async def script(self, script: Script, keys: Sequence[str], *arguments: Any) -> Any:
        now = int(1000 * self._clock())
        return msgspec.json.encode(
            Reply(now=now, is_granted=True, moment=now, born=1, slots="0", is_whole=True)
        )


async def test_the_wait_counts_the_calls_of_the_others() -> None:
    clock = Clock()
    link = GrantingLink("redis://127.0.0.1:1", clock)
    mine = RedisLimiter(link, "test", 1, 2, clock=clock, wall=clock)
    # Redis is there, and relied on.
    await mine._tell("beat")

    async def between_calls(gap: float) -> float:
        for _ in range(20):
            clock.now += gap
            await mine.permit(1)
        return mine.wait(9) - mine.wait(8)

    assert await between_calls(1.1) == pytest.approx(1.1)
    assert await between_calls(2.2) == pytest.approx(2.2)
    assert await between_calls(10) == pytest.approx(1.1)
    await link.aclose()
    mine._own.release()


@pytest.mark.parametrize(
    "foreign",
    [
        "not ours",
        "[1]",
        "null",
        '{"members": {}}',
        "ahead",
        '{"born": "1", "closed": 1, "last": 1, "slot": 1, "wrote": 1, '
        '"log": [], "members": {}, "slots": {}}',
    ],
)
async def test_foreign_content_is_replaced(redis_server: RedisServer, foreign: str) -> None:
    async with budget(redis_server, replicas=1) as mine:
        if foreign == "ahead":
            # All that it says is dated a day ahead.
            with Redis(port=redis_server.port) as client:
                kept = json.loads(client.get(mine._key))
                client.set(mine._key, json.dumps(_dated(kept, 86_400_000)))
        else:
            redis_server.command("SET", mine._key, foreign)
        await mine.permit(5)
        redis_server.command("DEL", mine._key)
        redis_server.command("LPUSH", mine._key, "another type")
        await mine.permit(5)
        assert redis_server.command("TYPE", mine._key) == b"+string"


def _dated(kept: Any, more: int) -> Any:
    if isinstance(kept, dict):
        return {name: _dated(value, more) for name, value in kept.items()}
    if isinstance(kept, list):
        return [_dated(value, more) for value in kept]
    return kept + more if isinstance(kept, int) and kept > 1e12 else kept


@pytest.mark.parametrize("name", ["born", "closed", "last", "wrote", "log", "members", "slots"])
@pytest.mark.parametrize("value", [-1, 1e300, "x", None, [], {}, [1e300], {"a": 1}, {"0": {}}])
async def test_no_part_of_what_lies_in_redis_stops_the_budget(
    redis_server: RedisServer, name: str, value: object
) -> None:
    """Nor lets more through: a moment is given that is right, or a new beginning is made."""
    link = RedisLink(redis_server.url, time.monotonic)
    mine = RedisLimiter(link, "test", 5, 2, clock=time.monotonic, wall=time.time)
    assert await mine._tell("beat") is not None
    with Redis(port=redis_server.port) as client:
        kept = json.loads(client.get(mine._key))
        kept[name] = value
        client.set(mine._key, json.dumps(kept))
        reply = await mine._tell("take")
        assert reply is not None
        written = json.loads(client.get(mine._key))
    assert set(written) == set(kept)
    assert written["closed"] <= reply.now + 1000 * (limiter.CONFIRM + 1.1)
    await link.aclose()
    mine._own.release()


async def test_one_replica_too_many_gets_no_slot_and_waits_for_redis(
    redis_server: RedisServer,
) -> None:
    async with budget(redis_server, replicas=1), budget(redis_server, replicas=1) as surplus:
        await surplus.permit(5)
        redis_server.kill()
        await asyncio.sleep(0.5)
        with pytest.raises(NoPermitInTime):
            await surplus.permit(0.1)


async def test_a_replica_that_leaves_gives_its_slot_to_the_next(
    redis_server: RedisServer,
) -> None:
    async with budget(redis_server, replicas=1) as first:
        await first.permit(5)
    async with budget(redis_server, replicas=1) as second:
        await second.permit(5)
        assert second._own.slot == 0
