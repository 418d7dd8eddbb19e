"""The page that says where each field of the sources is: whole, and true of SDL and tests."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema

from schema import build_schema as walletgraph_schema

ROOT = Path(__file__).parent.parent
CONTRACTS = ROOT / "tests" / "contracts"
PAGE = (ROOT / "docs" / "coverage.md").read_text()
OPERATIONS: list[dict[str, Any]] = json.loads((CONTRACTS / "operations.json").read_text())[
    "operations"
]


SECTIONS = {
    heading: text
    for heading, _, text in (
        part.partition("\n") for part in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
    )
}


def named(section: str) -> set[str]:
    rows = re.findall(r"^\| (`.+?) \|", section, flags=re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def leaves(schema: dict[str, Any], defs: dict[str, Any], path: str = "") -> Iterator[str]:
    """The paths of all that has no fields of its own."""
    if "$ref" in schema:
        schema = defs[schema["$ref"].rpartition("/")[2]]
    kinds = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    if kinds:
        for each in kinds:
            yield from leaves(each, defs, path)
    elif "items" in schema:
        yield from leaves(schema["items"], defs, f"{path}[]")
    elif schema.get("properties"):
        for name, each in schema["properties"].items():
            yield from leaves(each, defs, f"{path}.{name}" if path else name)
    else:
        yield path


def fields(operation: dict[str, Any]) -> set[str]:
    """Of the answer: without what it is wrapped in."""
    name = operation["responses"]["200"].get("schema")
    if name is None:
        return set()
    schema = json.loads((CONTRACTS / name).read_text())
    paths = leaves(schema, schema.get("$defs", {}))
    return {re.sub(r"^(result)?(\[\])?\.?", "", path) for path in paths} - {""}


def holds(one: str, name: str) -> bool:
    """Whether what is on the page is the field, or stands for all that is in it."""
    return re.match(rf"{re.escape(one)}($|[.\[])", name) is not None


def test_every_operation_has_a_section() -> None:
    paths = [path for heading in SECTIONS for path in re.findall(r"GET ([^\s,]+)", heading)]
    assert sorted(paths) == sorted(each["path"] for each in OPERATIONS)


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_parameter_and_field_is_on_the_page(heading: str) -> None:
    paths = re.findall(r"GET ([^\s,]+)", heading)
    operations = [each for each in OPERATIONS if each["path"] in paths]
    wanted = {one["name"] for each in operations for one in each["parameters"]}
    wanted = wanted.union(*map(fields, operations))
    on_page = named(SECTIONS[heading])

    assert {name for name in wanted if not any(holds(one, name) for one in on_page)} == set()
    assert {one for one in on_page if not any(holds(one, name) for name in wanted)} == set()


@pytest.fixture(scope="module")
def sdl() -> GraphQLSchema:
    return build_schema(walletgraph_schema().as_str(), assume_valid=True)


def test_every_field_it_names_is_in_the_schema(sdl: GraphQLSchema) -> None:
    pairs = re.findall(r"`([A-Z]\w+)\.(\w+)[`(]", PAGE)
    assert len(pairs) > 70
    for kind, name in pairs:
        assert name in sdl.type_map[kind].fields, f"{kind}.{name}"  # type: ignore[attr-defined]


def test_every_test_it_names_speaks_of_the_field() -> None:
    rows = re.findall(r"^\| `.+? \| (.+?) \| (\S+) \|$", PAGE, flags=re.MULTILINE)
    assert len(rows) > 70
    for where, path in rows:
        text = (ROOT / path).read_text()
        for name in re.findall(r"`[A-Z]\w+\.(\w+)[`(]", where):
            assert name in text, f"{path} says nothing of {name}"
