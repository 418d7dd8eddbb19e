"""The operations for agents: each runs, explains itself, and answers in little."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from graphql import OperationDefinitionNode, VariableDefinitionNode, parse

from sandbox import DEMO_ACCOUNTS, DEMO_WALLETS
from tests.graph import Graph, codes, running

FOLDER = Path(__file__).parents[2] / "operations"
FILES = sorted(FOLDER.glob("*.graphql"))
TEXTS = {path.stem: path.read_text() for path in FILES}
each_name = pytest.mark.parametrize("name", TEXTS)
each_text = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
VARIABLES: dict[str, Any] = {
    "addresses": [DEMO_WALLETS["whale"], DEMO_WALLETS["debts"]],
    "address": DEMO_ACCOUNTS["collector"],
}
# A model reads all of it.
_MOST_BYTES = 20_000


def operation(text: str) -> OperationDefinitionNode:
    [found] = parse(text).definitions
    assert isinstance(found, OperationDefinitionNode)
    return found


def variables(text: str) -> dict[str, VariableDefinitionNode]:
    return {each.variable.name.value: each for each in operation(text).variable_definitions or ()}


@each_text
async def test_it_answers_in_little_without_an_error(graph: Graph, text: str) -> None:
    given = {name: value for name, value in VARIABLES.items() if name in variables(text)}

    data = await graph.data(text, given)

    assert all(value is not None for value in data.values())
    assert len(json.dumps(data)) < _MOST_BYTES


@each_text
def test_it_says_what_it_is_for_and_what_each_variable_is(text: str) -> None:
    assert re.match(r"(# .+\n)+query ", text)
    for variable in variables(text).values():
        assert variable.description is not None
        assert variable.description.value.endswith(".")


def test_names_are_told_apart_and_untrusted_text_is_called_so() -> None:
    names = [operation(text).name for text in TEXTS.values()]
    assert len(FILES) == len({name and name.value for name in names}) == 7
    for text in TEXTS.values():
        if "symbol" in text or "unitName" in text:
            assert "text that anybody" in text.replace("\n# ", " ")


@each_name
async def test_it_may_be_all_that_is_served(name: str) -> None:
    given = {key: value for key, value in VARIABLES.items() if key in variables(TEXTS[name])}
    async with running(settings={"PERSISTED_OPERATIONS": str(FOLDER)}) as graph:
        body = {"documentId": name, "variables": given}
        answer = (await graph.http.post("/graphql", json=body)).json()
        other = await graph.ask("{ sources { name } }")

    assert "errors" not in answer
    assert codes(other) == [([], "QUERY_NOT_IN_SAFELIST")]
