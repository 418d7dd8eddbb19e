"""`open_upstreams`: builds both gateways from the configuration and closes them again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from upstreams.algod import Algod
from upstreams.algorand import Algorand
from upstreams.config import UpstreamConfig
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
    oneinch = OneInch.open(
        config.oneinch_url, config.oneinch_api_key, transport=config.oneinch_transport
    )
    algod = Algod.open(config.algod_url, config.algod_token, transport=config.algod_transport)
    try:
        yield Upstreams(Portfolio(oneinch, config), Algorand(algod, config))
    finally:
        await oneinch.aclose()
        await algod.aclose()
