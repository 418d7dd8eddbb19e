"""uvicorn's HTTP/1.1 protocol with what it lacks: a deadline and a size for request headers."""

import asyncio
from typing import Any

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.errors import Refusal
from server.shell import send_refusal

HEADER_SECONDS = 5.0
LINGER_SECONDS = 1.0
_MOST_BYTES = 16_384
_MOST_HEADERS = 100


async def _too_large(scope: Scope, receive: Receive, send: Send) -> None:
    refusal = Refusal(
        431, "HEADERS_TOO_LARGE", "The request's headers are too large.", [("connection", "close")]
    )
    await send_refusal(refusal, send)


class Joining:
    """A transport that sends an answer's head with what follows it, in one call to the system.

    A head that nothing follows goes in the next turn of the loop.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""

    def write(self, data: bytes) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.writelines((head, data))
        elif data.startswith(b"HTTP/1.1 "):
            self._head = data
            self._loop.call_soon(self._flush)
        else:
            self._transport.write(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def _flush(self) -> None:
        if self._head:
            self.write(b"")


class HttpProtocol(HttpToolsProtocol):
    """Closes connections that send nothing or drip; answers 431 to oversized headers."""

    header_seconds = HEADER_SECONDS
    _timer: asyncio.TimerHandle | None = None
    _is_reading_headers = False
    _unparsed = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        joining: Any = Joining(transport, self.loop)
        self.transport = joining
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # A header's bytes are not handed on before its end came; this bounds the wait for it.
        if self._is_reading_headers:
            self._unparsed += len(data)
            if self._unparsed > 4 * _MOST_BYTES:
                self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_reading_headers = True
        self._unparsed = 0
        self._start_timer()

    def on_headers_complete(self) -> None:
        self._is_reading_headers = False
        self._stop_timer()
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size <= _MOST_BYTES and len(self.headers) <= _MOST_HEADERS:
            super().on_headers_complete()
            return
        app: Any = self.app
        self.app = _too_large
        try:
            super().on_headers_complete()
        finally:
            self.app = app

    def shutdown(self) -> None:
        """Close soon; a request that is already on its way over this connection is answered."""
        if self.cycle is None or self.cycle.response_complete:
            if not self._is_reading_headers:
                self._stop_timer()
                self._timer = self.loop.call_later(LINGER_SECONDS, self.transport.close)
        else:
            self.cycle.keep_alive = False

    def _start_timer(self) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(self.header_seconds, self.transport.close)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
