"""The sandbox as a whole: one port for both APIs, calls counted, and a real server around it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn

from sandbox import DEMO_ACCOUNTS, DEMO_WALLETS, Call, Fault, Sandbox
from sandbox.calls import Calls
from tests.sandbox.conftest import SNAPSHOT, STATUS

TYPICAL = DEMO_WALLETS["typical"]


@asynccontextmanager
async def served(box: Sandbox) -> AsyncIterator[str]:
    """The sandbox on a port of this machine, with its lifespan."""
    config = uvicorn.Config(box.app, port=0, log_level="critical", lifespan="on")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        task = asyncio.create_task(server.serve([listener]))
        while not server.started:  # noqa: ASYNC110  (uvicorn offers nothing to wait for)
            await asyncio.sleep(0.005)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await task


async def test_calls_are_kept_in_order_with_their_arguments(
    box: Sandbox, client: httpx.AsyncClient
) -> None:
    box.faults.add("/v2/status", Fault.unavailable())

    await client.get(SNAPSHOT, params={"addresses": ["0xA", "0xB"], "chain_id": ""})
    await client.get("/v2/status")
    await client.get("/nowhere?a=%26")

    assert box.calls == [
        Call("GET", SNAPSHOT, (("addresses", "0xA"), ("addresses", "0xB"), ("chain_id", ""))),
        Call("GET", "/v2/status", ()),
        Call("GET", "/nowhere", (("a", "&"),)),
    ]
    assert box.calls[0].values("addresses") == ["0xA", "0xB"]
    box.calls.clear()
    assert box.calls == []
    assert box.calls.total == 3


def test_old_calls_are_forgotten_but_counted() -> None:
    calls = Calls(keep=4)

    for number in range(7):
        calls.record(Call("GET", f"/{number}", ()))

    assert [call.path for call in calls] == ["/4", "/5", "/6"]
    assert calls.total == 7


async def test_each_application_stands_alone(box: Sandbox) -> None:
    for app, path in ((box.oneinch, STATUS), (box.algod, "/versions")):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
            assert (await client.get(path)).status_code == 200
            other = "/versions" if path == STATUS else STATUS
            assert (await client.get(other)).status_code == 404


async def test_both_apis_answer_on_one_port(box: Sandbox, client: httpx.AsyncClient) -> None:
    paths = [
        f"{SNAPSHOT}?addresses={TYPICAL}",
        f"/v2/accounts/{DEMO_ACCOUNTS['collector']}/assets",
        "/token/v1.3/1/custom?addresses=0x" + "e" * 40,
        "/ready",
    ]
    async with served(box) as url, httpx.AsyncClient(base_url=url, trust_env=False) as network:
        answers = [await network.get(path) for path in paths]

    for path, answer in zip(paths, answers, strict=True):
        assert answer.headers["x-sandbox"] == "walletgraph"
        assert answer.content == (await client.get(path)).content


async def test_a_reset_breaks_the_connection_in_the_middle_of_the_body(box: Sandbox) -> None:
    box.faults.add(SNAPSHOT, Fault.reset(), times=1)
    path = f"{SNAPSHOT}?addresses={TYPICAL}"
    async with served(box) as url, httpx.AsyncClient(base_url=url, trust_env=False) as network:
        with pytest.raises(httpx.RemoteProtocolError):
            await network.get(path)
        assert (await network.get(path)).status_code == 200


async def test_faults_without_bodies_are_valid_http(box: Sandbox) -> None:
    box.faults.add("/v2/status", Fault.no_content(), times=1)
    box.faults.add("/v2/status", Fault.slow_drip(0.0), times=1)
    async with served(box) as url, httpx.AsyncClient(base_url=url, trust_env=False) as network:
        empty = await network.get("/v2/status")
        dripped = await network.get("/v2/status")

    assert (empty.status_code, empty.content) == (204, b"")
    assert dripped.json()["last-round"] == 58979829
