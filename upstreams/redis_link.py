"""`RedisLink`: one pipelined connection to Redis that never keeps anybody waiting."""

import asyncio
import random
from collections import deque
from contextvars import Context
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from upstreams.config import Clock

BUDGET_SECONDS = 0.05
_COMMANDS_A_TRIP = 100
_MOST_WAITING = 5_000


class RedisGone(Exception):
    """Redis did not answer within its 50 ms, or has not done so a moment ago."""


class RedisLink:
    """Commands issued while a trip is under way share the next one.

    After a failure no command is tried for one to two seconds (at random, so that replicas do not
    return together), then the next one finds out. Commands never raise anything but RedisGone and
    ResponseError (Redis answered, and said no: out of memory, wrong type).
    """

    def __init__(self, url: str, clock: Clock) -> None:
        self._client = Redis.from_url(
            url,
            socket_timeout=BUDGET_SECONDS,
            socket_connect_timeout=BUDGET_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._clock = clock
        self._closed_until = 0.0
        self._waiting: deque[tuple[tuple[Any, ...], asyncio.Future[Any] | None]] = deque()
        self._trips: asyncio.Task[None] | None = None

    @property
    def is_up(self) -> bool:
        """Whether a command now would be tried."""
        return self._clock() >= self._closed_until

    async def run(self, *command: Any) -> Any:
        """Redis's reply to one command."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._add(command, future)
        try:
            async with asyncio.timeout(BUDGET_SECONDS):
                return await future
        except TimeoutError:
            raise RedisGone from None

    def post(self, *command: Any) -> None:
        """Send one command and never mind the reply."""
        self._add(command, None)

    async def aclose(self) -> None:
        """Close the connection, when what was posted has been sent."""
        if self._trips is not None:
            await asyncio.gather(self._trips, return_exceptions=True)
        await self._client.aclose()

    def _add(self, command: tuple[Any, ...], future: asyncio.Future[Any] | None) -> None:
        if not self.is_up or len(self._waiting) >= _MOST_WAITING:
            if future is not None:
                future.set_exception(RedisGone())
            return
        self._waiting.append((command, future))
        if self._trips is None:
            self._trips = asyncio.create_task(self._travel(), context=Context())

    async def _travel(self) -> None:
        try:
            while self._waiting:
                few = min(len(self._waiting), _COMMANDS_A_TRIP)
                await self._trip([self._waiting.popleft() for _ in range(few)])
        finally:
            self._trips = None

    async def _trip(self, load: list[tuple[tuple[Any, ...], asyncio.Future[Any] | None]]) -> None:
        pipeline = self._client.pipeline(transaction=False)
        for command, _ in load:
            pipeline.execute_command(*command)
        try:
            async with asyncio.timeout(2 * BUDGET_SECONDS):
                replies: list[Any] = await pipeline.execute(raise_on_error=False)
        except (RedisError, OSError, TimeoutError, ValueError):
            # ValueError: whatever answers there does not speak Redis.
            self._fail(load)
            return
        for (_, future), reply in zip(load, replies, strict=True):
            if future is None or future.done():
                continue
            if isinstance(reply, ResponseError):
                future.set_exception(reply)
            elif isinstance(reply, Exception):
                future.set_exception(RedisGone())
            else:
                future.set_result(reply)

    def _fail(self, load: list[tuple[tuple[Any, ...], asyncio.Future[Any] | None]]) -> None:
        self._closed_until = self._clock() + random.uniform(1.0, 2.0)  # noqa: S311 - no secret
        for _, future in [*load, *self._waiting]:
            if future is not None and not future.done():
                future.set_exception(RedisGone())
        self._waiting.clear()
