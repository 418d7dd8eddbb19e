"""Plays faults to each endpoint but the one in turn, and tells what is left of a page.

`python -m tests.endpoint_faults` prints the table of docs/endpoint-faults.md.
"""

import asyncio
from typing import Any, NamedTuple

from sandbox import DEMO_ACCOUNTS, DEMO_WALLETS, Fault, Sandbox
from tests.graph import codes, running
from tests.virtual_time import now

BASE = "/portfolio/portfolio/v5.0"
ENDPOINTS = (
    f"{BASE}/tokens/snapshot",
    f"{BASE}/protocols/snapshot",
    f"{BASE}/tokens/metrics",
    f"{BASE}/protocols/metrics",
    f"{BASE}/general/chart",
    f"{BASE}/general/current_value",
    f"{BASE}/general/supported_chains",
    f"{BASE}/general/supported_protocols",
    f"{BASE}/general/address_check",
    "/assets/price",
)
FAULTS = {
    "503": Fault.unavailable(),
    "500": Fault.server_error(),
    "429 for a minute": Fault.rate_limited(60),
    "401": Fault.unauthorized(),
    "422": Fault.unprocessable(),
    "a page of HTML": Fault.html(),
    "cut short": Fault.truncated(),
    "another type": Fault.wrong_type(),
    "no answer in time": Fault.slow(5),
}
HEAD = """# What a fault of one endpoint costs

Each fault is played to one endpoint while all others are well. One query asks for a whole page:
what an EVM wallet and an Algorand account are worth together, positions, earnings, history, the
source's own total, names of chains, the list of protocols, and a verdict on the address. Fields
that are lost are null with the code at their path; all others are answered as ever. An error at
`portfolio` itself stands beside its data: a part of it is MISSING in `parts`, `isComplete` is
false, and totals and positions are of what is there. A 429 closes the whole account of the source
for as long as it says, so what had not left by then is lost as well. The calls are those that the
endpoint got, retries included. This table is printed by `python -m tests.endpoint_faults`; a test
compares each row.

| endpoint | fault | code | fields lost | calls |
|---|---|---|---|---|
"""
QUERY = """query ($a: [String!]!, $evm: String!, $account: String!) {
    portfolio(addresses: $a) {
        totalValueUsd isComplete parts { source state code }
        positions(first: 1) { totalCount isComplete }
        metrics { profitUsd } history { changeUsd } sourceTotalUsd
        byChain { chainId chain { name } } }
    protocols(first: 1) { totalCount }
    evm: wallet(address: $evm) { address compliance { verdict reason } }
    account: wallet(address: $account) { algo { balance { algos } } }
}"""
VARIABLES = {
    "a": [DEMO_WALLETS["debts"], DEMO_ACCOUNTS["typical"]],
    "evm": DEMO_WALLETS["debts"],
    "account": DEMO_ACCOUNTS["typical"],
}
SETTINGS = {"ALGORAND_PRICES": "vestige", "COMPLIANCE": "source"}
# Retries take their time; what never answers need not be waited for as long.
_SHORT = {**SETTINGS, "REQUEST_DEADLINE_SECONDS": "1"}


class Outcome(NamedTuple):
    """What a client saw, and how often the endpoint was asked."""

    answer: dict[str, Any]
    calls: int


async def outcome(endpoint: str | None = None, fault: Fault | None = None) -> Outcome:
    """The answer to the page, with a fault of an endpoint or without one."""
    box = Sandbox()
    if endpoint is not None and fault is not None:
        box.faults.add(endpoint, fault)
    settings = _SHORT if fault is FAULTS["no answer in time"] else SETTINGS
    async with running(box, settings, clock=now) as graph:
        answer = await graph.ask(QUERY, VARIABLES)
    paths = [call.path for call in box.calls]
    return Outcome(
        answer, sum(endpoint is not None and path.startswith(endpoint) for path in paths)
    )


def name(endpoint: str) -> str:
    return endpoint.removeprefix(f"{BASE}/") if endpoint.startswith(BASE) else "prices"


def lost(path: list[Any]) -> str:
    """A path without the places in lists."""
    return ".".join(part for part in path if isinstance(part, str))


def row(endpoint: str, title: str, found: Outcome) -> str:
    """The outcome as a row of the table."""
    errors = codes(found.answer) if "errors" in found.answer else []
    seen = sorted({(code, lost(path)) for path, code in errors})
    said = " ".join(dict.fromkeys(f"`{code}`" for code, _ in seen)) or "none"
    fields = ", ".join(dict.fromkeys(f"`{path}`" for _, path in seen))
    compliance = found.answer["data"]["evm"]["compliance"]
    if not fields:
        fields = f"none: `compliance` is {compliance['verdict']} for {compliance['reason']}"
    return f"| {name(endpoint)} | {title} | {said} | {fields} | {found.calls} |"


async def _table() -> str:
    rows = [
        row(endpoint, title, await outcome(endpoint, fault))
        for endpoint in ENDPOINTS
        for title, fault in FAULTS.items()
    ]
    return HEAD + "\n".join(rows)


if __name__ == "__main__":
    print(asyncio.run(_table()))  # noqa: T201
