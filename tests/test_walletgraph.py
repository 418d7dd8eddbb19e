"""What took the place of one of our packages is named in a sentence, whoever brought it."""

import os
import subprocess
import zipfile
from pathlib import Path

import pytest

import walletgraph
from tests.installed import PACKAGES, Environment, build, copy_source
from tests.server.process import COMMAND

pytestmark = pytest.mark.slow

WAY_OUT = "install Walletgraph in an environment of its own (uvx, pipx or the container image)."


def start(**variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [COMMAND, "--version"],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("name", PACKAGES)
@pytest.mark.parametrize("file", ["{}.py", "{}/__init__.py"])
def test_another_package_that_python_finds_first_is_named(
    name: str, file: str, tmp_path: Path
) -> None:
    other = tmp_path / file.format(name)
    other.parent.mkdir(exist_ok=True)
    other.write_text("raise RuntimeError('never run')\n")

    done = start(PYTHONPATH=str(tmp_path))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Python finds another `{name}` than Walletgraph's, {other}: {WAY_OUT}\n"


def test_folders_of_the_same_name_that_are_no_packages_do_no_harm(tmp_path: Path) -> None:
    for name in PACKAGES:
        (tmp_path / name).mkdir()
    done = start(PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our wheel, its pages empty files."""
    pages = tmp_path_factory.mktemp("pages")
    for name in ("index.html", "graphiql/graphiql.min.js"):
        (pages / name).parent.mkdir(exist_ok=True)
        (pages / name).touch()
    source = copy_source(tmp_path_factory.mktemp("source"), pages)
    done = build(source)
    assert done.returncode == 0, done.stdout + done.stderr
    [found] = (source / "dist").iterdir()
    return found


@pytest.fixture
def environment(wheel: Path, tmp_path: Path) -> Environment:
    """An environment of the locked packages and ours."""
    environment = Environment(tmp_path / "venv")
    environment.install("--no-index", str(wheel))
    return environment


def other_wheel(folder: Path, init: str) -> Path:
    """The wheel of a distribution `schema-tools` that brings a package `schema`."""
    files = {
        "schema/__init__.py": init,
        "schema_tools-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: schema-tools\n"
        "Version: 1.0\n",
        "schema_tools-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    record = "schema_tools-1.0.dist-info/RECORD"
    lines = [f"{name},,\n" for name in (*files, record)]
    path = folder / "schema_tools-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in (*files.items(), (record, "".join(lines))):
            archive.writestr(name, text)
    return path


@pytest.mark.parametrize(
    "init", ["class Schema: ...", "import nothing_of_that_name", "raise RuntimeError", "def f(:"]
)
def test_a_package_installed_over_ours_is_named(
    environment: Environment, init: str, tmp_path: Path
) -> None:
    environment.install("--no-index", "--reinstall", str(other_wheel(tmp_path, init)))
    done = environment.run("--version")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Walletgraph's package `schema` was overwritten by schema-tools: {WAY_OUT}\n"
    )

    environment.uninstall("schema-tools")
    done = environment.run("--version")
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr == f"Walletgraph's package `schema` is missing or has lost files: {WAY_OUT}\n"
    )


def test_a_fault_of_our_own_is_not_blamed_on_others(environment: Environment) -> None:
    environment.uninstall("click")
    done = environment.run("--version")
    assert done.returncode == 1
    assert done.stderr.endswith("ModuleNotFoundError: No module named 'click'\n")


def test_the_packages_watched_are_those_of_the_project() -> None:
    assert sorted(walletgraph.PACKAGES) == sorted(PACKAGES)
