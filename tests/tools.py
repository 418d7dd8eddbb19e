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
    lock = (folder / "package-lock.json").read_bytes()
    wanted = hashlib.sha256(lock).hexdigest()
    modules = folder / "node_modules"
    stamp = modules / ".tests-installed"
    name = hashlib.sha256(bytes(folder.resolve())).hexdigest()[:16]
    with (Path(tempfile.gettempdir()) / f"npm-ci-{name}.lock").open("w") as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            install = [npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"]
            subprocess.run(install, cwd=folder, check=True, timeout=900)
            stamp.write_text(wanted)
    return modules
