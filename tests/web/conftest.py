"""The built web files, and how the scripts beside this file are run."""

import fcntl
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.programs import output_of
from tests.tools import need, node_modules

ROOT = Path(__file__).parent.parent.parent
WEB = ROOT / "web"
_SOURCES = ("src", "client", "graphiql", "scripts", "index.html", "package.json", "vite.config.ts")


def _newest(paths: list[Path]) -> float:
    files = [file for path in paths for file in (path.rglob("*") if path.is_dir() else [path])]
    return max((file.stat().st_mtime for file in files if file.is_file()), default=0.0)


@pytest.fixture(scope="session")
def packages() -> Path:
    """The folder whose npm packages are installed."""
    need("node")
    return node_modules(WEB).parent


@pytest.fixture(scope="session")
def dist(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built files, made anew where a source is younger."""
    target = packages / "dist"
    lock = tmp_path_factory.getbasetemp().parent / "walletgraph-web-build.lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        built = [target / "index.html", target / "graphiql" / "walletgraph-graphiql.js"]
        made = min((path.stat().st_mtime if path.exists() else 0.0) for path in built)
        if made < _newest([ROOT / "operations", *(packages / name for name in _SOURCES)]):
            output_of([need("npm"), "run", "build"], cwd=packages, seconds=400)
    return target


@pytest.fixture
def in_browser(dist: Path) -> Callable[[str], None]:
    """Runs a script of this folder on the built files; its output is the failure's text."""

    def run(name: str) -> None:
        environ = {
            **os.environ,
            "CHROMIUM": need("chromium"),
            "WALLETGRAPH": str(Path(sys.executable).with_name("walletgraph")),
        }
        script = Path(__file__).with_name(name)
        output_of([need("node"), script], env=environ, seconds=600)

    return run
