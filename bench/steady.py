"""What a process in service must stand: being stopped and replaced under load, and a long run."""

import asyncio
import itertools
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from bench import bodies
from bench.fit import line
from bench.load import drive
from bench.played import (
    Book,
    Client,
    Crowd,
    Replica,
    Rows,
    Shown,
    Upstream,
    held,
    parsed,
    ready,
    stopping,
    wallets,
)
from bench.processes import Cores, free_port, standin

CHECK_SECONDS = 0.2
_REST_SECONDS = 20.0
_READY = b"GET /health/ready HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n"
_CALLS = 'walletgraph_upstream_calls_total{source="portfolio"}'
_METRICS = b"GET /metrics HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"


class Balancer:
    """Hands TCP connections by turns to those servers that say at /health/ready that they are.

    A connection that a server closes is closed for its client too. `port` is where it listens,
    once entered as an async context manager.
    """

    def __init__(self, ports: Sequence[int]) -> None:
        self.ready: set[int] = set()
        self.port = 0
        self._ports = ports
        self._turns = itertools.cycle(ports)
        self._checked = asyncio.Condition()
        self._pipes: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> "Balancer":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self._watch = asyncio.create_task(self._keep_checking())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self._watch.cancel()
        for writer in self._writers:
            writer.close()
        await asyncio.gather(self._watch, *self._pipes, return_exceptions=True)

    async def until(self, port: int, *, is_ready: bool) -> None:
        """Return when that server is, or is not, among the ready ones."""
        async with self._checked:
            await self._checked.wait_for(lambda: (port in self.ready) is is_ready)

    async def _keep_checking(self) -> None:
        while True:
            answers = await asyncio.gather(*map(_is_ready, self._ports))
            self.ready = {port for port, yes in zip(self._ports, answers, strict=True) if yes}
            async with self._checked:
                self._checked.notify_all()
            await asyncio.sleep(CHECK_SECONDS)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._pipes.add(task)
        task.add_done_callback(self._pipes.discard)
        self._writers.add(writer)
        try:
            await self._join(reader, writer)
        finally:
            writer.close()
            self._writers.discard(writer)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand the bytes of both to each other until both have ended."""
        for port in itertools.islice(self._turns, len(self._ports)):
            if port not in self.ready:
                continue
            try:
                far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                self.ready.discard(port)
                continue
            await asyncio.gather(_pipe(reader, far_writer), _pipe(far_reader, writer))
            return


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except OSError:
        # Reset by either side: the other one is told below.
        pass
    finally:
        writer.close()


async def _is_ready(port: int) -> bool:
    try:
        async with asyncio.timeout(1):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(_READY)
            status = await reader.readline()
            writer.close()
    except (OSError, TimeoutError):
        return False
    return status.startswith(b"HTTP/1.1 200")


async def _ask_without_pause(
    people: Crowd, client: Client, names: Sequence[str], stop: Callable[[], bool]
) -> None:
    """Ask one wallet after another until told to stop, or until the server is not there."""
    for name in itertools.cycle(names):
        if stop():
            break
        try:
            await client.connect()
        except OSError:
            break
        await people.ask(client, name)
    client.close()


async def rolling(folder: Path, *, rounds: int = 3, clients: int = 50) -> Shown:
    """Stop a replica under load; then replace two behind a balancer, one after the other."""
    shown, cores = Shown(), Cores.found(2)
    upstream = Upstream(folder / "rolling", free_port(), cores.load)
    with stopping(upstream):
        for number in range(1, rounds + 1):
            await _stop_one(shown, upstream, cores, number, clients)
        await _replace_two(shown, upstream, cores, rounds, clients)
    return shown


async def _stop_one(
    shown: Shown, upstream: Upstream, cores: Cores, number: int, clients: int
) -> None:
    people, names = Crowd(), wallets(clients)
    replica = Replica(upstream.url, cores.servers[0], ONEINCH_RPS=20)
    with stopping(replica):
        await people.ask_at_once(replica.port, names)
        load = [
            asyncio.create_task(
                _ask_without_pause(people, Client(replica.port), _from(names, place), lambda: False)
            )
            for place in range(clients)
        ]
        await asyncio.sleep(2)
        before = len(people.seen)
        started = time.perf_counter()
        code = await asyncio.to_thread(replica.terminate)
        seconds = time.perf_counter() - started
        # Those who knock after the end are refused, by which they know it.
        await asyncio.wait_for(asyncio.gather(*load), 30)
    shown.found.append(
        f"stop {number}: kill -TERM under load of {clients} keep-alive clients: "
        f"{before} answers before and {len(people.seen) - before} after the signal, "
        f"{len(people.wrong)} dropped; ended with {code} after {seconds:.1f} s"
    )
    shown.expect(code == 0, f"exit code {code}")
    _expect_none_dropped(shown, people)


async def _replace_two(
    shown: Shown, upstream: Upstream, cores: Cores, rounds: int, clients: int
) -> None:
    people, names = Crowd(), wallets(clients)
    both = [Replica(upstream.url, core, ONEINCH_RPS=20, REPLICAS=2) for core in cores.servers]
    is_over = False
    with stopping(*both):
        async with Balancer([one.port for one in both]) as balancer:
            for one in both:
                await balancer.until(one.port, is_ready=True)
            load = [
                asyncio.create_task(
                    _ask_without_pause(
                        people, Client(balancer.port), _from(names, place), lambda: is_over
                    )
                )
                for place in range(clients)
            ]
            try:
                for number in range(1, rounds + 1):
                    before, dropped = len(people.seen), len(people.wrong)
                    started = time.perf_counter()
                    for place, core in enumerate(cores.servers):
                        old = both[place]
                        code = await asyncio.to_thread(old.terminate)
                        shown.expect(code == 0, f"exit code {code}")
                        await balancer.until(old.port, is_ready=False)
                        both[place] = Replica(
                            upstream.url, core, port=old.port, ONEINCH_RPS=20, REPLICAS=2
                        )
                        await balancer.until(old.port, is_ready=True)
                    shown.found.append(
                        f"rolling {number}: two replicas restarted in turn under load of "
                        f"{clients} keep-alive clients in {time.perf_counter() - started:.1f} s: "
                        f"{len(people.seen) - before} answers, "
                        f"{len(people.wrong) - dropped} dropped"
                    )
                is_over = True
                await asyncio.wait_for(asyncio.gather(*load), 30)
            finally:
                for one in both:
                    one.stop()
    _expect_none_dropped(shown, people)


def _from(names: Sequence[str], place: int) -> Sequence[str]:
    return [*names[place:], *names[:place]]


def _expect_none_dropped(shown: Shown, people: Crowd) -> None:
    errors = [each for each in people.seen if each.answer.errors]
    shown.expect(not errors, f"{len(errors)} errors: {errors[:3]}")
    shown.expect(not people.wrong, f"{len(people.wrong)} dropped: {people.wrong[:3]}")


def standin_rows(wallet: str) -> Rows:
    """The rows the stand-in has of a wallet."""
    found: Rows = []
    for part in ("tokens", "protocols"):
        target = f"/portfolio/portfolio/v5.0/{part}/snapshot?addresses={wallet}"
        found += parsed(bodies.answer(target.encode()).partition(b"\r\n\r\n")[2])
    return found


async def soak(*, minutes: float = 10, count: int = 10_000, every: float = 30) -> Shown:
    """Full speed on many wallets for long: memory, file descriptors, tasks."""
    shown, cores, book = Shown(), Cores.found(), Book(standin_rows)
    dice = random.Random(1)
    people = [bodies.evm_wallet(dice.randrange(13), serial) for serial in range(count)]
    asked = [held(wallet) for wallet in people]
    memory: dict[int, float] = {}
    answers = 0
    with standin(cores.load) as upstream:
        replica = Replica(upstream, cores.servers[0], ONEINCH_RPS=1_000_000)
        with stopping(replica):
            await ready(replica.port)
            before = await _at_rest(replica, book, count)
            shown.found.append(f"soak: before {before[0]} open files, {before[1]} tasks")
            for _ in range(max(2, round(60 * minutes / every))):
                sample = await drive([replica.port], dice.choices(asked, k=4 * count), 32, every)
                answers += len(sample.latencies)
                wrong = await _check(book, replica.port, dice.sample(people, 20))
                shown.expect(not wrong, f"wrong: {wrong[:3]}")
                memory[round(time.perf_counter() - replica.started)] = replica.resident_mb()
                click.echo(
                    f"  {max(memory)} s: {sample.rate:.0f} answers a second, "
                    f"{replica.resident_mb():.1f} MB, {replica.open_files()} open files"
                )
            after = await _at_rest(replica, book, count + 1)
            shown.found.append(f"soak: afterwards {after[0]} open files, {after[1]} tasks")
            shown.expect(after <= before, "files or tasks are left over")
            calls = await _metric(
                replica.port, 'walletgraph_upstream_calls_total{source="portfolio"}'
            )
    # The cache fills, and what it holds is replaced a few times, before memory is compared.
    warm = dict(list(memory.items())[len(memory) * 3 // 10 :])
    first, last = min(warm), max(warm)
    base, slope = line(warm)
    level = base + slope * first
    growth = slope * (last - first)
    shown.found.append(
        f"soak: {answers} answers from {count} wallets in {minutes:g} minutes, {calls:.0f} "
        f"upstream calls; from second {first} on memory went from {level:.1f} MB by "
        f"{slope * 60:+.2f} MB a minute (least squares), lowest {min(warm.values()):.1f}, "
        f"highest {max(warm.values()):.1f} MB"
    )
    shown.expect(growth <= 0.03 * level, f"memory grew by {growth:.1f} MB after warm-up")
    return shown


async def _check(book: Book, port: int, names: Sequence[str]) -> list[str]:
    """Compare some answers value by value; what is wrong with them."""
    people = Crowd(book)
    await people.ask_at_once(port, names)
    errors = [f"{each.wallet}: {each.answer.errors}" for each in people.seen if each.answer.errors]
    return [*people.wrong, *errors]


async def _at_rest(replica: Replica, book: Book, serial: int) -> tuple[int, int]:
    """Open files and tasks once idle connections may go; one more call lets them."""
    await asyncio.sleep(_REST_SECONDS)
    await _check(book, replica.port, [bodies.evm_wallet(1, serial)])
    await asyncio.sleep(0.5)
    tasks = int(await _metric(replica.port, "walletgraph_tasks"))
    return replica.open_files(), tasks


async def _metric(port: int, name: str) -> float:
    client = Client(port)
    text = (await client.ask(_METRICS)).decode()
    client.close()
    return next(
        float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name + " ")
    )
