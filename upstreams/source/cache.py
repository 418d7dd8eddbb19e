"""`LRUCache`: the answers a process keeps, dated, in bounded memory."""

import math
import random
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

import cachetools

from upstreams.errors import UpstreamRejected
from upstreams.source.timestamped import moment

T = TypeVar("T")

MAX_BYTES = 128 << 20
# What an entry takes besides what it holds: itself, its key and its places in the cache.
ENTRY_BYTES = 500
# Answers that came together do not expire together: up to a tenth off each one's time.
JITTER = 0.1
# How long a request that the upstream refused as wrong is not sent again.
REJECTED_SECONDS = 30.0
# How long after a failed refresh an old answer is served without trying again.
RETRY_SECONDS = 1.0


@dataclass(frozen=True)
class CachePolicy(Generic[T]):
    """A sort of answer and how long it keeps.

    `ttl` is how many seconds an answer counts as fresh (0: nothing is kept), `missing` the same
    of None, the answer that there is no such thing; `stale` how many more seconds it may stand in
    for an answer that cannot be had. `type` is what the record is decoded as from the shared
    cache, where `belongs` says whether it answers that key; `weigh` estimates its bytes in memory.
    Answers that came at once expire one by one, but those for keys of which `together` says the
    same, which are shown together, expire at once.
    """

    name: str
    type: Any
    ttl: float
    missing: float
    stale: float
    weigh: Callable[[T], int]
    belongs: Callable[[Any, T], bool] = lambda key, value: True
    together: Callable[[Any], Hashable] = lambda key: None

    def entry(self, key: Any, value: T, fetched: float, since: float) -> "Entry[T]":
        """The answer to a key as it is kept."""
        if self.ttl <= 0:
            # Nothing of this kind is: its bytes do not matter.
            return Entry(value, fetched, since, 0.0, 0)
        seconds = jittered(self.missing if value is None else self.ttl, self.together(key))
        return Entry(value, fetched, since, seconds, self.weigh(value))


class Entry(Generic[T]):
    """An answer, when it was given, and how many seconds from then it is fresh.

    `fetched` is in Unix time and dates the answer; `since` is the same moment on the monotonic
    clock, by which it ages: somebody may set the other.
    """

    __slots__ = ("as_of", "fetched", "retry_at", "since", "size", "ttl", "value")

    def __init__(self, value: T, fetched: float, since: float, ttl: float, size: int) -> None:
        self.value = value
        self.fetched = fetched
        self.since = since
        self.ttl = ttl
        self.size = size
        self.as_of: datetime = moment(fetched)
        self.retry_at = -math.inf

    def time(self, fresh: float | None) -> float:
        """How many seconds in all it is fresh to a reader who wants none older than `fresh`."""
        return self.ttl if fresh is None or self.ttl < fresh else fresh

    def left(self, fresh: float | None, now: float) -> float:
        """How many of them are left, below 0 where none is."""
        return self.since + self.time(fresh) - now


class Rejection:
    """That the upstream refused a request as wrong, and until when (on the clock) that counts."""

    __slots__ = ("error", "size", "until")

    def __init__(self, error: UpstreamRejected, now: float) -> None:
        self.error = error.again()
        self.until = now + jittered(REJECTED_SECONDS)
        self.size = 1_000


class Weighed(Protocol):
    """What an LRUCache keeps."""

    @property
    def size(self) -> int:
        """Estimated bytes."""


class LRUCache(cachetools.LRUCache[Hashable, Any]):
    """Entries that know their size, least recently used first out, bounded by estimated bytes."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        super().__init__(max_bytes, getsizeof=_bytes)

    def put(self, key: Hashable, entry: Weighed) -> None:
        """Keep an entry, at the cost of the least recently used; one beyond the bound is not."""
        self.pop(key, None)
        with suppress(ValueError):  # it is larger than all that may be kept
            self[key] = entry


def _bytes(entry: Weighed) -> int:
    return entry.size + ENTRY_BYTES


def jittered(seconds: float, together: Hashable = None) -> float:
    """A little less than `seconds`: the same for the same `together`, unless that is None."""
    # No secret, and so neither source of chance need be a good one.
    part = random.random() if together is None else hash(together) % 1_000 / 1_000  # noqa: S311
    return seconds * (1.0 - JITTER * part)
