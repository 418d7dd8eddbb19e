"""`Batching`: whether several wallets may share a call, as answers turn out."""

import math

from upstreams.clock import Clock

FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 900.0


class Batching:
    """On until shared answers leave open whose rows they hold; then tried ever less often.

    The first such answer costs its own wallets a call each. From the second in a row on, batching
    pauses after each: for 2 seconds at first, for twice as long every time, for 15 minutes at most.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures = 0
        self._resumes = -math.inf

    @property
    def is_on(self) -> bool:
        """Whether the next call may be a shared one."""
        return self._clock() >= self._resumes

    def worked(self) -> None:
        """The rows of a shared answer could be told apart."""
        self._failures = 0

    def failed(self) -> None:
        """They could not."""
        self._failures += 1
        doublings = self._failures - 2
        if doublings >= 0:
            pause = FIRST_PAUSE_SECONDS * 2.0 ** min(doublings, 20)
            self._resumes = self._clock() + min(pause, LONGEST_PAUSE_SECONDS)
