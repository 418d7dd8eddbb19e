"""Every fault of an upstream, as a client of the graph sees it: one field is lost, no more."""

from pathlib import Path

import pytest

from sandbox import DEMO_ACCOUNTS
from tests.fault_table import FIELDS, TOTALS, VARIABLES, outcome, row
from tests.graph import codes
from tests.upstreams.faults import ALGORAND, BODY_CANARY, FAULTS, PORTFOLIO, Fault
from upstreams.addresses import evm_checksum

TABLE = (Path(__file__).parents[1] / "docs" / "faults.md").read_text().splitlines()
# The operation's deadline, short here, ends before the client's own patience with a connection.
OVERTAKEN = {"connect timeout": "UPSTREAM_TIMEOUT"}
CASES = [
    pytest.param(fault, source, id=f"{source}: {fault.name}")
    for fault in FAULTS
    for source in fault.sources
]


@pytest.mark.parametrize(("fault", "source"), CASES)
async def test_a_fault_costs_the_field_that_needed_it(fault: Fault, source: str) -> None:
    found = await outcome(fault, source)

    other = ALGORAND if source == PORTFOLIO else PORTFOLIO
    (alias, field), (other_alias, other_field) = FIELDS[source], FIELDS[other]
    addresses = {"evm": evm_checksum(VARIABLES["evm"]), "account": DEMO_ACCOUNTS["typical"]}
    data = found.answer["data"]
    assert data[alias] == {"address": addresses[alias], field: None}
    assert data[other_alias] == {
        "address": addresses[other_alias],
        other_field: {"totalCount": TOTALS[other]},
    }
    code = OVERTAKEN.get(fault.name, fault.error(source).code)
    assert codes(found.answer) == [([alias, field], code)]
    assert found.answer["errors"][0]["extensions"]["source"] == source
    assert BODY_CANARY not in str(found.answer)
    assert found.again == {"data": {other_alias: {other_field: {"totalCount": TOTALS[other]}}}}
    assert found.tasks_left == 0
    assert row(fault, source, found) in TABLE, "run python -m tests.fault_table > docs/faults.md"


def test_the_table_has_a_row_for_every_fault_and_no_other() -> None:
    sources = ("| portfolio", "| algorand")
    rows = [line.split(" | ")[:2] for line in TABLE if line.startswith(sources)]

    expected = [[f"| {source}", fault.name] for fault in FAULTS for source in fault.sources]
    assert rows == expected
