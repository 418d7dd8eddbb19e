"""A served sandbox for the programs of the pages."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

_START_SECONDS = 60


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The origin of a running Walletgraph on invented data, started as users start it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("served") / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("walletgraph"), "serve"],
            env={"PATH": os.environ["PATH"], "PORT": str(port), "UPSTREAMS": "sandbox"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    found = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not _is_up(found):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield found
    finally:
        process.kill()
        process.wait(timeout=10)


def _is_up(origin: str) -> bool:
    try:
        return httpx.get(f"{origin}/health/live", trust_env=False).is_success
    except httpx.TransportError:
        return False
