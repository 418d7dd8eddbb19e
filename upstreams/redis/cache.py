"""`RedisCache`: the answers that replicas share through Redis; one of them fetches for all."""

import asyncio
import hashlib
import random
import secrets
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

import msgspec

from upstreams.clock import Clock
from upstreams.decoding.wellformed import is_sound
from upstreams.errors import UpstreamError
from upstreams.redis.link import RedisGone, RedisLink, Script
from upstreams.source.cache import CachePolicy, Entry
from upstreams.source.shared_cache import Kept

T = TypeVar("T")

# Part of every key, as is the shape of the policy's records: count it up when the same shape comes
# to mean something else.
VERSION = 2
# How long a replica that fetches keeps the others waiting if it dies over it.
LEASE_SECONDS = 5.0
# Who waits for another replica's answer looks for it after so long, then ever less often.
POLL_SECONDS = 0.03
_LONGEST_POLL_SECONDS = 0.3
_MOST_BYTES = 1 << 20
# Two replicas say the same moment of the same answer, unless their clocks are further apart.
_TOLERANCE_SECONDS = 1.0

_READ = Script.of("""\
return {redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1]), redis.call('PTTL', KEYS[2])}
""")
# A lease without an end, or with one that none of ours has, is nobody's.
_TAKE = Script.of("""\
local left = redis.call('PTTL', KEYS[1])
if left >= 0 and left <= tonumber(ARGV[2]) then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
""")
_RENEW = Script.of("""\
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
""")
_GIVE_BACK = Script.of("""\
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
""")


class _Envelope(msgspec.Struct):
    """What lies in Redis under a key, as JSON.

    How old the record is comes from Redis: it was `age` seconds old when it was written, to be
    kept for `life` milliseconds. `fetched` is when, on the clock of the replica that asked. `seal`
    proves that a replica with the same upstream keys wrote all that under this very key.
    """

    seal: str
    fetched: float
    age: float
    life: int
    value: msgspec.Raw


class _Lease:
    """A lease that was taken; kept until it is given back, or its holder dies.

    Asking may mean to wait for a permit, and that longer than a lease lasts.
    """

    __slots__ = ("_link", "_name", "_timer", "_token")

    def __init__(self, link: RedisLink, name: str, token: str) -> None:
        self._link = link
        self._name = name
        self._token = token
        self._timer = self._later()

    def give_back(self) -> None:
        self._timer.cancel()
        self._link.post_script(_GIVE_BACK, [self._name], self._token)

    def _later(self) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(LEASE_SECONDS / 2, self._renew)

    def _renew(self) -> None:
        self._link.post_script(_RENEW, [self._name], self._token, int(LEASE_SECONDS * 1000))
        self._timer = self._later()


class RedisCache:
    """A cache in Redis; without Redis, and for content it cannot read, it is simply empty.

    `namespace` keeps apart what different upstreams said: the base URL and the mode. `secret` is
    what replicas know and others that reach Redis do not.
    """

    def __init__(
        self, link: RedisLink, namespace: str, secret: str, *, clock: Clock, wall: Clock
    ) -> None:
        self._namespace = _digest(namespace)
        self._link = link
        self._seal_key = hashlib.sha256(secret.encode()).digest()
        self._clock = clock
        self._wall = wall
        self._formats: dict[str, tuple[str, msgspec.json.Decoder[Any]]] = {}

    async def fetch(
        self,
        policy: CachePolicy[T],
        key: Hashable,
        adopt: Callable[[Kept[T]], Entry[T] | None],
        ask: Callable[[], Awaitable[Entry[T] | UpstreamError]],
    ) -> Entry[T] | UpstreamError:
        """See `SharedCache`; the others wait for as long as the lease of who asks lasts."""
        name = self._name(policy, key)
        lease = f"{name}:lease"
        token = secrets.token_hex(8)
        most = int(LEASE_SECONDS * 1000)
        pause = POLL_SECONDS
        try:
            while True:
                raw, left, held = await self._link.script(_READ, [name, lease])
                kept = self._open(policy, key, name, raw, left)
                if kept is not None and (entry := adopt(kept)) is not None:
                    return entry
                is_held = isinstance(held, int) and 0 <= held <= most
                if not is_held and await self._link.script(_TAKE, [lease], token, most):
                    break
                await asyncio.sleep(pause * (1 + random.random()))  # noqa: S311
                pause = min(1.3 * pause, _LONGEST_POLL_SECONDS)
        except (RedisGone, TypeError, ValueError):
            # The last two: not the reply that our script gives.
            return self._keep(policy, name, await ask())
        holding = _Lease(self._link, lease, token)
        try:
            return self._keep(policy, name, await ask())
        finally:
            holding.give_back()

    async def holds(
        self, policy: CachePolicy[T], key: Hashable, adopt: Callable[[Kept[T]], Entry[T] | None]
    ) -> bool:
        """See `SharedCache`."""
        name = self._name(policy, key)
        try:
            raw, left, held = await self._link.script(_READ, [name, f"{name}:lease"])
        except (RedisGone, TypeError, ValueError):
            return False
        kept = self._open(policy, key, name, raw, left)
        if kept is not None:
            adopt(kept)
        return kept is not None or (isinstance(held, int) and held >= 0)

    def _keep(
        self, policy: CachePolicy[T], name: str, answer: Entry[T] | UpstreamError
    ) -> Entry[T] | UpstreamError:
        """The answer itself; it is written to Redis, if that takes it."""
        if not isinstance(answer, UpstreamError):
            self._write(policy, name, answer)
        return answer

    def _write(self, policy: CachePolicy[T], name: str, entry: Entry[T]) -> None:
        raw = msgspec.json.encode(entry.value)
        if len(raw) > _MOST_BYTES:
            return
        age = max(0.0, self._clock() - entry.since)
        life = int((entry.ttl + policy.stale - age) * 1000)
        if life > 0:
            seal = self._seal(name, entry.fetched, age, life, raw)
            envelope = _Envelope(seal, entry.fetched, age, life, msgspec.Raw(raw))
            self._link.post("SET", name, msgspec.json.encode(envelope), "PX", life)

    def _open(
        self, policy: CachePolicy[T], key: Hashable, name: str, raw: object, left: object
    ) -> Kept[T] | None:
        """What was kept; None for anything that none of the replicas has written there."""
        if not isinstance(raw, bytes) or not isinstance(left, int):
            return None
        try:
            kept = _ENVELOPE.decode(raw)
            if not 0 <= left <= kept.life:
                return None
            seal = self._seal(name, kept.fetched, kept.age, kept.life, bytes(kept.value))
            if not secrets.compare_digest(seal, kept.seal):
                return None
            value: T = self._formats[policy.name][1].decode(kept.value)
        except (ValueError, TypeError, ArithmeticError, RecursionError):
            return None
        if not is_sound(value) or not policy.belongs(key, value):
            return None
        age = kept.age + (kept.life - left) / 1000
        fetched = self._wall() - age
        is_same = abs(fetched - kept.fetched) <= _TOLERANCE_SECONDS
        return Kept(kept.fetched if is_same else fetched, age, value)

    def _seal(self, name: str, fetched: float, age: float, life: int, raw: bytes) -> str:
        stamp = f"{name}\n{fetched!r}\n{age!r}\n{life}\n".encode()
        return hashlib.blake2s(stamp + raw, digest_size=16, key=self._seal_key).hexdigest()

    def _name(self, policy: CachePolicy[Any], key: Hashable) -> str:
        """The key in Redis; in braces what puts it and its lease on one node of a cluster."""
        found = self._formats.get(policy.name)
        if found is None:
            shape = msgspec.json.encode(msgspec.json.schema(policy.type), order="sorted").decode()
            prefix = f"walletgraph:{VERSION}:{self._namespace}:{policy.name}:{_digest(shape)}"
            found = self._formats[policy.name] = prefix, msgspec.json.Decoder(policy.type)
        parts = key if isinstance(key, tuple) else (key,)
        return f"{found[0]}:{{{':'.join(map(str, parts))}}}"


_ENVELOPE = msgspec.json.Decoder(_Envelope)


def _digest(text: str) -> str:
    return hashlib.blake2s(text.encode(), digest_size=6).hexdigest()
