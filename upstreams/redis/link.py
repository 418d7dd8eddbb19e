"""`RedisLink`: one pipelined connection to Redis that never keeps anybody waiting."""

import asyncio
import hashlib
import logging
import random
import re
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack, suppress
from contextvars import Context
from typing import Any, NamedTuple, Self

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import AskError, AuthenticationError, NoScriptError, ResponseError

from upstreams.clock import Clock
from upstreams.redis.url import RedisUrl

logger = logging.getLogger("walletgraph.redis")

BUDGET_SECONDS = 0.05
# A new connection may need a TLS handshake, a password, a Sentinel's word, a cluster's map; only
# the first commands of a link wait for it, and those no longer than for anything else.
CONNECT_SECONDS = 2.0
_COMMANDS_A_TRIP = 100
_MOST_WAITING = 5_000
# A timer that comes late by more than this was held up here: the reply may lie there unread.
_STALL_SECONDS = 0.02
SAY_EVERY_SECONDS = 60.0


# By the names of redis-py's errors, or of those they are made from.
_WORDS = {
    "TimeoutError": "it does not answer in time",
    "AuthenticationError": "it wants another user or password",
    "AuthenticationWrongNumberOfArgsError": "it wants another user or password",
    "AuthorizationError": "it wants another user or password",
    "NoPermissionError": "this user may not run scripts or write walletgraph:*",
    "BusyLoadingError": "it is still loading its data",
    "ReadOnlyError": "it is read-only",
    "OutOfMemoryError": "it is full",
    "ClusterDownError": "its cluster is down",
    "MasterDownError": "its master is down",
    "MasterNotFoundError": "no Sentinel knows a master of that name",
    "SlaveNotFoundError": "no Sentinel knows a master of that name",
    "MaxConnectionsError": "it has too many clients",
    "InvalidResponse": "what answers is no Redis",
    "ConnectionError": "there is no connection",
    "OSError": "there is no connection",
}


class RedisGone(Exception):
    """There is no usable reply, and `str()` names why: none within 50 ms, or an error.

    Whoever reads goes on as if Redis were empty, whoever writes as if it were full.
    """


class RedisRefused(RedisGone):
    """Redis answered with an error, such as that it is full or that a key holds another type."""

    def __init__(self, reason: str, *, lacks_script: bool = False) -> None:
        super().__init__(reason)
        self.lacks_script = lacks_script


class Script(NamedTuple):
    """A Lua script, and the name that Redis knows it by once it has run."""

    text: str
    sha: str

    @classmethod
    def of(cls, text: str) -> Self:
        return cls(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


_TRIAL = Script.of("return redis.call('SET', KEYS[1], '1', 'PX', 1000)")
_TRIAL_KEY = "walletgraph:trial"


class _Waiting(NamedTuple):
    """A command, and who waits for its reply, if anybody does."""

    command: tuple[Any, ...]
    future: asyncio.Future[Any] | None

    @property
    def is_wanted(self) -> bool:
        return self.future is None or not self.future.done()

    def settle(self, reply: Any) -> None:
        if self.future is None or self.future.done():
            return
        if isinstance(reply, ResponseError):
            reply = RedisRefused(_reason(reply), lacks_script=isinstance(reply, NoScriptError))
        elif isinstance(reply, Exception) and not isinstance(reply, RedisGone):
            reply = RedisGone(_reason(reply))
        self.future.set_result(reply)


class RedisLink:
    """Commands issued while a trip is under way share the next one.

    After a failure no command is tried for one to two seconds (at random, so that replicas do not
    return together), then the next one finds out. Commands raise RedisGone and nothing else.

    A server in cluster mode is found out by its redirections. Commands that go together must then
    name keys with the same hash tag. `name` says in the log and the metrics what the link is for.
    """

    def __init__(self, url: str, clock: Clock, name: str = "cache") -> None:
        self.name = name
        # Why the last commands had no usable reply, None if they had; and how many had none.
        self.problem: str | None = "it has not been asked yet"
        self.failures = 0
        self._url = RedisUrl.read(url)
        self._clock = clock
        self._client: Redis | RedisCluster | None = None
        self._closing = AsyncExitStack()
        self._is_cluster = False
        self._closed_until = 0.0
        self._connecting_since: float | None = None
        self._say_at = 0.0
        self._has_said_so = False
        self._waiting: deque[_Waiting] = deque()
        self._trips: asyncio.Task[None] | None = None

    @property
    def identity(self) -> str:
        """Which Redis it is, without secrets."""
        return self._url.identity

    @property
    def is_up(self) -> bool:
        """Whether a command now would be tried."""
        now = self._clock()
        since = self._connecting_since
        return now >= self._closed_until and (since is None or now - since < BUDGET_SECONDS)

    async def open(self) -> str | None:
        """Connect and try a write, however long a connection may take; what failed, if it did."""
        seconds = CONNECT_SECONDS + BUDGET_SECONDS
        try:
            try:
                await self._run(seconds, *_eval(_TRIAL, [_TRIAL_KEY]))
            except RedisRefused:
                # Perhaps because that found out a cluster.
                await self._run(seconds, *_eval(_TRIAL, [_TRIAL_KEY]))
        except RedisGone as gone:
            return self.problem or str(gone)
        return None

    async def run(self, *command: Any) -> Any:
        """Redis's reply to one command."""
        return await self._run(BUDGET_SECONDS, *command)

    async def script(self, script: Script, keys: Sequence[str], *arguments: Any) -> Any:
        """What a script replies, which is sent in full where Redis does not know it yet."""
        try:
            return await self.run("EVALSHA", script.sha, len(keys), *keys, *arguments)
        except RedisRefused as refused:
            if not refused.lacks_script:
                raise
        return await self.run(*_eval(script, keys, *arguments))

    def post(self, *command: Any) -> None:
        """Send one command and never mind the reply."""
        self._add(command, None)

    def post_script(self, script: Script, keys: Sequence[str], *arguments: Any) -> None:
        """Run a script and never mind the reply."""
        self.post(*_eval(script, keys, *arguments))

    async def aclose(self) -> None:
        """Close the connection, when what was posted has been sent."""
        while self._trips is not None:
            await asyncio.gather(self._trips, return_exceptions=True)
        await self._disconnect()

    async def _run(self, seconds: float, *command: Any) -> Any:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._add(command, future)
        try:
            if not await _in_time(future, seconds):
                raise RedisGone(_WORDS[TimeoutError.__name__])
        finally:
            future.cancel()
        reply = future.result()
        if isinstance(reply, RedisGone):
            raise reply
        return reply

    def _add(self, command: tuple[Any, ...], future: asyncio.Future[Any] | None) -> None:
        if not self.is_up or len(self._waiting) >= _MOST_WAITING:
            if future is not None:
                future.set_result(RedisGone("closed"))
            return
        self._waiting.append(_Waiting(command, future))
        if self._trips is None:
            self._start()

    def _start(self) -> None:
        self._trips = asyncio.create_task(self._travel(), context=Context())

    async def _travel(self) -> None:
        load: list[_Waiting] = []
        try:
            while self._waiting:
                if self._client is None:
                    await self._connect()
                few = min(len(self._waiting), _COMMANDS_A_TRIP)
                load = [self._waiting.popleft() for _ in range(few)]
                await self._trip([each for each in load if each.is_wanted])
        # Whatever goes wrong, also in redis-py, is a Redis that is not there.
        except Exception as error:
            self._fail(_reason(error), load)
            await self._disconnect()
        finally:
            self._trips = None
            if self._waiting:
                self._start()

    async def _connect(self) -> None:
        self._connecting_since = self._clock()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                self._client, self._closing = _client(self._url, is_cluster=self._is_cluster)
                if isinstance(self._client, RedisCluster):
                    await self._client.initialize()
                else:
                    await self._client.ping()
        except AuthenticationError:
            raise
        except ResponseError:
            # It speaks. What it says to PING, or whether a user may say PING, is no matter.
            pass
        finally:
            self._connecting_since = None

    async def _trip(self, load: list[_Waiting]) -> None:
        if not load:
            return
        assert self._client is not None  # noqa: S101
        pipeline = self._client.pipeline(transaction=False)
        for each in load:
            pipeline.execute_command(*each.command)
        task = asyncio.ensure_future(pipeline.execute(raise_on_error=False))
        try:
            if not await _in_time(task, 2 * BUDGET_SECONDS):
                raise TimeoutError
        finally:
            task.cancel()
        replies: list[Any] = task.result()
        errors = [reply for reply in replies if isinstance(reply, Exception)]
        for each, reply in zip(load, replies, strict=True):
            each.settle(reply)
        if not self._is_cluster and any(isinstance(error, AskError) for error in errors):
            # MOVED, or ASK: connect again, to all nodes.
            self._is_cluster = "host" in self._url.options
            await self._disconnect()
            return
        refusals = [error for error in errors if not isinstance(error, NoScriptError)]
        if refusals:
            self._say(_reason(refusals[0]), len(refusals))
            return
        self.problem = None
        if self._has_said_so:
            self._has_said_so = False
            logger.info("Redis (%s) works again", self.name)

    def _fail(self, reason: str, load: Iterable[_Waiting]) -> None:
        self._closed_until = self._clock() + random.uniform(1.0, 2.0)  # noqa: S311 - no secret
        for each in (*load, *self._waiting):
            each.settle(RedisGone(reason))
        self._waiting.clear()
        self._say(reason, 1)

    def _say(self, reason: str, times: int) -> None:
        """Count failures, and log one unless another was logged a moment ago."""
        self.problem = reason
        self.failures += times
        now = self._clock()
        if now >= self._say_at:
            self._say_at = now + SAY_EVERY_SECONDS
            self._has_said_so = True
            logger.warning(
                "Redis (%s) cannot be used: %s. This replica goes on by itself and keeps trying",
                self.name,
                reason,
            )

    async def _disconnect(self) -> None:
        self._client = None
        closing, self._closing = self._closing, AsyncExitStack()
        with suppress(Exception):
            async with asyncio.timeout(CONNECT_SECONDS):
                await closing.aclose()


def _client(url: RedisUrl, *, is_cluster: bool) -> tuple[Redis | RedisCluster, AsyncExitStack]:
    """A client that has not connected yet, and what closes it."""
    closing = AsyncExitStack()
    common: dict[str, Any] = {
        "retry": Retry(NoBackoff(), 0),
        # Every server since 2.6 speaks it, and it needs no word before the first command.
        "protocol": 2,
        "driver_info": None,
        "socket_timeout": CONNECT_SECONDS,
        "socket_connect_timeout": CONNECT_SECONDS,
    }
    options = {**common, **url.options}
    client: Redis | RedisCluster
    if is_cluster:
        # A cluster has no databases, and no sockets in the file system.
        del options["db"]
        client = RedisCluster(**options)
    elif url.master is None:
        client = Redis(**options)
    else:
        # All of them can be asked in the time there is.
        each = CONNECT_SECONDS / (len(url.hosts) + 1)
        timeouts = {"socket_timeout": each, "socket_connect_timeout": each}
        sentinel = Sentinel(  # type: ignore[no-untyped-call]
            url.hosts, sentinel_kwargs={**common, **url.sentinel_options, **timeouts}
        )
        closing.push_async_callback(sentinel.aclose)
        client = sentinel.master_for(url.master, **options)
    closing.push_async_callback(client.aclose)
    return client, closing


def _eval(script: Script, keys: Sequence[str], *arguments: Any) -> tuple[Any, ...]:
    return ("EVAL", script.text, len(keys), *keys, *arguments)


def _reason(error: BaseException) -> str:
    """What an error is, in words: its own text may quote anything, the URL included."""
    for each in type(error).__mro__:
        if each.__name__ in _WORDS:
            return _WORDS[each.__name__]
    code = re.match(r"[A-Z]{2,20}\b", str(error))
    if isinstance(error, ResponseError) and code is not None:
        return f"it answers {code[0]}"
    return f"an error ({type(error).__name__})"


async def _in_time(future: asyncio.Future[Any], seconds: float) -> bool:
    """Wait for it so long, and once more if that time has passed here rather than there."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    await asyncio.wait([future], timeout=seconds)
    if not future.done() and loop.time() - started > seconds + _STALL_SECONDS:
        await asyncio.wait([future], timeout=seconds)
    return future.done()
