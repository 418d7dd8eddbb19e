"""Replicas that share a budget, in time that passes by itself, with all that can befall them.

The script runs in a real Redis; what lies between it and the replicas is played: commands take
their time, wait in a frozen server and are read when it thaws, lose their replies, or meet nobody.
"""

import asyncio
import contextlib
import math
import random
import selectors
from collections.abc import Callable, Sequence
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from tests.redis_server import RedisServer
from upstreams.redis.limiter import RedisLimiter
from upstreams.redis.link import RedisGone, RedisLink, Script
from upstreams.redis.script import SCRIPT
from upstreams.redis.slot_locks import SlotLocks
from upstreams.source.limiter import NoPermitInTime

# A real moment, so that numbers are as large as they will be.
EPOCH = 1_800_000_000.0
PATIENCE = 0.05
PLAYED = SCRIPT.text.replace("redis.call('TIME')", "{ARGV[2], ARGV[3]}")
assert SCRIPT.text != PLAYED


class PlayedTime(selectors.SelectSelector):
    """A selector that does not wait: time is then later."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is not None and timeout > 0:
            self.now += timeout
        return super().select(0)


class PlayedLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.played = PlayedTime()
        super().__init__(self.played)

    def time(self) -> float:
        return self.played.now


class Server:
    """The Redis that replicas reach."""

    def __init__(
        self, redis: Redis, loop: asyncio.AbstractEventLoop, chance: random.Random
    ) -> None:
        self._redis = redis
        self._loop = loop
        self._play = redis.register_script(PLAYED)
        self.chance = chance
        self.is_down = False
        self.is_readonly = False
        self.life = 0
        self.slowest = 0.002
        self.ahead = 0.0
        self._thawed = asyncio.Event()
        self._thawed.set()

    def freeze(self) -> None:
        self._thawed.clear()

    def thaw(self) -> None:
        self._thawed.set()

    def kill(self) -> None:
        self.is_down = True
        self.life += 1
        self.thaw()
        self._redis.flushall()

    def start(self) -> None:
        self.is_down = False

    def empty(self) -> None:
        self._redis.flushall()

    async def restart(self, lost: float, away: float) -> None:
        """It dies, and comes back with all but the last moments of what it had written."""
        keys = self._redis.keys("walletgraph:*")
        kept = {key: self._redis.get(key) for key in keys}
        await asyncio.sleep(lost)
        self.kill()
        await asyncio.sleep(away)
        for key, value in kept.items():
            if value is not None:
                self._redis.set(key, value)
        self.start()

    async def answer(self, keys: Sequence[str], argument: Any) -> Any:
        """What the script says, when Redis comes to read the command."""
        life = self.life
        await asyncio.sleep(self.chance.uniform(0, self.slowest))
        await self._thawed.wait()
        if self.is_down or self.life != life or self.is_readonly:
            raise RedisGone("away")
        seconds, micros = divmod(int(1e6 * (EPOCH + self.ahead + self._loop.time())), 10**6)
        try:
            reply = self._play(keys=keys, args=[argument, seconds, micros])
        except RedisError as error:
            raise AssertionError(f"the script failed: {error}") from error
        await asyncio.sleep(self.chance.uniform(0, self.slowest))
        return reply


class Link(RedisLink):
    """A replica's way to the server."""

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__("redis://played", loop.time)
        self._server = server
        self.is_cut = False
        self._tasks: set[asyncio.Task[Any]] = set()

    async def script(self, script: Script, keys: Sequence[str], *arguments: Any) -> Any:
        if not self.is_up:
            raise RedisGone("closed")
        task = self._send(keys, arguments[0])
        done, _ = await asyncio.wait([task], timeout=PATIENCE)
        if not done or task.exception() is not None or self.is_cut:
            self._closed_until = self._clock() + self._server.chance.uniform(1.0, 2.0)
            raise RedisGone("late")
        return task.result()

    def post_script(self, script: Script, keys: Sequence[str], *arguments: Any) -> None:
        if self.is_up and not self.is_cut:
            self._send(keys, arguments[0])

    def _send(self, keys: Sequence[str], argument: Any) -> asyncio.Task[Any]:
        # What a cut line loses is as often the command as the reply.
        is_lost = self.is_cut and self._server.chance.random() < 0.5
        going = asyncio.sleep(1e6) if is_lost else self._server.answer(keys, argument)
        task: asyncio.Task[Any] = asyncio.ensure_future(going)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return task


class Locks(SlotLocks):
    """The locks of one machine, as one of its processes sees them."""

    def __init__(self, machine: dict[int, "Locks"], place: str) -> None:
        self._machine = machine
        self.place = place

    def take(self, slot: int) -> bool:
        return bool(self.place) and self._machine.setdefault(slot, self) is self

    def release(self, slot: int) -> None:
        if self._machine.get(slot) is self:
            del self._machine[slot]

    def release_all(self) -> None:
        for slot, holder in list(self._machine.items()):
            if holder is self:
                del self._machine[slot]


class Replica:
    """A process that takes every permit there is; it can crash, and be started again."""

    def __init__(self, fleet: "Fleet", machine: dict[int, Locks], place: str) -> None:
        self._fleet = fleet
        self._machine, self._place = machine, place
        self.is_idle = False
        self.link: Link
        self.limiter: RedisLimiter
        self._locks: Locks
        self._task: asyncio.Task[None] | None = None

    @property
    def is_alive(self) -> bool:
        return self._task is not None

    def start(self) -> None:
        loop = self._fleet.loop
        self._locks = Locks(self._machine, self._place)
        self.link = Link(self._fleet.server, loop)
        base = self._fleet.chance.uniform(0, 1e6)
        self.limiter = RedisLimiter(
            self.link,
            "fleet",
            self._fleet.limit,
            self._fleet.replicas,
            clock=lambda: base + loop.time(),
            wall=lambda: EPOCH + loop.time(),
            locks=self._locks,
        )
        self._task = loop.create_task(self._spend(self.limiter))

    def crash(self) -> None:
        """No word to Redis, and the kernel frees the locks."""
        if self._task is not None:
            self.link.is_cut = True
            self.link._closed_until = math.inf
            self._task.cancel()
            self._task = None
            self._locks.release_all()

    async def stop(self) -> None:
        """As SIGTERM does."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _spend(self, limiter: RedisLimiter) -> None:
        loop = self._fleet.loop
        async with limiter:
            while True:
                if self.is_idle:
                    await asyncio.sleep(0.1)
                    continue
                try:
                    await limiter.permit(20)
                except NoPermitInTime as late:
                    await asyncio.sleep(min(1.0, max(0.05, late.wait)))
                else:
                    self._fleet.calls.append(loop.time())


class Fleet:
    """Redis and replicas on one machine, or each on its own."""

    def __init__(
        self,
        redis: Redis,
        loop: PlayedLoop,
        *,
        limit: float,
        replicas: int,
        one_machine: bool,
        seed: int,
    ) -> None:
        self.loop = loop
        self.limit, self.replicas = limit, replicas
        self.chance = random.Random(seed)
        self.server = Server(redis, loop, self.chance)
        self.calls: list[float] = []
        shared: dict[int, Locks] = {}
        self.members = [
            Replica(
                self, shared if one_machine else {}, "here" if one_machine else f"place {number}"
            )
            for number in range(replicas)
        ]

    def most_in_a_second(self) -> int:
        calls = sorted(self.calls)
        most = begin = 0
        for end, at in enumerate(calls):
            while calls[begin] <= at - 1.0:
                begin += 1
            most = max(most, end - begin + 1)
        return most

    def share_of_limit(self, since: float, until: float) -> float:
        """How many of the calls that the limit allows were made in that time."""
        made = sum(1 for at in self.calls if since <= at < until)
        return made / (self.limit * (until - since))


def play(
    redis: RedisServer,
    act: Callable[[Fleet], Any],
    *,
    limit: float = 1,
    replicas: int = 2,
    one_machine: bool = True,
    seed: int = 0,
) -> Fleet:
    """Let replicas start, and `act` with them; then all of it is over."""
    loop = PlayedLoop()
    with contextlib.closing(loop), Redis(port=redis.port) as client:
        client.flushall()
        fleet = Fleet(
            client, loop, limit=limit, replicas=replicas, one_machine=one_machine, seed=seed
        )

        async def run() -> None:
            try:
                await act(fleet)
            finally:
                for member in fleet.members:
                    member.crash()
                fleet.server.kill()
                rest = asyncio.all_tasks() - {asyncio.current_task()}
                for task in rest:
                    task.cancel()
                await asyncio.gather(*rest, return_exceptions=True)

        loop.run_until_complete(run())
    return fleet
