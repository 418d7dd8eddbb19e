"""`RedisLimiter`: one upstream's budget for all replicas, safe while Redis comes and goes.

Calls leave at moments, each at one of its own and at most `LATENESS` after it. Moments are told on
Redis's clock, whose time a replica knows to lie between two bounds since it last heard of it. All
moments of all replicas together obey one rule, from which the limit follows: **no window, which is
a second and a margin, has more moments than the limit has calls.**

There is an endless row of slots, as many a window as calls, that belong to the replicas in turn.
Without Redis a replica calls in its own slots alone, so that the rule holds by itself. With Redis
it promises, for a few seconds and again and again, to make no such call. Redis gives moments:

- any moment that keeps the rule with those it gave before, if no owner of a slot has made or will
  make a call of its own within a window of it, as far as all of them have promised;
- else the beginning of a slot, once, of which the owner has promised that.

A window with one of the first kind has no call of an owner's own, and Redis keeps the rule by its
list of what it gave. Any other window has beginnings of slots alone, each once. Redis may lose all
it knows: then it gives nothing until what it gave is used (`CONFIRM`) and a window more has passed,
and believes nobody's promise that it has not heard again.

A replica that lost Redis waits till its promise is over, and one that has lost it again and again
makes no more promises until Redis has been there for a while: its own slots are worth more then.

Two replicas must not have the same slot. Redis gives them out, and gives a slot away when its
owner has left; when the system says that the owner's process is dead (slot_locks.py); or when as
many replicas as there can be were alive after it was last seen. All that rests on three things:
not more than `REPLICAS` are alive at once, Redis's clock is not set while a replica cannot reach
it, and one that has never reached Redis shares a machine with the others, or the limit is not
below `REPLICAS`: then it calls a whole share of its own in any window.
"""

import asyncio
import hashlib
import math
import secrets
from types import TracebackType
from typing import NamedTuple, Self

import msgspec

from upstreams.clock import Clock
from upstreams.http.retry_after import LONGEST
from upstreams.redis import link
from upstreams.redis.clock import RedisClock
from upstreams.redis.link import RedisGone, RedisLink
from upstreams.redis.own_slots import OwnSlots
from upstreams.redis.script import SCRIPT, Ask, Reply
from upstreams.redis.slot_locks import SlotLocks
from upstreams.source.limiter import MARGIN, LocalLimiter, NoPermitInTime, window_of

# All in seconds. How often a replica tells Redis that it lives, and renews its promise.
BEAT = 1 / 3
# Unseen for so long a replica may be dead, ...
MISSING = 1.5
# ... and after so long its slot is given to a new one, come what may.
KEPT = 60.0
# How long an emptied Redis waits for the owners of slots before it gives slots to new replicas.
GRACE = 2.5
# A given moment is used only by those who heard of Redis so shortly before.
CONFIRM = 0.7
# How much later than its moment a call may leave: the next one may follow that much too closely.
LATENESS = 0.8 * MARGIN
# Lost again within the first, Redis must have been there for the second until it is relied on,
# twice as long the next time, and never longer than the third.
SOON, STEADY, STEADIEST = 60.0, 5.0, 60.0
_POLL = 0.25
# How much longer than the trip there a command may take until Redis reads it.
_UNREAD = 0.1


class _Moment(NamedTuple):
    """When a call may leave, on our clock, and from when on it no more may.

    `slot` is the number of our own slot (-1: Redis gave it, in the life of its that began at
    `born`), and `is_ours` False for a time to look again.
    """

    at: float
    latest: float = math.inf
    slot: int = -1
    born: int = 0
    is_ours: bool = True


class RedisLimiter:
    """A `Limiter` shared through Redis under `namespace`; an async context manager."""

    def __init__(
        self,
        link: RedisLink,
        namespace: str,
        limit: float,
        replicas: int,
        *,
        clock: Clock,
        wall: Clock,
        locks: SlotLocks | None = None,
    ) -> None:
        self.limit = limit
        self._calls, self._window = window_of(limit)
        self._length = self._window / self._calls
        self._replicas = replicas
        # A replica waits for one moment at a time, so that no reservation lies further ahead.
        self._horizon = replicas * self._length
        self._hold = self._horizon + self._window + BEAT + 0.4
        self._link = link
        self._clock = clock
        self._member = secrets.token_hex(6)
        digest = hashlib.blake2s(namespace.encode(), digest_size=6).hexdigest()
        self._key = f"walletgraph:budget:{{{digest}:{limit:g}:{replicas}}}"
        locks = locks or SlotLocks(f"{link.identity} {self._key}")
        self._own = OwnSlots(locks, replicas)
        # What Redis said last, and when, on our clock, it was asked.
        self._last: Reply | None = None
        self._heard = -math.inf
        self._time = RedisClock(clock, wall)
        self._was_clock_set = False
        # For one that has never heard of Redis, where the limit allows it.
        share = limit if replicas == 1 else max(1, self._calls // replicas)
        self._share = LocalLimiter(share, clock)
        # Whether we promise to make no call of our own; until when we have; since when we do.
        self._is_bound = False
        self._bound_until = -math.inf
        self._bound_at = -math.inf
        # Since when Redis is there without a break, and how long that must be till it is relied on.
        self._up_since = math.inf
        self._steady = 0.0
        self._closed_until = -math.inf
        # The last moment that Redis gave us, on its clock; our last own slot used, and when it was.
        self._given = 0
        self._used = -1
        self._used_at = -math.inf
        # A running mean of the seconds from each of our moments to the next.
        self._pace = self._length
        self._granted = -math.inf
        self._heart: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._find_slot()
        # The first word learns Redis's clock, by which the second promises.
        if await self._tell("beat") is not None:
            await self._tell("beat")
        self._heart = asyncio.create_task(self._beat())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._heart is not None:
            self._heart.cancel()
            await asyncio.gather(self._heart, return_exceptions=True)
        await self._tell("leave")
        self._own.release()

    def take(self) -> bool:
        """False: nothing is known without asking Redis."""
        return False

    async def permit(self, within: float) -> None:
        until = self._clock() + within
        while True:
            moment = await self._next()
            now = self._clock()
            wait = max(0.0, moment.at - now, self._closed_until - now)
            if now + wait > until:
                raise NoPermitInTime(wait)
            if moment.slot >= 0 and wait > _POLL:
                # Redis may be back before.
                await asyncio.sleep(_POLL)
                continue
            # Some timers are early.
            while wait > 0:
                await asyncio.sleep(wait)
                wait = max(moment.at, self._closed_until) - self._clock()
            if self._use(moment):
                return

    def wait(self, ahead: int = 0) -> float:
        now = self._clock()
        last = self._last
        if last is None or self._is_alone:
            first, free = self._own_moment().at, 0
            length = self._length * self._replicas
        else:
            first = last.moment / 1000 - self._time.low if last.moment >= 0 else now
            free = last.free
            length = self._pace if last.is_whole else self._length * self._replicas
            if last.is_granted and not free:
                first += length
        start = max(0.0, first - now, self._closed_until - now)
        # Of calls that could leave now, the last is ours.
        return start + max(0, ahead - max(0, free - 1)) * length

    def pause(self, seconds: float) -> None:
        self._closed_until = max(self._closed_until, self._clock() + seconds)
        ask = self._ask("close", 0, seconds)
        self._link.post_script(SCRIPT, [self._key], msgspec.json.encode(ask))

    def permits_left(self) -> float:
        if self._last is None or self._is_alone or self._clock() < self._closed_until:
            return 0.0
        return float(self._last.free)

    @property
    def _is_alone(self) -> bool:
        """Whether Redis gives us nothing now, or is not relied on."""
        is_free = not self._is_bound and self._clock() >= self._own_from
        return is_free or self._up_since == math.inf

    @property
    def _own_from(self) -> float:
        """From when on calls of our own may be made."""
        # With nobody to count on our promise, what we were given is all that matters.
        return self._granted + self._window if self._replicas == 1 else self._bound_until

    async def _next(self) -> _Moment:
        """The next moment that may become ours."""
        if not self._is_bound and self._clock() >= self._own_from and self._own.slot >= 0:
            return self._own_moment()
        reply = await self._tell("take")
        if reply is None:
            return self._own_moment()
        if reply.moment < 0:
            return _Moment(self._clock() + _POLL, is_ours=False)
        at = reply.moment / 1000 - self._time.low
        if not reply.is_granted:
            # Beyond the horizon: come back when it is near.
            return _Moment(at - 0.5 * self._horizon, is_ours=False)
        self._mind_pace(at - self._granted)
        self._granted = at
        return _Moment(at, reply.moment / 1000 + LATENESS - self._time.high, born=reply.born)

    def _use(self, moment: _Moment) -> bool:
        """Whether a call may leave now, at a moment that has come."""
        now = self._clock()
        if not moment.is_ours or now > moment.latest:
            return False
        if moment.slot < 0:
            is_same = self._last is not None and self._last.born == moment.born
            # A single replica breaks its promises, and so minds by itself what it did meanwhile.
            is_clear = self._replicas > 1 or moment.at >= self._used_at + self._window
            return is_same and is_clear and now <= self._heard + CONFIRM
        # Meanwhile we may have promised not to, or have used it.
        if moment.at < self._own_from or moment.slot <= self._used:
            return False
        if self._has_share and not self._share.take():
            return False
        self._used, self._used_at = moment.slot, now
        return True

    def _mind_pace(self, gap: float) -> None:
        """Learn from the time between two of our moments how many the others take."""
        if gap > 1.1 * max(self._window, self._horizon):
            # We paused, after which nothing is known of them.
            self._pace = self._length
            return
        pace = self._pace + (gap - self._pace) / (self._calls + 1)
        self._pace = min(max(pace, self._length), self._horizon)

    @property
    def _has_share(self) -> bool:
        """Whether we know of no slot from Redis, but need none."""
        return self._last is None and self._calls >= self._replicas

    def _own_moment(self) -> _Moment:
        """The beginning of our next own slot, for as long as Redis is away."""
        now = self._clock()
        self._find_slot()
        if self._own.slot < 0:
            # All slots have owners, or all locks.
            return _Moment(now + _POLL, is_ours=False)
        if self._has_share:
            at = max(self._own_from, now + self._share.wait())
            return _Moment(at, slot=self._used + 1)
        # One that has just begun will do.
        free = max(now - 0.5 * LATENESS, self._own_from)
        number = max(self._used + 1, math.ceil((free + self._time.low) / self._length))
        number += (self._own.slot - number) % self._replicas
        begin = number * self._length
        return _Moment(begin - self._time.low, begin + LATENESS - self._time.high, slot=number)

    async def _tell(self, command: str) -> Reply | None:
        """Tell Redis that we live, and what else we want; None if it is not there."""
        before = self._clock()
        if not self._link.is_up:
            self._lose()
            return None
        promise = 0
        if self._is_bound and command != "leave":
            self._bound_until = max(self._bound_until, before + self._hold)
            promise = int(1000 * (before + self._hold + self._time.low))
        ask = msgspec.json.encode(self._ask(command, promise))
        try:
            reply = _REPLY.decode(await self._link.script(SCRIPT, [self._key], ask))
            slots, idle = _numbers(reply.slots), _numbers(reply.idle)
        except (RedisGone, msgspec.MsgspecError, TypeError, ValueError):
            # The others: not what our script replies.
            self._lose()
            return None
        if not self._time.learn(reply.now, before):
            # Numbers of slots begin anew, and no two calls may come too near for it.
            self._was_clock_set = True
            self._used = -1
            self._closed_until = max(self._closed_until, self._clock() + self._window)
            reply.is_late = True
        if reply.is_late:
            self._lose()
            return None
        self._was_clock_set = False
        if self._last is None or reply.born != self._last.born:
            self._given = 0
        if reply.is_granted:
            self._given = reply.moment
        self._last, self._heard = reply, max(self._heard, before)
        self._own.settle(slots, idle, is_crowded=reply.is_crowded)
        self._up_since = min(self._up_since, before)
        # Who has no slot loses nothing by the promise.
        is_relied_on = before - self._up_since >= self._steady or self._own.slot < 0
        if not self._is_bound and is_relied_on:
            self._is_bound, self._bound_at = True, before
        return reply

    def _ask(self, command: str, promise: int, closing: float = 0.0) -> Ask:
        patience = link.BUDGET_SECONDS + _UNREAD
        return Ask(
            member=self._member,
            command=command,
            expires=self._time.latest(patience) if self._time.is_known else 0,
            promise=promise,
            place=self._own.place,
            slots=[] if self._last is None else self._own.claims,
            want=self._own.slot,
            born=self._last.born if self._last is not None else 0,
            last=self._given,
            resets=self._was_clock_set,
            closing=int(1000 * closing),
            calls=self._calls,
            window=1000 * self._window,
            length=1000 * self._length,
            replicas=self._replicas,
            horizon=1000 * self._horizon,
            hold=1000 * self._hold,
            most_closing=1000 * LONGEST,
            confirm=1000 * CONFIRM,
            missing=1000 * MISSING,
            kept=1000 * KEPT,
            grace=1000 * GRACE if self._replicas > 1 else 0,
        )

    def _lose(self) -> None:
        self._up_since = math.inf
        self._own.drop_extra()
        if not self._is_bound:
            return
        self._is_bound = False
        is_soon = self._clock() - self._bound_at < SOON
        self._steady = min(max(STEADY, 2 * self._steady), STEADIEST) if is_soon else 0.0

    def _find_slot(self) -> None:
        """Find a slot, unless Redis has said which is ours, or will."""
        now = self._clock()
        if self._own.slot < 0 and now > self._heard + KEPT:
            # It died before it gave us one.
            self._last = None
        if self._own.slot < 0 and self._last is None and self._own.find() and self._replicas > 1:
            # Others may have promised for its last owner.
            self._bound_until = now + self._hold

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            await self._tell("beat")


_REPLY = msgspec.json.Decoder(Reply)


def _numbers(text: str) -> list[int]:
    return sorted(int(each) for each in text.split(",") if each)
