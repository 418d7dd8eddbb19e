"""`Portfolio`: the gateway to 1inch, which asks for wallets, tokens and the service's state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from upstreams.config import UpstreamConfig
from upstreams.dated import Dated, moment
from upstreams.errors import UpstreamError
from upstreams.oneinch import OneInch, Position, ServiceStatus, TokenInfo
from upstreams.state import SourceState


class SnapshotKey(NamedTuple):
    """What one wallet held: lower-case address, one chain or all, now or at a Unix second."""

    address: str
    chain_id: int | None
    at: int | None


class TokenKey(NamedTuple):
    """A token contract: chain id and lower-case address."""

    chain_id: int
    address: str


class Portfolio:
    """One per process, over one 1inch account."""

    def __init__(self, client: OneInch, config: UpstreamConfig) -> None:
        self._client = client
        self._config = config
        self._calls = 0

    async def snapshots(
        self, keys: Sequence[SnapshotKey]
    ) -> list[Dated[tuple[Position, ...]] | UpstreamError]:
        return [await self._snapshot(key) for key in keys]

    async def _snapshot(self, key: SnapshotKey) -> Dated[tuple[Position, ...]] | UpstreamError:
        self._calls += 1
        try:
            rows = await self._client.snapshot([key.address], key.chain_id, key.at)
        except UpstreamError as error:
            return error
        for row in rows:
            msgspec.structs.force_setattr(row, "wallet", key.address)
            msgspec.structs.force_setattr(row, "at", key.at)
        return Dated(rows, moment(self._config.wall()), False, 0.0)

    async def status(self) -> Dated[ServiceStatus]:
        self._calls += 1
        return Dated(await self._client.status(), moment(self._config.wall()), False, 0.0)

    async def tokens(
        self, keys: Sequence[TokenKey]
    ) -> list[Dated[TokenInfo | None] | UpstreamError]:
        found: list[Dated[TokenInfo | None] | UpstreamError] = []
        for key in keys:
            self._calls += 1
            try:
                tokens = await self._client.tokens(key.chain_id, [key.address])
            except UpstreamError as error:
                found.append(error)
            else:
                info = tokens.get(key.address)
                found.append(Dated(info, moment(self._config.wall()), False, 0.0))
        return found

    def state(self) -> SourceState:
        rps = self._config.oneinch_rps
        mode = self._config.mode
        return SourceState(
            "portfolio", mode, rps, rps, 0, "CLOSED", self._calls, 0, 0.0, None, True, None
        )
