"""Every way a single upstream call can fail, as one table, and a server that plays each of them."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from unittest.mock import patch

from upstreams.errors import (
    UpstreamContract,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnauthorized,
    UpstreamUnavailable,
)

BODY_CANARY = "body-canary-5d1e"
PORTFOLIO = "portfolio"
ALGORAND = "algorand"
BOTH = (PORTFOLIO, ALGORAND)

# What a hostile or broken upstream adds inside a document that is otherwise right.
_ROW = (
    '{"index":"0x01","chain_id":1,"contract_address":"0x00","token_id":0,'
    f'"address":"0x{"0" * 40}",'
    '"block_number_created":0,"protocol_type":"token","protocol_handler_id":"erc20",'
    '"protocol_group_id":"token","protocol_group_name":"Token","protocol_group_icon":null,'
    f'"contract_name":"{BODY_CANARY}","contract_symbol":"C","asset_sign":1,%s}}'
)
_PAGE = (
    '{"asset-holdings":[{"asset-holding":{"amount":%s,"asset-id":5,"is-frozen":false}%s}],'
    f'"canary":"{BODY_CANARY}"%s}}'
)


@dataclass(frozen=True)
class Fault:
    """One row of the table: what is played, and the error that a client's call ends with.

    `play` is what the server sends after reading a request (per source where that differs), or
    the name of something that bytes cannot do. `expected_of` overrides `expected` for a source.
    """

    name: str
    expected: type[UpstreamError]
    play: bytes | Mapping[str, bytes] | str
    sources: tuple[str, ...] = BOTH
    expected_of: Mapping[str, type[UpstreamError]] = field(default_factory=dict)
    retry_after: float | None = None
    is_https: bool = False

    def error(self, source: str) -> type[UpstreamError]:
        """The class of error this fault means to a client of `source`."""
        return self.expected_of.get(source, self.expected)


def answer(
    status: str = "200 OK",
    body: bytes | str = b"",
    content_type: str = "application/json",
    headers: str = "",
    length: int | None = None,
) -> bytes:
    """The bytes of an HTTP/1.1 answer after which the connection closes."""
    raw = body.encode() if isinstance(body, str) else body
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n{headers}"
        f"Content-Length: {len(raw) if length is None else length}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + raw


def _error(status: str, headers: str = "") -> bytes:
    return answer(status, f'{{"message":"{BODY_CANARY}"}}', headers=headers)


def _row(rest: str) -> str:
    return f"[{_ROW % rest}]"


def _both(portfolio: str | bytes, algorand: str | bytes) -> dict[str, bytes]:
    return {PORTFOLIO: answer(body=portfolio), ALGORAND: answer(body=algorand)}


_HTML = f"<html><head><title>{BODY_CANARY}</title></head></html>"
_GOOD_ROW = _ROW % '"value_usd":1'
_NINES = "9" * 5000
_HELD = '{"asset-holding":{"amount":1,"asset-id":%d,"is-frozen":false}}'
_TWO_ROWS = f'{{"asset-holdings":[{_HELD % 5},{_HELD % 6}],"round":9,"x":"{BODY_CANARY}"}}'
_GOOD_PAGE = _PAGE % (1, "", ',"round":9')

FAULTS: tuple[Fault, ...] = (
    Fault("refused connection", UpstreamUnavailable, "refuse"),
    Fault("DNS failure", UpstreamUnavailable, "unresolvable"),
    Fault("connect timeout", UpstreamUnavailable, "full"),
    Fault("read timeout", UpstreamTimeout, "hang"),
    Fault("slow drip", UpstreamTimeout, "drip"),
    Fault("slow drip of headers", UpstreamTimeout, "drip headers"),
    Fault("closed without an answer", UpstreamUnavailable, b""),
    Fault("reset mid-body", UpstreamUnavailable, "reset"),
    Fault("closed mid-body", UpstreamUnavailable, answer(body="[", length=500)),
    Fault("not HTTP", UpstreamUnavailable, f"{BODY_CANARY}\r\n\r\n".encode()),
    Fault(
        "a header of 100,000 letters",
        UpstreamContract,
        answer(headers=f"X-Canary: {BODY_CANARY * 7_000}\r\n"),
    ),
    Fault("1,000 headers", UpstreamContract, answer(headers="X-Canary: c\r\n" * 1_000)),
    Fault("TLS refused", UpstreamUnavailable, _error("400 Bad Request"), is_https=True),
    Fault("truncated JSON", UpstreamContract, _both(f"[{_GOOD_ROW[:-9]}", _GOOD_PAGE[:-5])),
    Fault("empty body", UpstreamContract, answer()),
    Fault("HTML 200", UpstreamContract, answer(body=_HTML, content_type="text/html")),
    Fault("HTML labelled JSON", UpstreamContract, answer(body=_HTML)),
    Fault(
        "wrong content type",
        UpstreamContract,
        {
            PORTFOLIO: answer(body=f"[{_GOOD_ROW}]", content_type="text/plain"),
            ALGORAND: answer(body=_GOOD_PAGE, content_type="text/plain"),
        },
    ),
    Fault("204", UpstreamContract, b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"),
    Fault("redirect", UpstreamContract, _error("302 Found", "Location: http://127.0.0.1:1/\r\n")),
    Fault("400", UpstreamRejected, _error("400 Bad Request")),
    Fault("401", UpstreamUnauthorized, _error("401 Unauthorized")),
    Fault(
        "403",
        UpstreamUnauthorized,
        _error("403 Forbidden"),
        expected_of={ALGORAND: UpstreamRateLimited},
    ),
    Fault(
        "404 route missing", UpstreamRejected, answer("404 Not Found", '{"message":"Not Found"}')
    ),
    Fault("422", UpstreamRejected, _error("422 Unprocessable Entity")),
    Fault(
        "429 plain text",
        UpstreamRateLimited,
        answer(
            "429 Too Many Requests",
            f"The limit of requests per second has been exceeded {BODY_CANARY}",
            content_type="text/plain",
        ),
    ),
    Fault(
        "429 HTML",
        UpstreamRateLimited,
        answer("429 Too Many Requests", _HTML, content_type="text/html"),
    ),
    Fault(
        "429 with Retry-After seconds",
        UpstreamRateLimited,
        _error("429 Too Many Requests", "Retry-After: 1.5\r\n"),
        retry_after=1.5,
    ),
    Fault(
        "429 with Retry-After date",
        UpstreamRateLimited,
        _error("429 Too Many Requests", "Retry-After: Wed, 21 Oct 2099 07:28:00 GMT\r\n"),
        retry_after=300.0,
    ),
    Fault(
        "429 whose body never ends",
        UpstreamRateLimited,
        answer("429 Too Many Requests", BODY_CANARY, length=500),
    ),
    Fault("500", UpstreamUnavailable, _error("500 Internal Server Error")),
    Fault(
        "503",
        UpstreamUnavailable,
        _error("503 Service Unavailable", "Retry-After: 7\r\n"),
        retry_after=7.0,
    ),
    Fault(
        "gzip bomb",
        UpstreamContract,
        answer(
            body=gzip.compress(b'"' + b" " * (40 << 20)),
            headers="Content-Encoding: gzip\r\n",
        ),
    ),
    Fault(
        "gzip that is none",
        UpstreamContract,
        answer(body=f"[{_GOOD_ROW}]", headers="Content-Encoding: gzip\r\n"),
    ),
    Fault(
        "gzip cut short",
        UpstreamContract,
        answer(body=gzip.compress(b"[]")[:-6], headers="Content-Encoding: gzip\r\n"),
    ),
    Fault(
        "encoding not asked for",
        UpstreamContract,
        answer(body=BODY_CANARY, headers="Content-Encoding: br\r\n"),
    ),
    Fault("body over the limit", UpstreamContract, "endless"),
    Fault("body announced over the limit", UpstreamContract, answer(length=1 << 40)),
    Fault("invalid UTF-8", UpstreamContract, _both(b'[{"x":"\xff"}]', b'{"x":"\xff","round":1}')),
    Fault("byte order mark", UpstreamContract, answer(body="\ufeff[]")),
    Fault("UTF-16", UpstreamContract, answer(body="[]".encode("utf-16"))),
    Fault(
        "duplicate keys",
        UpstreamContract,
        _both(_row('"value_usd":1,"value_usd":2'), _PAGE % (1, "", ',"round":9,"round":10')),
    ),
    Fault(
        "duplicate keys in what we do not read",
        UpstreamContract,
        _both(
            _row('"value_usd":1,"x":{"a":1,"a":1}'),
            _PAGE % (1, "", ',"round":9,"x":[{"a":1,"\\u0061":1}]'),
        ),
    ),
    Fault(
        "numbers beyond range",
        UpstreamContract,
        _both(_row('"value_usd":1e401'), _PAGE % (1, "", f',"round":{2**64}')),
    ),
    Fault(
        "NaN",
        UpstreamContract,
        _both(_row('"value_usd":NaN'), _PAGE % (1, "", ',"round":9,"x":NaN')),
    ),
    Fault(
        "an integer of 5,000 digits",
        UpstreamContract,
        _both(_row(f'"value_usd":{_NINES}'), _PAGE % (1, "", f',"round":{_NINES}')),
    ),
    Fault(
        "nesting of 100,000",
        UpstreamContract,
        _both("[" * 100_000, '{"asset-holdings":[],"round":1,"x":' + "[" * 100_000),
    ),
    Fault(
        "missing required keys",
        UpstreamContract,
        _both(_row('"locked":false'), _PAGE % (1, "", "")),
    ),
    Fault(
        "wrong types",
        UpstreamContract,
        _both(
            _row(f'"value_usd":"{BODY_CANARY}"'),
            _PAGE % (1, "", f',"round":"{BODY_CANARY}"'),
        ),
    ),
    Fault("an error object with 200", UpstreamContract, answer(body='{"error":"no"}')),
    Fault("top-level null", UpstreamContract, answer(body="null")),
    Fault(
        "an indexer's answer",
        UpstreamContract,
        answer(body='{"assets":[],"current-round":1}'),
        sources=(ALGORAND,),
    ),
    Fault(
        "more rows than asked for",
        UpstreamContract,
        answer(body=_TWO_ROWS),
        sources=(ALGORAND,),
    ),
)


@dataclass
class Playing:
    """A fault being played: where, and the request heads that came."""

    url: str
    requests: list[str] = field(default_factory=list)


@asynccontextmanager
async def playing(fault: Fault, source: str) -> AsyncIterator[Playing]:
    """Play a fault on a port of 127.0.0.1 for as long as the block runs."""
    if fault.play == "refuse":
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            # Bound and not listening: nobody else can take the port meanwhile.
            yield Playing(f"http://127.0.0.1:{closed.getsockname()[1]}")
    elif fault.play == "unresolvable":
        with patch("socket.getaddrinfo", side_effect=socket.gaierror(-2, "Name not known")):
            yield Playing("http://upstream.invalid")
    elif fault.play == "full":
        async with _full() as url:
            yield Playing(url)
    else:
        async with _serving(fault, source) as played:
            yield played


@asynccontextmanager
async def _full() -> AsyncIterator[str]:
    """A port whose backlog is full, so that further connections are left waiting."""
    listener = socket.socket()
    waiting = [socket.socket() for _ in range(4)]
    try:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        await asyncio.sleep(0.05)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        for opened in (*waiting, listener):
            opened.close()


@asynccontextmanager
async def _serving(fault: Fault, source: str) -> AsyncIterator[Playing]:
    played = Playing("")
    tasks: set[asyncio.Task[None]] = set()
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if not fault.is_https:
                head = await reader.readuntil(b"\r\n\r\n")
                played.requests.append(head.decode("latin-1"))
            act = _ACTS[fault.play] if isinstance(fault.play, str) else _send
            await act(writer, fault, source)
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            writer.transport.abort()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        tasks.add(asyncio.ensure_future(serve(reader, writer)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    played.url = f"{'https' if fault.is_https else 'http'}://127.0.0.1:{port}"
    try:
        yield played
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # A task that was cancelled before it began has not closed its own.
        for writer in writers:
            writer.transport.abort()
        await server.wait_closed()


async def _send(writer: asyncio.StreamWriter, fault: Fault, source: str) -> None:
    sent = fault.play[source] if isinstance(fault.play, Mapping) else fault.play
    assert isinstance(sent, bytes)
    writer.write(sent)
    await writer.drain()
    if fault.name.endswith("never ends"):
        await asyncio.sleep(60)
    writer.close()
    await writer.wait_closed()


async def _hang(writer: asyncio.StreamWriter, fault: Fault, source: str) -> None:
    await asyncio.sleep(60)


async def _drip(writer: asyncio.StreamWriter, fault: Fault, source: str) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
    if fault.play == "drip":
        writer.write(b"Content-Length: 1000\r\n\r\n")
    while True:
        writer.write(b"x" if fault.play != "drip" else b" ")
        await writer.drain()
        await asyncio.sleep(0.1)


async def _endless(writer: asyncio.StreamWriter, fault: Fault, source: str) -> None:
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    while True:
        writer.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
        await writer.drain()


async def _reset(writer: asyncio.StreamWriter, fault: Fault, source: str) -> None:
    writer.write(answer(body=f'["{BODY_CANARY}', length=5000))
    await writer.drain()
    await asyncio.sleep(0.05)
    raw = writer.get_extra_info("socket")
    # Linger of zero seconds makes the close a reset.
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


_ACTS: dict[str, Callable[[asyncio.StreamWriter, Fault, str], Awaitable[None]]] = {
    "hang": _hang,
    "drip": _drip,
    "drip headers": _drip,
    "endless": _endless,
    "reset": _reset,
}
