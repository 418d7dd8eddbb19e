"""The reference is that of the schema, and whole."""

import re
from pathlib import Path

from graphql import GraphQLInputObjectType, GraphQLObjectType

from schema import build_schema
from schema.reference import reference

PAGE = (Path(__file__).parents[2] / "docs" / "reference.md").read_text()
SCHEMA = build_schema()._schema


def test_it_is_current() -> None:
    assert reference(SCHEMA) == PAGE, "run make schema"


def test_every_type_and_field_that_clients_see_is_there_with_what_is_said_of_it() -> None:
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))
    hidden = {"_Service", "_Any", "_Entity", "Query"}
    for name, kind in SCHEMA.type_map.items():
        if name in hidden or name.startswith("__"):
            continue
        if isinstance(kind, GraphQLObjectType | GraphQLInputObjectType):
            for field, declared in kind.fields.items():
                row = next(
                    line
                    for line in sections[name].splitlines()
                    if line.startswith(f"| `{field}` |")
                )
                assert " ".join((declared.description or "").split()).replace("|", "\\|") in row
                for argument in getattr(declared, "args", ()):
                    assert f"| `{argument}` |" in sections[name]


def test_every_link_leads_to_a_heading() -> None:
    headings = {title.lower() for title in re.findall(r"^### (\w+)$", PAGE, re.MULTILINE)}
    assert set(re.findall(r"\(#(\w+)\)", PAGE)) <= headings


def test_nothing_of_the_routers_own_is_there() -> None:
    assert "_entities" not in PAGE
    assert "_service" not in PAGE
