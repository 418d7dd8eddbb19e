"""Around every route: headers that all answers carry, packing, the cap on requests, the drain."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import msgspec
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.errors import Refusal
from server.negotiation import takes_gzip
from server.protocol import IS_SURPLUS, REFUSAL

logger = logging.getLogger("walletgraph.errors")

ENDPOINTS = frozenset({"/graphql", "/graphql/"})
"""The paths of the graph."""
EXPORTS = ("/export/positions.csv", "/export/positions.jsonl", "/export/report.csv")
_WORK = ENDPOINTS | set(EXPORTS)
"""What is asked there counts as work, of which there may be so much at once."""

NO_STORE = b"no-store"
_ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
]
_CLOSE = (b"connection", b"close")
_NO_PAGE = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_NOT_KEPT = (b"cache-control", NO_STORE)


@dataclass(slots=True)
class Lifecycle:
    """Where the process stands; `is_draining` once it was told to stop."""

    is_ready: bool = False
    is_draining: bool = False
    in_flight: int = 0


class CommonHeaders:
    """ASGI middleware: what every answer says, wherever in the process it was made.

    What does not say for how long it may be kept must not be kept.
    """

    def __init__(self, app: ASGIApp, lifecycle: Lifecycle) -> None:
        self.app = app
        self.lifecycle = lifecycle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._dressed(message.get("headers", ()))
            await send(message)

        await self.app(scope, receive, send_dressed)

    def _dressed(self, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        dressed = []
        varies: tuple[bytes, ...] = ()
        is_page = is_kept = False
        for header in headers:
            name = header[0]
            if name == b"vary":
                varies += (header[1],)
                continue
            if name == b"cache-control":
                is_kept = True
            elif name == b"content-security-policy":
                is_page = True
            dressed.append(header)
        dressed.append((b"vary", _all_of(varies)))
        dressed += _ALWAYS
        if not is_page:
            dressed.append(_NO_PAGE)
        if not is_kept:
            dressed.append(_NOT_KEPT)
        if self.lifecycle.is_draining:
            dressed.append(_CLOSE)
        return dressed


@lru_cache(maxsize=64)
def _all_of(varies: tuple[bytes, ...]) -> bytes:
    """One Vary of several, and of what all answers hang on."""
    names = [name.strip() for value in varies for name in value.split(b",")]
    return b", ".join(dict.fromkeys([*names, b"Origin"]))


class Refusals:
    """ASGI middleware: what is refused before the application sees it, and its faults.

    That is what the protocol could not read, and work beyond the cap; anything that escapes the
    application is answered as a coded 500.
    """

    def __init__(self, app: ASGIApp, lifecycle: Lifecycle, most_in_flight: int) -> None:
        self.app = app
        self.lifecycle = lifecycle
        self.most_in_flight = most_in_flight

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refusal: Refusal | None = scope.get(REFUSAL)
        lifecycle = self.lifecycle
        is_work = scope["path"] in _WORK
        is_full = lifecycle.in_flight >= self.most_in_flight or scope.get(IS_SURPLUS)
        if refusal is None and is_work and is_full:
            refusal = Refusal(
                503, "OVERLOADED", "Too many requests at once.", [("retry-after", "1")]
            )
        if refusal is not None:
            await send_refusal(refusal, send)
            return
        has_started = False

        async def send_noted(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        lifecycle.in_flight += is_work
        try:
            await self.app(scope, receive, send_noted)
        except Exception:
            logger.exception("A request failed: %s %r", scope["method"], scope["path"])
            if has_started:
                raise
            await send_refusal(Refusal(500, "INTERNAL", "Internal error"), send)
        finally:
            lifecycle.in_flight -= is_work


class Gzip(GZipMiddleware):
    """Starlette's packing, for clients that really take it; in a thread where it is long.

    Nothing in an answer is a secret that its length could tell of.
    """

    def __init__(self, app: ASGIApp, minimum_size: int) -> None:
        # The lowest level packs a list of positions to a fifth in half the time of the default,
        # which gets it to a sixth.
        super().__init__(app, minimum_size, compresslevel=1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _takes_gzip(scope):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _takes_gzip(scope: Scope) -> bool:
    return any(name == b"accept-encoding" and takes_gzip(value) for name, value in scope["headers"])


async def send_refusal(refusal: Refusal, send: Send) -> None:
    """Answer with the refusal's status and its code as JSON."""
    body = msgspec.json.encode(refusal.payload)
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        *refusal.headers,
    ]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
