"""An event loop whose time passes only where all wait: minutes of it take milliseconds."""

import asyncio
import heapq
from typing import Any


class VirtualTime(asyncio.SelectorEventLoop):
    """Its clock stands while there is something to do, and then moves to the next timer.

    For what waits for timers and tasks of its own process alone.
    """

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0

    def time(self) -> float:
        return self._now

    def _run_once(self) -> None:
        loop: Any = self
        while loop._scheduled and loop._scheduled[0].cancelled():
            loop._timer_cancelled_count -= 1
            heapq.heappop(loop._scheduled)._scheduled = False
        if not loop._ready and loop._scheduled:
            self._now = max(self._now, loop._scheduled[0].when())
        loop._clock_resolution = 1e-9
        run: Any = super()
        run._run_once()


def now() -> float:
    """The time of the running loop: for clocks and measures that are to go with it."""
    return asyncio.get_running_loop().time()
