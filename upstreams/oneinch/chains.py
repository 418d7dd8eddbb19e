"""`Chains`: which chains a source has shown that it serves, and which it has rejected."""

from cachetools import LRUCache

from upstreams.clock import Clock
from upstreams.source.timestamped import Timestamped, moment

# More than there are, and yet a bound: clients name chains as they like.
MAX_CHAINS = 1_000


class Chains:
    """Remembers rejections for `seconds`; a chain that was served before is not rejected."""

    def __init__(self, seconds: float, clock: Clock, wall: Clock) -> None:
        self._seconds = seconds
        self._clock = clock
        self._wall = wall
        self._served: LRUCache[int, None] = LRUCache(MAX_CHAINS)
        self._rejected: LRUCache[int, tuple[float, float]] = LRUCache(MAX_CHAINS)

    def serves(self, chain_id: int) -> None:
        """The source knew something on that chain."""
        self._served[chain_id] = None
        self._rejected.pop(chain_id, None)

    def rejects(self, chain_id: int) -> bool:
        """The source rejected a call for that chain: whether that means that it has none such."""
        if chain_id in self._served:
            return False
        if self._seconds > 0:
            self._rejected[chain_id] = self._clock() + self._seconds, self._wall()
        return True

    def rejection(self, chain_id: int) -> Timestamped[None] | None:
        """That nothing is known there, dated, if the source said so of late."""
        found = self._rejected.get(chain_id)
        if found is None:
            return None
        until, said = found
        left = until - self._clock()
        return Timestamped(None, moment(said), False, left) if left > 0 else None
