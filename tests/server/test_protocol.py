"""The server in this process: where messages end, what may be slow or long, and how it stops."""

import asyncio
import logging
import re
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from uvicorn.server import ServerState

from server.app import create_app
from server.connections import Connection, Connections
from server.listener import deafen, listen
from server.middleware import Lifecycle
from server.protocol import HttpProtocol
from server.run import DrainingServer
from server.settings import Settings
from server.values import Secret

LIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"


@asynccontextmanager
async def served(
    drain_seconds: float = 0.1, app: Starlette | None = None, **values: Any
) -> AsyncIterator[tuple[DrainingServer, int]]:
    settings = Settings(port=0, drain_seconds=drain_seconds, **values)
    lifecycle = Lifecycle()
    listener = listen(settings.host, settings.port)
    started: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    app = app or create_app(settings, lifecycle=lifecycle)
    server = DrainingServer(app, settings, lifecycle, listener, started.set_result)
    running = asyncio.create_task(server.serve([listener]))
    try:
        yield server, await started
    finally:
        server.should_exit = True
        await asyncio.wait_for(running, 10)


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


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


Answers = tuple[list[tuple[int, str]], bool]


async def answers(port: int, *packets: bytes, like: Answers) -> Answers:
    """Status and code of each answer to what is sent, and whether the connection ends after it.

    As long as it is not yet `like` what is to come, more is waited for, and a little longer then.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    found: list[tuple[int, str]] = []
    data, is_over = b"", False
    try:
        for packet in packets:
            writer.write(packet)
            await asyncio.sleep(0.02)
        while not is_over:
            is_all = len(found) >= len(like[0]) and not like[1]
            part = await asyncio.wait_for(reader.read(65_536), 0.2 if is_all else 20)
            data += part
            is_over = not part
            while (answer := _ANSWER.match(data)) and len(data) >= answer.end() + int(
                answer[2] or 0
            ):
                end = answer.end() + int(answer[2] or 0)
                code = re.search(rb'"code":"([A-Z_]+)"', data[answer.end() : end])
                found.append((int(answer[1]), code[1].decode() if code else ""))
                data = data[end:]
    except TimeoutError:
        pass
    finally:
        writer.close()
    assert not data
    return found, is_over


_ANSWER = re.compile(
    rb"HTTP/1\.1 ([0-9]+) [^\r]*\r\n(?:(?!\r\n)(?:content-length: ([0-9]+)|[^\r]+)\r\n)*\r\n"
)

GRAPHQL = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
QUERY = b'{"query":"{ __typename }"}'
H2C = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n"
SOCKET = b"Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n"
WRONG = [(400, "BAD_REQUEST")]
FINE = [(200, "")]
FULL = [(503, "OVERLOADED")]


def sized(body: bytes, *lines: bytes) -> bytes:
    return b"%bContent-Length: %d\r\n\r\n%b" % (b"".join(lines), len(body), body)


BITS = sized(LIVE, GRAPHQL, H2C)

# Each tries to have a part of it read as a request of its own: LIVE would be answered 200.
MESSAGES: list[tuple[str, list[bytes], list[tuple[int, str]], bool]] = [
    ("an offer of h2c", [GRAPHQL + sized(QUERY, H2C)], FINE, False),
    ("its body later", [GRAPHQL + sized(QUERY, H2C)[:-26], QUERY], FINE, False),
    ("a request in it", [GRAPHQL + sized(LIVE, H2C)[: -len(LIVE)], LIVE], WRONG, False),
    ("at once", [GRAPHQL + sized(LIVE, H2C)], WRONG, False),
    ("in chunks", [GRAPHQL + H2C + CHUNKED % (len(LIVE), LIVE)], WRONG, False),
    ("bit by bit", [BITS[at : at + 9] for at in range(0, len(BITS), 9)], WRONG, False),
    ("a WebSocket with a body", [GRAPHQL + sized(LIVE, SOCKET)],
     [(400, "OPERATION_NOT_SUPPORTED")], False),
    ("an offer to what is there", [LIVE[:-2] + SOCKET + b"\r\n" + LIVE], FINE * 2, False),
    ("two offers", [2 * (GRAPHQL + sized(QUERY, H2C))], FINE * 2, False),
    ("an offer and a close", [GRAPHQL + sized(QUERY, H2C, b"Connection: close\r\n") + LIVE],
     FINE, True),
    ("a tunnel", [b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n" + LIVE],
     [(405, "METHOD_NOT_ALLOWED")], True),
    ("HTTP/2", [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + LIVE], WRONG, True),
    ("another version", [LIVE.replace(b"1.1", b"2.0") + LIVE], [(505, "BAD_REQUEST")], True),
    ("no version", [b"GET /health/live\r\n" + LIVE], WRONG, True),
    ("TLS", [b"\x16\x03\x01\x02\x00" + LIVE], WRONG, True),
    ("two framings", [GRAPHQL + b"Content-Length: 4\r\n" + CHUNKED % (1, b"x") + LIVE],
     WRONG, True),
    ("two lengths", [GRAPHQL + b"Content-Length: 1\r\n" + sized(LIVE)], WRONG, True),
    ("a list of lengths", [GRAPHQL + b"Content-Length: 1, 1\r\n\r\n" + LIVE], WRONG, True),
    ("a signed length", [GRAPHQL + b"Content-Length: +0\r\n\r\n" + LIVE], WRONG, True),
    ("an unknown coding", [GRAPHQL + b"Transfer-Encoding: identity\r\n\r\n" + LIVE], WRONG, True),
    ("a hidden coding", [GRAPHQL + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + LIVE],
     WRONG, True),
    ("a wrong chunk", [GRAPHQL + b"Transfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n" + LIVE],
     WRONG, True),
    ("a wrong chunk later", [GRAPHQL + b"Transfer-Encoding: chunked\r\n\r\n", b"x\r\n" + LIVE],
     WRONG, True),
    ("bare line feeds", [LIVE.replace(b"\r\n", b"\n") + LIVE], WRONG, True),
    ("a folded line", [LIVE[:-2] + b"X: a\r\n b\r\n\r\n" + LIVE], WRONG, True),
    ("an unread body", [b"POST /nowhere HTTP/1.1\r\nHost: x\r\n" + sized(LIVE)[: -len(LIVE)], LIVE],
     [(404, "NOT_FOUND")], True),
    ("a read one", [b"POST /nowhere HTTP/1.1\r\nHost: x\r\n" + sized(LIVE)],
     [(404, "NOT_FOUND")], False),
    ("one that is awaited", [b"POST /nowhere HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
     b"Content-Length: 38\r\n\r\n", LIVE], [(404, "NOT_FOUND")], True),
    ("one that is taken", [GRAPHQL + b"Expect: 100-continue\r\nContent-Length: 26\r\n\r\n", QUERY],
     [(100, ""), *FINE], False),
    ("one that is too long", [GRAPHQL + b"Content-Length: 1048577\r\n\r\n", LIVE * 100],
     [(413, "BODY_TOO_LARGE")], True),
    ("nonsense behind a request", [LIVE + b"\0" + LIVE], FINE + WRONG, True),
    ("nonsense behind a close", [LIVE[:-2] + b"Connection: close\r\n\r\n" + LIVE], FINE, True),
    ("HTTP/1.0", [b"GET /health/live HTTP/1.0\r\n\r\n" + LIVE], FINE, True),
    ("an address of a proxy", [LIVE.replace(b"/health", b"http://x/health")], FINE, False),
    ("no path", [b"GET * HTTP/1.1\r\nHost: x\r\n\r\n" + LIVE], [(404, "NOT_FOUND"), *FINE], False),
    ("no ASCII", [LIVE.replace(b"live", b"\xff") + LIVE], WRONG, True),
]  # fmt: skip


async def test_no_part_of_a_message_is_read_as_another(caplog: pytest.LogCaptureFixture) -> None:
    async with served() as (_, port):
        expected = [(answered, is_over) for _, _, answered, is_over in MESSAGES]
        asked = zip(MESSAGES, expected, strict=True)
        found = await asyncio.gather(*(answers(port, *each[1], like=like) for each, like in asked))
    names = [message[0] for message in MESSAGES]
    assert dict(zip(names, found, strict=True)) == dict(zip(names, expected, strict=True))
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


HOSTS = [
    (["x"], "1.1", 200),
    (["x.example:8000"], "1.1", 200),
    (["[::1]:8000"], "1.1", 200),
    ([""], "1.1", 200),
    ([], "1.0", 200),
    ([], "1.1", 400),
    (["x", "x"], "1.1", 400),
    (["x", "y"], "1.0", 400),
    (["a b"], "1.1", 400),
    (["a, b"], "1.1", 400),
    (["a/b"], "1.1", 400),
    (["u@a"], "1.1", 400),
    (["a:b"], "1.1", 400),
    (["[::1"], "1.1", 400),
]


async def test_a_request_names_one_host() -> None:
    asked, expected = [], []
    for hosts, version, status in HOSTS:
        lines = "".join(f"Host: {host}\r\n" for host in hosts)
        asked.append(f"GET /health/live HTTP/{version}\r\n{lines}\r\n".encode())
        is_over = status == 400 or version == "1.0"
        expected.append((WRONG if status == 400 else FINE, is_over))
    async with served() as (_, port):
        found = await asyncio.gather(
            *(answers(port, each, like=like) for each, like in zip(asked, expected, strict=True))
        )
    assert found == expected


async def test_what_stands_behind_the_chunks_is_no_header() -> None:
    secret = Secret("s" * 32)
    trailer = b"router-authorization: " + b"s" * 32 + b"\r\n\r\n"
    body = CHUNKED[:-2] % (len(QUERY), QUERY) + trailer
    async with served(router_secret=(secret,)) as (_, port):
        closed, fine = ([(401, "UNAUTHORIZED")], False), (FINE, False)
        assert await answers(port, GRAPHQL + body, like=closed) == closed
        assert await answers(port, GRAPHQL + trailer[:-2] + body, like=fine) == fine


LONG = [(431, "HEADERS_TOO_LARGE")]


async def test_the_url_and_the_headers_may_be_so_long_together() -> None:
    # The target, and the names and values of the headers.
    rest = 16_384 - len("/health/live" + "Host" + "x" + "X")
    request = b"GET /health/live HTTP/1.1\r\nHost: x\r\nX: %b\r\n\r\n"
    async with served() as (_, port):
        longest, longer = (FINE, False), (LONG, True)
        assert await answers(port, request % (rest * b"a"), like=longest) == longest
        assert await answers(port, request % ((rest + 1) * b"a"), like=longer) == longer


TOO_LONG: list[tuple[list[bytes], list[tuple[int, str]]]] = [
    ([LIVE[:-2] + b"X: %b\r\n\r\n" % (b"a" * 20_000)], LONG),
    ([LIVE[:-2] + b"X: 1\r\n" * 101 + b"\r\n"], LONG),
    ([b"GET / HTTP/1.1\r\nX: ", *([b"a" * 40_000] * 3)], LONG),
    ([b"GET /%b" % (b"a" * 100_000)], LONG),
    ([b"\r\n" * 50_000], LONG),
    ([LIVE, b"GET / HTTP/1.1\r\nX: ", *([b"a" * 40_000] * 3)], FINE + LONG),
    ([LIVE * 20 + b"GET / HTTP/1.1\r\nX: " + b"a" * 80_000], FINE * 20 + LONG),
    ([GRAPHQL + (CHUNKED % (1, b"x"))[:-2] + b"X: " + b"a" * 80_000], WRONG),
]


async def test_headers_beyond_their_bounds_are_431_in_their_turn() -> None:
    async with served() as (_, port):
        found = await asyncio.gather(
            *(answers(port, *packets, like=(expected, True)) for packets, expected in TOO_LONG)
        )
    assert found == [(expected, True) for _, expected in TOO_LONG]


async def test_a_refusal_of_the_protocol_has_the_headers_of_any_other() -> None:
    async with served() as (_, port):
        answer = await exchange(
            port, LIVE[:-2] + b"Origin: http://localhost:3000\r\nHost: y\r\n\r\n"
        )
    for line in (
        b"content-type: application/json; charset=utf-8",
        b"cache-control: no-store",
        b"connection: close",
        b"x-content-type-options: nosniff",
        b"access-control-allow-origin: http://localhost:3000",
    ):
        assert line in answer.lower()


async def test_many_requests_at_once_are_answered_in_order_and_few_wait_parsed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    waiting: list[int] = []
    begin = HttpProtocol._start_asgi_task

    def noted(self: HttpProtocol, *given: Any) -> None:
        waiting.append(len(self.pipeline))
        begin(self, *given)

    monkeypatch.setattr(HttpProtocol, "_start_asgi_task", noted)
    nowhere = LIVE.replace(b"live", b"nothing")
    async with served() as (_, port):
        both = [(200, ""), (404, "NOT_FOUND")] * 1_500, False
        assert await answers(port, (LIVE + nowhere) * 1_500, like=both) == both
    assert len(waiting) == 3_000
    assert max(waiting) < 4_096 // len(LIVE) + 1
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


async def test_a_client_that_first_sends_all_sees_its_413() -> None:
    body = b"a" * (8 << 20)
    async with served() as (_, port):
        for _ in range(3):
            assert b'"code":"BODY_TOO_LARGE"' in await exchange(port, GRAPHQL + sized(body))


async def test_lingering_ends_at_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HttpProtocol, "linger_seconds", 0.1)
    async with served() as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GRAPHQL + b"Content-Length: 9999999\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 413 ")
        await until(lambda: not server.server_state.connections)
        writer.close()


async def test_idle_connections_make_room_and_health_is_always_answered() -> None:
    ready = LIVE.replace(b"live", b"ready")
    async with served(max_connections=3) as (server, port):
        kept = []
        for _ in range(10):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(GRAPHQL + sized(QUERY))
            assert (await reader.readuntil(b"}}")).startswith(b"HTTP/1.1 200 OK\r\n")
            kept.append((reader, writer))
        await until(lambda: sum(reader.at_eof() for reader, _ in kept) == 7)
        assert [reader.at_eof() for reader, _ in kept] == [True] * 7 + [False] * 3
        busy = []
        for _ in range(3):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(GRAPHQL + b"Content-Length: 26\r\n\r\n")
            busy.append((reader, writer))
        await until(lambda: len(server.server_state.tasks) == 3)
        for asked, answered in ((LIVE, FINE), (ready, FINE), (GRAPHQL + sized(QUERY), FULL)):
            expected = answered, True
            assert await answers(port, asked, like=expected) == expected
        for reader, writer in busy:
            writer.write(QUERY)
            assert (await reader.readuntil(b"}}")).startswith(b"HTTP/1.1 200 OK\r\n")
        fine = FINE, False
        assert await answers(port, GRAPHQL + sized(QUERY), like=fine) == fine
        for _, writer in (*kept, *busy):
            writer.close()


MUCH = b"a" * (32 << 20)
ASK_MUCH = b"GET /much HTTP/1.1\r\nHost: x\r\n\r\n"


async def _much(request: Request) -> Response:
    return Response(MUCH)


async def _slow(request: Request) -> Response:
    await asyncio.sleep(0.3)
    return Response("done")


PLAIN = [Route("/much", _much), Route("/slow", _slow)]


def registry(server: DrainingServer) -> Connections:
    protocol: Any = server.config.http
    return protocol.registry  # type: ignore[no-any-return]


async def test_who_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HttpProtocol, "stall_seconds", 0.1)
    async with served(app=Starlette(routes=PLAIN)) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1_000)
        writer.write(ASK_MUCH)
        await until(lambda: registry(server).unsent_bytes)
        await until(lambda: not (len(registry(server)) or server.server_state.tasks))
        assert registry(server).unsent_bytes == 0
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(len(MUCH))
        writer.close()


async def test_who_reads_slowly_gets_the_whole_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []
    stalled = Connections.stalled

    def noted(self: Connections, connection: Connection, unsent_bytes: int) -> None:
        held.append(unsent_bytes)
        stalled(self, connection, unsent_bytes)

    monkeypatch.setattr(Connections, "stalled", noted)
    async with served(app=Starlette(routes=PLAIN)) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        writer.write(ASK_MUCH)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 OK\r\n")
        await until(lambda: held)
        for _ in range(32):
            assert len(await reader.readexactly(1 << 20)) == 1 << 20
        writer.close()
        await until(lambda: not server.server_state.tasks)
        assert registry(server).unsent_bytes == 0
    # What is held is the whole answer, beside what is on its way.
    assert len(held) > 1
    assert all(len(MUCH) < unsent < len(MUCH) + 1_000_000 for unsent in held)


class Handle:
    """A timer that is fired by hand."""

    def __init__(self, seconds: float, fire: Callable[[], None]) -> None:
        self.seconds = seconds
        self.fire = fire
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


def timed() -> tuple[HttpProtocol, list[Handle]]:
    """A connection, and the timers that it sets."""
    timers: list[Handle] = []
    protocol = HttpProtocol(uvicorn.Config(Starlette(), log_config=None), ServerState(), {})

    def call_later(*given: Any) -> Handle:
        timers.append(Handle(*given))
        return timers[-1]

    protocol.loop = cast(Any, SimpleNamespace(call_later=call_later))
    protocol.registry = Connections(10, 100)
    return protocol, timers


async def test_whole_headers_have_five_seconds_from_the_first_moment_on() -> None:
    protocol, timers = timed()
    cut: list[str] = []
    protocol.connection_made(cast(Any, SimpleNamespace(get_extra_info=lambda _: None)))
    protocol.transport = SimpleNamespace(cut=lambda: cut.append("cut"))
    protocol.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n")

    [timer] = timers
    assert (timer.seconds, timer.is_cancelled, cut) == (5.0, False, [])
    timer.fire()
    assert cut == ["cut"]


async def test_the_time_to_take_an_answer_begins_anew_with_each_piece() -> None:
    protocol, timers = timed()
    cut: list[str] = []
    protocol.flow = cast(Any, SimpleNamespace(pause_writing=int, resume_writing=int))
    protocol.transport = SimpleNamespace(
        get_write_buffer_size=lambda: 70, cut=lambda: cut.append("cut")
    )

    for _ in range(3):
        protocol.pause_writing()
        assert protocol.registry.unsent_bytes == 70
        protocol.resume_writing()
        assert protocol.registry.unsent_bytes == 0
    protocol.pause_writing()

    assert [timer.is_cancelled for timer in timers] == [True, True, True, False]
    assert [timer.seconds for timer in timers] == [HttpProtocol.stall_seconds] * 4
    timers[-1].fire()
    assert cut == ["cut"]


async def test_all_that_is_not_read_is_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    bound = 80 << 20
    seen: dict[Connection, None] = {}
    stalled = Connections.stalled

    def noted(self: Connections, connection: Connection, unsent_bytes: int) -> None:
        stalled(self, connection, unsent_bytes)
        seen[connection] = None

    monkeypatch.setattr(Connections, "stalled", noted)
    async with served(app=Starlette(routes=PLAIN), max_unsent_bytes=bound) as (server, port):
        writers = []
        for number in range(5):
            _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1_000)
            writer.write(ASK_MUCH)
            writers.append(writer)
            await until(lambda number=number: len(seen) > number)  # type: ignore[misc]
            assert len(MUCH) < registry(server).unsent_bytes <= bound
            assert len(registry(server)) == min(number + 1, 2)
        for writer in writers:
            writer.close()


async def test_a_request_half_sent_behind_a_slow_one_does_not_end_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(HttpProtocol, "header_seconds", 0.1)
    async with served(app=Starlette(routes=PLAIN)) as (_, port):
        answer = await exchange(port, LIVE.replace(b"/health/live", b"/slow"), b"GET /slow HTTP")
        assert answer.endswith(b"done")


async def test_blank_lines_do_not_keep_a_connection_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HttpProtocol, "header_seconds", 0.1)
    async with served() as (_, port):
        assert (await exchange(port, LIVE, b"\r\n")).startswith(b"HTTP/1.1 200 OK\r\n")


async def test_a_fault_in_the_middle_of_an_answer_ends_its_connection() -> None:
    async def broken(request: Request) -> Response:
        async def parts() -> AsyncIterator[bytes]:
            yield b"a"
            raise RuntimeError

        return StreamingResponse(parts())

    async with served(app=Starlette(routes=[Route("/broken", broken, methods=["POST"])])) as (
        _,
        port,
    ):
        head = b"POST /broken HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"
        assert (await exchange(port, head)).endswith(b"1\r\na\r\n")


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
