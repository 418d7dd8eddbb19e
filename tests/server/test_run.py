"""The process: it starts fast, keeps slow and oversized clients off, and stops without a loss."""

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
from starlette.applications import Starlette

from server.listener import listen
from server.middleware import Lifecycle
from server.run import room_for, serve
from server.settings import Settings
from tests.server.process import COMMAND, serving, wait_for

pytestmark = pytest.mark.slow

QUERY = b'{"query":"{ __typename }"}'
REQUEST = (
    b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(QUERY), QUERY)
)


def ask(port: int, path: str = "/health/ready") -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{port}{path}", trust_env=False)


@dataclass
class Tally:
    answered: int = 0
    lost: int = 0
    wrong: int = 0
    refused: bool = False


async def client(port: int, tally: Tally, stop: asyncio.Event) -> None:
    """Asks over a kept connection, as pools do: opens another one when the server closes it."""
    reader = writer = None
    while not stop.is_set() and not tally.refused:
        if writer is None or reader is None or reader.at_eof():
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:
                tally.refused = True
                return
        try:
            writer.write(REQUEST)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            body = await reader.readexactly(length)
        except (ConnectionError, asyncio.IncompleteReadError):
            tally.lost += 1
            writer.close()
            writer = None
            continue
        tally.answered += 1
        tally.wrong += body != b'{"data":{"__typename":"Query"}}'
        if b"connection: close" in head.lower():
            writer.close()
            writer = None
        await asyncio.sleep(0.005)
    if writer is not None:
        writer.close()


@dataclass
class Balancer:
    """Sends clients where readiness says: they stop when it turns."""

    port: int
    stop: asyncio.Event

    async def watch(self) -> None:
        async with httpx.AsyncClient(trust_env=False) as http:
            is_ready = True
            while is_ready:
                await asyncio.sleep(0.02)
                ready = await http.get(f"http://127.0.0.1:{self.port}/health/ready")
                is_ready = ready.status_code == 200
        await asyncio.sleep(0.3)
        self.stop.set()


async def load(port: int) -> tuple[Tally, asyncio.Event, "asyncio.Future[list[None]]"]:
    """50 clients at work; comes back once they are."""
    tally, stop = Tally(), asyncio.Event()
    clients = asyncio.gather(*(client(port, tally, stop) for _ in range(50)))
    while tally.answered < 200:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    return tally, stop, clients


async def test_a_stop_under_load_loses_no_request() -> None:
    with serving(DRAIN_SECONDS="4") as (process, port):
        tally, stop, clients = await load(port)
        before = tally.answered
        process.send_signal(signal.SIGTERM)
        balancer = Balancer(port, stop)
        await balancer.watch()
        await clients
        assert await asyncio.to_thread(process.wait, 20) == 0
    assert (tally.lost, tally.wrong, tally.refused) == (0, 0, False)
    assert tally.answered > before


async def test_clients_that_never_leave_lose_nothing_either() -> None:
    with serving(DRAIN_SECONDS="0.5") as (process, port):
        tally, _, clients = await load(port)
        process.send_signal(signal.SIGINT)
        await clients
        assert await asyncio.to_thread(process.wait, 20) == 0
    assert (tally.lost, tally.wrong, tally.refused) == (0, 0, True)


def test_a_second_signal_stops_at_once() -> None:
    with serving(DRAIN_SECONDS="3600") as (process, port):
        process.terminate()
        wait_for(lambda: ask(port).status_code == 503)
        assert ask(port).headers["connection"] == "close"
        process.terminate()
        assert process.wait(60) == 0


def test_the_first_start_answers_and_says_how_to_go_live() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with serving(PORT=str(port), DRAIN_SECONDS="0") as (process, _):
        url = f"http://127.0.0.1:{port}/graphql"
        answer = httpx.post(url, json={"query": "{ __typename }"}, trust_env=False)
        assert answer.json() == {"data": {"__typename": "Query"}}
        process.terminate()
        assert process.wait(15) == 0
        assert process.stdout is not None
        assert process.stderr is not None
        rest, log = process.stdout.read(), process.stderr.read()
    assert "SANDBOX" in rest
    assert "ONEINCH_API_KEY" in rest
    assert "Traceback" not in log


def test_an_unusable_environment_stops_the_boot_by_name() -> None:
    run = subprocess.run(
        [COMMAND, "serve"],
        env={**os.environ, "ONEINCH_RPS": "x", "ONEINCH_API_KEY": "canary key"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 1
    assert "ONEINCH_RPS must be a positive number, got 'x'" in run.stderr
    assert "ONEINCH_API_KEY must be one word" in run.stderr
    assert "canary" not in run.stderr + run.stdout


def test_an_application_that_cannot_start_is_no_success() -> None:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        if app.routes == []:
            raise RuntimeError("nothing to serve")
        yield

    said: list[int] = []
    listener = listen("127.0.0.1", 0)
    app = Starlette(lifespan=lifespan)
    with pytest.raises(SystemExit) as stopped:
        serve(app, Settings(), Lifecycle(), listener, said.append)
    assert (stopped.value.code, said) == (3, [])


def read_all(connection: socket.socket) -> bytes:
    data = b""
    while part := connection.recv(65_536):
        data += part
    return data


def test_slow_and_oversized_headers_are_cut_off() -> None:
    with serving(DRAIN_SECONDS="0") as (_, port):
        silent = socket.create_connection(("127.0.0.1", port), timeout=20)
        dripping = socket.create_connection(("127.0.0.1", port), timeout=20)
        dripping.sendall(b"POST /graphql HTTP/1.1\r\nHost: x\r\n")
        many = b"".join(b"X-%d: 1\r\n" % number for number in range(150))
        for headers in (b"X: " + b"a" * 20_000 + b"\r\n", many):
            with socket.create_connection(("127.0.0.1", port), timeout=20) as large:
                large.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n")
                answer = read_all(large)
            assert answer.startswith(b"HTTP/1.1 431 ")
            assert b"HEADERS_TOO_LARGE" in answer
            assert b"server:" not in answer.lower()
        with socket.create_connection(("127.0.0.1", port), timeout=20) as endless:
            endless.sendall(b"GET / HTTP/1.1\r\nX: " + b"a" * 60_000)
            with pytest.raises(ConnectionError):  # noqa: PT012
                while True:
                    endless.sendall(b"a" * 60_000)
                    time.sleep(0.01)
        assert ask(port, "/health/live").status_code == 200
        assert read_all(silent) == b""
        assert read_all(dripping) == b""
        silent.close()
        dripping.close()


def test_conflicting_framing_is_refused() -> None:
    with (
        serving(DRAIN_SECONDS="0") as (_, port),
        socket.create_connection(("127.0.0.1", port), timeout=20) as connection,
    ):
        connection.sendall(
            b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        )
        assert read_all(connection).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("soft", "hard", "room", "raised"),
    [
        (20_000, 20_000, 2_000, None),
        (-1, -1, 2_000, None),
        (1_024, 20_000, 2_000, (2_500, 20_000)),
        (1_024, -1, 2_000, (2_500, -1)),
        (1_024, 1_500, 1_000, (1_500, 1_500)),
        (256, 256, 1, (256, 256)),
    ],
)
def test_no_more_connections_are_taken_than_files_can_be_open(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, room: int, raised: tuple[int, int] | None
) -> None:
    told = []
    monkeypatch.setattr("resource.getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr("resource.setrlimit", lambda _, limits: told.append(limits))
    assert room_for(2_000) == room
    assert told == ([] if raised is None else [raised])
