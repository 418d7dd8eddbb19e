"""`walletgraph serve` as a process of its own, for what only a real server shows."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

COMMAND = str(Path(sys.executable).with_name("walletgraph"))


@contextmanager
def serving(**environ: str) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """A server on a free port and that port; what it prints can be read from it once it ended."""
    process = subprocess.Popen(
        [COMMAND, "serve"],
        env={**os.environ, "PORT": "0", "UPSTREAMS": "sandbox", "LOG_LEVEL": "WARNING", **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first.startswith("Walletgraph listens on http://127.0.0.1:"), first
        yield process, int(first.rsplit(":", 1)[1])
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def wait_for(condition: object, seconds: float = 10.0) -> None:
    """Until the callable is true; AssertionError after so many seconds."""
    assert callable(condition)
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)
