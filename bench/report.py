"""The bench's figures as tables: for a terminal, for docs/performance.md, and as JSON."""

import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from bench.fit import line
from bench.growth import Growth, Scaling
from bench.measure import Case, Cell
from bench.processes import KINDS, WALLETGRAPH

_ABOUT = {kind.name: kind.about for kind in KINDS}
_HEAD = "  {:34}{:>9}{:>10}{:>7}{:>9}{:>9}{:>9}{:>8}"


@dataclass(slots=True)
class Table:
    """One case and what each server did in it."""

    workload: str
    title: str
    has_cache: bool
    is_distinct: bool
    cells: list[Cell]


@dataclass(slots=True)
class Report:
    """All that one run found, and under which load of the machine."""

    machine: str
    load: list[float]
    tables: list[Table] = field(default_factory=list)
    scaling: Scaling | None = None

    def add(self, case: Case, cells: Sequence[Cell]) -> Table:
        """Keep one case's figures."""
        table = Table(case.workload.name, case.title, case.has_cache, case.is_distinct, list(cells))
        self.tables.append(table)
        return table


def machine(cores: int) -> str:
    """What ran the bench."""
    return f"Python {platform.python_version()}, {platform.system()}, {cores} cores"


def to_json(report: Report) -> bytes:
    """The report for programs; `from_json` reads it."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"


def from_json(text: bytes) -> Report:
    """The inverse of `to_json`; msgspec's error for anything else."""
    return msgspec.json.decode(text, type=Report)


def text(table: Table) -> str:
    """One table for a terminal; the ratio is of answers a second, Walletgraph's being 1."""
    rows = [
        table.title,
        _HEAD.format("", "alone", "rate", "ratio", "median", "p99", "cpu", "memory"),
        _HEAD.format("", "ms", "1/s", "", "ms", "ms", "ms", "MB"),
    ]
    ours = _rate(table, WALLETGRAPH)
    for cell in table.cells:
        ratio = f"{cell.rate / ours:.2f}" if ours else "-"
        rows.append(
            f"  {_ABOUT[cell.server]:34}{cell.alone_ms:9.2f}{cell.rate:10.1f}{ratio:>7}"
            f"{cell.median_ms:9.2f}{cell.p99_ms:9.2f}{cell.cpu_ms:9.3f}{cell.memory_mb:8.0f}"
        )
    return "\n".join(rows)


def scaling_text(scaling: Scaling) -> str:
    """Growth, workers and starts for a terminal."""
    rows: list[str] = []
    for growth in scaling.growths:
        rows += _growth_rows(growth)
    if scaling.workers:
        rows.append("dashboards a second by number of workers (the load shares the last core)")
        rows += [f"  {count}: {rate:.1f}" for count, rate in scaling.workers.items()]
    if scaling.starts:
        rows.append("start: seconds to the first answer, MB then, MB after the wide load")
        rows += [
            f"  {_ABOUT[name]:34}{one.seconds:7.2f}{one.memory_mb:8.0f}{one.after_wide_mb:8.0f}"
            for name, one in scaling.starts.items()
        ]
    return "\n".join(rows)


def _growth_rows(growth: Growth) -> Iterable[str]:
    whole, largest = growth.exponents
    fixed, each = line(growth.cpu_ms)
    yield f"growth in {growth.of}: milliseconds of one answer, and of processor time for it"
    for size, latency in growth.latency_ms.items():
        yield f"  {size:>6}{latency:10.2f}{growth.cpu_ms[size]:10.2f}"
    yield (
        f"  processor time grows as size^{whole:.2f}, among the largest three as"
        f" size^{largest:.2f}; {max(0.0, fixed):.2f} ms + {each * 1e3:.1f} us each"
    )


def markdown(report: Report) -> str:
    """The documentation's tables: answers a second, and the processor's milliseconds for one.

    In brackets: the ratio to Walletgraph.
    """
    parts = [
        _markdown_table([table for table in report.tables if table.has_cache is has_cache], figure)
        for has_cache in (False, True)
        for figure in ("rate", "cpu_ms")
        if any(table.has_cache is has_cache for table in report.tables)
    ]
    return "\n\n".join(parts)


def _markdown_table(tables: Sequence[Table], figure: str) -> str:
    names = [kind.name for kind in KINDS if any(_figure(one, kind.name, figure) for one in tables)]
    title = "answers a second" if figure == "rate" else "ms of CPU an answer"
    kept = "answers kept" if tables[0].has_cache else "every answer asked of the upstream"
    rows = [
        f"| {title}, {kept} | {' | '.join(table.workload for table in tables)} |",
        f"|---|{'---:|' * len(tables)}",
    ]
    for name in names:
        values = []
        for table in tables:
            value, ours = _figure(table, name, figure), _figure(table, WALLETGRAPH, figure)
            if value is None:
                values.append("")
            elif name == WALLETGRAPH or not ours:
                values.append(f"**{_rounded(value)}**")
            else:
                values.append(f"{_rounded(value)} ({value / ours:.2f})")
        rows.append(f"| {_ABOUT[name]} | {' | '.join(values)} |")
    return "\n".join(rows)


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _figure(table: Table, name: str, figure: str) -> float | None:
    found = next((cell for cell in table.cells if cell.server == name), None)
    return None if found is None else float(getattr(found, figure))


def _rate(table: Table, name: str) -> float | None:
    return _figure(table, name, "rate")
