"""The only door to the network: one GET, bounded in time and bytes, decoded or refused with a code.

What carries it is a wire: the live one, or the transport of httpx that tests and sandbox plug in.
Neither knows of redirects, cookies, proxies or logging.
"""

import asyncio
import logging
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import httpx
from msgspec.json import Decoder

from upstreams import strict
from upstreams.deadline import remaining
from upstreams.errors import (
    UpstreamContract,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnauthorized,
    UpstreamUnavailable,
)
from upstreams.live import Live
from upstreams.retry_after import parse_retry_after
from upstreams.wire import Answer, Params, Plugged, Wire

Transport = httpx.AsyncBaseTransport
T = TypeVar("T")

# httpcore logs headers and httpx logs URLs, at levels a debugging operator turns on.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)

_SLICE = 1 << 20
_ERROR_BYTES = 16 << 10
_ERROR_SECONDS = 1.0


@dataclass(frozen=True)
class Limits:
    """What one upstream may cost: seconds a call, bytes an answer (raw, and inflated), sockets."""

    total_seconds: float = 10.0
    connect_seconds: float = 2.0
    pool_seconds: float = 2.0
    max_bytes: int = 32 << 20
    max_connections: int = 20
    keepalive_seconds: float = 15.0


class Reply(NamedTuple):
    """An answer off the wire; `body` is inflated, and of a refusal at most its first 16 KiB."""

    status: int
    content_type: str
    retry_after: float | None
    body: bytes


class Http:
    """GET against one base URL with fixed headers; every failure is an UpstreamError.

    `source` names the upstream in errors. `transport` replaces the network. ValueError for a base
    URL that is not plain http(s).
    """

    def __init__(
        self,
        base_url: str,
        *,
        source: str,
        headers: Mapping[str, str] | None = None,
        transport: Transport | None = None,
        limits: Limits | None = None,
    ) -> None:
        base = _checked_base(base_url)
        self._source = source
        self._limits = limits or Limits()
        sent = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": "walletgraph",
            **(headers or {}),
        }
        self._free = asyncio.Semaphore(self._limits.max_connections)
        self._wire: Wire = (
            Plugged(transport, base, sent)
            if transport is not None
            else Live(
                base,
                sent,
                connect_seconds=self._limits.connect_seconds,
                keepalive_seconds=self._limits.keepalive_seconds,
            )
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()

    async def get(
        self,
        path: str,
        params: Params,
        decoder: Decoder[T],
        *,
        members: Callable[[T], int] | None = None,
        source: str | None = None,
    ) -> T:
        """The decoded answer of a GET; `path` is ours, with every foreign part quoted.

        `members` is that of `strict.decode`.
        """
        reply = await self.fetch(path, params, source=source)
        if reply.status != 200:
            raise self.refusal(reply, source=source)
        return self.read(reply, decoder, members=members, source=source)

    async def fetch(self, path: str, params: Params = (), *, source: str | None = None) -> Reply:
        """The answer of a GET whatever its status, within what is left of the deadline."""
        name = source or self._source
        left = remaining()
        seconds = (
            self._limits.total_seconds if left is None else min(left, self._limits.total_seconds)
        )
        if seconds <= 0:
            raise UpstreamTimeout(f"No time was left to ask the {name} upstream.", source=name)
        try:
            async with asyncio.timeout(seconds):
                return await self._exchange(path, params, seconds, name)
        except (TimeoutError, httpx.ReadTimeout, httpx.WriteTimeout, httpx.PoolTimeout):
            failure: UpstreamError = UpstreamTimeout(
                f"The {name} upstream did not answer in time.", source=name
            )
        except (httpx.HTTPError, OSError) as error:
            failure = UpstreamUnavailable(
                f"The {name} upstream could not be reached, or broke off ({type(error).__name__}).",
                source=name,
                is_transient=True,
            )
        # Raised out here, so that the cause, which may quote headers or bytes, is not chained.
        raise failure

    def read(
        self,
        reply: Reply,
        decoder: Decoder[T],
        *,
        members: Callable[[T], int] | None = None,
        source: str | None = None,
    ) -> T:
        """The record in a 200 answer; UpstreamContract names the place that is wrong."""
        name = source or self._source
        try:
            strict.check_content_type(reply.content_type)
            return strict.decode(reply.body, decoder, members)
        except strict.NotAsDocumented as error:
            what = str(error)
        raise _contract(name, what, 200)

    def refusal(self, reply: Reply, *, source: str | None = None) -> UpstreamError:
        """The error that a status other than 200 means."""
        name, status, wait = source or self._source, reply.status, reply.retry_after
        if status < 400:
            what = "a redirect" if status >= 300 else f"status {status} where 200 is documented"
            return _contract(name, what, status)
        if status in (401, 403):
            return UpstreamUnauthorized(
                f"The {name} upstream does not accept our key ({status}).",
                source=name,
                status=status,
            )
        if status == 429:
            return UpstreamRateLimited(
                f"The {name} upstream says that we ask too often.",
                source=name,
                retry_after=wait,
                status=status,
            )
        if status < 500:
            return UpstreamRejected(
                f"The {name} upstream rejected the request ({status}).",
                source=name,
                status=status,
            )
        return UpstreamUnavailable(
            f"The {name} upstream is out of order ({status}).",
            source=name,
            retry_after=wait,
            status=status,
            is_transient=status in (502, 503, 504),
        )

    async def _exchange(self, path: str, params: Params, seconds: float, name: str) -> Reply:
        limits = self._limits
        started = asyncio.get_running_loop().time()
        if self._free.locked():
            async with asyncio.timeout(limits.pool_seconds):
                await self._free.acquire()
        else:
            await self._free.acquire()
        try:
            async with self._wire.get(path, params) as answer:
                headers = answer.headers
                if answer.status == 200:
                    body = await _body(answer, limits.max_bytes, name)
                else:
                    left = seconds - (asyncio.get_running_loop().time() - started)
                    body = await _glance(answer, min(_ERROR_SECONDS, left / 2), name)
        finally:
            self._free.release()
        return Reply(
            answer.status,
            headers.get("content-type", ""),
            parse_retry_after(headers.get("retry-after")),
            body,
        )


async def _body(answer: Answer, cap: int, name: str) -> bytes:
    """The whole body, inflated; counted while it streams, so that neither form exceeds the cap."""
    length = answer.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > cap:
        raise _too_large(name, cap)
    encoding = answer.headers.get("content-encoding", "identity").strip().lower()
    parts: _Plain | _Inflating
    if encoding in ("identity", ""):
        parts = _Plain()
    elif encoding in ("gzip", "x-gzip"):
        parts = _Inflating(cap, name)
    else:
        raise _contract(name, "an encoding that was not asked for", answer.status)
    seen = 0
    async for chunk in answer.chunks:
        seen += len(chunk)
        if seen > cap:
            raise _too_large(name, cap)
        parts.take(chunk)
    return parts.end()


class _Plain:
    """A body that comes as it is."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def take(self, chunk: bytes) -> None:
        self._parts.append(chunk)

    def end(self) -> bytes:
        return b"".join(self._parts)


class _Inflating:
    """gzip inflated piece by piece: a bomb is refused long before it has gone off."""

    def __init__(self, cap: int, name: str) -> None:
        self._inflater = zlib.decompressobj(wbits=31)
        self._parts: list[bytes] = []
        self._left = cap
        self._cap = cap
        self._name = name

    def take(self, chunk: bytes) -> None:
        while chunk:
            try:
                part = self._inflater.decompress(chunk, _SLICE)
                is_gzip = not self._inflater.unused_data
            except zlib.error:
                is_gzip = False
            if not is_gzip:
                raise _contract(self._name, "a body that is not the gzip it claims to be", 200)
            self._left -= len(part)
            if self._left < 0:
                raise _too_large(self._name, self._cap)
            self._parts.append(part)
            chunk = self._inflater.unconsumed_tail

    def end(self) -> bytes:
        if not self._inflater.eof:
            raise _contract(self._name, "a body that is cut short", 200)
        return b"".join(self._parts)


async def _glance(answer: Answer, seconds: float, name: str) -> bytes:
    """What a refusal says, if it says it briefly: the status counts, not a body that never ends."""
    try:
        async with asyncio.timeout(seconds):
            return await _body(answer, _ERROR_BYTES, name)
    except (TimeoutError, UpstreamContract, httpx.HTTPError, OSError):
        return b""


def _too_large(name: str, cap: int) -> UpstreamContract:
    return _contract(name, f"a body of more than {cap} bytes", 200)


def _contract(name: str, what: str, status: int) -> UpstreamContract:
    return UpstreamContract(
        f"The {name} upstream broke its contract: {what}.", source=name, status=status
    )


def _checked_base(text: str) -> str:
    """The base URL without its last slash; ValueError for what could leak or redirect a key."""
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, TypeError):
        url = httpx.URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("an upstream's URL must begin with http:// or https:// and name a host")
    if url.userinfo or url.query or url.fragment:
        raise ValueError("an upstream's URL may carry neither credentials, query nor fragment")
    return str(url).rstrip("/")
