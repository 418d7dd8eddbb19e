"""uvicorn's HTTP/1.1 protocol, made safe to stand in front: no byte of a message is ever read as
the next, nothing waits for ever, and whatever is refused is told so.
"""

import asyncio
import re
from functools import partial
from typing import Any

import httptools
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from server.connections import Connections
from server.errors import Refusal
from server.transport import Flow, Joining

REFUSAL = "walletgraph.refusal"
"""In a scope: the Refusal to answer with, as the request cannot be read or goes against HTTP."""

IS_SURPLUS = "walletgraph.is_surplus"
"""In a scope: whether its connection is one too many, so that only health is asked of it."""

HEADER_SECONDS = 5.0
LINGER_SECONDS = 10.0
STALL_SECONDS = 20.0
_LAST_SECONDS = 1.0
_MOST_BYTES = 16_384
_MOST_HEADERS = 100
_MOST_UNPARSED = 2 * _MOST_BYTES
# Requests that come while one is answered wait unparsed; only those of one slice are taken apart.
_SLICE = 4_096
# What is handed to the transport at once; more waits until the client has taken that.
_PIECE = 262_144

_HOST = re.compile(
    rb"(?:[A-Za-z0-9._~!$&'()*+;=%-]*|\[[0-9A-Fa-f:.]+\]|\[v[0-9A-Fa-f]+\.[A-Za-z0-9._~:-]+\])"
    rb"(?::[0-9]*)?"
)


class HttpProtocol(HttpToolsProtocol):
    """One connection.

    What cannot be read is answered in its turn, through the application, and ends the connection:
    `_is_deaf` from then on, and while a client that still sends is left time to read the answer.
    """

    registry = Connections(2_000, 1 << 27)
    header_seconds = HEADER_SECONDS
    linger_seconds = LINGER_SECONDS
    stall_seconds = STALL_SECONDS

    transport: Any
    flow: Flow
    _timer: asyncio.TimerHandle | None = None
    _stall_timer: asyncio.TimerHandle | None = None
    _is_surplus = False
    _is_reading_headers = False
    _is_deaf = False
    _unparsed = 0  # bytes since the parser last had something to tell
    _held = b""  # what came while requests wait for the one before them
    _upgrade: bytes | None = None  # what the request being read offers to change to
    _broken: RequestResponseCycle | None = None  # the request whose body cannot be read
    _last: RequestResponseCycle | None = None  # the request that ends the connection
    _sending = 0  # bytes of the answer that goes out in pieces

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.transport = Joining(transport, self.loop)
        self.flow = Flow(transport)
        self._wait(self.header_seconds)
        self._is_surplus = not self.registry.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._stop_stalling()
        self.registry.closed(self)
        self._is_deaf = True
        super().connection_lost(exc)

    def cut(self) -> None:
        """Close now, whatever is still to be sent."""
        self.transport.cut()

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        if self._is_deaf:
            return
        if self._held:
            self._held += data
            return
        if len(data) <= _SLICE and not self.pipeline:
            self._parse(data)
        else:
            self._read(data)
        if self._timer is None and self._is_between_requests() and not self._is_deaf:
            self._wait(self.header_seconds)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stop_stalling()
        self._stall_timer = self.loop.call_later(self.stall_seconds, self.cut)
        self.registry.stalled(self, self._sending + self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        self._stop_stalling()
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        self.cut()

    def shutdown(self) -> None:
        """Close soon; a request that is already on its way over this connection is answered."""
        if self._is_between_requests():
            if not self._is_reading_headers:
                self._wait(_LAST_SECONDS)
        else:
            self.cycle.keep_alive = False

    # Reading.

    def _read(self, data: bytes) -> None:
        for start in range(0, len(data), _SLICE):
            if self.pipeline:
                self._held = data[start:]
                self.flow.hold()
                return
            self._parse(data[start : start + _SLICE])
            if self._is_deaf:
                return

    def _parse(self, data: bytes) -> None:
        self._unparsed += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as stop:
            if self._upgrade is not None:
                self._parse_without_upgrade(data[stop.args[0] :])
        except httptools.HttpParserError:
            self._refuse(
                Refusal(
                    400,
                    "BAD_REQUEST",
                    "This is not a request of HTTP/1.1, or its method is none that is known.",
                )
            )
        else:
            if self._unparsed > _MOST_UNPARSED:
                self._refuse(_too_large())

    def _parse_without_upgrade(self, rest: bytes) -> None:
        """Read the message that offers to change the protocol as if it did not.

        The parser takes the offer for accepted and leaves the message's body in `rest`, where it
        would be read as the next request.
        """
        lines = [b"%b: %b" % header for header in self.headers if header[0] != b"upgrade"]
        version = self.parser.get_http_version().encode()
        first = b"%b %b HTTP/%b" % (self.parser.get_method(), self.url, version)
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._parse(b"\r\n".join([first, *lines, b"", rest]))

    def on_message_begin(self) -> None:
        if self._is_deaf:
            return
        super().on_message_begin()
        self._is_reading_headers = True
        self._unparsed = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        # What comes behind a body in chunks looks like headers, and is not.
        if self._is_reading_headers:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._is_deaf:
            return
        self._unparsed = 0
        if self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT":
            self._upgrade = dict(self.headers).get(b"upgrade", b"")
            return
        if self._upgrade is not None:
            self.headers.append((b"upgrade", self._upgrade))
            self._upgrade = None
        refusal = self._refusal()
        if refusal is None:
            self._begin()
        else:
            self._refuse(refusal)

    def on_body(self, body: bytes) -> None:
        self._unparsed = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self._upgrade is None:
            super().on_message_complete()

    def _refusal(self) -> Refusal | None:
        """What in the headers goes against HTTP or the bounds."""
        size = len(self.url)
        host, hosts = b"", 0
        for name, value in self.headers:
            size += len(name) + len(value)
            if name == b"host":
                host, hosts = value, hosts + 1
        if size > _MOST_BYTES or len(self.headers) > _MOST_HEADERS:
            return _too_large()
        version = self.parser.get_http_version()
        if version not in ("1.0", "1.1"):
            return Refusal(505, "BAD_REQUEST", "Only HTTP/1.0 and HTTP/1.1 are spoken here.")
        if self.parser.get_method() == b"CONNECT":
            return Refusal(405, "METHOD_NOT_ALLOWED", "This is no proxy.", [("allow", "GET")])
        if hosts > 1 or (not hosts and version == "1.1"):
            return Refusal(400, "BAD_REQUEST", "A request has one Host line.")
        if not _HOST.fullmatch(host):
            return Refusal(400, "BAD_REQUEST", "The Host line names no host.")
        return None

    def _refuse(self, refusal: Refusal) -> None:
        """Answer so, after what came before; then close, and read nothing any more."""
        if self._is_deaf:
            return
        self._is_deaf = True
        if self.cycle is not None and self.cycle.more_body and not self.cycle.response_complete:
            # Its own handler waits for that body, and answers.
            self._last = self._broken = self.cycle
            self.cycle.message_event.set()
            return
        if not self._is_reading_headers:
            super().on_message_begin()
        self.url = b"/"
        self.scope[REFUSAL] = refusal  # type: ignore[literal-required]
        self._begin()
        self._last = self.cycle
        if self.scope["method"] != "HEAD":
            self.scope["method"] = "GET"  # not a preflight, whatever it was meant to be

    def _begin(self) -> None:
        """Hand the request over to the application, in its turn."""
        self._stop_waiting()
        self._is_reading_headers = False
        self.registry.busy(self)
        super().on_headers_complete()
        if self._is_surplus:
            self.scope[IS_SURPLUS] = True  # type: ignore[literal-required]
            self.cycle.keep_alive = False

    def _is_between_requests(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    # Answering.

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        super()._start_asgi_task(cycle, partial(self._answer, cycle, app))

    async def _answer(
        self,
        cycle: RequestResponseCycle,
        app: ASGIApp,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        async def receive_readable() -> Message:
            message = await receive()
            return {"type": "http.disconnect"} if cycle is self._broken else message

        async def send_piecewise(message: Message) -> None:
            if message["type"] == "http.response.start":
                if cycle.more_body or cycle is self._last:
                    # The client may be sending still, and what it sends is not the next request.
                    cycle.keep_alive = False
                    self.transport.lingers = True
            elif len(message.get("body", b"")) > _PIECE:
                await self._send_pieces(message, send)
                return
            await send(message)

        try:
            await app(scope, receive_readable, send_piecewise)
        finally:
            self._sending = 0
            if not cycle.response_complete:
                self.transport.lingers = False  # there is no answer to leave time for

    async def _send_pieces(self, message: Message, send: Send) -> None:
        """Send a body no faster than the client takes it."""
        body = memoryview(message["body"])
        self._sending = len(body)
        last = (len(body) - 1) // _PIECE * _PIECE
        for start in range(0, last, _PIECE):
            piece = body[start : start + _PIECE]
            await send({"type": message["type"], "body": piece, "more_body": True})
        await send({**message, "body": body[last:]})

    def on_response_complete(self) -> None:
        is_idle = not self.pipeline
        if self.transport.lingers:
            self._linger()
            return
        super().on_response_complete()
        if self.transport.is_closing():
            self._wait(self.stall_seconds)
            return
        if self._held and not self.pipeline:
            held, self._held = self._held, b""
            self.flow.release()
            self._unset_keepalive_if_required()
            self._read(held)
            is_idle = is_idle and self._is_between_requests()
            if not (self.pipeline or self._held):
                self.flow.resume_reading()
        if is_idle:
            self.registry.idle(self)
            if self._is_reading_headers:
                self._unset_keepalive_if_required()
                self._wait(self.header_seconds)

    def _linger(self) -> None:
        """Let the client read its answer and close; what it still sends is not looked at."""
        self.server_state.total_requests += 1
        self._is_deaf = True
        self._held = b""
        self.pipeline.clear()
        self.flow.release()
        self.flow.resume_reading()
        self.registry.idle(self)
        self._wait(self.linger_seconds)

    # Time.

    def _wait(self, seconds: float) -> None:
        """Close after so many seconds, unless a request came until then."""
        self._stop_waiting()
        self._timer = self.loop.call_later(seconds, self.cut)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _stop_stalling(self) -> None:
        self.registry.flowing(self)
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None


def _too_large() -> Refusal:
    return Refusal(431, "HEADERS_TOO_LARGE", "The request's headers are too large.")
