"""The live wire: HTTP/1.1 GETs over sockets that stay open, parsed by llhttp.

It is written out here because a call costs half of what it costs over the fastest HTTP client, and
because nothing in it repeats a GET, of which no budget would know.
"""

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import cast
from urllib.parse import quote_plus

import httpx
from aiohappyeyeballs import start_connection
from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from upstreams.wire import Answer, Params

_EYEBALLS_SECONDS = 0.25
_MOST_BARREN_BYTES = 64 << 10
_PART_BYTES = 4096


class Sockets:
    """A wire whose connections each carry one GET at a time, and wait a while for the next.

    `base_url` is one that `Http` has checked. ValueError for a header that would not stay one line.
    """

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        *,
        connect_seconds: float,
        keepalive_seconds: float,
    ) -> None:
        url = httpx.URL(base_url)
        is_tls = url.scheme == "https"
        self._host = url.raw_host.decode("ascii")
        self._port = url.port or (443 if is_tls else 80)
        self._tls = _tls() if is_tls else None
        self._prefix = url.raw_path.decode("ascii").rstrip("/")
        lines = {"host": url.netloc.decode("ascii"), **headers}
        if not all(line.isascii() and line.isprintable() for line in lines.values()):
            raise ValueError("an upstream's headers must be printable ASCII")
        text = "".join(f"{name.lower()}: {value}\r\n" for name, value in lines.items())
        self._rest = f" HTTP/1.1\r\n{text}\r\n"
        self._connect_seconds = connect_seconds
        self._keepalive_seconds = keepalive_seconds
        self._idle: list[_Connection] = []
        self._open: set[_Connection] = set()

    @asynccontextmanager
    async def get(self, path: str, params: Params) -> AsyncIterator[Answer]:
        question = f"?{query(params)}" if params else ""
        head = f"GET {self._prefix}{path}{question}{self._rest}".encode("ascii")
        connection = self._rested() or await self._connect()
        try:
            yield await connection.ask(head)
        finally:
            connection.rest(self._keepalive_seconds)

    async def aclose(self) -> None:
        closing = tuple(self._open)
        for connection in closing:
            connection.abort()
        for connection in closing:
            await connection.lost.wait()

    def _rested(self) -> "_Connection | None":
        while self._idle:
            connection = self._idle.pop()
            if connection.is_fit():
                return connection
        return None

    async def _connect(self) -> "_Connection":
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect_seconds):
                found = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
                opened = await start_connection(found, happy_eyeballs_delay=_EYEBALLS_SECONDS)
                _, connection = await loop.create_connection(
                    lambda: _Connection(self._open, self._idle),
                    sock=opened,
                    ssl=self._tls,
                    server_hostname=self._host if self._tls else None,
                )
        except TimeoutError as error:
            raise httpx.ConnectTimeout("") from error
        # uvloop says that it could not connect by a RuntimeError.
        except (OSError, RuntimeError) as error:
            raise httpx.ConnectError("") from error
        return connection


class _Connection(asyncio.Protocol):
    """One socket, and the answer that is being read from it: an async iterator of its body.

    It enters itself into `opened` and, while it waits for a GET, into `idle`.
    """

    def __init__(self, opened: set["_Connection"], idle: list["_Connection"]) -> None:
        self.lost = asyncio.Event()
        self._opened = opened
        self._idle = idle
        self._loop = asyncio.get_running_loop()
        self._parser = HttpResponseParser(self)
        self._timer: asyncio.TimerHandle | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._failure: httpx.TransportError | None = None
        self._is_reading = False
        self._is_fit = True

    async def ask(self, request: bytes) -> Answer:
        """Send a GET; its answer as soon as the headers are there."""
        if not self.is_fit():
            raise httpx.ReadError("")
        if self._timer is not None:
            self._timer.cancel()
        self._status = 0
        self._headers: dict[str, str] = {}
        self._parts: deque[bytes] = deque()
        self._barren = 0
        self._has_head = False
        self._is_reading = True
        self._transport.write(request)
        while not self._has_head:
            await self._more()
        return Answer(self._status, self._headers, self)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while not self._parts:
            if not self._is_reading:
                raise StopAsyncIteration
            await self._more()
        return self._parts.popleft()

    def is_fit(self) -> bool:
        """Whether another GET may be sent."""
        return self._is_fit and not self._is_reading and not self._transport.is_closing()

    def rest(self, seconds: float) -> None:
        """Wait that long for another GET; close at once if this connection is fit for none."""
        if self.is_fit():
            self._timer = self._loop.call_later(seconds, self.abort)
            self._idle.append(self)
        else:
            self.abort()

    def abort(self) -> None:
        """Close at once."""
        self._is_fit = False
        self._transport.abort()

    async def _more(self) -> None:
        if self._failure is not None:
            raise self._failure
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, failure: httpx.TransportError) -> None:
        self._failure = self._failure or failure
        self.abort()
        self._wake()

    # What the loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes.
        self._transport = cast(asyncio.Transport, transport)
        self._opened.add(self)

    def data_received(self, data: bytes) -> None:
        if not self._is_reading:
            self.abort()
            return
        self._barren += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            self._is_fit = False
            if self._is_reading:
                self._fail(httpx.RemoteProtocolError(""))
                return
        # Headers, trailers and the like are bounded too, as the parser gathers them.
        if self._barren > _MOST_BARREN_BYTES:
            self._fail(httpx.RemoteProtocolError(""))
        elif self._has_head:
            self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        self._is_fit = False
        if self._timer is not None:
            self._timer.cancel()
        if self._is_reading:
            if error is None and self._has_head and self._ends_with_connection():
                self._is_reading = False
                self._wake()
            else:
                self._fail(httpx.ReadError(""))
        # It and the parser hold each other.
        del self._parser
        self._opened.discard(self)
        if self in self._idle:
            self._idle.remove(self)
        self.lost.set()

    def _ends_with_connection(self) -> bool:
        coding = self._headers.get("transfer-encoding", "").lower()
        return "content-length" not in self._headers and "chunked" not in coding

    # What the parser calls.

    def on_message_begin(self) -> None:
        if not self._is_reading:
            raise HttpParserError("an answer to nothing")

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._has_head:
            return
        key, text = name.decode("latin-1").lower(), value.decode("latin-1").strip()
        before = self._headers.get(key)
        self._headers[key] = text if before is None else f"{before}, {text}"

    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()
        if self._status < 200:
            self._headers.clear()
        else:
            self._has_head = True

    def on_body(self, body: bytes) -> None:
        if not self._has_head:
            return
        self._barren = 0
        # Chunks of a few bytes would each cost a hundred.
        if self._parts and len(self._parts[-1]) + len(body) <= _PART_BYTES:
            self._parts[-1] += body
        else:
            self._parts.append(body)

    def on_message_complete(self) -> None:
        if self._has_head:
            self._is_reading = False
            self._is_fit = self._is_fit and self._parser.should_keep_alive()


def query(params: Params) -> str:
    """The same text as urllib's `urlencode`."""
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in params)


def _quoted(text: str) -> str:
    # Addresses and numbers, which is nearly all that is sent.
    return text if text.isalnum() and text.isascii() else quote_plus(text)


@cache
def _tls() -> ssl.SSLContext:
    # Reading the certificates takes longer than anything else at start, so all clients share it.
    return httpx.create_ssl_context(trust_env=False)
