"""Around every route: the headers all answers carry, the cap on requests, and the drain."""

import logging
from dataclasses import dataclass

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.errors import Refusal

logger = logging.getLogger("walletgraph.errors")

_ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
]
_CLOSE = (b"connection", b"close")
_NO_PAGE = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")


@dataclass(slots=True)
class Lifecycle:
    """Where the process stands; `is_draining` once it was told to stop."""

    is_ready: bool = False
    is_draining: bool = False
    in_flight: int = 0


class Shell:
    """ASGI middleware; anything that escapes the app below is answered as a coded 500."""

    def __init__(self, app: ASGIApp, lifecycle: Lifecycle, most_in_flight: int) -> None:
        self.app = app
        self.lifecycle = lifecycle
        self.most_in_flight = most_in_flight

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        lifecycle = self.lifecycle
        has_started = False

        async def send_dressed(message: Message) -> None:
            nonlocal has_started
            if message["type"] == "http.response.start":
                has_started = True
                headers = [*message.get("headers", ()), *_ALWAYS]
                if not any(name == b"content-security-policy" for name, _ in headers):
                    headers.append(_NO_PAGE)
                if lifecycle.is_draining:
                    headers.append(_CLOSE)
                message["headers"] = headers
            await send(message)

        is_work = scope["path"] == "/graphql"
        if is_work and lifecycle.in_flight >= self.most_in_flight:
            refusal = Refusal(
                503, "OVERLOADED", "Too many requests at once.", [("retry-after", "1")]
            )
            await send_refusal(refusal, send_dressed)
            return
        lifecycle.in_flight += is_work
        try:
            await self.app(scope, receive, send_dressed)
        except Exception:
            logger.exception("A request failed: %s %s", scope["method"], scope["path"])
            if has_started:
                raise
            await send_refusal(Refusal(500, "INTERNAL", "Internal error"), send_dressed)
        finally:
            lifecycle.in_flight -= is_work


async def send_refusal(refusal: Refusal, send: Send) -> None:
    """Answer with the refusal's status and its code as JSON."""
    body = msgspec.json.encode(refusal.payload)
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        *refusal.headers,
    ]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
