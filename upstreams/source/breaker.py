"""`Breaker`: stops asking an upstream that keeps failing, and finds out when it is back."""

import math
from collections import deque
from enum import Enum

from upstreams.clock import Clock

WINDOW_SECONDS = 10.0
MIN_VOLUME = 5
FAILURE_RATE = 0.5
# How long no call is made before the next single probe; short, so that its return is noticed.
PAUSE_SECONDS = 1.0
# How long others wait for the probe's end. A slower one says that the upstream is not well yet.
PROBE_SECONDS = 1.0


class Outcome(Enum):
    """What the end of a call says of the upstream's health."""

    GOOD = "good"
    BAD = "bad"
    ALIVE = "alive"  # it answered, though not with what was asked for
    UNKNOWN = "unknown"  # the call was broken off on our side


class Breaker:
    """Closed, calls pass; open, none does; half open, exactly one probe decides.

    While it is under way other calls wait for its end, for `PROBE_SECONDS` at most: what is one
    answer to a client may take several calls, and all of them are to find the upstream back.

    Opens at a failure, when at least half of the calls of the last ten seconds failed, and these
    were five or more. Only good and bad ends count there; any answer but a bad one makes a probe
    succeed.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls: deque[tuple[float, bool]] = deque()
        self._failures = 0
        self._reopens = -math.inf
        self._is_closed = True
        self._is_probing = False
        self._is_awaited = False
        # Moves with every change of state: a call that began before it no longer has a say.
        self._generation = 0

    @property
    def state(self) -> str:
        """CLOSED, OPEN or HALF_OPEN."""
        if self._is_closed:
            return "CLOSED"
        return "OPEN" if self._clock() < self._reopens else "HALF_OPEN"

    def refuses(self) -> bool:
        """Whether a call now would be turned away."""
        if self._is_closed or self.is_awaited:
            return False
        return self._is_probing or self._clock() < self._reopens

    @property
    def is_awaited(self) -> bool:
        """Whether calls wait for the end of a probe."""
        return self._is_probing and self._is_awaited

    def give_up(self, generation: int) -> None:
        """The probe that `enter` began takes too long to be waited for."""
        if generation == self._generation:
            self._is_awaited = False

    def wait(self) -> float:
        """Seconds until the next probe."""
        return max(0.0, self._reopens - self._clock())

    def enter(self) -> int | None:
        """Begin a call and get what `leave` wants to end it; None where none must be made."""
        if self.refuses() or self.is_awaited:
            return None
        if not self._is_closed:
            self._is_probing = self._is_awaited = True
            self._generation += 1
        return self._generation

    def leave(self, generation: int, outcome: Outcome) -> None:
        """End the call that `enter` began."""
        if generation != self._generation:
            return
        if not self._is_closed:
            self._end_probe(outcome)
        elif outcome in (Outcome.GOOD, Outcome.BAD):
            self._count(outcome is Outcome.GOOD)

    def _count(self, is_success: bool) -> None:
        now, calls = self._clock(), self._calls
        calls.append((now, is_success))
        self._failures += not is_success
        while calls[0][0] <= now - WINDOW_SECONDS:
            self._failures -= not calls.popleft()[1]
        # Not at a success, though it may push older ones out of the window: the upstream is back.
        is_failing = len(calls) >= MIN_VOLUME and self._failures >= FAILURE_RATE * len(calls)
        if is_failing and not is_success:
            self._open(now)

    def _end_probe(self, outcome: Outcome) -> None:
        self._is_probing = False
        if outcome is Outcome.BAD:
            self._open(self._clock())
        elif outcome is not Outcome.UNKNOWN:
            self._is_closed = True
            self._generation += 1

    def _open(self, now: float) -> None:
        self._is_closed = False
        self._reopens = now + PAUSE_SECONDS
        self._generation += 1
        self._calls.clear()
        self._failures = 0
