import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest

from tests.redis_server import RedisServer
from tests.upstreams.stage import Clock
from tests.upstreams.test_budget import most_in_a_second
from upstreams import redis_budget, redis_link
from upstreams.budget import TooLate
from upstreams.config import Clock as Now
from upstreams.redis_budget import RedisBudget
from upstreams.redis_link import RedisLink


@asynccontextmanager
async def budget(
    redis: RedisServer,
    limit: float = 1,
    replicas: int = 2,
    name: str = "test",
    clock: Now = time.monotonic,
) -> AsyncIterator[RedisBudget]:
    link = RedisLink(redis.url, time.monotonic)
    made = RedisBudget(link, name, limit, replicas, clock=clock, wall=time.time)
    try:
        async with made as entered:
            yield entered
    finally:
        await link.aclose()


async def spend(budget: RedisBudget, until: float, moments: list[float]) -> None:
    """Take every permit there is until a moment, as a replica under load does."""
    while (left := until - time.monotonic()) > 0:
        try:
            await budget.permit(left)
        except TooLate as late:
            await asyncio.sleep(min(left, max(0.01, late.wait)))
        else:
            moments.append(time.monotonic())


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is seconds in production is tenths here, as far as the limits' own seconds allow."""
    monkeypatch.setattr(redis_budget, "PRESENT", 0.4)
    monkeypatch.setattr(redis_budget, "GRACE", 0.2)
    monkeypatch.setattr(redis_link, "BUDGET_SECONDS", 0.2)


async def test_replicas_together_stay_within_the_limit_while_redis_dies_and_returns(
    redis_server: RedisServer,
) -> None:
    end = time.monotonic() + 11
    seen: dict[tuple[float, int], list[float]] = {(1, 2): [], (20, 3): []}

    async def replica(limit: float, replicas: int) -> None:
        async with budget(redis_server, limit, replicas, f"{limit}") as mine:
            await spend(mine, end, seen[limit, replicas])

    running = [
        asyncio.create_task(replica(limit, replicas))
        for limit, replicas in seen
        for _ in range(replicas)
    ]
    await asyncio.sleep(2.5)
    killed = time.monotonic()
    redis_server.kill()
    await asyncio.sleep(5)
    back = time.monotonic()
    await asyncio.to_thread(redis_server.start)
    await asyncio.gather(*running)

    for (limit, _), moments in seen.items():
        assert most_in_a_second(moments) <= limit
        # Nobody stopped for good: there are calls before, during and after.
        assert min(moments) < killed
        assert [each for each in moments if killed + 2.5 < each < back]
        assert max(moments) > back + 1.5


async def test_one_that_lost_redis_and_one_that_did_not_stay_within_the_limit(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments: list[float] = []
    async with budget(redis_server) as one, budget(redis_server) as other:
        end = time.monotonic() + 9.5
        spending = [
            asyncio.create_task(spend(one, end, moments)),
            asyncio.create_task(spend(other, end, moments)),
        ]
        await asyncio.sleep(2)
        lost_at = time.monotonic()
        with monkeypatch.context() as patch:
            patch.setattr(one._link, "_closed_until", float("inf"))
            await asyncio.sleep(5)
            assert one.permits_left() == 0
        back_at = time.monotonic()
        await asyncio.gather(*spending)

    assert most_in_a_second(moments) == 1
    assert len([each for each in moments if lost_at + 2 < each < back_at]) >= 2


async def test_a_slot_is_used_once_though_timers_come_early(redis_server: RedisServer) -> None:
    def slow() -> float:
        # On this clock every sleep ends a little before it should.
        return 0.99 * time.monotonic()

    async with budget(redis_server, 10, 2, clock=slow) as mine:
        await mine.permit(5)
        redis_server.kill()
        end = slow() + 3
        moments: list[float] = []
        while slow() < end:
            await mine.permit(3)
            moments.append(slow())
    assert len(moments) > 5
    assert min(late - soon for soon, late in pairwise(moments[1:])) > 0.15


class GrantingLink(RedisLink):
    """Grants whatever is asked for at once, as Redis does when it is our turn."""

    async def run(self, *command: Any) -> Any:
        return [1, 0, int(1000 * self._clock()), 0, 0, 1, 1]


async def test_the_wait_counts_the_calls_of_the_others() -> None:
    clock = Clock()
    link = GrantingLink("redis://127.0.0.1:1", clock)
    mine = RedisBudget(link, "test", 1, 2, clock=clock, wall=clock)

    async def between_calls(gap: float) -> float:
        for _ in range(20):
            clock.now += gap
            await mine.permit(1)
        return mine.wait(9) - mine.wait(8)

    assert await between_calls(1.1) == pytest.approx(1.1)
    assert await between_calls(2.2) == pytest.approx(2.2)
    assert await between_calls(10) == pytest.approx(1.1)
    await link.aclose()


async def test_reservations_are_first_come_first_served_and_spaced(
    redis_server: RedisServer,
) -> None:
    async with budget(redis_server, limit=2, replicas=1) as mine:
        await asyncio.sleep(1.2)
        assert mine.permits_left() in (0, 2)
        moments = []
        for _ in range(4):
            await mine.permit(5)
            moments.append(time.monotonic())
        assert mine.wait() > 0
        assert mine.wait(2) > mine.wait()
    assert most_in_a_second(moments) <= 2
    assert moments[3] - moments[0] < 1.6


async def test_what_would_come_too_late_is_refused_at_once(redis_server: RedisServer) -> None:
    async with budget(redis_server, replicas=1) as mine:
        await mine.permit(5)
        started = time.monotonic()
        with pytest.raises(TooLate) as late:
            await mine.permit(0.2)
        assert time.monotonic() - started < 0.1
        assert late.value.wait > 0.2


async def test_closing_closes_for_every_replica(redis_server: RedisServer) -> None:
    async with (
        budget(redis_server, limit=5, replicas=1) as one,
        budget(redis_server, limit=5, replicas=1) as other,
    ):
        await one.permit(5)
        one.close(20)
        await asyncio.sleep(0.1)
        assert one.permits_left() == 0
        assert one.wait() == pytest.approx(20, abs=0.5)
        with pytest.raises(TooLate) as late:
            await other.permit(5)
        assert late.value.wait > 10


async def test_a_missing_key_means_a_full_round_of_waiting(redis_server: RedisServer) -> None:
    async with budget(redis_server, replicas=1) as mine:
        await asyncio.sleep(1.3)
        redis_server.command("FLUSHALL")
        started = time.monotonic()
        await mine.permit(5)
        assert time.monotonic() - started > 1.0


async def test_foreign_content_is_replaced(redis_server: RedisServer) -> None:
    async with budget(redis_server, replicas=1) as mine:
        redis_server.command("SET", mine._key, "not ours")
        await mine.permit(5)
        redis_server.command("SET", mine._key, "[1]")
        await mine.permit(5)


async def test_a_replica_that_never_saw_redis_takes_its_share(redis_server: RedisServer) -> None:
    redis_server.kill()
    moments: list[float] = []
    async with budget(redis_server, limit=4, replicas=2) as mine:
        assert mine.permits_left() == 0
        assert mine.wait() < 1
        await spend(mine, time.monotonic() + 2.5, moments)
    assert most_in_a_second(moments) <= 2
    assert len(moments) >= 3


async def test_one_replica_too_many_gets_no_slot_and_waits_for_redis(
    redis_server: RedisServer,
) -> None:
    async with budget(redis_server, replicas=1), budget(redis_server, replicas=1) as surplus:
        await surplus.permit(5)
        redis_server.kill()
        await asyncio.sleep(0.5)
        with pytest.raises(TooLate):
            await surplus.permit(0.1)


async def test_a_replica_that_leaves_gives_its_slot_to_the_next(
    redis_server: RedisServer,
) -> None:
    async with budget(redis_server, replicas=1) as first:
        await first.permit(5)
    async with budget(redis_server, replicas=1) as second:
        await second.permit(5)
        assert second._slot == 0
