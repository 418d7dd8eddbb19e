"""A real redis-server on a free port, to be killed, frozen, filled and brought back."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest


class RedisServer:
    """One redis-server process without persistence: what is killed comes back empty."""

    def __init__(self, binary: str) -> None:
        self._binary = binary
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it unless it runs, and wait till it answers; it is empty afterwards."""
        if self._process is None:
            options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
            self._process = subprocess.Popen(
                [self._binary, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        for _ in range(200):
            try:
                if self.command("PING") == b"+PONG":
                    self.command("FLUSHALL")
                    return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("redis-server did not come up")

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Stop it in its tracks: connections stay open and nothing answers."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)

    def command(self, *words: str) -> bytes:
        """Send one command; the first line of the reply."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=1) as wire:
            parts = [word.encode() for word in words]
            head = b"*%d\r\n" % len(parts)
            wire.sendall(head + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts))
            return wire.makefile("rb").readline().rstrip()


@pytest.fixture(scope="session")
def redis_process() -> Iterator[RedisServer]:
    binary = shutil.which("redis-server")
    if binary is None:
        message = "redis-server is not installed (apt-get install redis-server)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    server = RedisServer(binary)
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture
def redis_server(redis_process: RedisServer) -> Iterator[RedisServer]:
    """Redis, up and empty, whatever the test before did to it."""
    redis_process.start()
    yield redis_process
    redis_process.kill()
