"""Long work in turns: an operation that keeps the event loop lets others have it in between.

Whoever works on without waiting asks `is_due` now and then, and awaits a `turn` when it is.
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from weakref import WeakKeyDictionary

from upstreams.deadline import DeadlineExceeded, moment, remaining

SLICE_SECONDS = 0.04
_MOST_WOKEN = 256


class Pace:
    """The turns of one event loop.

    Operations that wait take turns with each other, each in its own order. Between two rounds the
    loop reads what has arrived, so that requests with little to do are not behind those with much.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        # When this round of the loop began to work, as far as it told.
        self._began: float | None = None
        self._waiting: OrderedDict[float | None, deque[asyncio.Future[None]]] = OrderedDict()
        self._woken = 1
        self._woke_at = 0.0

    def is_due(self) -> bool:
        """Whether this round of the loop has worked for so long that others must have it."""
        if self._began is None:
            self._began = self._clock()
            asyncio.get_running_loop().call_soon(self._rest)
            return False
        return self._clock() - self._began > SLICE_SECONDS

    async def turn(self) -> None:
        """Wait for a round that has time; DeadlineExceeded where the operation has none left."""
        _check_deadline()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        if not self._waiting:
            self._woken, self._woke_at = 1, self._clock()
            loop.call_soon(self._wake)
        # An operation's deadline tells it from others.
        self._waiting.setdefault(moment(), deque()).append(future)
        await future
        _check_deadline()

    def has_others(self) -> bool:
        """Whether work of this operation waits for a turn, which it will have before the next."""
        return moment() in self._waiting

    def _rest(self) -> None:
        self._began = None

    def _wake(self) -> None:
        """Let some that wait work in the next round: as many as a slice seems to have time for."""
        now = self._clock()
        took, self._woke_at = now - self._woke_at, now
        if took < SLICE_SECONDS / 2:
            self._woken = min(2 * self._woken, _MOST_WOKEN)
        elif took > SLICE_SECONDS:
            self._woken = max(1, self._woken // 2)
        left = self._woken
        loop = asyncio.get_running_loop()
        while left > 0 and self._waiting:
            operation, futures = self._waiting.popitem(last=False)
            # Those of an operation without time have nothing more to do than to say so.
            is_late = operation is not None and operation <= loop.time()
            woken = _wake_first(futures, _MOST_WOKEN if is_late else 1)
            left -= min(woken, 1)
            if futures:
                self._waiting[operation] = futures
        if self._waiting:
            loop.call_soon(self._wake)


def _wake_first(futures: deque[asyncio.Future[None]], most: int) -> int:
    """Wake so many of those that have not left; how many they are."""
    woken = 0
    while futures and woken < most:
        future = futures.popleft()
        if not future.done():
            future.set_result(None)
            woken += 1
    return woken


_paces: WeakKeyDictionary[asyncio.AbstractEventLoop, Pace] = WeakKeyDictionary()


def pace() -> Pace:
    """The running loop's."""
    loop = asyncio.get_running_loop()
    found = _paces.get(loop)
    if found is None:
        found = _paces[loop] = Pace()
    return found


def _check_deadline() -> None:
    if remaining() == 0.0:
        raise DeadlineExceeded
