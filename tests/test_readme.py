"""What the README and the pages of docs/ promise is kept: tables, links, and the query's answer."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from schema.errors import CODES as GRAPH_CODES
from server.codes import CODES
from server.settings import TABLE
from tests.graph import running

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
SETTINGS = (ROOT / "docs" / "settings.md").read_text()
ERRORS = (ROOT / "docs" / "errors.md").read_text()
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("variable", TABLE, ids=lambda variable: str(variable.name))
def test_each_setting_is_documented_with_its_default(variable: tuple[str, str, str]) -> None:
    name, default, text = variable
    shown = default if "`" in default else f"`{default}`"
    assert f"| `{name}` | {shown} | {text} |" in SETTINGS.splitlines()


@pytest.mark.parametrize("code", sorted({**GRAPH_CODES, **CODES}))
def test_each_code_is_documented(code: str) -> None:
    assert f"| `{code}` | {CODES[code]} |" in ERRORS.splitlines()


def test_nothing_is_documented_that_does_not_exist() -> None:
    def names(page: str) -> list[str]:
        return sorted(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))

    assert names(SETTINGS) == sorted(variable.name for variable in TABLE)
    assert names(ERRORS) == sorted(CODES)


def test_each_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime = {re.split(r"[~>=]", line)[0] for line in project["project"]["dependencies"]}
    groups = project["dependency-groups"].values()
    development = {
        re.split(r"[~>=]", line)[0] for group in groups for line in group if isinstance(line, str)
    }
    section = README.split("## Dependencies")[1]

    assert set(re.findall(r"^- `([a-z-]+)`: ", section, re.MULTILINE)) == runtime
    stubs = {name for name in development if name.startswith("types-")}
    assert {name for name in development - stubs if f"`{name}`" not in section} == set()


async def test_the_query_gives_the_answer_shown() -> None:
    query = re.search(r"```graphql\n(.*?)```", README, re.DOTALL)
    answer = re.search(r"```json\n(.*?)```", README, re.DOTALL)
    assert query is not None
    assert answer is not None

    async with running() as graph:
        assert await graph.ask(query[1]) == json.loads(answer[1])


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "SECURITY.md", *PAGES])
def test_links_within_the_repository_lead_somewhere(page: str) -> None:
    found = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (ROOT / page).read_text())
    base = (ROOT / page).parent
    assert [link for link in found if not (base / link).exists()] == []


def test_it_is_one_page_that_leads_to_all_others() -> None:
    assert len(README.split()) < 900
    found = set(re.findall(r"\]\((docs/[a-z-]+\.md)\)", README))
    assert found == set(PAGES)


def test_machines_are_led_to_all_pages_as_well() -> None:
    text = (ROOT / "llms.txt").read_text()
    assert text.startswith("# Walletgraph\n\n> ")
    found = re.findall(r"^- \[[^]]+\]\(([^)]+)\): .+$", text, re.MULTILINE)
    assert [link for link in found if not (ROOT / link).exists()] == []
    assert set(PAGES) <= set(found)


def test_the_two_commands_are_there() -> None:
    assert "make run " in README
    assert "make test " in README
