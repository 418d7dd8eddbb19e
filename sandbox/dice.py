"""Draws that are the same on every machine and in every run: a hash of a seed and a counter."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A stream of draws that a seed alone decides (`random` makes no such promise)."""

    __slots__ = ("_count", "_seed")

    def __init__(self, seed: str) -> None:
        self._seed = seed.encode()
        self._count = 0

    def below(self, limit: int) -> int:
        """An integer from 0 to `limit` - 1; limits up to 2^256 make sense."""
        self._count += 1
        drawn = blake2b(self._seed + self._count.to_bytes(4), digest_size=32).digest()
        return int.from_bytes(drawn) % limit

    def between(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def one_in(self, limit: int) -> bool:
        """True once in `limit` draws."""
        return self.below(limit) == 0

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[self.below(len(items))]


def evm_address(seed: str) -> str:
    """A made-up EVM address, lower case, that the seed alone decides."""
    return "0x" + blake2b(seed.encode(), digest_size=20).hexdigest()
