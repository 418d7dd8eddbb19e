"""The shows of bench.crowd, seconds long: what they count, what they call wrong, the balancer."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from bench.crowd import crowd, one
from bench.load import request
from bench.played import (
    Book,
    Client,
    Crowd,
    Dropped,
    Replica,
    Rows,
    Upstream,
    held,
    ready,
    sandbox_rows,
    stopping,
    wallets,
)
from bench.processes import Cores, free_port
from bench.steady import Balancer, standin_rows

_OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"
_LAST = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n"
_AWAY = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 2\r\n\r\n"
_ANY = request("{ __typename }", {}, "Any")


async def test_a_crowd_costs_few_calls_and_each_wallet_is_asked_for_once(tmp_path: Path) -> None:
    shown = await crowd(tmp_path, size=30)
    assert shown.wrong == []
    [sentence] = shown.found
    assert sentence.startswith(
        "crowd: 30 concurrent requests for 30 wallets at 1 upstream call a second"
    )
    sizes = json.loads(sentence[sentence.index("[") : sentence.index("]") + 1])
    assert sum(sizes) == 60
    assert len(sizes) <= 4


async def test_one_wallet_costs_a_crowd_its_two_calls(tmp_path: Path) -> None:
    shown = await one(tmp_path, size=200)
    assert shown.wrong == []
    assert shown.found[0].endswith("with 2 upstream calls")


async def test_who_waits_for_the_permit_leaves_in_full_calls(tmp_path: Path) -> None:
    first, *names = wallets(76)
    people, core = Crowd(), Cores.found().load
    upstream = Upstream(tmp_path / "log", free_port(), core, rps=1)
    replica = Replica(upstream.url, core, ONEINCH_RPS=1)
    with stopping(upstream, replica):
        await ready(replica.port)
        await people.ask_at_once(replica.port, [first])
        await people.ask_at_once(replica.port, names)
        calls = upstream.calls()
    assert people.wrong == []
    assert [len(call.wallets) for call in calls] == [1, 1, 50, 50, 25, 25]
    assert sorted(wallet for call in calls for wallet in call.wallets) == sorted(
        2 * [first, *names]
    )
    assert [each.answer.errors for each in people.seen] == [()] * 76
    assert all(not each.answer.is_stale for each in people.seen)


def _answer(rows: Rows, **changed: object) -> bytes:
    """What the graph answers about a wallet of these rows."""
    nodes = [
        {
            "index": row["index"],
            "chainId": row["chain_id"],
            "contractAddress": row["contract_address"].upper().replace("X", "x"),
            "tokenId": str(row["token_id"]),
            "contractName": row["contract_name"],
            "underlyingTokens": [
                {
                    "amount": f"{Decimal(token['amount']):f}",
                    "priceUsd": f"{Decimal(token['price_usd']):f}",
                    "token": {"symbol": token["symbol"]},
                }
                for token in row["underlying_tokens"]
            ],
            "rewardTokens": [],
        }
        for row in rows
    ]
    page = {
        "asOf": "2026-01-01T00:00:00Z",
        "isStale": False,
        "totalCount": len(rows),
        "unpricedCount": 0,
        "totalValueUsd": str(sum(Decimal(row["value_usd"]) for row in rows)),
        "nodes": nodes,
        **changed,
    }
    text = json.dumps({"data": {"wallet": {"positions": page}}}, separators=(",", ":"))
    return text.encode()


class TestBook:
    ROWS = [row for row in sandbox_rows(wallets(1)[0]) if row.get("reward_tokens") == []][:1]

    def test_takes_what_the_upstream_said_however_old(self) -> None:
        book = Book(lambda wallet: self.ROWS)
        answer = book.read("x", _answer(self.ROWS))
        assert answer == (1767225600.0, False, ())
        later = _answer(self.ROWS, asOf="2026-01-01T00:00:01.5Z", isStale=True)
        assert book.read("x", later) == (1767225601.5, True, ())

    @pytest.mark.parametrize(
        "changed", [{"totalCount": 2}, {"totalValueUsd": "1"}, {"nodes": []}], ids=str
    )
    def test_refuses_the_first_wrong_answer(self, changed: dict[str, object]) -> None:
        with pytest.raises(ValueError, match="Other"):
            Book(lambda wallet: self.ROWS).read("x", _answer(self.ROWS, **changed))

    def test_refuses_a_later_one_that_differs(self) -> None:
        book = Book(lambda wallet: self.ROWS)
        book.read("x", _answer(self.ROWS))
        with pytest.raises(ValueError, match="otherwise before"):
            book.read("x", _answer(self.ROWS, unpricedCount=1))

    def test_tells_the_codes_of_errors(self) -> None:
        body = b'{"data":{"wallet":null},"errors":[{"extensions":{"code":"A"}}]}'
        assert Book(sandbox_rows).read("x", body).errors == ("A",)
        with pytest.raises(ValueError, match="Neither"):
            Book(sandbox_rows).read("x", b"{}")

    def test_knows_the_rows_of_the_stand_in(self) -> None:
        rows = standin_rows(f"0x{3:08x}{1:032x}")
        assert [row["address"] for row in rows] == [f"0x{3:08x}{1:032x}"] * 3


class Server:
    """Answers each request by what `reply` says: first health checks, then the others."""

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.health = _OK
        self.reply = _OK
        self.asked = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                is_check = head.startswith(b"GET /health/ready ")
                length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
                await reader.readexactly(int(length or 0))
                self.asked += not is_check
                reply = self.health if is_check else self.reply
                if not reply:
                    break
                writer.write(reply + self.name)
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def balanced() -> AsyncIterator[tuple[Balancer, Client, list[Server], list[int]]]:
    """Two servers behind a balancer that knows both, and a client of it."""
    servers = [Server(b"a1"), Server(b"b2")]
    listening = [await asyncio.start_server(each.serve, "127.0.0.1", 0) for each in servers]
    ports = [each.sockets[0].getsockname()[1] for each in listening]
    try:
        async with Balancer(ports) as balancer:
            for port in ports:
                await balancer.until(port, is_ready=True)
            client = Client(balancer.port)
            yield balancer, client, servers, ports
            client.close()
    finally:
        for each in listening:
            each.close()


class TestBalancer:
    async def test_connections_go_by_turns_and_stay(self) -> None:
        async with balanced() as (balancer, client, servers, _):
            other = Client(balancer.port)
            answers = [await each.ask(_ANY) for each in (client, other, client, other)]
            other.close()
        assert sorted(answers) == [b"a1", b"a1", b"b2", b"b2"]
        assert [each.asked for each in servers] == [2, 2]

    async def test_who_is_not_ready_gets_no_new_connection_and_keeps_the_old(self) -> None:
        async with balanced() as (balancer, client, servers, ports):
            mine = await client.ask(_ANY)
            place = [b"a1", b"b2"].index(mine)
            servers[place].health = _AWAY
            await balancer.until(ports[place], is_ready=False)
            others = [Client(balancer.port) for _ in range(4)]
            elsewhere = {await each.ask(_ANY) for each in others}
            servers[place].reply = _LAST
            last, next_one = await client.ask(_ANY), await client.ask(_ANY)
            for each in others:
                each.close()
        assert elsewhere == {servers[1 - place].name}
        assert (last, next_one) == (mine, servers[1 - place].name)

    async def test_a_request_that_is_lost_is_told(self) -> None:
        async with balanced() as (_, client, servers, _):
            for each in servers:
                each.reply = b""
            with pytest.raises(Dropped):
                await client.ask(_ANY)

    async def test_without_a_ready_server_nobody_is_kept_waiting(self) -> None:
        async with balanced() as (balancer, client, servers, ports):
            for each, port in zip(servers, ports, strict=True):
                each.health = _AWAY
                await balancer.until(port, is_ready=False)
            with pytest.raises(Dropped):
                await client.ask(_ANY)


async def test_what_is_wrong_is_noted_by_those_who_ask() -> None:
    people = Crowd(Book(lambda wallet: []))
    async with balanced() as (_, client, servers, _):
        await people.ask(client, "0x1")
        for each in servers:
            each.reply = b""
        await people.ask(client, "0x2")
    assert people.seen == []
    assert [each.split(":")[0] for each in people.wrong] == ["0x1", "0x2"]
    assert held("0x1") != held("0x2")
