"""Who waits for what, and for how long: over HTTP, in virtual time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from server.app import create_app
from server.settings import Settings
from tests.upstreams.stage import Call, Stage, key, row, wallet
from upstreams.source.cached_source import PATIENCE_SECONDS
from upstreams.source.timestamped import Timestamped

TOKEN = {"chain": 1, "address": "0x" + "51".zfill(40), "decimals": 6, "amount": 1}
OLD, COLD, THIRD = wallet(1), wallet(2), wallet(3)


class Asker:
    """The application on a stage; its clock is the loop's."""

    def __init__(self, app: Any, stage: Stage) -> None:
        self.app = app
        self.stage = stage
        self.loop = asyncio.get_running_loop()

    async def ask(self, query: str) -> tuple[Any, float]:
        began = self.loop.time()
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://graph") as client:
            answer = (await client.post("/graphql", json={"query": query})).json()
        return answer, self.loop.time() - began

    @property
    def asked(self) -> list[tuple[str, list[int]]]:
        return [
            (call.path.rpartition("/")[2], [int(each, 16) for each in call.wallets])
            for call in self.stage.calls
        ]


@asynccontextmanager
async def asker(executor: str = "compiled", **config: Any) -> AsyncIterator[Asker]:
    stage = Stage()
    stage.rows = lambda wallet: [row(wallet, underlying_tokens=[TOKEN])]
    app = create_app(
        Settings.from_env({"EXECUTOR": executor}),
        upstreams={
            "oneinch_transport": stage,
            "algod_transport": stage,
            "clock": asyncio.get_running_loop().time,
            "oneinch_rps": 1e6,
            "algod_rps": 1e6,
            **config,
        },
    )
    async with app.router.lifespan_context(app):
        yield Asker(app, stage)


def positions(address: str, fields: str = "totalCount isStale", chain: int | None = None) -> str:
    """What is in a wallet itself, which is one call."""
    arguments = "filter: {categories: [NATIVE, TOKEN]}"
    if chain is not None:
        arguments += f", chainId: {chain}"
    return f'wallet(address: "{address}") {{ positions({arguments}) {{ {fields} }} }}'


def hanging(here: Asker, seconds: dict[int, float]) -> None:
    """Calls about these wallets take so long."""

    def delay(call: Call) -> float:
        return max((seconds.get(int(each, 16), 0.0) for each in call.wallets), default=0.0)

    here.stage.delay = delay


async def test_a_refresh_that_hangs_keeps_no_request_waiting_for_more_than_its_own_time(
    executor: str,
) -> None:
    async with asker(executor) as here:
        await here.ask(f"{{ {positions(OLD)} }}")
        await asyncio.sleep(600)
        hanging(here, {1: 60.0})
        answer, seconds = await here.ask(
            f"{{ old: {positions(OLD)} cold: {positions(COLD, chain=7)} }}"
        )
    assert answer["data"] == {
        "old": {"positions": {"totalCount": 1, "isStale": True}},
        "cold": {"positions": {"totalCount": 1, "isStale": False}},
    }
    assert seconds == PATIENCE_SECONDS


async def test_what_is_there_goes_on_while_something_else_in_its_request_hangs(
    executor: str,
) -> None:
    logos = "nodes { underlyingTokens { token { logoUrl } } }"
    async with asker(executor) as here:
        await here.ask(f"{{ {positions(OLD)} }}")
        await asyncio.sleep(600)
        hanging(here, {2: 7.9})
        began = here.loop.time()
        at: list[float] = []
        here.stage.script = lambda call: (
            at.append(here.loop.time() - began) if call.path.endswith("/custom") else None
        )
        answer, _ = await here.ask(f"{{ old: {positions(OLD, logos)} cold: {positions(COLD)} }}")
    assert at[0] == PATIENCE_SECONDS
    assert answer["data"]["cold"] == {"positions": {"totalCount": 1, "isStale": False}}
    token = answer["data"]["old"]["positions"]["nodes"][0]["underlyingTokens"][0]["token"]
    assert token == {"logoUrl": None}
    assert "errors" not in answer


async def test_what_shares_a_call_with_a_cold_wallet_is_served_old_after_its_own_time() -> None:
    async with asker() as here:
        await here.ask(f"{{ {positions(OLD)} }}")
        await asyncio.sleep(600)
        hanging(here, {2: 7.0})
        portfolio = here.app.state.upstreams.portfolio
        early: list[tuple[float, int]] = []
        began = here.loop.time()
        answers = await portfolio.snapshots(
            [key(1, None), key(2, None), key(3, 9)],
            lambda place, _: early.append((here.loop.time() - began, place)),
        )
    assert [isinstance(each, Timestamped) and each.is_stale for each in answers] == [
        True,
        False,
        False,
    ]
    assert early == [(2, 0), (2, 2), (4, 0), (4, 2), (6, 0), (6, 2)]
    assert here.loop.time() - began == 7


async def test_who_waits_for_several_has_each_when_it_is_there() -> None:
    async with asker() as here:
        hanging(here, {2: 3.0, 3: 7.5})
        portfolio = here.app.state.upstreams.portfolio
        early: dict[int, float] = {}
        await portfolio.snapshots(
            [key(1, 1), key(2, 2), key(3, 3)],
            lambda place, _: early.setdefault(place, here.loop.time()),
        )
    assert early == {0: 2, 1: 4}


class TestWhoLeaves:
    async def leave(self, here: Asker, *queries: str) -> None:
        asking = [asyncio.create_task(here.ask(query)) for query in queries]
        await asyncio.sleep(0.3)
        for task in asking:
            task.cancel()
        await asyncio.wait(asking)

    async def test_no_call_is_made_for_readers_who_have_left(self, executor: str) -> None:
        async with asker(executor, oneinch_rps=1) as here:
            await here.ask(f"{{ {positions(OLD)} }}")
            gone = [f"{{ {positions(wallet(number), chain=number)} }}" for number in (10, 56, 137)]
            await self.leave(here, *gone)
            assert here.app.state.upstreams.portfolio.state().queue_length == 0
            _, seconds = await here.ask(f"{{ {positions(COLD)} }}")
        assert here.asked == [("snapshot", [1]), ("snapshot", [2])]
        assert seconds == pytest.approx(0.8)

    async def test_what_another_waits_for_too_goes_on(self, executor: str) -> None:
        async with asker(executor, oneinch_rps=1) as here:
            await here.ask(f"{{ {positions(OLD)} }}")
            staying = asyncio.create_task(here.ask(f"{{ {positions(COLD)} }}"))
            await self.leave(here, f"{{ a: {positions(COLD)} b: {positions(THIRD)} }}")
            answer, _ = await staying
        assert answer["data"]["wallet"]["positions"]["totalCount"] == 1
        assert here.asked == [("snapshot", [1]), ("snapshot", [2])]

    @pytest.mark.parametrize(
        "query",
        [
            '{ token(chainId: 1, address: "0x0000000000000000000000000000000000000001") { name } }',
            "{ algorandAsset(assetId: 31566704) { name } }",
            "{ a: algorandAsset(assetId: 1) { name } b: algorandAsset(assetId: 2) { name } }",
            "{ portfolioStatus { isAvailable } }",
        ],
    )
    async def test_nothing_else_is_asked_for_them_either(self, executor: str, query: str) -> None:
        async with asker(executor, oneinch_rps=1, algod_rps=1) as here:
            await here.ask(f"{{ {positions(OLD)} algorandAsset(assetId: 7) {{ name }} }}")
            before = len(here.stage.calls)
            await self.leave(here, query)
            await asyncio.sleep(9)
            assert len(here.stage.calls) == before

    async def test_a_call_under_way_that_nobody_wants_is_broken_off(self, executor: str) -> None:
        async with asker(executor) as here:
            here.stage.seconds = 5
            await self.leave(here, f"{{ {positions(OLD)} }}")
            await asyncio.sleep(0)
            assert here.stage.cancelled == 1

    async def test_time_that_is_up_ends_what_is_asked_for(self, executor: str) -> None:
        async with asker(executor, oneinch_rps=0.05) as here:
            await here.ask(f"{{ {positions(OLD)} }}")
            await here.ask(f"{{ {positions(COLD)} }}")
            await asyncio.sleep(30)
        assert here.asked == [("snapshot", [1])]
