"""`Algorand`: the gateway to algod, which asks for accounts, their assets and the node's state."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import NamedTuple, TypeVar

from upstreams.algod import Account, Algod, Asset, AssetPage, NodeStatus, Versions
from upstreams.config import UpstreamConfig
from upstreams.dated import Dated, moment
from upstreams.state import SourceState

T = TypeVar("T")


class PageKey(NamedTuple):
    """One page of an account's assets: at most `limit` of them with ids above `after`."""

    address: str
    limit: int
    after: int | None


class Algorand:
    """One per process, over one algod node."""

    def __init__(self, client: Algod, config: UpstreamConfig) -> None:
        self._client = client
        self._config = config
        self._calls = 0

    async def asset_page(self, key: PageKey) -> Dated[AssetPage]:
        return await self._dated(self._client.account_assets(*key))

    async def account(self, address: str) -> Dated[Account]:
        return await self._dated(self._client.account(address))

    async def asset(self, asset_id: int) -> Dated[Asset | None]:
        return await self._dated(self._client.asset(asset_id))

    async def status(self) -> Dated[NodeStatus]:
        return await self._dated(self._client.status())

    async def versions(self) -> Dated[Versions]:
        return await self._dated(self._client.versions())

    async def ready(self) -> bool:
        return await self._client.ready()

    async def _dated(self, call: Awaitable[T]) -> Dated[T]:
        self._calls += 1
        return Dated(await call, moment(self._config.wall()), False, 0.0)

    def state(self) -> SourceState:
        config = self._config
        rps = config.algod_rps
        return SourceState(
            "algorand",
            config.mode,
            rps,
            rps,
            0,
            "CLOSED",
            self._calls,
            0,
            0.0,
            None,
            False,
            config.algod_concurrency,
        )
