"""`python -m bench.telemetry`: what sending every request's trace costs, beside sending none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

import click
import uvloop

from bench.measure import Case, measure
from bench.played import Replica, stopping
from bench.processes import Cores, standin
from bench.workloads import WORKLOADS

_OFF, _ON = "no telemetry", "every trace sent"
_OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n"


@asynccontextmanager
async def collector() -> AsyncIterator[tuple[str, list[int]]]:
    """A collector that throws all away; its URL, and the bytes of each thing it was sent."""
    received: list[int] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
                received.append(len(await reader.readexactly(length)))
                writer.write(_OK)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", received


async def compare(seconds: float, rounds: int, names: list[str]) -> None:
    cores = Cores.found()
    cases = [
        Case(workload, has_cache=has_cache, is_distinct=not has_cache)
        for workload in WORKLOADS
        if workload.name in names
        for has_cache in (True, False)
    ]
    async with collector() as (url, received):
        for case in cases:
            off = {} if case.has_cache else dict.fromkeys(_TTLS, 0)
            with ExitStack() as stack:
                upstream = stack.enter_context(standin(cores.load))
                common = {"ONEINCH_RPS": 1_000_000, "ALGOD_RPS": 1_000_000, **off}
                servers = {
                    _OFF: Replica(upstream, cores.servers[0], **common),
                    _ON: Replica(
                        upstream, cores.servers[0], OTEL_EXPORTER_OTLP_ENDPOINT=url, **common
                    ),
                }
                stack.enter_context(stopping(*servers.values()))
                for process in servers.values():
                    process.wait_until_open()
                without, traced = await measure(servers, case, seconds=seconds, rounds=rounds)
            click.echo(case.title)
            for cell in (without, traced):
                click.echo(
                    f"  {cell.server:<18} {cell.rate:9.1f} a second  {cell.cpu_ms:7.3f} ms of CPU"
                    f"  {cell.memory_mb:5.0f} MB"
                )
            click.echo(f"  rate with traces over without: {traced.rate / without.rate:.2f}")
    click.echo(f"received: {len(received)} messages, {sum(received) / 1e6:.1f} MB")


_TTLS = ("PORTFOLIO_TTL_SECONDS", "ALGORAND_TTL_SECONDS", "STALE_SECONDS")


@click.command()
@click.option("--seconds", default=2.0, show_default=True, help="Seconds of load a turn.")
@click.option("--rounds", default=5, show_default=True, help="Turns of each server.")
@click.argument("workloads", nargs=-1)
def main(seconds: float, rounds: int, workloads: tuple[str, ...]) -> None:
    """Compare on WORKLOADS (tiny and dashboard unless named)."""
    uvloop.run(compare(seconds, rounds, list(workloads) or ["tiny", "dashboard"]))


if __name__ == "__main__":
    main()
