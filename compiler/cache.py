"""A dictionary that forgets what has not been used for longest."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Bounded(Generic[K, V]):
    """Entries of at most `size` in all; reading one keeps it young. Safe under threads.

    `weigh` says what an entry of a key takes; without it each takes 1.
    """

    def __init__(self, size: int, weigh: Callable[[K], int] = lambda _: 1) -> None:
        self.size = size
        self.weigh = weigh
        self.taken = 0
        self.entries: OrderedDict[K, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self.entries)

    def get(self, key: K) -> V | None:
        """The value, or None."""
        value = self.entries.get(key)
        if value is not None:
            try:
                self.entries.move_to_end(key)
            except KeyError:  # another thread has just pushed it out
                self.put(key, value)
        return value

    def put(self, key: K, value: V) -> None:
        """Remember the value."""
        if key not in self.entries:
            self.taken += self.weigh(key)
        self.entries[key] = value
        while self.taken > self.size:
            try:
                gone, _ = self.entries.popitem(last=False)
            except KeyError:  # pragma: no cover  another thread emptied it
                return
            self.taken -= self.weigh(gone)

    def clear(self) -> None:
        """Forget everything."""
        self.entries.clear()
        self.taken = 0
