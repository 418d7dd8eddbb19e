"""One workload on several servers: first held to the same answer, then measured in turns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.fit import median, percentile
from bench.load import ask, drive
from bench.processes import Process
from bench.workloads import Workload, comparable

CONNECTIONS = 4
_COMPARED = 2
# A server that takes this long for one answer is measured once: its figures tell enough by then.
_SLOW_SECONDS = 0.15


class Unequal(Exception):
    """Two servers gave different data for one workload; `str()` names them and the place."""


@dataclass(frozen=True, slots=True)
class Case:
    """A workload under one condition of cache and wallets."""

    workload: Workload
    has_cache: bool
    is_distinct: bool

    @property
    def title(self) -> str:
        cache = "on" if self.has_cache else "off"
        wallets = "distinct" if self.is_distinct else "repeated"
        return f"{self.workload.name} ({self.workload.about}), cache {cache}, {wallets} wallets"


@dataclass(frozen=True, slots=True)
class Cell:
    """What one server did in one case: medians of the rounds.

    `alone_ms` is the median with one connection; the rest is with four: answers a second, their
    median and 99th percentile, the processor's milliseconds an answer, and megabytes held.
    """

    server: str
    alone_ms: float
    rate: float
    median_ms: float
    p99_ms: float
    cpu_ms: float
    memory_mb: float


@dataclass(slots=True)
class _Rounds:
    alone: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    medians: list[float] = field(default_factory=list)
    p99s: list[float] = field(default_factory=list)
    cpus: list[float] = field(default_factory=list)


async def check_equal(ports: Mapping[str, int], workload: Workload) -> None:
    """Raise Unequal unless all servers give the same data."""
    for serial in range(_COMPARED):
        data = workload.request(serial)
        answers = {name: comparable(await ask(port, data)) for name, port in ports.items()}
        (first, expected), *others = answers.items()
        for name, answer in others:
            place = difference(expected, answer)
            if place is not None:
                raise Unequal(f"{workload.name}: {first} and {name} differ at {place}")


def difference(one: Any, other: Any, place: str = "data") -> str | None:
    """Where two JSON values first differ, and how; None where they do not."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        pairs = [(f"{place}.{key}", one[key], other[key]) for key in one]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(f"{place}.{at}", *both) for at, both in enumerate(zip(one, other, strict=True))]
    else:
        return None if one == other else f"{place}: {str(one)[:60]} and {str(other)[:60]}"
    found = (difference(left, right, name) for name, left, right in pairs)
    return next((one for one in found if one is not None), None)


async def measure(
    servers: Mapping[str, Process], case: Case, *, seconds: float, rounds: int
) -> list[Cell]:
    """Each server's figures; servers take turns, and all but one are stopped meanwhile."""
    requests = case.workload.requests(is_distinct=case.is_distinct)
    taken = {name: _Rounds() for name in servers}
    for number in range(rounds):
        for name, process in servers.items():
            if number > 0 and taken[name].alone[0] > _SLOW_SECONDS:
                continue
            process.resume()
            # The first time warms what compiles as it runs, later ones what went cold meanwhile.
            warm = (CONNECTIONS, seconds) if number == 0 else (1, seconds / 4)
            await drive([process.port], requests, *warm)
            await _round(process, requests, taken[name], seconds)
            process.pause()
    return [
        Cell(
            server=name,
            alone_ms=median(found.alone) * 1e3,
            rate=median(found.rates),
            median_ms=median(found.medians) * 1e3,
            p99_ms=median(found.p99s) * 1e3,
            cpu_ms=median(found.cpus) * 1e3,
            memory_mb=servers[name].resident_mb(),
        )
        for name, found in taken.items()
    ]


async def _round(
    process: Process, requests: Sequence[bytes], taken: _Rounds, seconds: float
) -> None:
    alone = await drive([process.port], requests, 1, seconds / 2)
    before = process.cpu_seconds()
    busy = await drive([process.port], requests, CONNECTIONS, seconds)
    spent = process.cpu_seconds() - before
    taken.alone.append(median(alone.latencies))
    taken.rates.append(busy.rate)
    taken.medians.append(median(busy.latencies))
    taken.p99s.append(percentile(busy.latencies, 0.99))
    taken.cpus.append(spent / len(busy.latencies))
