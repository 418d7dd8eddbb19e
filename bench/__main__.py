"""`python -m bench`: Walletgraph beside its peers, each alone on one core, on six workloads."""

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import click
import uvloop

from bench import inprocess
from bench.growth import POSITIONS, WALLETS, Scaling, growth, start, workers
from bench.measure import Case, check_equal, measure
from bench.peers import startable
from bench.processes import KINDS, WALLETGRAPH, Cores, server, standin
from bench.report import Report, Table, from_json, machine, markdown, scaling_text, text, to_json
from bench.workloads import WORKLOADS

_NAMES = [kind.name for kind in KINDS]
_WORKLOADS = [one.name for one in WORKLOADS]


class Names(click.ParamType[Sequence[str]]):
    """Some of a list of names, comma-separated."""

    name = "names"

    def __init__(self, known: Sequence[str]) -> None:
        self.known = known

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Sequence[str]:
        given = [name for name in str(value).split(",") if name]
        for name in given:
            if name not in self.known:
                self.fail(f"{name!r} is none of {', '.join(self.known)}", param, ctx)
        return [name for name in self.known if name in given]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--seconds", default=0.5, show_default=True, help="Length of one round of load.")
@click.option("--rounds", default=3, show_default=True, help="Rounds a server and workload.")
@click.option("--servers", type=Names(_NAMES), default=",".join(_NAMES), show_default=True)
@click.option("--workloads", type=Names(_WORKLOADS), default=",".join(_WORKLOADS))
@click.option("--all", "is_all", is_flag=True, help="All four of cache off, on x wallets.")
@click.option("--scaling/--no-scaling", "has_scaling", default=True, show_default=True)
@click.option("--in-process/--no-in-process", "has_in_process", default=True, show_default=True)
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write figures here.")
@click.option("--read", type=click.Path(exists=True, path_type=Path), help="Print such a file.")
@click.option("--markdown", "is_markdown", is_flag=True, help="Print the performance page's table.")
def main(
    seconds: float,
    rounds: int,
    servers: Sequence[str],
    workloads: Sequence[str],
    is_all: bool,
    has_scaling: bool,
    has_in_process: bool,
    json_file: Path | None,
    read: Path | None,
    is_markdown: bool,
) -> None:
    """Measure Walletgraph beside its peers.

    Without options: the cache off with ever other wallets, and on with one wallet repeated.
    """
    if read is not None:
        _show(from_json(read.read_bytes()), is_markdown=is_markdown)
        return
    # The load and the stand-in must never wait for a server's core.
    cores = Cores.found()
    report = Report(machine(os.cpu_count() or 1), list(os.getloadavg()))
    if not is_markdown:
        click.echo(f"{report.machine}; load averages {report.load}\n")
        if has_in_process:
            inprocess.main()
            click.echo()
    names = startable(servers)
    os.sched_setaffinity(0, {cores.load})
    cases = [
        Case(workload, has_cache, is_distinct)
        for has_cache, is_distinct in _conditions(is_all=is_all)
        for workload in WORKLOADS
        if workload.name in workloads
    ]

    def keep() -> None:
        if json_file is not None:
            json_file.write_bytes(to_json(report))

    def show(table: Table) -> None:
        keep()
        if not is_markdown:
            click.echo(text(table) + "\n")

    run = _run(report, names, cases, cores, seconds, rounds, show)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run)
        if has_scaling and not is_markdown:
            report.scaling = runner.run(_scaling(names, cores, seconds))
            click.echo(scaling_text(report.scaling))
    keep()
    if is_markdown:
        click.echo(markdown(report))


def _conditions(*, is_all: bool) -> list[tuple[bool, bool]]:
    """(has_cache, is_distinct): what is measured, one after another."""
    return [
        (cache, distinct)
        for cache in (False, True)
        for distinct in (True, False)
        if is_all or cache is not distinct
    ]


async def _run(
    report: Report,
    names: Sequence[str],
    cases: Sequence[Case],
    cores: Cores,
    seconds: float,
    rounds: int,
    show: Callable[[Table], None],
) -> None:
    with standin(cores.load) as upstream:
        for has_cache in (False, True):
            mine = [case for case in cases if case.has_cache is has_cache]
            with ExitStack() as stack:
                running = {
                    name: stack.enter_context(
                        server(name, upstream, has_cache=has_cache, core=cores.servers[0])
                    )
                    for name in (names if mine else ())
                }
                for process in running.values():
                    process.wait_until_open()
                ports = {name: process.port for name, process in running.items()}
                for workload in dict.fromkeys(case.workload for case in mine):
                    await check_equal(ports, workload)
                for process in running.values():
                    process.pause()
                for case in mine:
                    cells = await measure(running, case, seconds=seconds, rounds=rounds)
                    show(report.add(case, cells))


async def _scaling(names: Sequence[str], cores: Cores, seconds: float) -> Scaling:
    found = Scaling()
    with standin(cores.load) as upstream:
        with server(WALLETGRAPH, upstream, has_cache=False, core=cores.servers[0]) as process:
            process.wait_until_open()
            for of, sizes in (("positions", POSITIONS), ("wallets", WALLETS)):
                found.growths.append(await growth(process, of, sizes, seconds))
        for count in (1, 2):
            found.workers[count] = await workers(upstream, count, seconds)
        for name in names:
            found.starts[name] = await start(name, upstream, cores.servers[0], seconds)
    return found


def _show(report: Report, *, is_markdown: bool) -> None:
    if is_markdown:
        click.echo(markdown(report))
        return
    click.echo(f"{report.machine}; load averages {report.load}\n")
    for table in report.tables:
        click.echo(text(table) + "\n")
    if report.scaling is not None:
        click.echo(scaling_text(report.scaling))


if __name__ == "__main__":
    main()
