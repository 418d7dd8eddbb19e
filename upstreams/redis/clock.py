"""`RedisClock`: what a replica knows of Redis's clock, from the replies that tell it."""

import math

from upstreams.clock import Clock

# By how much of each other's time two clocks may drift apart, and how finely Redis tells its own.
_DRIFT = 0.0005
_GRAIN = 0.002


class RedisClock:
    """Redis's clock in seconds: at least `low` and at most `high` ahead of ours."""

    def __init__(self, clock: Clock, wall: Clock) -> None:
        self._clock = clock
        self._heard = -math.inf
        # Until Redis is heard, its clock is taken for ours.
        self.low = self.high = wall() - clock()
        self.is_known = False

    def learn(self, now: int, before: float) -> bool:
        """Learn from a reply to what was asked at `before`, which tells `now` in milliseconds.

        False where somebody has set that clock since the last reply, or stopped ours.
        """
        after = self._clock()
        low, high = now / 1000 - after, (now + 1) / 1000 - before
        slack = _DRIFT * (after - self._heard) + _GRAIN if self.is_known else math.inf
        is_same = low <= self.high + slack and high >= self.low - slack
        if is_same and self.is_known:
            # Each reply tells bounds, and all of them hold.
            low, high = max(low, self.low - slack), min(high, self.high + slack)
        self.low, self.high = low, high
        self.is_known, self._heard = True, after
        return is_same

    def latest(self, seconds: float = 0.0) -> int:
        """What it tells at most, so many seconds from now, in milliseconds."""
        return int(1000 * (self._clock() + seconds + self.high)) + 1
