"""The supergraph, running: Walletgraph, the owners subgraph, and each of the gateways."""

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

from tests.supergraph.process import SECRET, SIGNING, Walletgraph
from tests.tools import need, node_modules

HERE = Path(__file__).parent
SUPERGRAPH = HERE.parent.parent / "supergraph"
OWNERS_SECRET = "another-one-for-the-other-subgraph"
GATEWAYS = ["apollo", "hive", "hive-rust"]
_START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway's name, its endpoint, and the subgraph behind it."""

    name: str
    url: str
    walletgraph: Walletgraph

    def answer(self, query: str, variables: dict[str, Any] | None = None) -> httpx.Response:
        body = {"query": query, "variables": variables or {}}
        return httpx.post(self.url, json=body, timeout=30, trust_env=False)

    def ask(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        answer: dict[str, Any] = self.answer(query, variables).json()
        return answer

    def data(self, query: str, variables: dict[str, Any] | None = None) -> Any:
        """The data of an operation that must not fail anywhere."""
        answer = self.ask(query, variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Program:
    """A Node program of the supergraph's folder, from its start on; `wait` until it answers."""

    def __init__(self, command: list[Any], url: str, log: Path, **environ: str) -> None:
        self.url = url
        self._log = log
        self._secret = environ.get("OWNERS_SECRET", "")
        modules = str(node_modules(SUPERGRAPH))
        with log.open("w") as output:
            self._process = subprocess.Popen(
                [need("node"), *command],
                cwd=SUPERGRAPH,
                env={**os.environ, "NODE_PATH": modules, "NODE_ENV": "production", **environ},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(self.url, self._secret):
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < deadline, self._log.read_text()
            time.sleep(0.1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=10)


def _answers(url: str, secret: str) -> bool:
    headers = {"router-authorization": secret}
    try:
        query = {"query": "{ __typename }"}
        return httpx.post(url, json=query, headers=headers, trust_env=False).is_success
    except httpx.TransportError:
        return False


@pytest.fixture(scope="session")
def process() -> Iterator[Walletgraph]:
    found = Walletgraph()
    try:
        found.restart()
        yield found
    finally:
        found.close()


@pytest.fixture
def walletgraph(process: Walletgraph) -> Walletgraph:
    """Walletgraph with nothing remembered from the test before."""
    process.restart()
    return process


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("supergraph")


@pytest.fixture(scope="session")
def owners(logs: Path) -> Iterator[str]:
    """The owners subgraph's endpoint."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    environ = {"PORT": str(port), "OWNERS_SECRET": OWNERS_SECRET}
    with Program(["owners/server.js"], url, logs / "owners.log", **environ) as found:
        found.wait()
        yield url


@pytest.fixture(scope="session")
def composed(process: Walletgraph, owners: str, logs: Path) -> Path:
    """The supergraph, composed from the running subgraph by the program that users run."""
    target = logs / "supergraph.graphql"
    subprocess.run(
        [need("node"), "compose.js", "supergraph.yaml", target],
        cwd=SUPERGRAPH,
        env={
            **os.environ,
            "WALLETGRAPH_URL": process.url,
            "OWNERS_URL": owners,
            "ROUTER_SECRET": SECRET,
        },
        timeout=60,
        check=True,
    )
    return target


@pytest.fixture(scope="session")
def running(process: Walletgraph, composed: Path, logs: Path) -> Iterator[dict[str, Gateway]]:
    """All gateways, started side by side."""
    secrets = {"ROUTER_SECRET": SECRET, "OWNERS_SECRET": OWNERS_SECRET}
    hive = [
        SUPERGRAPH / "node_modules/@graphql-hive/gateway/dist/bin.js",
        "supergraph",
        composed,
        "--config-path=hive-gateway.config.js",
        "--host=127.0.0.1",
    ]
    ports = {name: free_port() for name in GATEWAYS}
    commands: dict[str, list[Any]] = {
        "apollo": [HERE / "apollo_gateway.cjs", composed],
        "hive": hive,
        "hive-rust": [*hive, "--hive-router-runtime"],
    }
    with contextlib.ExitStack() as stack:
        programs = []
        for name in GATEWAYS:
            path = "/" if name == "apollo" else "/graphql"
            url = f"http://127.0.0.1:{ports[name]}{path}"
            environ = {**secrets, "PORT": str(ports[name]), "ROUTER_HMAC_SECRET": SIGNING}
            program = Program(commands[name], url, logs / f"{name}.log", **environ)
            programs.append(stack.enter_context(program))
        for program in programs:
            program.wait()
        urls = [program.url for program in programs]
        yield {name: Gateway(name, url, process) for name, url in zip(GATEWAYS, urls, strict=True)}


@pytest.fixture(params=GATEWAYS)
def gateway(
    request: pytest.FixtureRequest, running: dict[str, Gateway], walletgraph: Walletgraph
) -> Gateway:
    """Each gateway in turn, before a Walletgraph that remembers nothing."""
    return running[request.param]
