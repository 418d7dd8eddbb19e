"""The only door to the network: one GET, bounded in time and bytes, decoded or refused with a code.

It is `httpx.AsyncClient` without redirects, cookies, proxies and logging; tests and the sandbox
plug in at its `transport`.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from time import perf_counter
from typing import NamedTuple, TypeVar

import httpx
from opentelemetry import propagate, trace

from upstreams.deadline import remaining
from upstreams.decoding import strict_json
from upstreams.durations import durations
from upstreams.errors import (
    UpstreamContract,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnauthorized,
    UpstreamUnavailable,
)
from upstreams.http.body import Unreadable, read_body
from upstreams.http.retry_after import parse_retry_after
from upstreams.http.transport import HeadTooLarge, Sockets
from upstreams.version import VERSION

Params = Sequence[tuple[str, str]]
Transport = httpx.AsyncBaseTransport
T = TypeVar("T")

# httpcore logs headers and httpx logs URLs, at levels a debugging operator turns on.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)

_DURATION = durations("http.client.request.duration", "HTTP client requests")

# On every answer of `walletgraph sandbox`, whatever URL it is asked at.
SANDBOX_HEADER = "x-sandbox"
_ERROR_BYTES = 16 << 10
_ERROR_SECONDS = 1.0


@dataclass(frozen=True)
class Limits:
    """What one upstream may cost: seconds a call, bytes an answer (raw, and inflated), sockets.

    `proxy` is the URL of an HTTP proxy between us and it, which may hold a user and a password.
    """

    total_seconds: float = 10.0
    connect_seconds: float = 2.0
    max_bytes: int = 32 << 20
    max_connections: int = 20
    keepalive_seconds: float = 15.0
    proxy: str | None = field(default=None, repr=False)


class Reply(NamedTuple):
    """An answer off the wire; `body` is inflated, and of a refusal at most its first 16 KiB."""

    status: int
    content_type: str
    retry_after: float | None
    body: bytes


class HttpClient:
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
        limits = limits or Limits()
        sent = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": f"walletgraph/{VERSION}",
            **(headers or {}),
        }
        if not all(value.isascii() and value.isprintable() for value in sent.values()):
            raise ValueError("an upstream's headers must be printable ASCII")
        # Whether the answers are a sandbox's invention; None before the first one.
        self.is_sandbox: bool | None = None
        self._source = source
        self._limits = limits
        base = httpx.URL(_checked_base(base_url))
        self._server: dict[str, str | int] = {
            "server.address": base.host,
            "server.port": base.port or {"http": 80, "https": 443}[base.scheme],
        }
        self._client = httpx.AsyncClient(
            base_url=base,
            headers=sent,
            timeout=httpx.Timeout(None, connect=limits.connect_seconds),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            trust_env=False,
            event_hooks={"response": [_forget_location]},
            transport=transport
            or Sockets(
                max_connections=limits.max_connections,
                keepalive_seconds=limits.keepalive_seconds,
                proxy=limits.proxy,
            ),
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def get(
        self,
        path: str,
        params: Params,
        read: Callable[[bytes], T],
        *,
        source: str | None = None,
        template: str | None = None,
    ) -> T:
        """What `read` finds in the answer of a GET; see `fetch`."""
        reply = await self.fetch(path, params, source=source, template=template)
        if reply.status != 200:
            raise self.refusal(reply, source=source)
        return self.read(reply, read, source=source)

    async def fetch(
        self,
        path: str,
        params: Params = (),
        *,
        source: str | None = None,
        template: str | None = None,
    ) -> Reply:
        """The answer of a GET whatever its status, within what is left of the deadline.

        `path` is ours, with foreign parts quoted; then `template` is it without them, for traces.
        """
        name = source or self._source
        left = remaining()
        seconds = (
            self._limits.total_seconds if left is None else min(left, self._limits.total_seconds)
        )
        if self._client.is_closed:
            raise UpstreamUnavailable("The service is stopping.", source=name)
        if seconds <= 0:
            raise UpstreamTimeout(f"No time was left to ask the {name} upstream.", source=name)
        endpoint = template or path
        started = perf_counter()
        try:
            async with asyncio.timeout(seconds):
                reply = await self._exchange(path, params, seconds)
            self._note(endpoint, started, {"http.response.status_code": reply.status})
            return reply
        except (TimeoutError, httpx.ReadTimeout, httpx.WriteTimeout, httpx.PoolTimeout):
            failure: UpstreamError = UpstreamTimeout(
                f"The {name} upstream did not answer in time.", source=name
            )
        except HeadTooLarge:
            failure = contract_error(name, "headers that are too large", None)
        except Unreadable as error:
            failure = contract_error(name, str(error), 200)
        except (httpx.HTTPError, OSError) as error:
            is_away = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
            failure = UpstreamUnavailable(
                f"The {name} upstream {'could not be reached' if is_away else 'broke off'}.",
                source=name,
                is_transient=True,
            )
        self._note(endpoint, started, {"error.type": failure.code})
        # Raised out here, so that the cause, which may quote headers or bytes, is not chained.
        raise failure

    def read(self, reply: Reply, read: Callable[[bytes], T], *, source: str | None = None) -> T:
        """What `read` finds in a 200 answer; its NotAsDocumented becomes an UpstreamContract."""
        try:
            strict_json.check_content_type(reply.content_type)
            return read(reply.body)
        except strict_json.NotAsDocumented as error:
            what = str(error)
        raise contract_error(source or self._source, what)

    def refusal(self, reply: Reply, *, source: str | None = None) -> UpstreamError:
        """The error that a status other than 200 means."""
        name, status, wait = source or self._source, reply.status, reply.retry_after
        if status < 400:
            what = "a redirect" if status >= 300 else f"status {status} where 200 is documented"
            return contract_error(name, what, status)
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

    def _note(self, endpoint: str, started: float, outcome: Mapping[str, str | int]) -> None:
        """Tell OpenTelemetry how an attempt ended; the span is that of the call."""
        noted = {"http.request.method": "GET", **self._server, **outcome}
        _DURATION.record(perf_counter() - started, noted)
        trace.get_current_span().set_attributes({**noted, "url.template": endpoint})

    async def _exchange(self, path: str, params: Params, seconds: float) -> Reply:
        started = asyncio.get_running_loop().time()
        # The trace's context where a call is traced, else nothing.
        context: dict[str, str] = {}
        propagate.inject(context)
        async with self._client.stream(
            "GET", path, params=list(params) or None, headers=context
        ) as answer:
            if answer.status_code == 200:
                body = await read_body(answer, self._limits.max_bytes)
            else:
                left = seconds - (asyncio.get_running_loop().time() - started)
                body = await _glance(answer, min(_ERROR_SECONDS, left / 2))
        headers = answer.headers
        # What a sandbox said may be kept for a while after something else took its place.
        self.is_sandbox = self.is_sandbox or headers.get(SANDBOX_HEADER) is not None
        return Reply(
            answer.status_code,
            headers.get("content-type", ""),
            parse_retry_after(headers.get_list("retry-after"), headers.get("date")),
            body,
        )


async def _forget_location(answer: httpx.Response) -> None:
    # httpx would look at where a redirect leads though it does not go there, and fail over it.
    answer.headers.pop("location", None)


async def _glance(answer: httpx.Response, seconds: float) -> bytes:
    """What a refusal says, if it says it briefly: the status counts, not a body that never ends."""
    try:
        async with asyncio.timeout(seconds):
            return await read_body(answer, _ERROR_BYTES)
    except (TimeoutError, Unreadable, httpx.HTTPError, OSError):
        return b""


def contract_error(name: str, what: str, status: int | None = 200) -> UpstreamContract:
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
