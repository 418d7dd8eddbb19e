"""The bench's own parts: a fast stand-in that keeps the contract, right figures, equal answers."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from bench.bodies import algorand_account, evm_wallet
from bench.fit import exponent, line, median, percentile
from bench.growth import Growth, Scaling, Start
from bench.load import BadAnswer, ask, drive, request
from bench.measure import Case, Cell, check_equal, difference
from bench.peers import install_peers
from bench.processes import KINDS, Cores, server, standin
from bench.report import Report, from_json, markdown, scaling_text, text, to_json
from bench.standin import serve
from bench.workloads import (
    WORKLOADS,
    Workload,
    comparable,
    one_wallet,
    representations,
    some_wallets,
)
from tests.programs import output_of
from tests.tools import need
from upstreams.addresses import parse_algorand
from upstreams.algod.client import Algod
from upstreams.oneinch.client import PROTOCOLS, TOKENS, OneInch

ROOT = Path(__file__).parent.parent.parent
FEW = some_wallets(3, 4)
SMALL: dict[str, Workload] = {
    "dashboard": replace(WORKLOADS[0], variables=one_wallet(12)),
    "wide": replace(WORKLOADS[1], variables=one_wallet(12)),
    "batch": replace(WORKLOADS[2], variables=lambda serial: {"addresses": FEW(serial)}),
    "entities": replace(
        WORKLOADS[3],
        variables=lambda serial: {"representations": representations(FEW(serial))},
    ),
    "algorand": replace(
        WORKLOADS[4], variables=lambda serial: {"address": algorand_account(9, serial)}
    ),
    "tiny": WORKLOADS[5],
}


@asynccontextmanager
async def upstream() -> AsyncIterator[str]:
    """The stand-in in this process; gives its URL."""
    listening = await serve("127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"


class TestStandIn:
    async def test_gives_each_wallet_its_own_rows(self) -> None:
        wallets = [evm_wallet(3, 1), evm_wallet(0, 2), evm_wallet(5, 3)]
        async with upstream() as url:
            client = OneInch.open(url)
            tokens, again, protocols = [
                (await client.snapshot(wallets, part=part)).rows
                for part in (TOKENS, TOKENS, PROTOCOLS)
            ]
            await client.aclose()
        rows = [*tokens, *protocols]
        held = [[row.index for row in rows if row.address == wallet] for wallet in wallets]
        assert [len(indices) for indices in held] == [3, 0, 5]
        assert again == tokens
        assert {row.protocol_type for row in tokens} == {"token"}
        assert set(held[0]) < set(held[2])
        assert all(row.underlying_tokens for row in rows)

    async def test_pages_an_account_to_its_end(self) -> None:
        account = algorand_account(25, 7)
        assert parse_algorand(account) == account
        async with upstream() as url:
            client = Algod.open(url)
            ids: list[int] = []
            after: int | None = None
            sizes = []
            while True:
                page = await client.account_assets(account, 10, after)
                sizes.append(len(page.holdings))
                ids += [holding.asset_id for holding in page.holdings]
                if page.next_token is None:
                    break
                after = int(page.next_token)
            whole = await client.account(account)
            await client.aclose()
        assert sizes == [10, 10, 5]
        assert all(left < right for left, right in pairwise(ids))
        assert (whole.address, whole.total_assets_opted_in) == (account, 25)


class TestFigures:
    def test_finds_the_exponent_of_a_power(self) -> None:
        costs = {size: 3.5 * size**1.25 for size in (10, 30, 100, 1000)}
        assert exponent(costs) == pytest.approx(1.25, abs=1e-12)

    def test_finds_a_line(self) -> None:
        assert line({10: 25.0, 20: 45.0, 40: 85.0}) == pytest.approx((5.0, 2.0))

    def test_percentiles_are_values_that_occurred(self) -> None:
        values = [float(number) for number in range(100, 0, -1)]
        assert (median(values), percentile(values, 0.99), percentile(values, 1)) == (50, 99, 100)
        assert percentile([7.0], 0.01) == 7


class TestLoad:
    async def test_reads_chunks_and_lengths(self) -> None:
        parts = [
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            b'8\r\n{"data":\r\n3\r\n{"a\r\n4',
            b'\r\n":1}\r\n1\r\n}\r\n0\r\n\r\n',
        ]
        async with answering(parts) as port:
            assert await ask(port, request("{ a }", {}, "")) == {"a": 1}
        body = b'{"data":{"a":2}}'
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
        async with answering([head + body[:4], body[4:]]) as port:
            assert await ask(port, request("{ a }", {}, "")) == {"a": 2}
            sample = await drive([port], [request("{ a }", {}, "")], 3, 0.05)
        assert len(sample.latencies) >= 3
        assert sample.rate == len(sample.latencies) / sample.seconds

    @pytest.mark.parametrize(
        "answer",
        [
            b"HTTP/1.1 500 No\r\ncontent-length: 4\r\n\r\noops",
            b'HTTP/1.1 200 OK\r\ncontent-length: 26\r\n\r\n{"data":null,"errors":[{}]}',
        ],
    )
    async def test_a_failing_server_stops_the_run(self, answer: bytes) -> None:
        async with answering([answer]) as port:
            with pytest.raises(BadAnswer):
                await drive([port], [request("{ a }", {}, "")], 1, 0.05)


@asynccontextmanager
async def answering(parts: list[bytes]) -> AsyncIterator[int]:
    """A server that gives every request the same answer, piece by piece; gives its port."""

    writers: list[asyncio.StreamWriter] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        while await reader.read(65536):
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0.001)

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as listening:
        yield listening.sockets[0].getsockname()[1]
        for writer in writers:
            writer.close()
            await asyncio.gather(writer.wait_closed(), return_exceptions=True)


class TestServers:
    def test_comparable_keeps_what_matters(self) -> None:
        one = {"valueUsd": "1.50", "endCursor": "x", "name": "1.50", "address": "0x" + "aB" * 20}
        other = {"valueUsd": "1.5", "endCursor": "y", "name": "1.5", "address": "0x" + "Ab" * 20}
        assert comparable(one) == {**comparable(other), "name": "1.50"}
        assert difference({"a": [1, 2]}, {"a": [1, 3]}) == "data.a.1: 2 and 3"
        assert difference({"a": [1, 2]}, {"a": [1, 2]}) is None

    async def test_all_in_python_answer_alike(self) -> None:
        await answer_alike([kind.name for kind in KINDS if not kind.is_node])

    async def test_those_in_javascript_answer_like_the_floor(self) -> None:
        need("node")
        need("npm")
        await asyncio.to_thread(install_peers)
        await answer_alike(["floor", *(kind.name for kind in KINDS if kind.is_node)])


async def answer_alike(names: list[str]) -> None:
    """Start the servers and hold them to the same answers on small workloads."""
    cores = Cores.found(len(names))
    with ExitStack() as stack:
        url = stack.enter_context(standin(cores.load))
        running = {
            name: stack.enter_context(server(name, url, has_cache=name != "stock", core=core))
            for name, core in zip(names, cores.servers, strict=True)
        }
        for process in running.values():
            await asyncio.to_thread(process.wait_until_open)
        ports = {name: process.port for name, process in running.items()}
        for workload in SMALL.values():
            await check_equal(ports, workload)
        assert all(process.cpu_seconds() > 0 for process in running.values())
        assert all(10 < process.resident_mb() < 1000 for process in running.values())


class TestReport:
    report = Report("a machine", [0.5, 0.25, 0.0])
    report.add(
        Case(WORKLOADS[0], has_cache=False, is_distinct=True),
        [
            Cell("walletgraph", 1.5, 2000.0, 3.5, 8.0, 0.5, 70.0),
            Cell("yoga-jit", 2.5, 1000.0, 7.0, 9.0, 1.0, 140.0),
        ],
    )
    report.scaling = Scaling(
        [Growth("wallets", {1: 1.0, 10: 10.0, 100: 100.0}, {1: 0.5, 10: 5.0, 100: 50.0})],
        {1: 10.0, 2: 19.0},
        {"walletgraph": Start(0.75, 60.0, 90.0)},
    )

    def test_survives_its_file(self) -> None:
        assert from_json(to_json(self.report)) == self.report

    def test_prints_rates_with_their_ratio(self) -> None:
        assert markdown(self.report).splitlines() == [
            "| answers a second, every answer asked of the upstream | dashboard |",
            "|---|---:|",
            "| Walletgraph, compiled | **2,000** |",
            "| the same with graphql-jit | 1,000 (0.50) |",
            "",
            "| ms of CPU an answer, every answer asked of the upstream | dashboard |",
            "|---|---:|",
            "| Walletgraph, compiled | **0.50** |",
            "| the same with graphql-jit | 1.00 (2.00) |",
        ]
        shown = text(self.report.tables[0]).splitlines()
        assert shown[0] == ("dashboard (1 wallet, 50 positions), cache off, distinct wallets")
        assert shown[-1].split()[-7:] == ["2.50", "1000.0", "0.50", "7.00", "9.00", "1.000", "140"]

    def test_prints_how_costs_grow(self) -> None:
        assert self.report.scaling is not None
        assert "processor time grows as size^1.00" in scaling_text(self.report.scaling)

    def test_runs_from_the_command_line(self, tmp_path: Path) -> None:
        file = tmp_path / "figures.json"
        options = ["--seconds", "0.02", "--rounds", "1", "--no-scaling", "--no-in-process"]
        names = ["--servers", "floor", "--workloads", "tiny", "--json", str(file)]
        command = [sys.executable, "-m", "bench", *options, *names]
        printed = output_of(command, cwd=ROOT, seconds=600)
        assert "tiny (1 field, no upstream call), cache off, distinct wallets" in printed
        assert [table["workload"] for table in json.loads(file.read_bytes())["tables"]] == [
            "tiny",
            "tiny",
        ]
        again = [sys.executable, "-m", "bench", "--read", str(file), "--markdown"]
        shown = output_of(again, cwd=ROOT, seconds=600)
        assert [line for line in shown.splitlines() if "tiny" in line] == [
            "| answers a second, every answer asked of the upstream | tiny |",
            "| ms of CPU an answer, every answer asked of the upstream | tiny |",
            "| answers a second, answers kept | tiny |",
            "| ms of CPU an answer, answers kept | tiny |",
        ]
