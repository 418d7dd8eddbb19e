"""A fault of one endpoint costs what needs it: the rest of a page is answered as ever."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import Fault
from tests.endpoint_faults import ENDPOINTS, FAULTS, HEAD, lost, name, outcome, row
from tests.graph import codes

PAGE = (Path(__file__).parents[1] / "docs" / "endpoint-faults.md").read_text()
# What is of the parts that are there, where an error stands beside a portfolio's data.
SUMS = ("totalValueUsd", "isComplete", "parts", "positions", "byChain")
CASES = [
    pytest.param(endpoint, title, fault, id=f"{name(endpoint)}: {title}")
    for endpoint in ENDPOINTS
    for title, fault in FAULTS.items()
]


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The values of an answer by their paths, without the places in lists."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each, path)
    else:
        yield path, value


def kept(data: Any, gone: set[str]) -> list[tuple[str, Any]]:
    """What is no part of the fields that are gone."""
    if "portfolio" in gone:
        gone = gone - {"portfolio"} | {f"portfolio.{each}" for each in SUMS}
    return [
        (path, value)
        for path, value in leaves(data)
        if not any(path == each or path.startswith(f"{each}.") for each in gone)
    ]


@pytest.mark.parametrize(("endpoint", "title", "fault"), CASES)
async def test_the_rest_of_the_page_is_answered(endpoint: str, title: str, fault: Fault) -> None:
    well, found = await outcome(), await outcome(endpoint, fault)

    assert row(endpoint, title, found) in PAGE, "python -m tests.endpoint_faults prints the page"
    errors = codes(found.answer) if "errors" in found.answer else []
    gone = {lost(path) for path, _ in errors}
    if endpoint.endswith("address_check"):
        assert found.answer["data"]["evm"]["compliance"]["verdict"] == "UNKNOWN"
        gone.add("evm.compliance")
    assert gone
    survivors = kept(found.answer["data"], gone)
    assert survivors == kept(well.answer["data"], gone)
    assert len(survivors) >= 6
    if "portfolio" in gone:
        portfolio = found.answer["data"]["portfolio"]
        assert portfolio["isComplete"] is False
        assert "MISSING" in {part["state"] for part in portfolio["parts"]}


def test_the_page_has_a_row_for_each_and_no_other() -> None:
    assert PAGE.startswith(HEAD)
    assert len(PAGE[len(HEAD) :].splitlines()) == len(CASES)
