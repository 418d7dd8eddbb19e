"""`Shared`: the answers that replicas share through Redis, where one of them fetches for all."""

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Generic, TypeVar

import msgspec
from redis.exceptions import ResponseError

from upstreams.cache import Entry, Kind
from upstreams.errors import UpstreamError
from upstreams.redis_link import RedisGone, RedisLink

T = TypeVar("T")

# Part of every key: a release whose records read differently must count it up.
VERSION = 1
# How long a replica that fetches keeps the others waiting if it dies over it.
LEASE_SECONDS = 5.0
# Who waits for another replica's answer looks for it after so long, then ever less often.
_POLL_SECONDS = 0.03
_LONGEST_POLL_SECONDS = 0.3
_MOST_BYTES = 1 << 20


class Kept(msgspec.Struct, Generic[T]):
    """What lies in Redis under a key, as JSON: when it was fetched (Unix time), and the record."""

    fetched: float
    value: T


class _Lease:
    """A lease that was taken; kept until it is given back, or its holder dies.

    Asking may mean to wait for a permit, and that longer than a lease lasts.
    """

    __slots__ = ("_link", "_name", "_timer")

    def __init__(self, link: RedisLink, name: str) -> None:
        self._link = link
        self._name = name
        self._timer = self._later()

    def give_back(self) -> None:
        self._timer.cancel()
        self._link.post("DEL", self._name)

    def _later(self) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(LEASE_SECONDS / 2, self._renew)

    def _renew(self) -> None:
        self._link.post("PEXPIRE", self._name, int(LEASE_SECONDS * 1000))
        self._timer = self._later()


class Shared:
    """A cache in Redis; without Redis, and for content it cannot read, it is simply empty.

    `namespace` keeps apart what different upstreams said: the base URL and the mode.
    """

    def __init__(self, link: RedisLink, namespace: str) -> None:
        digest = hashlib.blake2s(namespace.encode(), digest_size=6).hexdigest()
        self._prefix = f"walletgraph:{VERSION}:{digest}"
        self._link = link
        self._decoders: dict[str, msgspec.json.Decoder[Kept[Any]]] = {}

    async def fetch(
        self,
        kind: Kind[T],
        key: Hashable,
        adopt: Callable[[Kept[T]], Entry[T] | None],
        ask: Callable[[], Awaitable[Entry[T] | UpstreamError]],
    ) -> Entry[T] | UpstreamError:
        """What is kept, if `adopt` makes a fresh entry of it, else what `ask` gets.

        One replica asks; the others wait for its answer as long as its lease lasts.
        """
        name = self._name(kind, key)
        lease = f"{name}:lease"
        pause = _POLL_SECONDS
        try:
            while True:
                raw, holder = await self._link.run("MGET", name, lease)
                kept = self._decode(kind, raw)
                if kept is not None and (entry := adopt(kept)) is not None:
                    return entry
                if holder is None and await self._take(lease):
                    break
                await asyncio.sleep(pause * (1 + random.random()))  # noqa: S311
                pause = min(1.3 * pause, _LONGEST_POLL_SECONDS)
        except RedisGone:
            return await ask()
        held = _Lease(self._link, lease)
        try:
            answer = await ask()
            if not isinstance(answer, UpstreamError):
                self._keep(kind, name, answer)
            return answer
        finally:
            held.give_back()

    async def _take(self, lease: str) -> bool:
        try:
            milliseconds = int(LEASE_SECONDS * 1000)
            return bool(await self._link.run("SET", lease, "1", "NX", "PX", milliseconds))
        except ResponseError:
            # Full, or read-only: nobody can take a lease, so nobody waits for one.
            return True

    def _keep(self, kind: Kind[T], name: str, entry: Entry[T]) -> None:
        raw = msgspec.json.encode(Kept(entry.fetched, entry.value))
        if len(raw) <= _MOST_BYTES:
            milliseconds = int((entry.ttl + kind.stale) * 1000)
            self._link.post("SET", name, raw, "PX", max(1, milliseconds))

    def _decode(self, kind: Kind[T], raw: object) -> Kept[T] | None:
        decoder = self._decoders.get(kind.name)
        if decoder is None:
            generic: Any = Kept
            decoder = self._decoders[kind.name] = msgspec.json.Decoder(generic[kind.type])
        if not isinstance(raw, bytes):
            return None
        try:
            return decoder.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None

    def _name(self, kind: Kind[T], key: Hashable) -> str:
        parts = key if isinstance(key, tuple) else (key,)
        return ":".join((self._prefix, kind.name, *map(str, parts)))
