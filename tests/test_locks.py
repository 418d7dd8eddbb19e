"""What is locked installs as it is: complete on every Python and system, and with hashes."""

import json
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
NPM_LOCKS = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*/package-lock.json", "*/*/package-lock.json")
    for path in ROOT.glob(pattern)
    if "node_modules" not in path.parts
)
SYSTEMS = [("linux", "Linux", "posix"), ("darwin", "Darwin", "posix"), ("win32", "Windows", "nt")]
ENVIRONMENTS = [
    {
        "python_version": ".".join(python.split(".")[:2]),
        "python_full_version": python,
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "sys_platform": sys_platform,
        "platform_system": platform_system,
        "os_name": os_name,
    }
    for python in ("3.11.0", "3.11.7", "3.12.1", "3.13.0", "3.14.0")
    for sys_platform, platform_system, os_name in SYSTEMS
]
Environment = dict[str, str]


class Locked(NamedTuple):
    """One entry of a lock: the version, where it is wanted, and the hashes it may have."""

    version: str
    extras: frozenset[str]
    marker: Marker | None
    hashes: tuple[str, ...]


def read_lock(name: str) -> dict[str, Locked]:
    found: dict[str, Locked] = {}
    for line in (ROOT / name).read_text().replace("\\\n", "").splitlines():
        wanted, *options = line.split(" --hash=sha256:")
        requirement = Requirement(wanted)
        pinned = re.fullmatch(r"==([^,*]+)", str(requirement.specifier))
        assert pinned is not None, line
        assert requirement.url is None, line
        found[canonicalize_name(requirement.name)] = Locked(
            pinned[1],
            frozenset(requirement.extras),
            requirement.marker,
            tuple(option.strip() for option in options),
        )
    return found


LOCKS = {name: read_lock(name) for name in ("requirements.lock", "requirements-dev.lock")}


def group(name: str) -> Iterator[str]:
    for entry in PROJECT["dependency-groups"][name]:
        if isinstance(entry, str):
            yield entry
        else:
            yield from group(entry["include-group"])


ALWAYS = [
    *PROJECT["project"]["dependencies"],
    *PROJECT["project"]["optional-dependencies"]["telemetry"],
]
ASKED = {
    "requirements.lock": [*ALWAYS, *group("build")],
    "requirements-dev.lock": [*ALWAYS, *group("dev")],
}


def applies(marker: Marker | None, environment: Environment, extra: str = "") -> bool:
    return marker is None or marker.evaluate({**environment, "extra": extra})


def needed(
    asked: list[str], lock: dict[str, Locked], environment: Environment
) -> tuple[set[str], list[str]]:
    """All that is reached from what is asked for, and each requirement that the lock fails."""
    reached: set[tuple[str, str]] = set()
    failed: list[str] = []
    waiting = [Requirement(text) for text in asked]
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        locked = lock.get(name)
        if (
            locked is None
            or not applies(locked.marker, environment)
            or not wanted.specifier.contains(locked.version)
            or not wanted.extras <= locked.extras
        ):
            failed.append(f"{wanted} on {environment}")
            continue
        for extra in {"", *wanted.extras}:
            if (name, extra) not in reached:
                reached.add((name, extra))
                waiting += [
                    each for each in requires(name) if applies(each.marker, environment, extra)
                ]
    return {name for name, _ in reached}, failed


def requires(name: str) -> list[Requirement]:
    """What a distribution asks for; nothing is known of one that is not for this machine."""
    try:
        return [Requirement(text) for text in distribution(name).requires or ()]
    except PackageNotFoundError:
        return []


@pytest.mark.parametrize("name", LOCKS)
def test_what_is_locked_asks_for_nothing_else_on_any_python_and_system(name: str) -> None:
    lock = LOCKS[name]
    reached: set[str] = set()
    for environment in ENVIRONMENTS:
        names, failed = needed(ASKED[name], lock, environment)
        assert failed == []
        reached |= names

    assert reached == set(lock)


@pytest.mark.parametrize("name", LOCKS)
def test_what_is_installed_here_is_what_is_locked(name: str) -> None:
    here = {each: locked for each, locked in LOCKS[name].items() if applies(locked.marker, {})}

    assert {each: version(each) for each in here} == {
        each: locked.version for each, locked in here.items()
    }


@pytest.mark.parametrize("name", LOCKS)
def test_each_entry_has_hashes(name: str) -> None:
    for each, locked in LOCKS[name].items():
        assert locked.hashes, each
        assert all(re.fullmatch(r"[0-9a-f]{64}", found) for found in locked.hashes), each


def test_both_locks_agree() -> None:
    runtime, development = LOCKS["requirements.lock"], LOCKS["requirements-dev.lock"]
    assert {name: development[name] for name in runtime} == runtime


def test_the_build_asks_for_what_is_locked() -> None:
    asked = PROJECT["build-system"]["requires"]
    assert asked == PROJECT["dependency-groups"]["build"]
    assert asked == [f"setuptools=={LOCKS['requirements.lock']['setuptools'].version}"]


@pytest.mark.parametrize("name", [*LOCKS, *NPM_LOCKS])
def test_locks_hold_no_addresses_of_where_packages_are_had(name: str) -> None:
    text = (ROOT / name).read_text()
    if not name.endswith(".json"):
        assert "://" not in text
        assert set(re.findall(r"--[a-z-]+", text)) == {"--hash"}
        return
    packages = {path: found for path, found in json.loads(text)["packages"].items() if path}
    assert packages
    assert {path for path, found in packages.items() if "resolved" in found} == set()
    assert {path for path, found in packages.items() if "integrity" not in found} == set()


def test_npm_is_told_to_write_no_addresses() -> None:
    assert len(NPM_LOCKS) > 3
    for name in NPM_LOCKS:
        settings = (ROOT / name).with_name(".npmrc").read_text().splitlines()
        assert "omit-lockfile-registry-resolved=true" in settings
