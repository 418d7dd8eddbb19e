"""`ChainAnswers`: one answer about all chains of a wallet serves whoever asks for some of them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple, Protocol, cast

import msgspec

from upstreams.clock import Clock
from upstreams.oneinch.attribution import Snapshot
from upstreams.oneinch.client import TOKENS
from upstreams.source.cache import LRUCache


class SnapshotKey(NamedTuple):
    """What one wallet held: lower-case address, one chain or all, now or at a Unix second.

    `part` is one half of it, as `OneInch.snapshot` has it.
    """

    address: str
    chain_id: int | None
    at: int | None
    part: str = TOKENS


class Kept(Protocol):
    """What is known of snapshots already."""

    def is_fresh(self, key: SnapshotKey) -> bool:
        """Whether an answer is at hand that costs no call."""

    async def known(self, keys: Sequence[SnapshotKey]) -> set[SnapshotKey]:
        """Those whose answers are at hand, however old, or on their way."""


class ChainAnswers:
    """Says whose answer holds what is asked for, and takes the rows of a chain out of it.

    One chain by itself is asked for as such, which is less for the source to do. All chains are
    asked for where they are wanted as well, or two of them are, or another one was within `ttl`
    seconds, or where the answer about all is there: so a wallet costs two calls in that time at
    most, however many chains are asked for.
    """

    def __init__(self, kept: Kept, memory: LRUCache, ttl: float, clock: Clock) -> None:
        self._kept = kept
        self._memory = memory
        self._ttl = ttl
        self._clock = clock

    async def sources(self, keys: Sequence[SnapshotKey]) -> list[SnapshotKey]:
        """For each key the one to ask for: itself, or that of all chains."""
        if all(key.chain_id is None for key in keys):
            return list(keys)
        chains: defaultdict[SnapshotKey, set[int | None]] = defaultdict(set)
        for key in keys:
            chains[_whole(key)].add(key.chain_id)
        found = [self._source(key, chains[_whole(key)]) for key in keys]
        # What is left is one chain of its wallet each, and not at hand.
        alone = [key for key, source in zip(keys, found, strict=True) if source is None]
        known = await self._kept.known([_whole(key) for key in alone]) if alone else set()
        for place, key in enumerate(keys):
            if found[place] is None:
                is_part = _whole(key) in known or self._was_another_asked(key)
                found[place] = _whole(key) if is_part else key
        return cast(list[SnapshotKey], found)

    def part(self, snapshot: Snapshot, key: SnapshotKey) -> Snapshot:
        """The rows of the key's chain in an answer about all chains.

        The same object for the same answer, as what is made of rows is kept beside them.
        """
        name = ("portfolio.parts", _whole(key))
        parts: _Parts | None = self._memory.get(name)
        if parts is None or parts.whole is not snapshot:
            parts = _Parts(snapshot)
            if self._ttl > 0:
                self._memory.put(name, parts)
        return parts.of(key.chain_id)

    def _source(self, key: SnapshotKey, chains: set[int | None]) -> SnapshotKey | None:
        """The key to ask for, where its batch and what is at hand say which."""
        if key.chain_id is None or None in chains:
            return _whole(key)
        if self._kept.is_fresh(key):
            return key
        return _whole(key) if len(chains) > 1 else None

    def _was_another_asked(self, key: SnapshotKey) -> bool:
        """Whether a call for one chain was made for another chain lately; else this one is."""
        if self._ttl <= 0:
            return False
        name = ("portfolio.chain", _whole(key))
        lately: _Lately | None = self._memory.get(name)
        now = self._clock()
        if lately is not None and now < lately.until and lately.chain_id != key.chain_id:
            return True
        self._memory.put(name, _Lately(key.chain_id, now + self._ttl))
        return False


def _whole(key: SnapshotKey) -> SnapshotKey:
    return key._replace(chain_id=None)


class _Lately:
    """The chain that was asked for by itself, and until when that counts."""

    __slots__ = ("chain_id", "size", "until")

    def __init__(self, chain_id: int | None, until: float) -> None:
        self.chain_id = chain_id
        self.until = until
        self.size = 500


class _Parts:
    """An answer's rows by chain."""

    __slots__ = ("_empty", "_parts", "size", "whole")

    def __init__(self, whole: Snapshot) -> None:
        self.whole = whole
        rows = defaultdict(list)
        for row in whole.rows:
            rows[row.chain_id].append(row)
        self._parts = {
            chain_id: msgspec.structs.replace(whole, rows=tuple(some))
            for chain_id, some in rows.items()
        }
        # What could not be read may be of any chain, so that each counts it.
        self._empty = msgspec.structs.replace(whole, rows=())
        # The rows themselves are weighed with the answer, as long as that is kept.
        self.size = 1_000 + 1_200 * len(whole.rows)

    def of(self, chain_id: int | None) -> Snapshot:
        return self._empty if chain_id is None else self._parts.get(chain_id, self._empty)
