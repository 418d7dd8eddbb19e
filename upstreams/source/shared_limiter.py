"""`SharedLimiter`: one upstream's budget for several processes of one machine, without a server."""

import asyncio
import fcntl
import math
import os
import struct
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from upstreams.clock import Clock
from upstreams.source.limiter import LocalLimiter, NoPermitInTime

_DOUBLE = struct.Struct("<d")
# Between two attempts to read what another process is writing, which takes it microseconds.
_BUSY_SECONDS = 0.001


class _Busy(Exception):
    """Another process has the file at this instant."""


class SharedLimiter:
    """A LocalLimiter whose log is in a file: no window of all processes sees too many calls.

    The file holds moments of the machine's monotonic clock: until when the upstream wants no call,
    and those of the calls that still count. It is read and written under a lock that the system
    gives back when its holder dies. The folder belongs to whoever started the processes.
    """

    def __init__(self, path: Path, limit: float, clock: Clock) -> None:
        self.limit = limit
        self._local = LocalLimiter(limit, clock)
        self._clock = clock
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def aclose(self) -> None:
        """Close the file."""
        os.close(self._file)

    def take(self) -> bool:
        try:
            with self._held() as local:
                return local.take()
        except _Busy:
            return False

    async def permit(self, within: float) -> None:
        until = self._clock() + within
        while True:
            try:
                with self._held() as local:
                    if local.take():
                        return
                    wait = local.wait()
            except _Busy:
                wait = _BUSY_SECONDS
            if self._clock() + wait > until:
                raise NoPermitInTime(wait)
            await asyncio.sleep(wait)

    def wait(self, ahead: int = 0) -> float:
        try:
            with self._held() as local:
                return local.wait(ahead)
        except _Busy:
            return self._local.wait(ahead)

    def pause(self, seconds: float) -> None:
        # This process heeds it at once, and the others from the next time on that it is written.
        self._local.pause(seconds)
        try:
            with self._held():
                pass
        except _Busy:
            pass

    def permits_left(self) -> float:
        try:
            with self._held() as local:
                return local.permits_left()
        except _Busy:
            return self._local.permits_left()

    @contextmanager
    def _held(self) -> Iterator[LocalLimiter]:
        """The budget as all processes know it, written back where it changed; else _Busy."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _Busy from None
        try:
            before = os.pread(self._file, os.fstat(self._file).st_size, 0)
            moments = deque(moment for (moment,) in _DOUBLE.iter_unpack(before))
            closed = moments.popleft() if moments else -math.inf
            self._local.restore(moments, closed)
            yield self._local
            log, closed = self._local.log, self._local.closed_until
            after = b"".join(map(_DOUBLE.pack, (closed, *log)))
            if after != before:
                os.pwrite(self._file, after, 0)
                os.ftruncate(self._file, len(after))
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)
