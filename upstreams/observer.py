"""`Observer`: who is told what the gateways do, as counts and times; never what was asked."""

from typing import Protocol


class Observer(Protocol):
    """Every method is called on the event loop, often, and must not raise."""

    def called(self, source: str, outcome: str, seconds: float) -> None:
        """One attempt of a call ended: `ok`, `cancelled`, or the code of its error."""

    def left(self, source: str, seconds: float, size: int) -> None:
        """A call left for `size` items, the first of which waited so long."""

    def looked_up(self, kind: str, result: str, number: int) -> None:
        """So many answers of a kind came of the cache `fresh` or `stale`, or were a `miss`."""


class Nobody:
    """Is told, and forgets."""

    def called(self, source: str, outcome: str, seconds: float) -> None:
        pass

    def left(self, source: str, seconds: float, size: int) -> None:
        pass

    def looked_up(self, kind: str, result: str, number: int) -> None:
        pass


NOBODY = Nobody()
