"""The supergraph, running: Walletgraph, the owners subgraph, and each of the gateways."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

from schema import build_schema as walletgraph_schema
from tests.supergraph.process import SECRET, SIGNING, Walletgraph
from tests.tools import need, node_modules

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SUPERGRAPH = ROOT / "supergraph"
OWNERS_SECRET = "another-one-for-the-other-subgraph"
GATEWAYS = ["apollo", "hive", "hive-rust", "grafbase"]
# Composes by itself, from the files and endpoints that its configuration names.
_GRAFBASE = "@grafbase/cli-x86_64-unknown-linux-musl/grafbase"
_START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway's name, its endpoint, and the subgraph behind it."""

    name: str
    url: str
    walletgraph: Walletgraph

    def answer(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        body = {"query": query, "variables": variables or {}}
        return httpx.post(self.url, json=body, headers=headers, timeout=30, trust_env=False)

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
    """A program beside the subgraph, from its start on; `wait` until it answers."""

    def __init__(self, command: list[Any], url: str, log: Path, **environ: str) -> None:
        self.url = url
        self._log = log
        self._secret = environ.get("OWNERS_SECRET", "")
        modules = str(node_modules(SUPERGRAPH))
        with log.open("w") as output:
            self._process = subprocess.Popen(
                command,
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
        # Grafbase's development server goes on after SIGTERM, on a core of its own.
        self._process.kill()
        self._process.wait(timeout=10)


def _answers(url: str, secret: str) -> bool:
    headers = {"router-authorization": secret}
    try:
        query = {"query": "{ __typename }"}
        return httpx.post(url, json=query, headers=headers, trust_env=False).is_success
    except httpx.TransportError:
        return False


def grafbase() -> str | None:
    """Grafbase's program; its package is for one platform, and left out on all others."""
    found = node_modules(ROOT / "tests/node") / _GRAFBASE
    if not found.exists() and os.environ.get("CI") == "true":
        pytest.fail("Grafbase's package is missing: it is for x86-64 Linux")
    return shutil.which(found)


@contextlib.contextmanager
def started(
    process: Walletgraph, owners: str, composed: Path, logs: Path, grafbase_config: Path
) -> Iterator[dict[str, Gateway]]:
    """All gateways there are, started side by side over one composition."""
    hive = [
        need("node"),
        SUPERGRAPH / "node_modules/@graphql-hive/gateway/dist/bin.js",
        "supergraph",
        composed,
        "--config-path=hive-gateway.config.js",
        "--host=127.0.0.1",
    ]
    ports = {name: free_port() for name in GATEWAYS}
    commands: dict[str, list[Any]] = {
        "apollo": [need("node"), HERE / "apollo_gateway.cjs", composed],
        "hive": hive,
        "hive-rust": [*hive, "--hive-router-runtime"],
    }
    if (binary := grafbase()) is not None:
        port = str(ports["grafbase"])
        commands["grafbase"] = [binary, "dev", "--config", grafbase_config, "--port", port]
    environ = {
        "ROUTER_SECRET": SECRET,
        "OWNERS_SECRET": OWNERS_SECRET,
        "ROUTER_HMAC_SECRET": SIGNING,
        "WALLETGRAPH_URL": process.url,
        "OWNERS_URL": owners,
    }
    with contextlib.ExitStack() as stack:
        programs: dict[str, Program] = {}
        for name, command in commands.items():
            path = "/" if name == "apollo" else "/graphql"
            url = f"http://127.0.0.1:{ports[name]}{path}"
            log = logs / f"{name}.log"
            program = Program(command, url, log, **environ, PORT=str(ports[name]))
            programs[name] = stack.enter_context(program)
        for program in programs.values():
            program.wait()
        yield {name: Gateway(name, item.url, process) for name, item in programs.items()}


def chosen(found: dict[str, Gateway], name: str) -> Gateway:
    if name not in found:
        pytest.skip("Grafbase's package is for x86-64 Linux")
    return found[name]


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
    command = [need("node"), "owners/server.js"]
    with Program(command, url, logs / "owners.log", **environ) as found:
        found.wait()
        yield url


def compose(config: Path | str, target: Path, **environ: str) -> Path:
    """The supergraph, composed by the program that users run."""
    subprocess.run(
        [need("node"), "compose.js", config, target],
        cwd=SUPERGRAPH,
        env={**os.environ, "ROUTER_SECRET": SECRET, **environ},
        timeout=60,
        check=True,
    )
    return target


@pytest.fixture(scope="session")
def composed(process: Walletgraph, owners: str, logs: Path) -> Path:
    """The supergraph, composed from the running subgraph."""
    target = logs / "supergraph.graphql"
    return compose("supergraph.yaml", target, WALLETGRAPH_URL=process.url, OWNERS_URL=owners)


def configured(logs: Path, more: str = "") -> Path:
    """Grafbase's configuration as it is shipped, but for where its schemas are."""
    schema = logs / "walletgraph.graphql"
    schema.write_text(walletgraph_schema(node_field=True).sdl)
    text = (SUPERGRAPH / "grafbase.toml").read_text()
    text = text.replace('"walletgraph.graphql"', f'"{schema}"')
    text = text.replace('"owners/', f'"{SUPERGRAPH}/owners/')
    target = logs / "grafbase.toml"
    target.write_text(text + more)
    return target


@pytest.fixture(scope="session")
def running(
    process: Walletgraph, owners: str, composed: Path, logs: Path
) -> Iterator[dict[str, Gateway]]:
    with started(process, owners, composed, logs, configured(logs)) as found:
        yield found


@pytest.fixture(params=GATEWAYS)
def gateway(
    request: pytest.FixtureRequest, running: dict[str, Gateway], walletgraph: Walletgraph
) -> Gateway:
    """Each gateway in turn, before a Walletgraph that remembers nothing."""
    return chosen(running, request.param)
