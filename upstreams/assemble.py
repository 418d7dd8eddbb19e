"""`open_upstreams`: builds both gateways from the configuration and closes them again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from upstreams.algod import Algod
from upstreams.algorand import Algorand
from upstreams.config import UpstreamConfig
from upstreams.http import Http
from upstreams.oneinch import OneInch
from upstreams.portfolio import Portfolio

__all__ = ["UpstreamConfig", "Upstreams", "open_upstreams"]


@dataclass(frozen=True, slots=True)
class Upstreams:
    """The gateways of one process."""

    portfolio: Portfolio
    algorand: Algorand


@asynccontextmanager
async def open_upstreams(config: UpstreamConfig) -> AsyncIterator[Upstreams]:
    """Open what `config` describes; on leaving, nothing of it is left running."""
    oneinch_auth = (
        {"Authorization": f"Bearer {config.oneinch_api_key}"} if config.oneinch_api_key else {}
    )
    algod_auth = {"X-Algo-API-Token": config.algod_token} if config.algod_token else {}
    oneinch = Http(
        config.oneinch_url,
        headers=oneinch_auth,
        source="portfolio",
        transport=config.oneinch_transport,
    )
    algod = Http(
        config.algod_url,
        headers=algod_auth,
        source="algorand",
        transport=config.algod_transport,
    )
    try:
        yield Upstreams(Portfolio(OneInch(oneinch), config), Algorand(Algod(algod), config))
    finally:
        await oneinch.aclose()
        await algod.aclose()
