"""How costs grow: larger wallets, more wallets, a second worker, and the first answer."""

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from bench.bodies import evm_wallet
from bench.fit import exponent, median
from bench.load import ask, connect, drive, request
from bench.processes import WALLETGRAPH, Cores, Process, server
from bench.workloads import WORKLOADS

POSITIONS = (10, 30, 100, 300, 1_000, 3_000, 10_000)
WALLETS = (1, 3, 10, 30, 100, 300, 1_000)
_PAGE = 1_000
_MOST_WALLETS = 100
_FIELDS = """nodes {
  id chainId contractAddress contractName side status locked valueUsd
  protocol { type group { id name } }
  underlyingTokens { amount priceUsd valueUsd token { id address symbol } }
}"""


@dataclass(frozen=True, slots=True)
class Growth:
    """Milliseconds by size: of one answer, and of the processor's time for it."""

    of: str
    latency_ms: Mapping[int, float]
    cpu_ms: Mapping[int, float]

    @property
    def exponents(self) -> tuple[float, float]:
        """k of cost = a * size^k: over all sizes, and over the largest three alone."""
        largest = dict(list(self.cpu_ms.items())[-3:])
        return exponent(self.cpu_ms), exponent(largest)


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from the start of a process to its first answer, and memory before and after load."""

    seconds: float
    memory_mb: float
    after_wide_mb: float


@dataclass(slots=True)
class Scaling:
    """All that is measured of growth; `workers` maps their number to answers a second."""

    growths: list[Growth] = field(default_factory=list)
    workers: dict[int, float] = field(default_factory=dict)
    starts: dict[str, Start] = field(default_factory=dict)


async def positions_requests(port: int, count: int, serials: Sequence[int]) -> list[bytes]:
    """Requests for all of a wallet's positions in one document, a thousand a page."""
    made = []
    for serial in serials:
        address = evm_wallet(count, serial)
        variables: dict[str, Any] = {"address": address}
        pages = []
        after: str | None = None
        for number in range(-(-count // _PAGE)):
            variables[f"after{number}"] = after
            first = min(_PAGE, count - number * _PAGE)
            pages.append(
                f"page{number}: positions(first: {first}, after: $after{number}) {{ {_FIELDS} }}"
            )
            if (number + 1) * _PAGE < count:
                after = await _end_cursor(port, address, after)
        names = " ".join(f"$after{number}: String" for number in range(len(pages)))
        query = (
            f"query Growth($address: String!, {names})"
            f" {{ wallet(address: $address) {{ {' '.join(pages)} }} }}"
        )
        made.append(request(query, variables, "Growth"))
    return made


async def _end_cursor(port: int, address: str, after: str | None) -> str:
    query = """query Next($address: String!, $after: String) {
      wallet(address: $address) {
        positions(first: 1000, after: $after) { pageInfo { endCursor } }
      }
    }"""
    data = await ask(port, request(query, {"address": address, "after": after}, "Next"))
    return str(data["wallet"]["positions"]["pageInfo"]["endCursor"])


def wallets_requests(count: int, serials: Sequence[int]) -> list[bytes]:
    """Requests for that many wallets of ten positions in one document, a hundred a list."""
    lists = -(-count // _MOST_WALLETS)
    page = f"positions(first: 10) {{ {_FIELDS} }}"
    names = " ".join(f"$list{number}: [String!]!" for number in range(lists))
    fields = " ".join(
        f"list{number}: wallets(addresses: $list{number}) {{ {page} }}" for number in range(lists)
    )
    query = f"query Growth({names}) {{ {fields} }}"
    made = []
    for serial in serials:
        addresses = [evm_wallet(10, serial * count + place) for place in range(count)]
        variables = {
            f"list{number}": addresses[number * _MOST_WALLETS : (number + 1) * _MOST_WALLETS]
            for number in range(lists)
        }
        made.append(request(query, variables, "Growth"))
    return made


async def growth(process: Process, of: str, sizes: Sequence[int], seconds: float) -> Growth:
    """One connection asking for ever larger answers, each of wallets not asked for before."""
    latency, cpu = {}, {}
    for size in sizes:
        serials = range(8)
        if of == "positions":
            requests = await positions_requests(process.port, size, serials)
        else:
            requests = wallets_requests(size, serials)
        await drive([process.port], requests, 1, seconds / 2)
        before = process.cpu_seconds()
        sample = await drive([process.port], requests, 1, seconds)
        spent = process.cpu_seconds() - before
        latency[size] = median(sample.latencies) * 1e3
        cpu[size] = spent / len(sample.latencies) * 1e3
    return Growth(of, latency, cpu)


async def workers(upstream: str, count: int, seconds: float) -> float:
    """Dashboards a second from so many processes, each on its own port and core."""
    dashboard = WORKLOADS[0].requests(is_distinct=True)
    cores = Cores.found(count).servers
    with ExitStack() as stack:
        opened = [
            stack.enter_context(server(WALLETGRAPH, upstream, has_cache=False, core=core))
            for core in cores
        ]
        for one in opened:
            one.wait_until_open()
        ports = [one.port for one in opened]
        await drive(ports, dashboard, 8 * count, seconds / 2)
        return (await drive(ports, dashboard, 8 * count, seconds)).rate


async def start(name: str, upstream: str, core: int, seconds: float) -> Start:
    """Start a server, wait for its first answer, then load it with wide wallets."""
    wide = next(one for one in WORKLOADS if one.name == "wide")
    first = request("query First { __typename }", {}, "First")
    with server(name, upstream, has_cache=False, core=core) as process:
        process.wait_until_open()
        # The floor knows no operation but the bench's own.
        await ask(process.port, WORKLOADS[-1].request(0) if name == "floor" else first)
        taken = time.perf_counter() - process.started
        memory = process.resident_mb()
        connection = await connect(process.port)
        connection.transport.close()
        await drive([process.port], wide.requests(is_distinct=True), 8, seconds)
        return Start(taken, memory, process.resident_mb())
