"""Which part of the code may know which: no import goes against the arrows."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from walletgraph import PACKAGES

ROOT = Path(__file__).parents[1]
KNOWS = {
    "server": {"schema", "resolvers", "upstreams", "compiler", "sandbox"},
    "schema": {"resolvers", "upstreams"},
    "resolvers": {"upstreams"},
    "upstreams": set(),
    "compiler": set(),
    "sandbox": set(),
}
# Below `upstreams/open.py`, which puts them together: "" is what lies in `upstreams/` itself.
UPSTREAMS_KNOW = {
    "algod": {"source", "http", "decoding", ""},
    "oneinch": {"source", "http", "decoding", ""},
    "prices": {"source", "http", "decoding", ""},
    "redis": {"source", "http", "decoding", ""},
    "source": {"http", ""},
    "http": {"decoding", ""},
    "decoding": {""},
}


def imported(node: ast.AST) -> Iterator[str]:
    """The modules that are imported anywhere below the node."""
    for each in ast.walk(node):
        if isinstance(each, ast.Import):
            yield from (alias.name for alias in each.names)
        elif isinstance(each, ast.ImportFrom) and each.module is not None:
            yield each.module


def trees(folder: str) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())


def test_every_package_has_its_place() -> None:
    assert set(KNOWS) == set(PACKAGES)
    folders = {path.parent.name for path in (ROOT / "upstreams").glob("*/*.py")}
    assert set(UPSTREAMS_KNOW) == folders


@pytest.mark.parametrize("package", KNOWS)
def test_a_package_knows_only_those_behind_it(package: str) -> None:
    for name, tree in trees(package):
        found = {module.partition(".")[0] for module in imported(tree)} & set(KNOWS)
        assert found <= KNOWS[package] | {package}, name


@pytest.mark.parametrize("folder", UPSTREAMS_KNOW)
def test_a_folder_of_upstreams_knows_only_those_behind_it(folder: str) -> None:
    for name, tree in trees(f"upstreams/{folder}"):
        parts = [
            module.split(".")[1:] for module in imported(tree) if module.startswith("upstreams.")
        ]
        found = {each[0] if each[0] in UPSTREAMS_KNOW else "" for each in parts}
        assert found <= UPSTREAMS_KNOW[folder] | {folder}, name


@pytest.mark.parametrize("package", KNOWS)
def test_nothing_is_imported_inside_a_function(package: str) -> None:
    for name, tree in trees(package):
        functions = (
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        )
        assert not [module for each in functions for module in imported(each)], name
