"""The public CI: what it runs exists, what it uses is pinned, and it may do only what it must."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS = re.findall(r"^([a-z][\w-]*):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.stem))


def _read(path: Path) -> dict[Any, Any]:
    return dict(yaml.safe_load(path.read_text()))


def _steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in _read(path)["jobs"].values() for step in job["steps"]]


def test_all_of_them_are_looked_at() -> None:
    assert [path.stem for path in FILES] == ["audit", "ci", "release", "schema"]


@every_file
def test_each_action_is_pinned_by_commit_beside_its_version(path: Path) -> None:
    lines = [line for line in path.read_text().splitlines() if "uses:" in line]

    assert lines
    pinned = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)+$")
    assert [line for line in lines if not pinned.search(line)] == []


def test_one_action_has_one_version() -> None:
    found = {
        tuple(step["uses"].split("@")) for path in FILES for step in _steps(path) if "uses" in step
    }
    assert len({name for name, _ in found}) == len(found)


@every_file
def test_it_may_read_and_a_job_says_what_else_it_needs(path: Path) -> None:
    workflow = _read(path)

    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        asked = {name for name, right in job.get("permissions", {}).items() if right == "write"}
        assert asked <= {"id-token", "attestations", "packages"}
        assert not asked or job["environment"] == "release"
        assert job["timeout-minutes"] <= 60


@every_file
def test_no_foreign_code_meets_a_secret(path: Path) -> None:
    workflow = _read(path)
    triggers = workflow[True]  # YAML's word for `on`

    assert "pull_request_target" not in triggers
    for step in _steps(path):
        # A value that others write must come by the environment, never into the script.
        assert "${{" not in step.get("run", "")
        if "checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False
    if "pull_request" in triggers:
        for job in workflow["jobs"].values():
            if "secrets." in str(job):
                assert "head.repo.full_name == github.repository" in job["if"]


@every_file
def test_what_it_runs_exists(path: Path) -> None:
    text = path.read_text()

    assert set(re.findall(r"\bmake ([a-z-]+)", text)) <= set(TARGETS)
    for found in re.findall(r"\b(?:schema|deploy|requirements)[\w./-]*\.(?:graphql|lock)", text):
        assert (ROOT / found).exists()
    for chart in re.findall(r"helm package (\S+)", text):
        assert (ROOT / chart / "Chart.yaml").exists()


def test_the_oldest_python_that_is_promised_is_tested() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    versions = _read(ROOT / ".github/workflows/ci.yml")["jobs"]["test"]["strategy"]["matrix"]

    assert project["requires-python"] == f">={versions['python'][0]}"
    assert len(versions["python"]) > 1


def test_updates_are_looked_for_in_every_folder_with_packages() -> None:
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
    folders = next(each["directories"] for each in updates if each["package-ecosystem"] == "npm")
    locks = [
        "/" + str(path.parent.relative_to(ROOT))
        for path in ROOT.rglob("package-lock.json")
        if "node_modules" not in path.parts
    ]

    assert sorted(folders) == sorted(locks)
