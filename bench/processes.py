"""The processes that are measured: started on their cores, stopped, and read from /proc."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
SERVERS = Path(__file__).parent / "servers"
START_SECONDS = 60.0
_EVER = "86400"


@dataclass(frozen=True, slots=True)
class Kind:
    """A server of the bench: its name, what it is, and whether it takes Node.js."""

    name: str
    about: str
    is_node: bool = False


WALLETGRAPH = "walletgraph"
KINDS = (
    Kind(WALLETGRAPH, "Walletgraph, compiled"),
    Kind("stock", "Walletgraph, stock executor"),
    Kind("ordinary", "Strawberry, dataloader, httpx"),
    Kind("yoga", "GraphQL Yoga, DataLoader, undici", is_node=True),
    Kind("yoga-jit", "the same with graphql-jit", is_node=True),
    Kind("team", "that with doubles and short ids", is_node=True),
    Kind("floor", "by hand, without GraphQL"),
)


@dataclass(frozen=True, slots=True)
class Cores:
    """Which cores the servers and which the load and the stand-in run on."""

    servers: tuple[int, ...]
    load: int

    @classmethod
    def found(cls, servers: int = 1) -> "Cores":
        """The first cores for so many servers, the last for the load, as far as there are any."""
        cores = sorted(os.sched_getaffinity(0))
        return cls(tuple(cores[place % len(cores)] for place in range(servers)), cores[-1])


class Process:
    """A started process and the port it answers at."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], port: int, core: int):
        self.port = port
        self.started = time.perf_counter()
        self._command = " ".join(command)
        self._process = subprocess.Popen(
            ["taskset", "-c", str(core), *command],
            env={**os.environ, **env},
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def cpu_seconds(self) -> float:
        """The processor time its threads have used so far."""
        tasks = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def resident_mb(self) -> float:
        """The memory it holds now, in millions of bytes."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def pause(self) -> None:
        """Take no more processor time until `resume`."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def wait_until_open(self) -> None:
        """Return once its port takes connections."""
        until = time.perf_counter() + START_SECONDS
        while time.perf_counter() < until:
            if self._process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.005)
            else:
                return
        raise RuntimeError(f"This does not answer: {self._command}")

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        self.resume()
        self._process.kill()
        self._process.wait()


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def standin(core: int) -> Iterator[str]:
    """The stand-in of both upstreams, running; gives its URL."""
    port = free_port()
    process = Process([sys.executable, "-m", "bench.standin", "--port", str(port)], {}, port, core)
    try:
        process.wait_until_open()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.stop()


@contextmanager
def server(name: str, upstream: str, *, has_cache: bool, core: int) -> Iterator[Process]:
    """One of the servers, started, but perhaps not listening yet."""
    port = free_port()
    command, env = _command(name, upstream, port, has_cache=has_cache)
    process = Process(command, env, port, core)
    try:
        yield process
    finally:
        process.stop()


def _command(
    name: str, upstream: str, port: int, *, has_cache: bool
) -> tuple[list[str], dict[str, str]]:
    seconds = _EVER if has_cache else "0"
    if name in (WALLETGRAPH, "stock"):
        times = ("PORTFOLIO_TTL_SECONDS", "ALGORAND_TTL_SECONDS", "ASSET_TTL_SECONDS")
        return [str(Path(sys.executable).parent / "walletgraph"), "serve"], {
            "EXECUTOR": "compiled" if name == WALLETGRAPH else "stock",
            "PORT": str(port),
            "UPSTREAMS": "live",
            "ONEINCH_URL": upstream,
            "ALGOD_URL": upstream,
            "ONEINCH_RPS": "1000000",
            "ALGOD_RPS": "1000000",
            "ALGOD_CONCURRENCY": "1000",
            "LOG_LEVEL": "ERROR",
            **dict.fromkeys(times, seconds),
        }
    env = {"UPSTREAM_URL": upstream, "CACHE_SECONDS": seconds, "PORT": str(port)}
    if next(kind.is_node for kind in KINDS if kind.name == name):
        return ["node", str(SERVERS / f"{name}.mjs")], {**env, "NODE_ENV": "production"}
    options = ["--loop", "uvloop", "--http", "httptools", "--no-access-log"]
    app = f"bench.servers.{name}:app"
    return [
        *(sys.executable, "-m", "uvicorn", app, "--port", str(port)),
        *(*options, "--log-level", "error"),
    ], env
