"""The Dockerfile without an engine: its paths exist, its Python steps work in a clean venv."""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]


class Step(NamedTuple):
    """One instruction: the stage it is in, its name and its arguments as one line."""

    stage: int
    name: str
    text: str


def _steps() -> list[Step]:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    stage, found = -1, []
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            name, rest = line.strip().split(maxsplit=1)
            stage += name == "FROM"
            found.append(Step(stage, name, rest))
    return found


STEPS = _steps()
RUNTIME = max(step.stage for step in STEPS)


def _copied(step: Step) -> tuple[list[str], str]:
    *sources, target = [word for word in shlex.split(step.text) if not word.startswith("--")]
    return sources, target


def test_every_path_copied_from_the_repository_exists() -> None:
    copies = [step for step in STEPS if step.name == "COPY" and "--from=" not in step.text]
    paths = [source for step in copies for source in _copied(step)[0]]

    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_package_and_module_of_the_project_is_copied() -> None:
    from_here = {
        source
        for step in STEPS
        if step.name == "COPY" and step.stage == RUNTIME and "--from=" not in step.text
        for source in _copied(step)[0]
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert set(project["packages"]["find"]["include"]) == {f"{name}*" for name in packages}
    assert packages | {f"{name}.py" for name in project["py-modules"]} <= from_here


def test_stages_are_copied_from_by_names_that_exist() -> None:
    names = {match[1] for step in STEPS if (match := re.search(r" AS (\w+)$", step.text))}
    used = {match[1] for step in STEPS if (match := re.search(r"--from=(\w+)", step.text))}
    assert used == names


def test_the_web_stage_runs_scripts_that_exist() -> None:
    scripts = json.loads((ROOT / "web" / "package.json").read_text())["scripts"]
    asked = re.findall(r"npm run (\w+)", " ".join(step.text for step in STEPS if step.stage == 0))
    assert asked
    assert set(asked) <= set(scripts)
    assert (ROOT / "web" / "package-lock.json").exists()


def test_it_does_not_run_as_root_and_holds_no_secret() -> None:
    last_user = [step.text for step in STEPS if step.name == "USER"][-1]
    assert last_user == "walletgraph"
    assert not re.search(r"(KEY|TOKEN|SECRET|PASSWORD)\s*=", (ROOT / "Dockerfile").read_text())


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The runtime stage's folder and environment, made by its own pip commands in a clean venv."""
    base = tmp_path_factory.mktemp("image")
    app, wheels = base / "app", base / "wheels"
    app.mkdir()
    subprocess.run([sys.executable, "-m", "venv", str(base / "venv")], check=True)
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        "PATH": f"{base / 'venv' / 'bin'}:{os.environ['PATH']}",
    }
    for step in STEPS:
        if step.stage == 0:
            continue
        if step.name == "COPY" and "--from=" not in step.text:
            sources, target = _copied(step)
            for source in sources:
                _copy(ROOT / source, app / target / source if len(sources) > 1 else app / source)
        if step.name == "RUN" and step.text.startswith("pip "):
            # What pip has downloaded before is as good here.
            command = step.text.replace("/wheels", str(wheels)).replace(" --no-cache-dir", "")
            subprocess.run(command, shell=True, cwd=app, env=environment, check=True, timeout=400)
    return app, environment


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def test_its_command_serves_the_sandbox_and_its_healthcheck_sees_it(
    installed: tuple[Path, dict[str, str]],
) -> None:
    app, environment = installed
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    variables = dict(
        pair.split("=", 1)
        for step in STEPS
        if step.name == "ENV"
        for pair in shlex.split(step.text)
    )
    environment = {**environment, **variables, "HOST": "127.0.0.1", "PORT": port}
    command = json.loads(next(step.text for step in STEPS if step.name == "CMD"))
    check = next(step.text for step in STEPS if step.name == "HEALTHCHECK").split("CMD", 1)[1]

    server = subprocess.Popen(
        command, cwd=app, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 30
        while True:
            health = subprocess.run(
                json.loads(check), cwd=app, env=environment, capture_output=True, check=False
            )
            if health.returncode == 0 or time.monotonic() > deadline:
                break
            time.sleep(0.2)
    finally:
        server.terminate()
        server.wait(30)

    assert health.returncode == 0, health.stderr
