"""`OwnSlots`: which slots of a shared budget a replica may call its own, and their locks."""

import random
from collections.abc import Iterable

from upstreams.redis.slot_locks import SlotLocks


class OwnSlots:
    """`slot` is ours by Redis's word, or, before it was heard, by its lock; -1 for none.

    `extra` are those of replicas that died on this machine. We hold their locks, and promise for
    them, while Redis is there and nobody else wants them; calls of our own are not made in them.
    """

    def __init__(self, locks: SlotLocks, replicas: int) -> None:
        self._locks = locks
        self._replicas = replicas
        self.slot = -1
        self.extra: set[int] = set()

    @property
    def place(self) -> str:
        return self._locks.place

    @property
    def claims(self) -> list[int]:
        return sorted(self.extra | ({self.slot} - {-1}))

    def find(self) -> bool:
        """Take one that no other process of this machine has; or any, if that cannot be known."""
        first = random.randrange(self._replicas)  # noqa: S311 - no secret
        candidates = [(first + later) % self._replicas for later in range(self._replicas)]
        self.slot = next(filter(self._locks.take, candidates), -1)
        if self.slot < 0 and not self._locks.place:
            self.slot = first
        return self.slot >= 0

    def settle(self, ours: Iterable[int], idle: Iterable[int], *, is_crowded: bool) -> None:
        """Take those that Redis says are ours, and the idle ones whose owners died here."""
        if self.slot not in ours:
            self._locks.release(self.slot)
            self.slot = -1
        for slot in ours:
            # Without its lock another process here takes it for its own.
            if self.slot < 0 and (self._locks.take(slot) or not self._locks.place):
                self.slot = slot
                self.extra.discard(slot)
        if is_crowded and self.slot >= 0:
            # A new replica has none.
            self.drop_extra()
            return
        for slot in idle:
            if (self.slot >= 0 or not self.extra) and self._locks.take(slot):
                self.extra.add(slot)

    def drop_extra(self) -> None:
        for slot in self.extra:
            self._locks.release(slot)
        self.extra.clear()

    def release(self) -> None:
        """Hold no lock any more."""
        self._locks.release_all()
