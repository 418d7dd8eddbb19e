"""The load: raw keep-alive connections that send one prepared request after another."""

import asyncio
import itertools
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import msgspec


class BadAnswer(Exception):
    """A server answered something else than 200 with data; `str()` begins with what it said."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What one run of load measured: each answer's seconds, in order of arrival, and the whole."""

    latencies: list[float]
    seconds: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds


def request(query: str, variables: dict[str, Any], operation: str) -> bytes:
    """A POST of one operation, ready to be sent."""
    body = msgspec.json.encode({"query": query, "variables": variables, "operationName": operation})
    return (
        b"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\n"
        b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
    )


class Connection(asyncio.Protocol):
    """One connection; `exchange` is awaited, `drive` sends on as soon as an answer is whole."""

    def __init__(self) -> None:
        self._head = b""
        self._left: int | None = None
        self._is_chunked = False
        self._parts: list[bytes] = []
        self._answer: asyncio.Future[bytes] | None = None
        self._requests: Iterator[bytes] | None = None
        self._until = 0.0
        self._keeps = True
        self._started = 0.0
        self._latencies: list[float] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes.
        self.transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(BadAnswer("the connection was closed"))

    async def exchange(self, data: bytes) -> bytes:
        """The body of the answer to one request; BadAnswer unless it is 200 with data only."""
        self._keeps, self._requests = True, None
        self._answer = asyncio.get_running_loop().create_future()
        self._send(data)
        return await self._answer

    async def drive(self, requests: Iterator[bytes], until: float, latencies: list[float]) -> None:
        """Send requests one after another until that loop time, noting each answer's seconds."""
        self._keeps, self._requests, self._until = False, requests, until
        self._latencies = latencies
        self._answer = asyncio.get_running_loop().create_future()
        self._send(next(requests))
        await self._answer

    def _send(self, data: bytes) -> None:
        self._started = time.perf_counter()
        self.transport.write(data)

    def data_received(self, data: bytes) -> None:
        if self._left is None and not self._is_chunked:
            self._head += data
            head, found, data = self._head.partition(b"\r\n\r\n")
            if not found:
                return
            self._head = b""
            if not self._begin(head, data):
                return
        self._parts.append(data)
        if self._left is not None:
            self._left -= len(data)
            if self._left <= 0:
                self._end()
        elif data.endswith(b"0\r\n\r\n"):
            self._parts = [_unchunked(b"".join(self._parts))]
            self._end()

    def _begin(self, head: bytes, rest: bytes) -> bool:
        lower = head.lower()
        if not lower.startswith(b"http/1.1 200"):
            self._fail((head + b" " + rest)[:500])
            return False
        place = lower.find(b"\r\ncontent-length:")
        if place >= 0:
            self._left = int(lower[place + 17 :].split(b"\r\n", 1)[0])
        else:
            self._is_chunked = True
        return True

    def _end(self) -> None:
        now = time.perf_counter()
        parts, self._parts = self._parts, []
        self._left, self._is_chunked = None, False
        if b'"errors":' in parts[0][:2000] or b'"errors":' in parts[-1][-2000:]:
            self._fail(b"".join(parts)[:500])
            return
        assert self._answer is not None
        if self._keeps:
            self._answer.set_result(b"".join(parts))
            return
        self._latencies.append(now - self._started)
        assert self._requests is not None
        if asyncio.get_running_loop().time() < self._until:
            self._send(next(self._requests))
        else:
            self._answer.set_result(b"")

    def _fail(self, said: bytes) -> None:
        assert self._answer is not None
        if not self._answer.done():
            self._answer.set_exception(BadAnswer(said.decode(errors="replace")))


def _unchunked(body: bytes) -> bytes:
    parts = []
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        parts.append(body[:length])
        body = body[length + 2 :]
    return b"".join(parts)


async def connect(port: int) -> Connection:
    """A connection to a server on this machine."""
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(Connection, "127.0.0.1", port)
    return connection


async def ask(port: int, data: bytes) -> Any:
    """The `data` of one answer, parsed."""
    connection = await connect(port)
    try:
        return msgspec.json.decode(await connection.exchange(data))["data"]
    finally:
        connection.transport.close()


async def drive(
    ports: Iterable[int], requests: Iterable[bytes], connections: int, seconds: float
) -> Sample:
    """Load the servers for some seconds, each connection sending as soon as it was answered.

    Several ports share the connections evenly. Requests are used in turn, over and over.
    """
    endless = itertools.cycle(requests)
    places = list(itertools.islice(itertools.cycle(ports), connections))
    opened = [await connect(port) for port in places]
    latencies: list[float] = []
    started = time.perf_counter()
    until = asyncio.get_running_loop().time() + seconds
    try:
        await asyncio.gather(*(one.drive(endless, until, latencies) for one in opened))
    finally:
        for one in opened:
            one.transport.close()
    return Sample(latencies, time.perf_counter() - started)
