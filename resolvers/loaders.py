"""One dataloader a resource, made anew for each request, over the gateways of the process."""

from asyncio import CancelledError, Future, Task, gather
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, TypeVar, cast

from aiodataloader import DataLoader, failed_dispatch
from aiodataloader import Loader as PendingLoad

from resolvers.cost import Bounds, Cost
from resolvers.result_cache import ResultCache
from upstreams.algod.client import Account, Asset, AssetPage, Versions
from upstreams.algod.source import PageKey
from upstreams.compliance import Verdict
from upstreams.deadline import DeadlineExceeded
from upstreams.errors import UpstreamError
from upstreams.oneinch.attribution import Snapshot
from upstreams.oneinch.chart import Chart
from upstreams.oneinch.client import ServiceStatus, TokenInfo
from upstreams.oneinch.coverage import ChainInfo, ProtocolInfo
from upstreams.oneinch.metrics import MetricsAnswer
from upstreams.oneinch.report import Report
from upstreams.oneinch.source import ChartKey, MetricsKey, SnapshotKey, TokenKey, TotalKey
from upstreams.oneinch.total import SourceTotal
from upstreams.open import Upstreams
from upstreams.pace import pace
from upstreams.prices.quotes import Quote
from upstreams.source.cached_source import Early
from upstreams.source.timestamped import Timestamped

K = TypeVar("K")
V = TypeVar("V")

# The gateways answer one by one where a batch partly fails; aiodataloader takes exceptions as
# results but its types do not say so.
_ONLY = "only"  # The key of what there is one of; aiodataloader refuses None.

Results = Sequence[Timestamped[V] | Exception]
Settle = Callable[[int, V], None]
Load = Callable[[Sequence[K], Early[V]], Awaitable[list[Timestamped[V] | UpstreamError]]]


@dataclass(slots=True)
class Freshness:
    """How long what a request has read stays fresh: the shortest of all, None before any."""

    max_age: float | None = None
    is_stale: bool = False

    def note(self, dated: Timestamped[Any]) -> None:
        if dated.is_stale:
            self.is_stale = True
        self.shorten(dated.max_age)

    def shorten(self, seconds: float) -> None:
        """Note that something read is fresh for no longer than this."""
        if self.max_age is None or seconds < self.max_age:
            self.max_age = seconds


class Loader(DataLoader[K, V]):
    """aiodataloader's, whose batches end with the request that asked for them, and not before.

    aiodataloader gives all who load a key one future. Whoever is cancelled while awaiting it, as a
    field is when another makes null what both are part of, would cancel it for the others, too.
    Here each has a future of its own.

    `load` gets a batch's keys and a function that takes a place among them and its answer, for
    those that need not wait for the last. aiodataloader starts its batches as tasks that nobody
    knows of, and has one method to say otherwise: here each is known, so that `stop` can end what
    is still asked for a client who has left. It is one task for a batch in place of two, too.
    """

    def __init__(self, load: Callable[[list[K], Settle[V]], Awaitable[Sequence[V]]]) -> None:
        super().__init__()
        self._load = load
        # Our own, and not the queue that aiodataloader has and does not document.
        self._waiting: list[PendingLoad] = []
        self._callers: dict[Future[V], list[Future[V]]] = {}
        self._tasks: set[Task[None]] = set()

    async def batch_load_fn(self, keys: list[K]) -> Sequence[V]:  # type: ignore[override]
        """What aiodataloader asks every loader for: all answers at once."""
        return await self._load(keys, lambda *_: None)

    def load(self, key: K) -> Future[V]:
        """The value of a key, which is loaded once."""
        shared: Future[V] = super().load(key)
        if shared.done():
            return shared
        own: Future[V] = self.loop.create_future()
        self._callers.setdefault(shared, []).append(own)
        return own

    def do_resolve_reject(self, key: K, future: Future[V]) -> None:
        """Put a key in the next batch."""
        self._waiting.append(PendingLoad(key, future))
        if len(self._waiting) == 1:
            # A task begins a turn of the loop after it is made, and this one is made a turn from
            # now: fields that need a turn more to get here still share the batch.
            self.loop.call_soon(self._begin)

    def stop(self) -> None:
        """Give up what is being loaded; forget what has been."""
        self.clear_all()
        self._cancel(self._waiting)
        self._waiting.clear()
        for task in self._tasks:
            task.cancel()

    def _begin(self) -> None:
        if self._waiting:
            task = self.loop.create_task(self._fulfil())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _hear_others(self) -> None:
        """Let fields of this operation name their keys that have let other work go first."""
        turns = pace()
        if turns.has_others():
            with suppress(DeadlineExceeded):  # the call will find that no time is left
                await turns.turn()

    async def _fulfil(self) -> None:
        await self._hear_others()
        loads, self._waiting = self._waiting, []

        def settle(place: int, answer: V | Exception) -> None:
            future = loads[place].future
            if not future.done():
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)
                self._tell_callers(future)

        try:
            answers = await self._load([load.key for load in loads], settle)
        except CancelledError:
            self._cancel(loads)
            raise
        except Exception as error:
            lost = [load for load in loads if not load.future.done()]
            failed_dispatch(self, lost, error)
            for load in lost:
                self._tell_callers(load.future)
            return
        for place, answer in enumerate(answers):
            settle(place, answer)

    def _cancel(self, loads: Iterable[PendingLoad]) -> None:
        # Or who waits for them would do so for ever.
        for load in loads:
            if load.future.cancel():
                self._tell_callers(load.future)

    def _tell_callers(self, shared: Future[V]) -> None:
        error = None if shared.cancelled() else shared.exception()
        for own in self._callers.pop(shared):
            if own.done():
                continue
            if shared.cancelled():
                own.cancel()
            elif error is not None:
                own.set_exception(error)
                # Who loads several may stop at the first that fails, which is no defect to log.
                own.exception()
            else:
                own.set_result(shared.result())


class Loaders:
    """The loaders of one request, each made when first used, inside the event loop that runs it."""

    def __init__(
        self, upstreams: Upstreams, result_cache: ResultCache, bounds: Bounds | None = None
    ) -> None:
        self.upstreams = upstreams
        self.result_cache = result_cache
        self._cost = Cost(bounds or Bounds())
        self.freshness = Freshness()
        self.made: dict[Hashable, Any] = {}
        """What resolvers made of what was loaded and need again within the request."""

    @cached_property
    def snapshot(self) -> DataLoader[SnapshotKey, Timestamped[Snapshot]]:
        return self._batched(self.upstreams.portfolio.snapshots, self._cost.snapshots)

    @cached_property
    def token(self) -> DataLoader[TokenKey, Timestamped[TokenInfo | None]]:
        return self._batched(self.upstreams.portfolio.tokens, self._cost.tokens)

    @cached_property
    def chart(self) -> DataLoader[ChartKey, Timestamped[Chart]]:
        return self._single(self.upstreams.portfolio.chart, "portfolio")

    @cached_property
    def source_total(self) -> DataLoader[TotalKey, Timestamped[SourceTotal]]:
        return self._single(self.upstreams.portfolio.total, "portfolio")

    @cached_property
    def report(self) -> DataLoader[ChartKey, Timestamped[Report]]:
        return self._single(self.upstreams.portfolio.report, "portfolio")

    @cached_property
    def metrics(self) -> DataLoader[MetricsKey, Timestamped[MetricsAnswer]]:
        return self._single(self.upstreams.portfolio.metrics, "portfolio")

    @cached_property
    def check(self) -> DataLoader[str, Timestamped[Verdict]]:
        return self._batched(self.upstreams.portfolio.check, self._cost.checks)

    @cached_property
    def asset_page(self) -> DataLoader[PageKey, Timestamped[AssetPage]]:
        return self._single(self.upstreams.algorand.asset_page)

    @cached_property
    def account(self) -> DataLoader[str, Timestamped[Account]]:
        return self._single(self.upstreams.algorand.account)

    @cached_property
    def asset(self) -> DataLoader[int, Timestamped[Asset | None]]:
        """Assets whose roles and existence are of this minute."""
        return self._single(self.upstreams.algorand.asset)

    @cached_property
    def held_asset(self) -> DataLoader[int, Timestamped[Asset | None]]:
        """Assets that someone holds no unit of: those that are missing were destroyed."""
        return self._single(self.upstreams.algorand.held_asset)

    @cached_property
    def lasting_asset(self) -> DataLoader[int, Timestamped[Asset | None]]:
        """Assets for what never changes in them; the rest may be as old as a day."""
        return self._single(partial(self.upstreams.algorand.asset, roles=False))

    @cached_property
    def quote(self) -> DataLoader[int, Timestamped[Quote | None]]:
        """What Algorand's assets cost; only where there are prices."""
        prices = self.upstreams.prices
        assert prices is not None  # noqa: S101  (whoever asks has looked)
        return self._batched(prices.quotes, partial(self._cost.quotes, prices.shared))

    def may_quote(self, count: int) -> bool:
        """Whether an operation may ask for the prices of so many assets."""
        prices = self.upstreams.prices
        return prices is not None and self._cost.may_quote(prices.shared, count)

    @cached_property
    def _service_status(self) -> DataLoader[str, Timestamped[ServiceStatus]]:
        return self._single(lambda _: self.upstreams.portfolio.status(), "portfolio")

    @cached_property
    def _chains(self) -> DataLoader[str, Timestamped[tuple[ChainInfo, ...]]]:
        return self._single(lambda _: self.upstreams.portfolio.chains(), "portfolio")

    @cached_property
    def _protocols(self) -> DataLoader[str, Timestamped[tuple[ProtocolInfo, ...]]]:
        return self._single(lambda _: self.upstreams.portfolio.protocols(), "portfolio")

    @cached_property
    def _versions(self) -> DataLoader[str, Timestamped[Versions]]:
        return self._single(lambda _: self.upstreams.algorand.versions())

    def look_through(self, rows: int) -> None:
        """Count rows that are about to be filtered and ordered; TooCostly beyond the bound."""
        self._cost.rows(rows)

    def close(self) -> None:
        """Let go of all that was loaded, once the answer is made or nobody wants it any more.

        What refers to loaders and what they refer to hold each other: without this the answers of
        upstreams stay in memory until the garbage collector comes by.
        """
        for name, value in list(vars(self).items()):
            if isinstance(value, Loader):
                value.stop()
                del self.__dict__[name]
        for made in self.made.values():
            if isinstance(made, Future):
                made.cancel()
        self.made.clear()

    async def service_status(self) -> Timestamped[ServiceStatus]:
        """The portfolio source's word on itself."""
        return await self._service_status.load(_ONLY)

    async def chains(self) -> Timestamped[tuple[ChainInfo, ...]]:
        """The chains that the portfolio source reads."""
        return await self._chains.load(_ONLY)

    async def protocols(self) -> Timestamped[tuple[ProtocolInfo, ...]]:
        """The protocols that the portfolio source reads."""
        return await self._protocols.load(_ONLY)

    async def versions(self) -> Timestamped[Versions]:
        """The Algorand node's release and network."""
        return await self._versions.load(_ONLY)

    def _batched(
        self, load: Load[K, V], spend: Callable[[Sequence[K]], None]
    ) -> DataLoader[K, Timestamped[V]]:
        async def batch(keys: list[K], settle: Settle[Timestamped[V]]) -> list[Timestamped[V]]:
            spend(keys)

            def early(place: int, answer: Timestamped[V] | UpstreamError) -> None:
                settle(place, self._noted([answer])[0])

            return self._noted(await load(keys, early))

        return Loader(batch)

    def _single(
        self, load: Callable[[K], Awaitable[Timestamped[V]]], source: str = "algorand"
    ) -> DataLoader[K, Timestamped[V]]:
        async def batch(keys: list[K], settle: Settle[Timestamped[V]]) -> list[Timestamped[V]]:
            self._cost.calls(source, len(keys))

            async def answered(place: int, key: K) -> Timestamped[V]:
                [answer] = self._noted([await _tried(load(key))])
                settle(place, answer)
                return answer

            if len(keys) == 1:
                return [await answered(0, keys[0])]
            return await gather(*map(answered, range(len(keys)), keys))

        return Loader(batch)

    def _noted(self, results: Results[V]) -> list[Timestamped[V]]:
        for result in results:
            if isinstance(result, Timestamped):
                self.freshness.note(result)
        return cast(list[Timestamped[V]], results)


async def _tried(call: Awaitable[Timestamped[V]]) -> Timestamped[V] | Exception:
    """What comes of a call, be it an error, which is an answer like any other to a loader."""
    try:
        return await call
    except Exception as error:
        return error
