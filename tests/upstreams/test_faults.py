import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable

import pytest

from tests.upstreams.faults import (
    ALGORAND,
    BODY_CANARY,
    FAULTS,
    PORTFOLIO,
    Fault,
    answer,
    playing,
)
from upstreams.algod.client import Algod
from upstreams.errors import UpstreamError, UpstreamTimeout
from upstreams.http.client import Limits
from upstreams.oneinch.attribution import attribute
from upstreams.oneinch.client import OneInch

KEY_CANARY = "key-canary-81c3"
EVM = "0xd470055c6189b921c4d44b3d277ad868f79c0f75"
ALGO = "XSKED5VKZZCSYNDWXZJI65JM2HP7HZFJWCOBIMOONKHTK5UVKENBNVDEYM"
LIMITS = Limits(total_seconds=0.8, connect_seconds=0.25, max_bytes=1 << 20)
# Nothing but a peer that is slow takes an hour: whatever else waited would wait for good.
PATIENT = Limits(total_seconds=3600, connect_seconds=0.25, max_bytes=1 << 20)

Client = OneInch | Algod
CASES = [
    pytest.param(fault, source, id=f"{source}: {fault.name}")
    for fault in FAULTS
    for source in fault.sources
]


def opened(
    source: str, url: str, limits: Limits = LIMITS
) -> tuple[Client, Callable[[], Awaitable[object]]]:
    if source == PORTFOLIO:
        oneinch = OneInch.open(url, KEY_CANARY, limits=limits)

        async def snapshot() -> object:
            share = attribute(await oneinch.snapshot([EVM]), [EVM]).by_wallet[EVM]
            if isinstance(share, UpstreamError):
                raise share
            return share

        return oneinch, snapshot
    algod = Algod.open(url, KEY_CANARY, limits=limits)
    return algod, lambda: algod.account_assets(ALGO, 1)


@pytest.mark.parametrize(("fault", "source"), CASES)
async def test_each_fault_is_one_coded_error_that_tells_no_secret(
    fault: Fault, source: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    expected = fault.error(source)

    async with playing(fault, source) as upstream:
        client, call = opened(
            source, upstream.url, LIMITS if expected is UpstreamTimeout else PATIENT
        )
        with pytest.raises(UpstreamError) as caught:
            await call()
        await client.aclose()

    error = caught.value
    assert type(error) is expected
    assert error.extensions == {
        "code": expected.code,
        "source": source,
        **({} if fault.retry_after is None else {"retryAfter": fault.retry_after}),
    }
    assert len(upstream.requests) <= 1
    told = "".join([str(error), repr(error), *traceback.format_exception(error), caplog.text])
    assert KEY_CANARY not in told
    assert BODY_CANARY not in told
    assert EVM not in told.replace(f'"{EVM}"', "")
    assert len(str(error)) < 200


@pytest.mark.parametrize("source", [PORTFOLIO, ALGORAND])
async def test_nothing_is_left_running_after_faults(source: str) -> None:
    hang = next(fault for fault in FAULTS if fault.name == "read timeout")
    async with playing(hang, source) as upstream:
        client, call = opened(source, upstream.url, Limits(total_seconds=0.1, max_connections=2))

        results = await asyncio.gather(*(call() for _ in range(20)), return_exceptions=True)

        await client.aclose()
    assert [type(result) for result in results] == [UpstreamTimeout] * 20
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_no_free_connection_in_time_is_a_timeout() -> None:
    hang = next(fault for fault in FAULTS if fault.name == "read timeout")
    async with playing(hang, ALGORAND) as upstream:
        limits = Limits(total_seconds=0.2, max_connections=1)
        client, call = opened(ALGORAND, upstream.url, limits)
        holder = asyncio.ensure_future(call())
        await asyncio.sleep(0.1)

        with pytest.raises(UpstreamTimeout):
            await call()

        holder.cancel()
        await asyncio.gather(holder, return_exceptions=True)
        await client.aclose()


async def test_a_missing_asset_is_told_from_a_missing_route() -> None:
    missing = Fault(
        "404 asset missing",
        UpstreamError,
        answer("404 Not Found", '{"message":"asset does not exist"}\n'),
    )
    async with playing(missing, ALGORAND) as upstream:
        algod = Algod.open(upstream.url, limits=LIMITS)

        found = await algod.asset(31566704)

        await algod.aclose()
    assert found is None
    assert len(upstream.requests) == 1
    assert upstream.requests[0].startswith("GET /v2/assets/31566704 HTTP/1.1\r\n")
