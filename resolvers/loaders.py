"""One dataloader a resource, made anew for each request, over the gateways of the process."""

from asyncio import Future, gather
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, TypeVar, cast

from aiodataloader import DataLoader, failed_dispatch
from aiodataloader import Loader as Wish

from resolvers.errors import TooCostly
from resolvers.shelf import Shelves
from upstreams.algod import Account, Asset, AssetPage, Versions
from upstreams.algorand import PageKey
from upstreams.assemble import Upstreams
from upstreams.dated import Dated
from upstreams.errors import UpstreamError
from upstreams.oneinch import Position, ServiceStatus, TokenInfo
from upstreams.portfolio import SnapshotKey, TokenKey

K = TypeVar("K")
V = TypeVar("V")

MOST_ROWS = 1_000_000

# The gateways answer one by one where a batch partly fails; aiodataloader takes exceptions as
# results but its types do not say so.
_ONLY = "only"  # The key of what there is one of; aiodataloader refuses None.

Results = Sequence[Dated[V] | Exception]


@dataclass(slots=True)
class Freshness:
    """How long what a request has read stays fresh: the shortest of all, None before any."""

    max_age: float | None = None
    is_stale: bool = False

    def note(self, dated: Dated[Any]) -> None:
        if dated.is_stale:
            self.is_stale = True
        self.shorten(dated.max_age)

    def shorten(self, seconds: float) -> None:
        """Note that something read is fresh for no longer than this."""
        if self.max_age is None or seconds < self.max_age:
            self.max_age = seconds


class Loader(DataLoader[K, V]):
    """aiodataloader's, with one task for a batch in place of two, and nothing checked in it."""

    def do_resolve_reject(self, key: K, future: Future[V]) -> None:
        """Put a key in the next batch."""
        self._queue.append(Wish(key, future))
        if len(self._queue) == 1:
            # A task begins a turn of the loop after it is made, and this one is made a turn from
            # now: fields that need a turn more to get here still share the batch.
            self.loop.call_soon(self.loop.create_task, self._fulfil())

    async def _fulfil(self) -> None:
        wishes, self._queue = self._queue, []
        try:
            answers = await self.batch_load_fn([wish.key for wish in wishes])
        except Exception as error:
            failed_dispatch(self, wishes, error)
            return
        for wish, answer in zip(wishes, answers, strict=True):
            if not wish.future.done():
                if isinstance(answer, Exception):
                    wish.future.set_exception(answer)
                else:
                    wish.future.set_result(answer)


class Loaders:
    """The loaders of one request, each made when first used, inside the event loop that runs it."""

    def __init__(self, upstreams: Upstreams, shelves: Shelves, most_rows: int = MOST_ROWS) -> None:
        """`most_rows`: how many rows may be looked through, once for each filter and order."""
        self.upstreams = upstreams
        self.shelves = shelves
        self._most_rows = most_rows
        self._rows = 0
        self.freshness = Freshness()
        self.made: dict[Hashable, Any] = {}
        """What resolvers made of what was loaded and need again within the request."""

    @cached_property
    def snapshot(self) -> DataLoader[SnapshotKey, Dated[tuple[Position, ...]]]:
        return self._batched(self.upstreams.portfolio.snapshots)

    @cached_property
    def token(self) -> DataLoader[TokenKey, Dated[TokenInfo | None]]:
        return self._batched(self.upstreams.portfolio.tokens)

    @cached_property
    def asset_page(self) -> DataLoader[PageKey, Dated[AssetPage]]:
        return self._single(self.upstreams.algorand.asset_page)

    @cached_property
    def account(self) -> DataLoader[str, Dated[Account]]:
        return self._single(self.upstreams.algorand.account)

    @cached_property
    def asset(self) -> DataLoader[int, Dated[Asset | None]]:
        """Assets whose roles and existence are of this minute."""
        return self._single(self.upstreams.algorand.asset)

    @cached_property
    def held_asset(self) -> DataLoader[int, Dated[Asset | None]]:
        """Assets that someone holds no unit of: those that are missing were destroyed."""
        return self._single(self.upstreams.algorand.held_asset)

    @cached_property
    def lasting_asset(self) -> DataLoader[int, Dated[Asset | None]]:
        """Assets for what never changes in them; the rest may be as old as a day."""
        return self._single(partial(self.upstreams.algorand.asset, roles=False))

    @cached_property
    def _service_status(self) -> DataLoader[str, Dated[ServiceStatus]]:
        return self._single(lambda _: self.upstreams.portfolio.status())

    @cached_property
    def _versions(self) -> DataLoader[str, Dated[Versions]]:
        return self._single(lambda _: self.upstreams.algorand.versions())

    def look_through(self, rows: int) -> None:
        """Count rows that are about to be filtered and ordered; TooCostly beyond the bound."""
        if self._rows + rows > self._most_rows:
            raise TooCostly(
                f"The operation looks through more than {self._most_rows} positions: ask for fewer"
                " wallets, filters or orders at once."
            )
        self._rows += rows

    def close(self) -> None:
        """Let go of all that was loaded, once the answer is made.

        What refers to loaders and what they refer to hold each other: without this the answers of
        upstreams stay in memory until the garbage collector comes by.
        """
        for name, value in list(vars(self).items()):
            if isinstance(value, DataLoader):
                value.clear_all()
                del self.__dict__[name]
        self.made.clear()

    async def service_status(self) -> Dated[ServiceStatus]:
        """The portfolio source's word on itself."""
        return await self._service_status.load(_ONLY)

    async def versions(self) -> Dated[Versions]:
        """The Algorand node's release and network."""
        return await self._versions.load(_ONLY)

    def _batched(
        self, load: Callable[[Sequence[K]], Awaitable[list[Dated[V] | UpstreamError]]]
    ) -> DataLoader[K, Dated[V]]:
        async def batch(keys: list[K]) -> list[Dated[V]]:
            return self._noted(await load(keys))

        return Loader(batch)

    def _single(self, load: Callable[[K], Awaitable[Dated[V]]]) -> DataLoader[K, Dated[V]]:
        async def batch(keys: list[K]) -> list[Dated[V]]:
            calls = [_tried(load(key)) for key in keys]
            return self._noted([await calls[0]] if len(calls) == 1 else await gather(*calls))

        return Loader(batch)

    def _noted(self, results: Results[V]) -> list[Dated[V]]:
        for result in results:
            if isinstance(result, Dated):
                self.freshness.note(result)
        return cast(list[Dated[V]], results)


async def _tried(call: Awaitable[Dated[V]]) -> Dated[V] | Exception:
    """What comes of a call, be it an error, which is an answer like any other to a loader."""
    try:
        return await call
    except Exception as error:
        return error
