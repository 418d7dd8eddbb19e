"""Clients take turns: what others wait for beside one who asks without measure, in virtual time.

Calls leave one in 1.1 seconds and are answered at once; a client asks over HTTP from its own
address.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

import httpx
import pytest

from server.app import create_app
from server.settings import Settings
from tests.upstreams.stage import Stage, wallet

PACE = 1.1
GREEDY, MODEST, OTHER = "192.0.2.66", "192.0.2.1", "192.0.2.2"


class Answered(NamedTuple):
    code: str
    seconds: float


class Crowd:
    """The application on a stage, and clients of several addresses."""

    def __init__(self, app: Any, stage: Stage) -> None:
        self.app = app
        self.stage = stage
        self.loop = asyncio.get_running_loop()
        self.random = random.Random(7)

    def wallet(self) -> str:
        return wallet(self.random.randrange(10**9))

    async def ask(self, query: str, address: str, **headers: str) -> Answered:
        began = self.loop.time()
        transport = httpx.ASGITransport(self.app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://graph") as client:
            body = {"query": query}
            answer = (await client.post("/graphql", json=body, headers=headers)).json()
        errors = answer.get("errors")
        code = errors[0]["extensions"]["code"] if errors else "ok"
        return Answered(code, self.loop.time() - began)

    async def modest(self, times: int, address: str = MODEST, **headers: str) -> list[Answered]:
        """One new wallet in a second."""
        tasks = []
        for _ in range(times):
            tasks.append(asyncio.create_task(self.ask(one(self.wallet()), address, **headers)))
            await asyncio.sleep(1)
        return await asyncio.gather(*tasks)

    async def beside(
        self, greedy: Callable[[], Any], address: str = MODEST, **headers: str
    ) -> list[Answered]:
        """What the modest one is answered while another asks."""
        other = asyncio.create_task(greedy())
        answers = await self.modest(20, address, **headers)
        other.cancel()
        await asyncio.gather(other, return_exceptions=True)
        return answers


# What is in a wallet itself, which is one call.
IN_WALLET = "filter: {categories: [NATIVE, TOKEN]}"


def one(address: str) -> str:
    fields = f"positions(first: 0, {IN_WALLET}) {{ totalCount }}"
    return f'{{ wallet(address: "{address}") {{ {fields} }} }}'


def many(address: str, arguments: list[str]) -> str:
    parts = " ".join(
        f"a{number}: positions(first: 0, {each}, {IN_WALLET}) {{ totalCount }}"
        for number, each in enumerate(arguments)
    )
    return f'{{ wallet(address: "{address}") {{ {parts} }} }}'


async def crowd(stack: AsyncExitStack, **settings: str) -> Crowd:
    stage = Stage()
    app = create_app(
        Settings.from_env(settings),
        upstreams={
            "oneinch_transport": stage,
            "algod_transport": stage,
            "clock": asyncio.get_running_loop().time,
        },
    )
    await stack.enter_async_context(app.router.lifespan_context(app))
    return Crowd(app, stage)


def longest(answers: list[Answered]) -> float:
    assert {answer.code for answer in answers} == {"ok"}
    return max(answer.seconds for answer in answers)


async def test_alone_one_waits_for_the_pace_of_calls() -> None:
    async with AsyncExitStack() as stack:
        here = await crowd(stack)
        assert longest(await here.modest(20)) <= PACE


@pytest.mark.parametrize("kind", ["moments", "chains", "wallets", "long lists", "tokens", "logos"])
async def test_beside_a_greedy_one_another_waits_two_calls_more_at_most(kind: str) -> None:
    async with AsyncExitStack() as stack:
        here = await crowd(stack)

        async def moments() -> None:
            while True:
                ats = [
                    f'at: "20{here.random.randrange(10, 24)}-01-{n:02}T00:00:00Z"'
                    for n in range(1, 16)
                ]
                await here.ask(many(here.wallet(), ats), GREEDY)

        async def chains() -> None:
            while True:
                ids = [f"chainId: {here.random.randrange(1, 2**31)}" for _ in range(15)]
                await here.ask(many(here.wallet(), ids), GREEDY)

        async def wallets() -> None:
            tasks = set()
            while True:
                tasks.add(asyncio.create_task(here.ask(one(here.wallet()), GREEDY)))
                await asyncio.sleep(1 / 60)

        async def long_lists() -> None:
            tasks = set()
            while True:
                addresses = ", ".join(f'"{here.wallet()}"' for _ in range(100))
                query = (
                    f"{{ wallets(addresses: [{addresses}])"
                    f" {{ positions({IN_WALLET}) {{ totalCount }} }} }}"
                )
                tasks.add(asyncio.create_task(here.ask(query, GREEDY)))
                await asyncio.sleep(1 / 4)

        async def tokens() -> None:
            while True:
                parts = " ".join(
                    f"a{n}: token(chainId: {here.random.randrange(1, 2**31)}, "
                    f'address: "{here.wallet()}") {{ symbol }}'
                    for n in range(20)
                )
                await here.ask(f"{{ {parts} }}", GREEDY)

        async def logos() -> None:
            tasks = set()
            while True:
                chain, token = here.random.randrange(1, 999), here.wallet()
                query = f'{{ token(chainId: {chain}, address: "{token}") {{ logoUrl }} }}'
                tasks.add(asyncio.create_task(here.ask(query, GREEDY)))
                await asyncio.sleep(1 / 10)

        kinds = {
            "moments": moments,
            "chains": chains,
            "wallets": wallets,
            "long lists": long_lists,
            "tokens": tokens,
            "logos": logos,
        }
        answers = await here.beside(kinds[kind])
        assert longest(answers) <= 3 * PACE + 0.01
        assert len(here.stage.calls) <= 20 / PACE + 3


async def test_several_modest_ones_share_calls_beside_a_greedy_one() -> None:
    async with AsyncExitStack() as stack:
        here = await crowd(stack)

        async def greedy() -> None:
            tasks = set()
            while True:
                addresses = ", ".join(f'"{here.wallet()}"' for _ in range(100))
                query = (
                    f"{{ wallets(addresses: [{addresses}])"
                    f" {{ positions({IN_WALLET}) {{ totalCount }} }} }}"
                )
                tasks.add(asyncio.create_task(here.ask(query, GREEDY)))
                await asyncio.sleep(1 / 4)

        async def others() -> list[Answered]:
            asking = [here.modest(15, f"192.0.2.{number}") for number in range(2, 12)]
            return [answer for answers in await asyncio.gather(*asking) for answer in answers]

        asked = asyncio.create_task(others())
        answers = await here.beside(greedy)
        answers += await asked
    assert longest(answers) <= 3 * PACE + 0.01


async def test_the_greedy_one_is_refused_for_what_he_asked_himself() -> None:
    async with AsyncExitStack() as stack:
        here = await crowd(stack)
        ats = [f'at: "2023-01-{day:02}T00:00:00Z"' for day in range(1, 16)]
        greedy = asyncio.create_task(here.ask(many(here.wallet(), ats), GREEDY))
        await asyncio.sleep(0.1)
        late = await here.ask(one(here.wallet()), GREEDY)
        modest = await here.ask(one(here.wallet()), MODEST)
        other = await here.ask(one(here.wallet()), OTHER)
        await greedy
    assert (late.code, late.seconds) == ("UPSTREAM_RATE_LIMITED", 0)
    assert (modest.code, other.code) == ("ok", "ok")
    assert modest.seconds <= 2 * PACE
    assert other.seconds <= 2 * PACE


async def test_what_a_greedy_one_waits_for_is_served_to_another_in_that_ones_turn() -> None:
    async with AsyncExitStack() as stack:
        here = await crowd(stack)
        address = here.wallet()
        ats = [f'at: "2023-01-{day:02}T00:00:00Z"' for day in range(1, 9)]
        greedy = asyncio.create_task(here.ask(many(address, ats), GREEDY))
        await asyncio.sleep(0.1)
        same = await here.ask(many(address, ats[-1:]), MODEST)
        assert (same.code, len(here.stage.calls)) == ("ok", 3)
        assert same.seconds <= 2 * PACE
        assert (await greedy).code == "ok"
    assert len(here.stage.calls) == 8


async def test_many_clients_with_one_wallet_each_share_calls() -> None:
    async with AsyncExitStack() as stack:
        here = await crowd(stack)
        asking = [here.ask(one(here.wallet()), f"192.0.2.{number}") for number in range(120)]
        answers = await asyncio.gather(*asking)
    # The first leaves with whoever is there by then.
    first, *others = [len(call.wallets) for call in here.stage.calls]
    assert first + sum(others) == 120
    assert others[:2] == [50, min(50, 70 - first)]
    assert longest(answers) <= 3 * PACE + 0.01


@pytest.mark.parametrize("is_named", [True, False])
async def test_clients_behind_a_router_are_told_apart_by_the_header_it_sets(is_named: bool) -> None:
    settings = {"CLIENT_HEADER": "X-Forwarded-For"} if is_named else {}
    async with AsyncExitStack() as stack:
        here = await crowd(stack, **settings)
        router = "198.51.100.1"

        async def greedy() -> None:
            tasks = set()
            while True:
                # Whatever it says itself, the router adds where it comes from.
                spoofed = f"203.0.113.{here.random.randrange(255)}, {GREEDY}"
                ats = [f'at: "2023-01-{day:02}T00:00:00Z"' for day in range(1, 9)]
                asking = here.ask(many(here.wallet(), ats), router, **{"X-Forwarded-For": spoofed})
                tasks.add(asyncio.create_task(asking))
                await asyncio.sleep(0.5)

        answers = await here.beside(greedy, router, **{"X-Forwarded-For": MODEST})
    if is_named:
        assert longest(answers) <= 3 * PACE + 0.01
    else:
        # Nobody said that the header may be believed: all of it is the router's.
        assert max(answer.seconds for answer in answers) > 6 * PACE
