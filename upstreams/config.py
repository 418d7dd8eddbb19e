"""`UpstreamConfig`: all that the gateways can be told, with the documented defaults."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from upstreams.http import Transport

Clock = Callable[[], float]


@dataclass(frozen=True)
class UpstreamConfig:
    """The settings that concern upstreams, under the lower-case names of their variables.

    Times are in seconds; a TTL of 0 turns that cache off. The transports are the seam for the
    sandbox and for tests; `wall` (Unix time) dates answers, `clock` (monotonic) ages them
    and paces calls.
    """

    oneinch_url: str = "https://api.1inch.dev"
    oneinch_api_key: str | None = None
    oneinch_rps: float = 1.0
    oneinch_max_batch: int = 50
    replicas: int = 1
    algod_url: str = "https://mainnet-api.4160.nodely.dev"
    algod_token: str | None = None
    algod_rps: float = 40.0
    algod_concurrency: int = 10
    portfolio_ttl_seconds: float = 30.0
    algorand_ttl_seconds: float = 5.0
    asset_ttl_seconds: float = 86_400.0
    stale_seconds: float = 3_600.0
    redis_url: str | None = None
    request_deadline_seconds: float = 10.0
    sandbox: bool = False
    oneinch_transport: Transport | None = None
    algod_transport: Transport | None = None
    clock: Clock = time.monotonic
    wall: Clock = time.time

    @property
    def mode(self) -> str:
        return "SANDBOX" if self.sandbox else "LIVE"
