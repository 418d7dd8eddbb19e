"""Programs that some tests need beside Python: found, or the test says how to get them."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

_HINTS = {
    "node": "install Node.js 20 or newer",
    "npm": "install Node.js 20 or newer with npm",
    "chromium": "install Chromium",
    "redis-server": "install Redis",
    "promtool": "install Prometheus",
}


def need(program: str) -> str:
    """The program's path. Without it the test is skipped, but fails where CI is `true`."""
    found = shutil.which(program)
    if found is None:
        reason = f"{program} is missing: {_HINTS.get(program, 'install it')}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def node_modules(folder: Path) -> Path:
    """The packages a folder's lock file names, installed once for all tests and workers."""
    npm = need("npm")
    modules = folder / "node_modules"
    stamp = modules / ".tests-installed"
    name = hashlib.sha256(bytes(folder.resolve())).hexdigest()[:16]
    with (Path(tempfile.gettempdir()) / f"npm-ci-{name}.lock").open("w") as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != _installed(folder):
            install = [npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"]
            subprocess.run(install, cwd=folder, check=True, timeout=900)
            stamp.write_text(_installed(folder))
    return modules


def _installed(folder: Path) -> str:
    """The lock, and npm's list of what is there: others install without what tests need."""
    paths = (folder / "package-lock.json", folder / "node_modules" / ".package-lock.json")
    return " ".join(
        hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.exists()
    )
