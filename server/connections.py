"""The connections of one process: how many there may be, and which of them make room for others."""

from typing import Protocol

# Beyond the most there may be, so many more are answered: health, and refusals.
_SPARE = 100


class Connection(Protocol):
    """What can be closed at once, whatever is still to be sent over it."""

    def cut(self) -> None: ...


class Connections:
    """Bounds how many connections are open, and the bytes of answers that wait for slow readers.

    An idle connection is one that no request is being read or answered on: the longest idle makes
    room for a new one. A stalled one does not take what is sent to it: the longest stalled are cut
    where all of them together hold too much.
    """

    def __init__(self, most: int, most_unsent_bytes: int) -> None:
        self.most = most
        self.most_unsent_bytes = most_unsent_bytes
        self.unsent_bytes = 0
        # Insertion is the order in time.
        self._open: dict[Connection, None] = {}
        self._idle: dict[Connection, None] = {}
        self._stalled: dict[Connection, int] = {}

    def __len__(self) -> int:
        return len(self._open)

    def opened(self, connection: Connection) -> bool:
        """Count a new connection, which is idle; whether there is room for its requests."""
        if len(self._open) >= self.most and self._idle:
            self._cut(next(iter(self._idle)))
        self._open[connection] = self._idle[connection] = None
        if len(self._open) > self.most + _SPARE:
            self._cut(connection)
        return len(self._open) <= self.most

    def idle(self, connection: Connection) -> None:
        """Nothing is being read or answered any more."""
        self._idle.pop(connection, None)
        self._idle[connection] = None

    def busy(self, connection: Connection) -> None:
        """A request came."""
        self._idle.pop(connection, None)

    def stalled(self, connection: Connection, unsent_bytes: int) -> None:
        """So many bytes wait until the client reads."""
        self.flowing(connection)
        self._stalled[connection] = unsent_bytes
        self.unsent_bytes += unsent_bytes
        while self.unsent_bytes > self.most_unsent_bytes and len(self._stalled) > 1:
            self._cut(next(iter(self._stalled)))

    def flowing(self, connection: Connection) -> None:
        """The client reads."""
        self.unsent_bytes -= self._stalled.pop(connection, 0)

    def closed(self, connection: Connection) -> None:
        self._open.pop(connection, None)
        self._idle.pop(connection, None)
        self.flowing(connection)

    def _cut(self, connection: Connection) -> None:
        self.closed(connection)
        connection.cut()
