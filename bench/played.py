"""What the shows of bench.crowd are played with: an upstream that logs, replicas, Redis, clients.

`python -m bench.played --port N --log FILE` is the sandbox, writing down when each call came.
"""

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Context, Decimal
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import click
import msgspec
import uvicorn
from starlette.types import Receive, Scope, Send

from bench.load import request
from bench.processes import Process, free_port
from sandbox import Sandbox
from sandbox.portfolios import positions
from sandbox.replies import json_bytes

# Python rounds sums to 28 digits unless told otherwise; these figures may have more.
_WIDE = Context(prec=400)
STOP_SECONDS = 30.0
_VARIED = re.compile(rb'"asOf":"([^"]+)","isStale":(true|false),')
# What may differ between answers about one wallet comes first, so that the rest can be compared.
_QUERY = """query Held($address: String!) { wallet(address: $address) { positions(first: 1000) {
  asOf isStale totalCount unpricedCount totalValueUsd
  nodes {
    index chainId contractAddress tokenId contractName
    underlyingTokens { amount priceUsd token { symbol } } rewardTokens { amount }
  }
} } }"""
_READY = request("query Ready { __typename }", {}, "Ready")

Rows = list[dict[str, Any]]
_COIN = "0x" + "e" * 40


def held(wallet: str) -> bytes:
    """The request for all positions of a wallet."""
    return request(_QUERY, {"address": wallet}, "Held")


class Call(msgspec.Struct, frozen=True):
    """A call an upstream was sent: Unix times of its arrival and its answer, wallets it named.

    `part` is the half of a wallet that it was for: tokens or protocols.
    """

    arrived: float
    answered: float
    wallets: tuple[str, ...]
    part: str


class Upstream(Process):
    """The sandbox in a process of its own."""

    def __init__(self, log: Path, port: int, core: int, rps: float | None = None) -> None:
        limit = [] if rps is None else ["--rps", str(rps)]
        module = [sys.executable, "-m", "bench.played", "--port", str(port), "--log", str(log)]
        super().__init__([*module, *limit], {}, port, core)
        self.log = log

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def calls(self) -> list[Call]:
        """All calls so far, in order of arrival, of earlier processes with this log too."""
        lines = self.log.read_bytes().splitlines() if self.log.exists() else []
        found = [msgspec.json.decode(line, type=Call) for line in lines]
        return sorted(found, key=lambda call: call.arrived)


class Replica(Process):
    """`walletgraph serve` with default settings but for the addresses and what `env` says."""

    def __init__(self, upstream: str, core: int, *, port: int | None = None, **env: object) -> None:
        port = port or free_port()
        settings = {
            "PORT": port,
            "UPSTREAMS": "live",
            "ONEINCH_URL": upstream,
            "ALGOD_URL": upstream,
            "LOG_LEVEL": "ERROR",
            **env,
        }
        command = [str(Path(sys.executable).parent / "walletgraph"), "serve"]
        texts = {name: str(value) for name, value in settings.items()}
        super().__init__(command, texts, port, core)

    def terminate(self) -> int:
        """kill -TERM, and the exit code; blocks until it has ended."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(STOP_SECONDS)

    def open_files(self) -> int:
        """How many file descriptors it has open, sockets and all."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))


class Redis(Process):
    """A redis-server without persistence: what is killed comes back empty."""

    def __init__(self, port: int, core: int) -> None:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        super().__init__(["redis-server", *options], {}, port, core)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"


@contextmanager
def stopping(*processes: Process) -> Iterator[None]:
    """Processes that have been started: wait till they answer, and kill them in the end."""
    try:
        for process in processes:
            process.wait_until_open()
        yield
    finally:
        for process in processes:
            process.stop()


class Dropped(Exception):
    """A request was sent over an open connection, and no whole answer came."""


class Client:
    """A client with one keep-alive connection, made anew when the server has announced its end."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._wire: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def connect(self) -> None:
        """Open the connection unless it is; OSError if the server cannot be reached."""
        if self._wire is None:
            self._wire = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)

    async def ask(self, data: bytes) -> bytes:
        """The answer's body; Dropped if there is none, OSError if the server is not there."""
        await self.connect()
        assert self._wire is not None
        reader, writer = self._wire
        try:
            writer.write(data)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
            body = await reader.readexactly(int(length))
        except (OSError, EOFError, ValueError) as error:
            self.close()
            raise Dropped(f"{type(error).__name__}: {error}") from None
        if b"\r\nconnection: close" in head:
            self.close()
        return body

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._wire is not None:
            self._wire[1].close()
            self._wire = None


class Answer(NamedTuple):
    """What a right answer said of its age, or the codes of the errors that came instead."""

    as_of: float
    is_stale: bool
    errors: tuple[str, ...] = ()


class Book:
    """Knows what each wallet holds, by the upstream's own rows, and holds answers against it."""

    def __init__(self, rows_of: Callable[[str], Rows]) -> None:
        self._rows_of = rows_of
        self._tails: dict[str, bytes] = {}

    def read(self, wallet: str, body: bytes) -> Answer:
        """The answer about a wallet; ValueError if a digit of it is wrong."""
        varied = _VARIED.search(body)
        if varied is None or b'"errors":' in body:
            return _refusal(body)
        tail = body[varied.end() :]
        # The first answer is compared value by value, all later ones with the first.
        known = self._tails.get(wallet)
        if known is None:
            _compare(body, self._rows_of(wallet))
            self._tails[wallet] = tail
        elif tail != known:
            raise ValueError(f"{wallet} was answered otherwise before: {body[:300]!r}")
        as_of = datetime.fromisoformat(varied[1].decode()).timestamp()
        return Answer(as_of, varied[2] == b"true")


class Seen(NamedTuple):
    """One request: its wallet, Unix times of sending and answer, and what was answered."""

    wallet: str
    sent: float
    at: float
    answer: Answer


@dataclass(slots=True)
class Shown:
    """What a show found: sentences with the figures, and those that are not as they should be."""

    found: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def expect(self, is_right: bool, otherwise: str) -> None:
        if not is_right:
            self.wrong.append(otherwise)

    def expect_right(self, people: "Crowd", answers: int) -> None:
        """So many answers were seen, and nothing else."""
        self.expect(len(people.seen) == answers, f"{len(people.seen)} answers, not {answers}")
        self.expect(not people.wrong, f"{len(people.wrong)} wrong: {people.wrong[:3]}")


@dataclass(slots=True)
class Crowd:
    """Clients that note what they see; what is wrong goes to `wrong`."""

    book: Book = field(default_factory=lambda: Book(sandbox_rows))
    seen: list[Seen] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    async def ask(self, client: Client, wallet: str) -> None:
        sent = time.time()
        try:
            answer = self.book.read(wallet, await client.ask(held(wallet)))
        except (Dropped, OSError, ValueError) as error:
            self.wrong.append(f"{wallet}: {error}")
        else:
            self.seen.append(Seen(wallet, sent, time.time(), answer))

    async def ask_at_once(self, port: int, names: Sequence[str]) -> float:
        """One client a wallet, all connected before any asks; seconds till the last answer."""
        clients = [Client(port) for _ in names]
        try:
            for client in clients:
                await client.connect()
            started = time.perf_counter()
            await asyncio.gather(*map(self.ask, clients, names))
            return time.perf_counter() - started
        finally:
            for client in clients:
                client.close()

    async def ask_steadily(
        self, port: int, names: Iterator[str], rate: float, clients: int, until: float
    ) -> None:
        """Ask so often a second, each of the clients when its turn comes, until that Unix time."""

        async def one(number: int) -> None:
            client = Client(port)
            turn = time.time() + number / rate
            while turn < until:
                await asyncio.sleep(max(0.0, turn - time.time()))
                await self.ask(client, next(names))
                turn = max(turn + clients / rate, time.time() - 1)
            client.close()

        await asyncio.gather(*map(one, range(clients)))


async def ready(port: int) -> None:
    """Return once a replica has answered, so that its start is no part of what is measured."""
    client = Client(port)
    await client.ask(_READY)
    client.close()


def sandbox_rows(wallet: str) -> Rows:
    """The rows the sandbox has of a wallet, as its JSON says them."""
    return parsed(json_bytes(positions(wallet)))


def parsed(body: bytes) -> Rows:
    """Rows with all numbers exact."""
    rows: Rows = json.loads(body, parse_float=Decimal)
    return rows


def wallets(count: int, first: int = 0) -> list[str]:
    """Addresses of so many wallets."""
    return [f"0x{0xC0FFEE:08x}{serial:032x}" for serial in range(first, first + count)]


def _refusal(body: bytes) -> Answer:
    said = json.loads(body)
    errors = said.get("errors")
    if not errors:
        raise ValueError(f"Neither data nor errors: {body[:300]!r}")
    return Answer(0.0, False, tuple(error["extensions"]["code"] for error in errors))


def _compare(body: bytes, rows: Rows) -> None:
    page = json.loads(body)["data"]["wallet"]["positions"]
    total = Decimal(0)
    contracts = {_place(row) for row in rows if not _is_token(row) and row.get("status") != 0}
    for row in rows:
        # The receipt for a position that is listed as well counts by that alone.
        if _is_token(row) and _place(row) in contracts and row["contract_address"] != _COIN:
            continue
        total = _WIDE.add(total, Decimal(row["value_usd"]).copy_sign(row["asset_sign"]))
    if (page["totalCount"], Decimal(page["totalValueUsd"])) != (len(rows), total):
        raise ValueError(f"Other totals than {len(rows)} and {total}: {body[:300]!r}")
    told = sorted(_told(node) for node in page["nodes"])
    if told != sorted(_expected(row) for row in rows):
        raise ValueError(f"Other positions than the upstream's: {body[:300]!r}")


def _is_token(row: dict[str, Any]) -> bool:
    return bool(row["protocol_type"] == "token")


def _place(row: dict[str, Any]) -> tuple[int, str]:
    return row["chain_id"], row["contract_address"]


def _told(node: dict[str, Any]) -> tuple[str, ...]:
    tokens = [
        (token["amount"], token["priceUsd"], token["token"]["symbol"])
        for token in node["underlyingTokens"]
    ]
    place = (node["chainId"], node["index"], node["contractAddress"].lower(), node["tokenId"])
    rewards = [token["amount"] for token in node["rewardTokens"]]
    return tuple(map(str, (*place, node["contractName"], tokens, rewards)))


def _expected(row: dict[str, Any]) -> tuple[str, ...]:
    tokens = [
        (_digits(token.get("amount", 0)), _digits(token.get("price_usd")), token.get("symbol"))
        for token in row.get("underlying_tokens", ())
    ]
    place = (row["chain_id"], row["index"], row["contract_address"], row["token_id"])
    rewards = [_digits(token.get("amount", 0)) for token in row.get("reward_tokens", ())]
    return tuple(map(str, (*place, row["contract_name"], tokens, rewards)))


def _digits(number: Decimal | int | None) -> str | None:
    return None if number is None else f"{Decimal(number):f}"


@click.command()
@click.option("--port", required=True, type=int)
@click.option("--log", required=True, type=click.Path(path_type=Path))
@click.option("--rps", type=float)
def main(port: int, log: Path, rps: float | None) -> None:
    """Play the upstreams, and append each call to the log once it is answered."""
    app = Sandbox(rps=rps).app
    # Else a busy machine delays the notes of when calls came.
    with contextlib.suppress(PermissionError):
        os.nice(-15)
    with log.open("ab", buffering=0) as lines:

        async def logged(scope: Scope, receive: Receive, send: Send) -> None:
            arrived = time.time()
            await app(scope, receive, send)
            named: Sequence[str] = parse_qs(scope["query_string"].decode()).get("addresses", ())
            part = scope["path"].removesuffix("/snapshot").rpartition("/")[2]
            call = Call(arrived, time.time(), tuple(named), part)
            lines.write(msgspec.json.encode(call) + b"\n")

        uvicorn.run(logged, port=port, loop="uvloop", log_level="warning", lifespan="off")


if __name__ == "__main__":
    main()
