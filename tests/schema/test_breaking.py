"""The graph against the one last released: what clients rely on stays."""

import subprocess
import tomllib
from pathlib import Path

import pytest
from graphql import BreakingChange, GraphQLSchema, build_schema, find_breaking_changes

ROOT = Path(__file__).parents[2]
RELEASED = ROOT / "schema" / "released.graphql"
CURRENT = ROOT / "schema" / "schema.graphql"


def _parsed(sdl: str) -> GraphQLSchema:
    return build_schema(sdl, assume_valid_sdl=True)


def _breaking(old: str, new: str) -> list[BreakingChange]:
    return find_breaking_changes(_parsed(old), _parsed(new))


def test_nothing_that_was_released_is_taken_away() -> None:
    assert _breaking(RELEASED.read_text(), CURRENT.read_text()) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("totalCount: Int!", "count: Int!"),
        ("wallet(address: String!): Wallet", "wallet(address: String!, at: DateTime!): Wallet"),
        ("  EVM\n", ""),
        ("totalValueUsd: Decimal!", "totalValueUsd: Decimal"),
    ],
)
def test_the_check_sees_what_would_break_a_client(old: str, new: str) -> None:
    released = RELEASED.read_text()

    assert old in released
    assert _breaking(released, released.replace(old, new)) != []


def test_the_released_graph_is_that_of_the_newest_tag() -> None:
    listed = subprocess.run(
        ["git", "tag", "--list", "v*", "--sort=-v:refname"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    tags = listed.stdout.split()
    if tags:
        shown = subprocess.run(
            ["git", "show", f"{tags[0]}:schema/schema.graphql"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert RELEASED.read_text() == shown.stdout


def test_the_changelog_begins_with_what_is_not_released_yet() -> None:
    lines = (ROOT / "CHANGELOG.md").read_text().splitlines()
    headings = [line for line in lines if line.startswith("## ")]
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    assert headings[0] == "## [Unreleased]"
    assert headings[1].startswith(f"## [{version}] - ")
