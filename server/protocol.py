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


class HttpProtocol(HttpToolsProtocol):
    """Closes connections that send nothing or drip; answers 431 to oversized headers."""

    header_seconds = HEADER_SECONDS
    _timer: asyncio.TimerHandle | None = None
    _is_reading_headers = False
    _unparsed = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
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
