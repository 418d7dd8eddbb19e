"""Programs that tests run to their end."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest


def output_of(
    command: Sequence[str | Path],
    *,
    seconds: float,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> str:
    """What a program prints, standard error included; its failure and its delay are the test's.

    It gets a process group of its own, and all of the group ends with it: `subprocess.run` with a
    timeout would wait without end for a child's child that holds the output open.
    """
    shown = " ".join(map(str, command))
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        printed, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        _end_group(process.pid)
        printed, _ = process.communicate()
        pytest.fail(f"{shown} did not end within {seconds:g} s:\n{printed}", pytrace=False)
    finally:
        _end_group(process.pid)
    if process.returncode != 0:
        pytest.fail(f"{shown} failed:\n{printed}", pytrace=False)
    return printed


def _end_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
