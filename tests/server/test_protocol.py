"""The server in this process: deadlines and sizes of headers, and each step of a stop."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from server.app import create_app
from server.listener import deafen, listen
from server.protocol import HttpProtocol, Joining
from server.run import DrainingServer
from server.settings import Settings
from server.shell import Lifecycle

LIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"


@asynccontextmanager
async def served(drain_seconds: float = 0.1) -> AsyncIterator[tuple[DrainingServer, int]]:
    settings = Settings(port=0, drain_seconds=drain_seconds)
    lifecycle = Lifecycle()
    listener = listen(settings.host, settings.port)
    started: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    app = create_app(settings, lifecycle=lifecycle)
    server = DrainingServer(app, settings, lifecycle, listener, started.set_result)
    running = asyncio.create_task(server.serve([listener]))
    try:
        yield server, await started
        server.should_exit = True
        await asyncio.wait_for(running, 10)
    finally:
        gc.unfreeze()


async def exchange(port: int, *parts: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await asyncio.sleep(0.02)
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        return b"reset"
    finally:
        writer.close()


async def test_connections_that_send_no_whole_headers_are_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(HttpProtocol, "header_seconds", 0.1)
    async with served() as (_, port):
        assert await exchange(port) == b""
        assert await exchange(port, b"GET / HTTP/1.1\r\n", b"Host: x\r\n") == b""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            writer.write(LIVE)
            assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200 OK\r\n")
            await asyncio.sleep(0.15)  # idle between requests is not slow
        writer.close()


async def test_headers_beyond_their_bounds_are_431_or_cut() -> None:
    async with served() as (_, port):
        for headers in (b"X: %b\r\n" % (b"a" * 20_000), b"X: 1\r\n" * 101):
            answer = await exchange(port, LIVE[:-2] + headers + b"\r\n")
            assert answer.startswith(b"HTTP/1.1 431 ")
            assert b"connection: close" in answer
            assert b'"code":"HEADERS_TOO_LARGE"' in answer
        endless = [b"GET / HTTP/1.1\r\nX: ", *([b"a" * 40_000] * 3)]
        assert await exchange(port, *endless) in (b"", b"reset")


async def test_a_stop_drains_then_closes() -> None:
    async with served(drain_seconds=0.2) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        _, silent = await asyncio.open_connection("127.0.0.1", port)
        server.handle_exit(signal.SIGTERM, None)
        await asyncio.sleep(0.05)
        ready = await exchange(port, LIVE.replace(b"live", b"ready"))
        assert ready.startswith(b"HTTP/1.1 503 ")
        await asyncio.sleep(0.6)
        assert server.should_exit
        # Closed to newcomers, but a connection that was there is still answered, once.
        writer.write(LIVE)
        answer = await asyncio.wait_for(reader.read(), 5)
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"connection: close" in answer
        writer.close()
        silent.close()


async def test_a_second_signal_and_one_before_the_start_stop_at_once() -> None:
    async with served(drain_seconds=60) as (server, _):
        told = []
        for _ in range(2):
            server.handle_exit(signal.SIGTERM, None)
            told.append(server.should_exit)
        assert told == [False, True]
        server.loop = None
        server.should_exit = False
        server.handle_exit(signal.SIGINT, None)
        assert server.should_exit


async def test_a_request_under_way_ends_before_the_server_does() -> None:
    async with served() as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 26\r\n\r\n"
        )
        await asyncio.sleep(0.05)
        server.should_exit = True
        await asyncio.sleep(0.2)
        writer.write(b'{"query":"{ __typename }"}')
        answer = await asyncio.wait_for(reader.read(), 5)
        assert answer.endswith(b'{"data":{"__typename":"Query"}}')
        writer.close()


async def test_a_deaf_listener_takes_nobody_new_but_serves_who_waits() -> None:
    listener = listen("127.0.0.1", 0)
    loop = asyncio.get_running_loop()
    try:
        address = listener.getsockname()
        _, waiting = await asyncio.open_connection(*address)
        deafen(listener)
        accepted, _ = await loop.sock_accept(listener)
        accepted.close()
        waiting.close()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.open_connection(*address), 0.3)
    finally:
        listener.close()


def test_an_address_that_is_taken_is_an_error_and_leaks_nothing() -> None:
    with listen("127.0.0.1", 0) as taken, pytest.raises(OSError, match="in use"):
        listen("127.0.0.1", taken.getsockname()[1])
    with listen("::1", 0) as listener:
        assert listener.getsockname()[0] == "::1"


class Transport:
    """Notes what is written in one go, and when it is closed."""

    def __init__(self) -> None:
        self.sent: list[list[bytes]] = []

    def write(self, data: bytes) -> None:
        self.sent.append([data])

    def writelines(self, parts: Iterable[bytes]) -> None:
        self.sent.append(list(parts))

    def close(self) -> None:
        self.sent.append([])

    def is_closing(self) -> bool:
        return False


async def test_an_answers_head_is_sent_with_its_body_in_one_go() -> None:
    inner: Any = Transport()
    transport = Joining(inner, asyncio.get_running_loop())
    transport.write(b"HTTP/1.1 200 OK\r\n\r\n")
    transport.write(b"body")
    transport.write(b"more")
    await asyncio.sleep(0)

    assert inner.sent == [[b"HTTP/1.1 200 OK\r\n\r\n", b"body"], [b"more"]]
    assert not transport.is_closing()


async def test_a_head_that_nothing_follows_is_sent_soon_or_before_the_close() -> None:
    inner: Any = Transport()
    transport = Joining(inner, asyncio.get_running_loop())
    transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    await asyncio.sleep(0)
    transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")
    transport.close()
    await asyncio.sleep(0)

    sent = [b"".join(parts) for parts in inner.sent]
    assert sent == [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n", b""]
