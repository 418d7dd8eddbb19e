"""A real redis-server on a free port, to be killed, frozen, filled and brought back."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis


class RedisServer:
    """One redis-server process without persistence: what is killed comes back empty."""

    def __init__(self, binary: str, *options: str) -> None:
        self._binary = binary
        self._options = options
        # A server in cluster mode listens on a second port, that many above the first.
        self.port = _free_port(10_000)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it unless it runs, and wait till it answers; it is empty afterwards."""
        if self._process is None:
            options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
            self._process = subprocess.Popen(
                [self._binary, *options, *self._options],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
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

    def pass_time(self, seconds: float) -> None:
        """Let all that expires be so much older."""
        with Redis(port=self.port) as client:
            for key in client.keys("*"):
                if (left := client.pttl(key)) > 0:
                    client.pexpire(key, max(1, left - int(1000 * seconds)))

    def cluster_is_up(self, nodes: int) -> bool:
        """Whether it knows all nodes and all slots are served."""
        with Redis(port=self.port) as client:
            known = client.execute_command("CLUSTER INFO")
        return (known["cluster_state"], known["cluster_known_nodes"]) == ("ok", str(nodes))

    def command(self, *words: str) -> bytes:
        """Send one command; the first line of the reply."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=1) as wire:
            parts = [word.encode() for word in words]
            head = b"*%d\r\n" % len(parts)
            wire.sendall(head + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts))
            return wire.makefile("rb").readline().rstrip()


def _free_port(below: int = 0) -> int:
    """A port that is free, as is the one that lies `below` above it."""
    while True:
        with socket.socket() as probe, socket.socket() as other:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
            if not below:
                return port
            if port + below < 65_536:
                try:
                    other.bind(("127.0.0.1", port + below))
                except OSError:
                    continue
                return port


def binary() -> str:
    """Where redis-server is."""
    found = shutil.which("redis-server")
    if found is None:
        message = "redis-server is not installed (apt-get install redis-server)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return found


@contextmanager
def redis_cluster(folder: Path, nodes: int) -> Iterator[list[RedisServer]]:
    """So many masters that share the slots, with nothing to fall back on."""
    servers: list[RedisServer] = []
    try:
        for number in range(nodes):
            config = f"{folder}/nodes-{number}.conf"
            servers.append(
                RedisServer(
                    binary(),
                    "--cluster-enabled",
                    "yes",
                    "--cluster-config-file",
                    config,
                    "--dir",
                    str(folder),
                )
            )
            servers[-1].start()
        for number, server in enumerate(servers):
            first, last = (16_384 * each // nodes for each in (number, number + 1))
            server.command("CLUSTER", "ADDSLOTSRANGE", str(first), str(last - 1))
            server.command("CLUSTER", "MEET", "127.0.0.1", str(servers[0].port))
        until = time.monotonic() + 20
        while not all(server.cluster_is_up(nodes) for server in servers):
            assert time.monotonic() < until, "the cluster did not come up"
            time.sleep(0.05)
        yield servers
    finally:
        for server in servers:
            server.kill()


@contextmanager
def redis_sentinel(folder: Path, master: RedisServer) -> Iterator[int]:
    """The port of a Sentinel that watches `master` under the name `graph`."""
    port = _free_port()
    config = folder / "sentinel.conf"
    config.write_text(
        f"port {port}\nbind 127.0.0.1\ndir {folder}\n"
        f"sentinel monitor graph 127.0.0.1 {master.port} 1\n"
    )
    process = subprocess.Popen(
        [binary(), str(config), "--sentinel"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + 10
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert time.monotonic() < until, "the Sentinel did not come up"
            time.sleep(0.02)
        yield port
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def redis_process() -> Iterator[RedisServer]:
    server = RedisServer(binary())
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
