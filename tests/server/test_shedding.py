"""What goes first where too many requests come at once: calls, then all, and health never."""

import asyncio
from typing import Any

import httpx

from sandbox import DEMO_WALLETS, Sandbox
from tests.graph import Graph, codes, running

WORTH = "query ($address: String!) { wallet(address: $address) { netWorthUsd } }"
CAP = 10


class Gate(httpx.AsyncBaseTransport):
    """The sandbox, once it is opened."""

    def __init__(self, box: Sandbox) -> None:
        self.inner = httpx.ASGITransport(box.oneinch)
        self.opened = asyncio.Event()
        self.opened.set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await self.opened.wait()
        return await self.inner.handle_async_request(request)


def stranger(number: int) -> str:
    return f"0x{number:040x}"


async def held(graph: Graph, number: int, at_once: int) -> "list[asyncio.Task[Any]]":
    """Requests that wait for the source, from that number on, until so many are under way."""
    tasks = []
    for each in range(number, number + at_once):
        work = graph.http.post(
            "/graphql", json={"query": WORTH, "variables": {"address": stranger(each)}}
        )
        tasks.append(asyncio.create_task(work))
        await asyncio.sleep(0.01)
    return tasks


async def test_kept_answers_come_before_calls_and_health_before_both() -> None:
    box = Sandbox()
    gate = Gate(box)
    settings = {"MAX_IN_FLIGHT": str(CAP), "ONEINCH_MAX_BATCH": "1"}
    async with running(box, settings, oneinch_transport=gate) as graph:
        kept = await graph.data(WORTH, {"address": DEMO_WALLETS["typical"]})
        gate.opened.clear()
        calls = len(box.calls)
        # Eight of ten may wait for calls.
        waiting = await held(graph, 1, 8)

        assert await graph.data(WORTH, {"address": DEMO_WALLETS["typical"]}) == kept
        shed = await graph.ask(WORTH, {"address": stranger(100)})
        same = asyncio.create_task(graph.ask(WORTH, {"address": stranger(1)}))
        await asyncio.sleep(0.01)
        another = asyncio.create_task(graph.ask(WORTH, {"address": stranger(2)}))
        await asyncio.sleep(0.01)
        full = await graph.http.post("/graphql", json={"query": "{ __typename }"})
        health = await graph.http.get("/health/ready")
        gate.opened.set()
        answers = [(await each).json() for each in waiting]
        joined = [await same, await another]

        assert codes(shed) == [(["wallet", "netWorthUsd"], "UPSTREAM_RATE_LIMITED")]
        assert shed["errors"][0]["extensions"]["retryAfter"] == 1.0
        assert (full.status_code, full.json()["errors"][0]["extensions"]["code"]) == (
            503,
            "OVERLOADED",
        )
        assert health.status_code == 200
        assert all("errors" not in answer for answer in answers)
        # What is asked for already costs no call more.
        assert all("errors" not in answer for answer in joined)
        assert len(box.calls) - calls == 16


async def test_old_answers_are_given_where_no_call_may_be_made() -> None:
    box = Sandbox()
    gate = Gate(box)
    settings = {"MAX_IN_FLIGHT": str(CAP), "PORTFOLIO_TTL_SECONDS": "0.05"}
    async with running(box, settings, oneinch_transport=gate) as graph:
        query = "query ($address: String!) { wallet(address: $address) { positions { isStale } } }"
        await graph.data(query, {"address": DEMO_WALLETS["typical"]})
        await asyncio.sleep(0.2)
        gate.opened.clear()
        waiting = await held(graph, 1, 8)
        data = await graph.data(query, {"address": DEMO_WALLETS["typical"]})
        gate.opened.set()
        await asyncio.gather(*waiting)

    assert data == {"wallet": {"positions": {"isStale": True}}}


async def test_the_smallest_cap_leaves_room_for_a_call() -> None:
    async with running(settings={"MAX_IN_FLIGHT": "1"}) as graph:
        data = await graph.data(WORTH, {"address": DEMO_WALLETS["typical"]})

    assert data["wallet"]["netWorthUsd"] is not None
