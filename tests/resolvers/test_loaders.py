"""Loaders: what shares a batch, what is remembered, and how fresh it all was."""

import asyncio
import gc
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from aiodataloader import DataLoader

from resolvers.account import account_worth
from resolvers.loaders import Freshness, Loader, Loaders
from resolvers.portfolio import Portfolio, valued
from resolvers.result_cache import ResultCache
from resolvers.wallet import evm_wallet
from upstreams.errors import UpstreamRejected
from upstreams.oneinch.source import SnapshotKey
from upstreams.source.timestamped import Timestamped

NOW = datetime(2025, 7, 1, tzinfo=UTC)
FAILURE = UpstreamRejected("No.", source="algorand")


class Gateways:
    """Both gateways: they note what they are asked for, and fail for what is named so."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.portfolio = self.algorand = self
        self.prices = None

    async def snapshots(
        self, keys: list[SnapshotKey], early: Any = None
    ) -> list[Timestamped[str] | UpstreamRejected]:
        self.asked.append([key.address for key in keys])
        if keys[0].address == "defect":
            raise ZeroDivisionError
        return [FAILURE if key.address == "bad" else dated(key.address) for key in keys]

    async def account(self, address: str) -> Timestamped[str]:
        self.asked.append(address)
        await asyncio.sleep(0)
        if address == "bad":
            raise FAILURE
        return dated(address)


def dated(value: str, max_age: float = 5.0, *, is_stale: bool = False) -> Timestamped[str]:
    return Timestamped(value, NOW, is_stale, max_age)


@pytest.fixture
def gateways() -> Gateways:
    return Gateways()


@pytest.fixture
async def loaders(gateways: Gateways) -> Loaders:
    upstreams: Any = gateways
    return Loaders(upstreams, ResultCache())


def wallet(name: str) -> SnapshotKey:
    return SnapshotKey(name, 1, None)


async def load(loader: DataLoader[Any, Any], *keys: object) -> list[Any]:
    return await asyncio.gather(*map(loader.load, keys), return_exceptions=True)


async def batches(make: Callable[[Any], DataLoader[int, int]]) -> list[list[int]]:
    """What is loaded together of keys that are asked for one turn of the loop after another."""
    seen: list[list[int]] = []

    async def load(keys: list[int], *settle: object) -> list[int]:
        seen.append(keys)
        return keys

    loader = make(load)

    async def ask(turns: int) -> int:
        for _ in range(turns):
            await asyncio.sleep(0)
        return await loader.load(turns)

    assert await asyncio.gather(*[ask(turns) for turns in range(6)]) == list(range(6))
    return seen


async def test_what_shares_a_batch_is_what_shares_it_in_aiodataloader() -> None:
    assert await batches(Loader) == await batches(DataLoader) == [[0, 1], [2, 3], [4, 5]]


async def test_each_key_is_asked_for_once_and_errors_have_their_places(
    loaders: Loaders, gateways: Gateways
) -> None:
    keys = [wallet(name) for name in ("a", "bad", "a", "b")]
    found = await load(loaders.snapshot, *keys)
    again = await load(loaders.snapshot, *keys)

    assert found == again == [dated("a"), FAILURE, dated("a"), dated("b")]
    assert gateways.asked == [["a", "bad", "b"]]


async def test_a_defect_is_everyones_and_is_not_remembered(
    loaders: Loaders, gateways: Gateways
) -> None:
    keys = [wallet("defect"), wallet("a")]
    found = await load(loaders.snapshot, *keys)
    again = await load(loaders.snapshot, keys[1])
    assert [type(each) for each in found] == [ZeroDivisionError] * 2
    assert again == [dated("a")]
    assert gateways.asked == [["defect", "a"], ["a"]]


@pytest.mark.parametrize("names", [["bad"], ["bad", "a"]])
async def test_an_error_of_what_has_no_batches_is_remembered_too(
    loaders: Loaders, gateways: Gateways, names: list[str]
) -> None:
    for _ in range(2):
        found = await load(loaders.account, *names)
        assert found == [FAILURE, dated("a")][: len(names)]
    assert gateways.asked == names


async def test_a_request_that_left_does_not_disturb_the_others(loaders: Loaders) -> None:
    leaving = asyncio.create_task(load(loaders.snapshot, wallet("a")))
    staying = asyncio.create_task(load(loaders.snapshot, wallet("b")))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == [dated("b")]


@pytest.mark.parametrize("leaver", [0, 1])
async def test_a_field_that_is_given_up_does_not_disturb_one_that_waits_for_the_same(
    loaders: Loaders, gateways: Gateways, leaver: int
) -> None:
    both = [asyncio.create_task(load(loaders.account, "a")) for _ in range(2)]
    await asyncio.sleep(0)
    both[leaver].cancel()
    assert await both[1 - leaver] == [dated("a")]
    assert both[leaver].cancelled()
    assert gateways.asked == ["a"]


@pytest.mark.parametrize("leaver", [0, 1])
@pytest.mark.parametrize("read", ["account", "portfolio"])
async def test_nor_one_that_waits_for_what_is_made_of_it(
    loaders: Loaders, gateways: Gateways, read: str, leaver: int
) -> None:
    async def unavailable(keys: list[SnapshotKey], early: Any) -> list[UpstreamRejected]:
        return [FAILURE] * len(keys)

    gateways.snapshots = unavailable  # type: ignore[assignment, method-assign]
    holder = evm_wallet("0x" + "1" * 40)
    work: Callable[[], Any] = {
        "account": lambda: account_worth(loaders, holder),
        "portfolio": lambda: valued(loaders, Portfolio((holder,))),
    }[read]
    both = [asyncio.create_task(work()) for _ in range(2)]
    await asyncio.sleep(0)
    both[leaver].cancel()
    assert await both[1 - leaver] is await work()
    assert both[leaver].cancelled()


async def test_a_failure_that_nobody_came_to_hear_of_is_no_defect(loaders: Loaders) -> None:
    told: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: told.append(what))
    several: list[Any] = [loaders.account.load("bad"), loaders.snapshot.load(wallet("bad"))]
    with pytest.raises(UpstreamRejected):
        await several[0]
    await asyncio.sleep(0)
    several.clear()
    loaders.close()
    gc.collect()
    assert told == []


async def test_a_request_is_as_fresh_as_the_least_fresh_it_read(loaders: Loaders) -> None:
    assert loaders.freshness == Freshness()
    await loaders.account.load("a")
    assert loaders.freshness == Freshness(5.0, is_stale=False)
    loaders.freshness.note(dated("b", 9.0))
    loaders.freshness.note(dated("c", 0.0, is_stale=True))
    loaders.freshness.note(dated("d", 3.0))
    assert loaders.freshness == Freshness(0.0, is_stale=True)


async def test_closed_loaders_have_forgotten_everything(
    loaders: Loaders, gateways: Gateways
) -> None:
    await loaders.account.load("a")
    loaders.close()
    await loaders.account.load("a")
    assert gateways.asked == ["a", "a"]


async def test_what_is_there_need_not_wait_for_the_last(gateways: Gateways) -> None:
    last = asyncio.Event()

    async def snapshots(keys: list[SnapshotKey], early: Any) -> list[Any]:
        early(1, dated("b", 3.0))
        await last.wait()
        return [dated("a"), dated("later than b")]

    upstreams: Any = gateways
    upstreams.snapshots = snapshots
    loaders = Loaders(upstreams, ResultCache())
    both: list[Any] = [loaders.snapshot.load(wallet(name)) for name in ("a", "b")]
    assert await both[1] == dated("b", 3.0)
    assert not both[0].done()
    assert loaders.freshness.max_age == 3.0
    last.set()
    assert await asyncio.gather(*both) == [dated("a"), dated("b", 3.0)]


async def test_closing_gives_up_what_is_being_loaded_and_leaves_nobody_waiting(
    gateways: Gateways,
) -> None:
    given_up: list[str] = []

    async def account(address: str) -> Timestamped[str]:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            given_up.append(address)
            raise
        raise AssertionError

    upstreams: Any = gateways
    upstreams.account = account
    loaders = Loaders(upstreams, ResultCache())
    before = asyncio.all_tasks()
    waiting = [loaders.account.load(name) for name in ("a", "b")]
    await asyncio.sleep(0.01)
    waiting.append(loaders.account.load("not yet begun"))
    loaders.close()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    await asyncio.sleep(0.01)
    assert [type(each) for each in found] == [asyncio.CancelledError] * 3
    assert given_up == ["a", "b"]
    assert asyncio.all_tasks() == before
