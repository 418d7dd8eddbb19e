"""`Limiter`: how many calls an upstream may still get, as permits for moments in time.

A sliding log rather than a bucket that refills: a bucket of N lets 2N calls through in the second
after an idle one, and upstreams count seconds wherever they like to begin them.
"""

import asyncio
import logging
import math
from collections import deque
from typing import Protocol

from upstreams.clock import Clock

_log = logging.getLogger("walletgraph.upstreams")

# Seconds by which the window exceeds the second that the upstream counts: calls that leave on
# time still arrive early or late by a network's jitter and a TLS handshake.
MARGIN = 0.1
_MOST = 1_000_000
# How long a budget that failed is let alone.
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0
_LOG_SECONDS = 60.0


class NoPermitInTime(Exception):
    """No permit within the time given; `wait` is the seconds until there might be one."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"no permit for {wait:.1f} s")
        self.wait = wait


class LimiterFailed(Exception):
    """The budget itself failed, so that no call can be made."""


class Limiter(Protocol):
    """What a queue of calls needs to know of its upstream's limit; times are seconds from now."""

    limit: float

    def take(self) -> bool:
        """Take a permit for this instant; False where there is none, or none without asking."""

    async def permit(self, within: float) -> None:
        """Wait for a permit and take it; NoPermitInTime at once if it would not come `within`."""

    def wait(self, ahead: int = 0) -> float:
        """How long until a permit for a call with `ahead` others before it, as far as known."""

    def pause(self, seconds: float) -> None:
        """Give no permit for so long, because the upstream said so."""

    def permits_left(self) -> float:
        """How many calls could leave this instant."""


class GuardedLimiter:
    """A budget whose defects cost calls and nothing else.

    Failures are counted, and logged once a minute. After one it is let alone for a moment, and ever
    longer while it goes on failing.
    """

    def __init__(self, limiter: Limiter, source: str, clock: Clock) -> None:
        self.limiter = limiter
        self.failures = 0
        self._source = source
        self._clock = clock
        self._pause = 0.0
        self._resumes = -math.inf
        self._logs_again = -math.inf

    @property
    def limit(self) -> float:
        return self.limiter.limit

    def take(self) -> bool:
        if self._clock() < self._resumes:
            return False
        try:
            taken = self.limiter.take()
        except Exception:
            self._fail()
            return False
        if taken:
            self._pause = 0.0
        return taken

    async def permit(self, within: float) -> None:
        """See `Limiter`; LimiterFailed where the limiter itself fails."""
        rest = self._resumes - self._clock()
        if rest > 0:
            await asyncio.sleep(rest)
        try:
            await self.limiter.permit(within)
        except NoPermitInTime:
            raise
        except Exception:
            self._fail()
            raise LimiterFailed from None
        self._pause = 0.0

    def wait(self, ahead: int = 0) -> float:
        try:
            return self.limiter.wait(ahead)
        except Exception:
            # Whoever waits finds out when his turn comes.
            self._note()
            return 0.0

    def pause(self, seconds: float) -> None:
        try:
            self.limiter.pause(seconds)
        except Exception:
            self._note()

    def permits_left(self) -> float:
        try:
            return self.limiter.permits_left()
        except Exception:
            self._note()
            return 0.0

    def _fail(self) -> None:
        self._note()
        self._pause = min(_LONGEST_PAUSE, max(_FIRST_PAUSE, 2 * self._pause))
        self._resumes = self._clock() + self._pause

    def _note(self) -> None:
        self.failures += 1
        now = self._clock()
        if now >= self._logs_again:
            self._logs_again = now + _LOG_SECONDS
            _log.exception("The budget of the %s upstream failed", self._source)


def window_of(limit: float) -> tuple[int, float]:
    """`limit` calls a second as (how many calls, in any so many seconds)."""
    if limit <= 0 or math.isnan(limit):
        raise ValueError("a limit of calls a second must be above 0")
    calls = max(1, int(min(limit, _MOST)))
    return calls, max(1.0, 1.0 / limit) + MARGIN


class LocalLimiter:
    """The budget of one process: no window ever sees more calls than the limit."""

    def __init__(self, limit: float, clock: Clock) -> None:
        self.limit = limit
        self._calls, self._window = window_of(limit)
        self._clock = clock
        self.log: deque[float] = deque()
        """When the calls were made that a window from now on may still hold."""
        self.closed_until = -math.inf

    def restore(self, log: deque[float], closed_until: float) -> None:
        """Go on from what another process noted; neither forgets what closes the budget."""
        self.log = log
        self.closed_until = max(self.closed_until, closed_until)

    def take(self) -> bool:
        now = self._clock()
        if now < self.closed_until or self._free(now) <= 0:
            return False
        self.log.append(now)
        return True

    async def permit(self, within: float) -> None:
        until = self._clock() + within
        while not self.take():
            wait = self.wait()
            if self._clock() + wait > until:
                raise NoPermitInTime(wait)
            await asyncio.sleep(wait)

    def wait(self, ahead: int = 0) -> float:
        now = self._clock()
        rounds, place = divmod(ahead, self._calls)
        free = self._free(now)
        moment = now if place < free else self.log[place - free] + self._window
        return max(moment, self.closed_until) - now + rounds * self._window

    def pause(self, seconds: float) -> None:
        self.closed_until = max(self.closed_until, self._clock() + seconds)

    def permits_left(self) -> float:
        now = self._clock()
        return 0.0 if now < self.closed_until else float(self._free(now))

    def _free(self, now: float) -> int:
        log = self.log
        while log and log[0] + self._window <= now:
            log.popleft()
        return self._calls - len(log)
