"""Draws that are the same on every machine and in every run: a hash of a seed and a counter."""

from collections.abc import Sequence
from hashlib import blake2b
from struct import unpack
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A stream of draws that a seed alone decides (`random` makes no such promise)."""

    __slots__ = ("_count", "_seed", "_words")

    def __init__(self, seed: str) -> None:
        self._seed = seed.encode()
        self._count = 0
        self._words: tuple[int, ...] = ()

    def below(self, limit: int) -> int:
        """An integer from 0 to `limit` - 1; limits up to 2^256 make sense."""
        # Eight small draws are made of one hash: drawing is most of what a portfolio costs.
        if limit > 2**32:
            return int.from_bytes(self._hash()) % limit
        if not self._words:
            self._words = unpack("<8Q", self._hash())
        self._words, word = self._words[1:], self._words[0]
        return word % limit

    def between(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def one_in(self, limit: int) -> bool:
        """True once in `limit` draws."""
        return self.below(limit) == 0

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[self.below(len(items))]

    def _hash(self) -> bytes:
        self._count += 1
        return blake2b(self._seed + self._count.to_bytes(4)).digest()


def evm_address(seed: str) -> str:
    """A made-up EVM address, lower case, that the seed alone decides."""
    return "0x" + blake2b(seed.encode(), digest_size=20).hexdigest()
