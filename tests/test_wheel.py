"""The wheel serves everything by itself, in an empty folder and without Node.js."""

import os
import re
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.installed import PACKAGES, ROOT, Environment, build, copy_source
from tests.web.conftest import dist, packages

pytestmark = pytest.mark.slow

__all__ = ["dist", "packages"]

BROWSER = {"accept": "text/html"}


@pytest.fixture(scope="module")
def wheel(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built of a copy of the source."""
    source = copy_source(tmp_path_factory.mktemp("source"), dist)
    done = build(source)
    assert done.returncode == 0, done.stdout + done.stderr
    [found] = (source / "dist").iterdir()
    return found


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment of the locked packages and the wheel."""
    environment = Environment(tmp_path_factory.mktemp("environment") / "venv")
    environment.install("--no-index", str(wheel))
    return environment


@pytest.fixture(scope="module")
def served(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that was started in an empty folder with next to no environment."""
    process = subprocess.Popen(
        [environment.command, "serve"],
        env={"PATH": str(environment.bin), "PORT": "0", "DRAIN_SECONDS": "0"},
        cwd=tmp_path_factory.mktemp("empty"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first.startswith("Walletgraph listens on http://127.0.0.1:"), first
        address = first.split()[-1]
        banner = [process.stdout.readline().split(maxsplit=1) for _ in range(3)]
        assert banner == [
            ["GraphQL", f"{address}/graphql\n"],
            ["GraphiQL", f"{address}/graphql in a browser\n"],
            ["Dashboard", f"{address}/\n"],
        ]
        yield address
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_it_holds_the_code_the_sdl_and_the_pages_and_nothing_else(wheel: Path, dist: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}

    code = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).glob("**/*.py")
    }
    pages = {
        f"server/dist/{path.relative_to(dist).as_posix()}"
        for path in dist.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }
    assert held == code | pages | {"walletgraph.py", "schema/schema.graphql"}


def test_the_graph_answers(served: str) -> None:
    query = '{ wallet(address: "0xd470055c6189b921c4d44b3d277ad868f79c0f75") { address } }'
    answer = httpx.post(f"{served}/graphql", json={"query": query}, trust_env=False).json()
    assert answer == {"data": {"wallet": {"address": "0xD470055c6189B921c4d44b3d277Ad868F79C0F75"}}}


@pytest.mark.parametrize(
    ("path", "title"), [("/", "Walletgraph"), ("/graphql", "Walletgraph GraphiQL")]
)
def test_the_pages_are_made_of_what_the_wheel_holds(served: str, path: str, title: str) -> None:
    with httpx.Client(base_url=served, headers=BROWSER, trust_env=False) as http:
        page = http.get(path)
        assert f"<title>{title}</title>" in page.text
        parts = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert {os.path.splitext(part)[1] for part in parts} >= {".js", ".css"}
        assert {part: http.get(part).status_code for part in parts} == dict.fromkeys(parts, 200)
        assert all(part.startswith("/") and not part.startswith("//") for part in parts)
        policy = page.headers["content-security-policy"].split("; ")
        # Only logos of tokens may lie elsewhere.
        elsewhere = [rule.split()[0] for rule in policy if re.search(r"https?:", rule)]
        assert elsewhere == (["img-src"] if path == "/" else [])


def test_the_command_works_without_a_checkout(environment: Environment) -> None:
    printed = environment.run("schema")
    assert printed.stdout == (ROOT / "schema" / "schema.graphql").read_text()
    assert environment.run("--version").stdout.startswith("walletgraph ")


@pytest.mark.parametrize("missing", ["", "index.html", "graphiql"])
def test_nothing_is_built_without_pages(dist: Path, tmp_path: Path, missing: str) -> None:
    source = copy_source(tmp_path / "source", dist)
    (source / "web" / "dist" / missing).rename(tmp_path / "away")

    done = build(source)

    assert done.returncode != 0
    assert "The pages are not built, and Walletgraph is not packed without them" in done.stderr
    assert not (source / "dist").exists() or not list((source / "dist").iterdir())
