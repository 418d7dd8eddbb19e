"""Plays every fault of an upstream to the whole graph and tells, a row each, what a client sees.

`python -m tests.fault_table` prints the table of docs/faults.md.
"""

import asyncio
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

from sandbox import DEMO_ACCOUNTS, DEMO_WALLETS
from tests.graph import Graph, codes, running
from tests.upstreams.faults import ALGORAND, FAULTS, PORTFOLIO, Fault, playing

DEADLINE = "1.2"
HEAD = """# What a fault of an upstream costs

Each fault is played by a server on a socket to a graph whose other upstream is well. The query asks
both upstreams for a page; the field that needed the faulty one is null with the code below at its
path, and everything else is answered. The calls are those made for that one field, retries
included; of the portfolio source they are for what the wallet holds itself and for what it has in
protocols, and where one of these is had, the field has that part and the error both. This table is
printed by `python -m tests.fault_table`; a test compares each row.

| upstream | fault | code | calls |
|---|---|---|---|
"""

QUERY = """query ($evm: String!, $account: String!) {
    evm: wallet(address: $evm) { address positions(first: 1) { totalCount } }
    account: wallet(address: $account) { address algorandAssets(first: 1) { totalCount } }
    sources { name calls }
}"""
VARIABLES = {"evm": DEMO_WALLETS["typical"], "account": DEMO_ACCOUNTS["typical"]}
FIELDS = {PORTFOLIO: ("evm", "positions"), ALGORAND: ("account", "algorandAssets")}
TOTALS = {PORTFOLIO: 12, ALGORAND: 20}


class Outcome(NamedTuple):
    """What a client saw: the answer, the calls the faulty upstream got, tasks left afterwards."""

    answer: dict[str, Any]
    again: dict[str, Any]
    calls: int
    tasks_left: int


async def outcome(fault: Fault, source: str) -> Outcome:
    """One query to a graph with that fault, then the same of the healthy upstream alone."""
    before = len(asyncio.all_tasks())
    async with AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(playing(fault, source))
        name = "oneinch" if source == PORTFOLIO else "algod"
        faulty: dict[str, Any] = {f"{name}_url": upstream.url, f"{name}_transport": None}
        settings = {"REQUEST_DEADLINE_SECONDS": DEADLINE}
        graph = await stack.enter_async_context(running(settings=settings, **faulty))
        answer = await graph.ask(QUERY, VARIABLES)
        calls = await _calls(graph, source)
        again = await graph.ask(_healthy(source), VARIABLES)
    await asyncio.sleep(0)
    return Outcome(answer, again, calls, len(asyncio.all_tasks()) - before)


def row(fault: Fault, source: str, found: Outcome) -> str:
    """The outcome as a row of the table."""
    (_, code) = codes(found.answer)[0]
    return f"| {source} | {fault.name} | `{code}` | {found.calls} |"


async def _calls(graph: Graph, source: str) -> int:
    sources = (await graph.data("{ sources { name calls } }"))["sources"]
    return next(int(item["calls"]) for item in sources if item["name"] == source)


def _healthy(source: str) -> str:
    alias, field = FIELDS[ALGORAND if source == PORTFOLIO else PORTFOLIO]
    return (
        f"query (${alias}: String!) {{ {alias}: wallet(address: ${alias}) "
        f"{{ {field}(first: 1) {{ totalCount }} }} }}"
    )


async def _table() -> str:
    rows = [
        row(fault, source, await outcome(fault, source))
        for fault in FAULTS
        for source in fault.sources
    ]
    return HEAD + "\n".join(rows)


if __name__ == "__main__":
    print(asyncio.run(_table()))  # noqa: T201
