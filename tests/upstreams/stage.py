"""Both upstreams as one scripted transport: it counts and times calls, waits, and fails on cue."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx

from tests.upstreams.wire import reply
from tests.virtual_time import VirtualTime, now
from upstreams.oneinch.client import Position
from upstreams.oneinch.source import SnapshotKey
from upstreams.open import UpstreamConfig, Upstreams, open_upstreams
from upstreams.source.timestamped import Timestamped

ZERO = "0x" + "0" * 40
FAST = 1e6


class Call(NamedTuple):
    path: str
    params: tuple[tuple[str, str], ...]
    at: float

    @property
    def wallets(self) -> list[str]:
        return [value for name, value in self.params if name == "addresses"]


class Clock:
    """A clock that moves when told."""

    def __init__(self, now: float = 1_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Running(Clock):
    """One that also runs by itself, for what waits for real."""

    def __call__(self) -> float:
        return self.now + time.monotonic()


class Stage(httpx.AsyncBaseTransport):
    """Answers as documented, unless `script` (given the call) returns or raises otherwise."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.cancelled = 0
        self.seconds = 0.0
        self.delay: Callable[[Call], float] = lambda call: self.seconds
        self.script: Callable[[Call], httpx.Response | None] = lambda call: None
        self.rows: Callable[[str], list[dict[str, Any]]] = lambda wallet: [row(wallet)]
        self.gate: asyncio.Event | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        params = tuple(request.url.params.multi_items())
        call = Call(request.url.path, params, now())
        self.calls.append(call)
        try:
            await asyncio.sleep(self.delay(call))
            if self.gate is not None:
                await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return self.script(call) or self._answer(call)

    def _answer(self, call: Call) -> httpx.Response:
        path = call.path
        if path.endswith("/tokens/snapshot"):
            asked = {name: int(value) for name, value in call.params if name == "chain_id"}
            rows = [each | asked for wallet in call.wallets for each in self.rows(wallet)]
            return reply(json.dumps({"result": rows}))
        if path.endswith("/protocols/snapshot"):
            return reply('{"result": []}')
        if path.endswith("/general/status"):
            return reply('{"result": {"is_available": true}}')
        if path.endswith("/custom"):
            known = [wallet for wallet in call.wallets if not wallet.endswith("f")]
            chain = int(path.split("/")[-2])
            return reply(json.dumps({one: token(chain, one) for one in known}))
        if path.startswith("/v2/assets/"):
            return reply(json.dumps(asset(int(path.rpartition("/")[2]))))
        if path.endswith("/assets"):
            return reply('{"asset-holdings": [], "round": 7}')
        return reply("{}", status=404)


def row(owner: str, index: str = "0x01", value: float = 1.5, **more: Any) -> dict[str, Any]:
    return {
        "index": index,
        "chain_id": 1,
        "contract_address": "0x" + "e" * 40,
        "token_id": 0,
        "address": owner,
        "block_number_created": 0,
        "protocol_type": "token",
        "protocol_handler_id": "native",
        "protocol_group_id": "token",
        "protocol_group_name": "Tokens",
        "protocol_group_icon": None,
        "contract_name": "Ether",
        "contract_symbol": "ETH",
        "asset_sign": 1,
        "value_usd": value,
        **more,
    }


def token(chain_id: int, address: str) -> dict[str, Any]:
    return {"chainId": chain_id, "address": address, "decimals": 18, "symbol": "T", "name": "Tok"}


def asset(asset_id: int) -> dict[str, Any]:
    return {"index": asset_id, "params": {"creator": "C", "decimals": 6, "total": 10}}


def wallet(number: int) -> str:
    return f"0x{number:040x}"


def key(number: int, chain_id: int | None = 1, at: int | None = None) -> SnapshotKey:
    return SnapshotKey(wallet(number), chain_id, at)


@asynccontextmanager
async def gateways(stage: Stage, **config: Any) -> AsyncIterator[Upstreams]:
    """Both gateways on a stage, unpaced unless told otherwise; time is the loop's."""
    is_virtual = isinstance(asyncio.get_running_loop(), VirtualTime)
    settings: dict[str, Any] = {
        "clock": now,
        "wall": (lambda: 1e9 + now()) if is_virtual else time.time,
        "oneinch_transport": stage,
        "algod_transport": stage,
        "oneinch_rps": FAST,
        "algod_rps": FAST,
        **config,
    }
    async with open_upstreams(UpstreamConfig(**settings)) as upstreams:
        yield upstreams


async def rows_of(upstreams: Upstreams, *keys: SnapshotKey) -> list[tuple[Position, ...]]:
    """The rows of keys none of which may fail."""
    found = []
    for answer in await upstreams.portfolio.snapshots(keys):
        assert isinstance(answer, Timestamped), answer
        assert answer.value.left_out == 0
        found.append(answer.value.rows)
    return found
