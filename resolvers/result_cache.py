"""`ResultCache`: completed lists that are asked for again, kept beside the rows they came from."""

from collections.abc import Hashable, Sequence
from typing import Any

from upstreams.source.cache import LRUCache

MAX_BYTES = 48 << 20
# What a part costs besides its own bytes: a longer key than others', a plan that may have gone.
_BASE_BYTES = 500


class _Part:
    """A part made of `rows`; before it is worth keeping only the mark of them is there."""

    __slots__ = ("answer", "mark", "rows", "size")

    def __init__(self, rows: Sequence[object], answer: Any, size: int) -> None:
        # A mark holds nothing in memory; mistaken for another's it keeps a part a little early.
        self.mark = id(rows)
        self.rows = None if answer is None else rows
        self.answer = answer
        self.size = size


class ResultCache:
    """The lists one process keeps, bounded in bytes, the least recently used first out."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self.memory = LRUCache(max_bytes)

    def of(self, rows: Sequence[object], key: Hashable) -> "ListCache":
        """The cache of the lists that `key` says are made of these rows, which never change."""
        return ListCache(self.memory, rows, key)


class ListCache:
    """What is kept of one page. A part is wanted when it is made of the same rows again."""

    __slots__ = ("_key", "_memory", "_rows")

    def __init__(self, memory: LRUCache, rows: Sequence[object], key: Hashable) -> None:
        self._memory, self._rows, self._key = memory, rows, key

    def get(self, serial: int) -> Any:
        """The part, or None."""
        part: _Part | None = self._memory.get((self._key, serial))
        return part.answer if part is not None and part.rows is self._rows else None

    def wants(self, serial: int) -> bool:
        """Whether the part was made before; the first time that is noted."""
        part: _Part | None = self._memory.get((self._key, serial))
        if part is not None and part.mark == id(self._rows):
            return True
        self._memory.put((self._key, serial), _Part(self._rows, None, _BASE_BYTES))
        return False

    def put(self, serial: int, answer: Any, size: int) -> None:
        """Keep a part of so many bytes; it keeps its rows alive, which weigh about twice that."""
        part = _Part(self._rows, answer, _BASE_BYTES + 3 * size)
        self._memory.put((self._key, serial), part)
