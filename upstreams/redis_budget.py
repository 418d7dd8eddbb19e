"""`RedisBudget`: one upstream's budget for all replicas, safe while Redis comes and goes.

Redis hands out moments in time. Each replica also owns a slot in an endless row of slots, numbered
on Redis's clock, and that row alone keeps within the limit:

- While all replicas are seen in Redis, any moment goes to whoever asks first.
- While one is missing, moments are whole slots, and never its own: it may be calling in them.
- A replica that has lost Redis calls in its own slots only, and not before the others must have
  noticed its absence and the moments reserved till then are over.

So the limit holds whoever sees Redis and whoever does not. A replica that has never seen Redis has
no slot of its own: it picks one at random on its own clock, which keeps the average alone.
"""

import asyncio
import hashlib
import math
import random
import secrets
from types import TracebackType
from typing import Any, NamedTuple, Self

from upstreams.budget import MARGIN, TooLate, window_of
from upstreams.config import Clock
from upstreams.redis_link import RedisGone, RedisLink
from upstreams.redis_script import SCRIPT

# Seconds: without a sign of life for so long a replica counts as missing, ...
PRESENT = 1.0
# ... and after so long its slot may be given to a new one.
KEPT = 60.0
# How long an emptied Redis waits for the owners of slots before it gives slots to new replicas.
GRACE = 2.5
# A reserved moment that is missed by more is not used: the next one would follow too closely.
LATENESS = 0.8 * MARGIN
_POLL = 0.25


class _Reply(NamedTuple):
    """What the script says; times in milliseconds, `wait` -1 where no moment can be given."""

    is_granted: int
    wait: int
    now: int
    slot: int
    free: int
    is_whole: int
    born: int


class _Moment(NamedTuple):
    """A moment on our clock; `era` tells whether what was known when it was given still holds."""

    at: float
    is_ours: bool
    era: int


class RedisBudget:
    """A Budget shared through Redis under `namespace`; an async context manager."""

    def __init__(
        self,
        link: RedisLink,
        namespace: str,
        limit: float,
        replicas: int,
        *,
        clock: Clock,
        wall: Clock,
    ) -> None:
        self.limit = limit
        self._calls, self._window = window_of(limit)
        self._length = self._window / self._calls
        self._replicas = replicas
        # A replica waits for one moment at a time, so that no reservation lies further ahead.
        self._horizon = replicas * self._length
        self._link = link
        self._clock = clock
        self._member = secrets.token_hex(6)
        digest = hashlib.blake2s(namespace.encode(), digest_size=6).hexdigest()
        self._key = f"walletgraph:budget:{digest}:{limit:g}:{replicas}"
        self._slot = -1
        self._last: _Reply | None = None
        # When, on our clock, Redis last answered.
        self._seen = -math.inf
        self._is_lost = True
        # Moves when Redis is lost, or has been emptied: moments given before are void.
        self._era = 0
        # Redis's clock, in seconds, is ours plus this.
        self._offset = wall() - clock()
        self._closed_until = -math.inf
        # When our last call left, or was to leave if the timer was a little early.
        self._used = -math.inf
        # A running mean of the seconds from each of our moments to the next.
        self._pace = self._length
        self._granted = -math.inf
        self._heart: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._tell("beat")
        self._heart = asyncio.create_task(self._beat())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._heart is not None:
            self._heart.cancel()
            await asyncio.gather(self._heart, return_exceptions=True)
        await self._tell("leave")

    def take(self) -> bool:
        """False: nothing is known without asking Redis."""
        return False

    async def permit(self, within: float) -> None:
        until = self._clock() + within
        while True:
            moment = await self._reserve()
            now = self._clock()
            wait = max(0.0, moment.at - now, self._closed_until - now)
            if now + wait > until:
                raise TooLate(wait)
            await asyncio.sleep(wait)
            is_late = self._clock() - moment.at > LATENESS
            if moment.is_ours and moment.era == self._era and not is_late:
                self._used = max(self._clock(), moment.at)
                return

    def wait(self, ahead: int = 0) -> float:
        now = self._clock()
        length = self._length
        if self._is_lost or self._last is None:
            first, free = self._own_moment().at, 0
            length *= self._replicas
        else:
            first, free = self._seen + max(0, self._last.wait) / 1000, self._last.free
            length = self._pace if self._last.is_whole else length * self._replicas
            if self._last.is_granted and not free:
                first += length
        start = max(0.0, first - now, self._closed_until - now)
        return start + max(0, ahead - free) * length

    def close(self, seconds: float) -> None:
        self._closed_until = max(self._closed_until, self._clock() + seconds)
        self._link.post_script(SCRIPT, [self._key], *self._arguments("close", seconds))

    def permits_left(self) -> float:
        if self._is_lost or self._last is None or self._clock() < self._closed_until:
            return 0.0
        return float(self._last.free)

    async def _reserve(self) -> _Moment:
        """The next moment that may become ours."""
        reply = await self._tell("take")
        if reply is None:
            return self._own_moment()
        if reply.wait < 0:
            return _Moment(self._clock() + _POLL, False, self._era)
        at = self._seen + reply.wait / 1000
        if reply.is_granted:
            self._mind_pace(at - self._granted)
            self._granted = at
        # Beyond the horizon: come back when it is near.
        return _Moment(
            at if reply.is_granted else at - 0.5 * self._horizon, bool(reply.is_granted), self._era
        )

    def _mind_pace(self, gap: float) -> None:
        """Learn from the time between two of our moments how many the others take."""
        if gap > 1.1 * max(self._window, self._horizon):
            # We paused, after which nothing is known of them.
            self._pace = self._length
            return
        pace = self._pace + (gap - self._pace) / (self._calls + 1)
        self._pace = min(max(pace, self._length), self._horizon)

    def _own_moment(self) -> _Moment:
        """The beginning of our next own slot, for as long as Redis is away."""
        now, slot = self._clock(), self._slot
        if slot < 0:
            # Redis was there, and all slots had owners.
            return _Moment(now + _POLL, False, self._era)
        free = self._seen + self._window
        if self._replicas > 1:
            free += PRESENT + self._horizon
        # A slot is used once, however early the timer was.
        sooner = self._used + 0.5 * self._length
        first = math.ceil((max(now, free, sooner) + self._offset) / self._length)
        first += (slot - first) % self._replicas
        return _Moment(first * self._length - self._offset, True, self._era)

    async def _tell(self, deed: str) -> _Reply | None:
        """Tell Redis that we live, and what else we want; None if it is not there."""
        before = self._clock()
        arguments = self._arguments(deed)
        try:
            reply = _Reply(*map(int, await self._link.script(SCRIPT, [self._key], *arguments)))
        except (RedisGone, TypeError, ValueError):
            # The last two: not what our script replies.
            self._lose()
            return None
        if self._is_lost or self._last is None or reply.born != self._last.born:
            self._era += 1
        self._is_lost = False
        self._last = reply
        self._slot = reply.slot
        self._seen = 0.5 * (before + self._clock())
        self._offset = reply.now / 1000 - self._seen
        return reply

    def _lose(self) -> None:
        if not self._is_lost:
            self._is_lost = True
            self._era += 1
        elif self._last is None and self._slot < 0:
            self._slot = random.randrange(self._replicas)  # noqa: S311 - no secret

    def _arguments(self, deed: str, seconds: float = 0.0) -> tuple[Any, ...]:
        had = self._slot if self._last is not None else -1
        grace = GRACE if self._replicas > 1 else 0.0
        numbers = (had, self._calls, 1000 * self._window, self._replicas)
        seconds_in_all = (self._length, self._horizon, PRESENT, KEPT, grace, seconds)
        milliseconds = [1000 * each for each in seconds_in_all]
        return (self._member, deed, *numbers, *milliseconds)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(PRESENT / 3)
            await self._tell("beat")
