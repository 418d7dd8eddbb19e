"""`UpstreamConfig`: all that the gateways can be told, with the documented defaults."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from upstreams.clock import Clock
from upstreams.http.client import Transport
from upstreams.observer import NOBODY, Observer


def _never() -> bool:
    return False


@dataclass(frozen=True)
class UpstreamConfig:
    """The settings that concern upstreams, under the lower-case names of their variables.

    Times are in seconds; a TTL of 0 turns that cache off. The transports are the seam for the
    sandbox and for tests; `wall` (Unix time) dates answers, `clock` (monotonic) ages them and
    paces calls; `observer` is told of calls and of the cache; while `is_pressed` says so no new
    call is made, and what is kept is all there is. The `workers` processes of one replica share
    their budgets through files in the folder `budgets`, where there is no Redis.
    """

    oneinch_url: str = "https://api.1inch.dev"
    oneinch_api_key: str | None = None
    oneinch_rps: float = 1.0
    oneinch_max_batch: int = 50
    replicas: int = 1
    workers: int = 1
    budgets: str | None = None
    algod_url: str = "https://mainnet-api.4160.nodely.dev"
    algod_token: str | None = None
    algod_rps: float = 40.0
    algod_concurrency: int = 10
    portfolio_ttl_seconds: float = 30.0
    chart_ttl_seconds: float = 300.0
    metrics_ttl_seconds: float = 300.0
    chains_ttl_seconds: float = 86_400.0
    protocols_ttl_seconds: float = 3_600.0
    algorand_ttl_seconds: float = 5.0
    asset_ttl_seconds: float = 86_400.0
    stale_seconds: float = 3_600.0
    algorand_prices: str = "none"
    algorand_prices_url: str | None = None
    algorand_prices_rps: float = 2.0
    algorand_prices_ttl_seconds: float = 60.0
    algorand_min_liquidity_usd: Decimal = Decimal(1_000)
    algorand_min_confidence: Decimal = Decimal("0.5")
    compliance: str = "off"
    compliance_list: str | None = None
    compliance_pointer: str = "/{address}/is_compliant"
    compliance_clear: str = "true"
    compliance_flagged: str = "false"
    redis_url: str | None = None
    upstream_proxy: str | None = field(default=None, repr=False)
    request_deadline_seconds: float = 10.0
    sandbox: bool = False
    oneinch_transport: Transport | None = None
    algod_transport: Transport | None = None
    prices_transport: Transport | None = None
    clock: Clock = time.monotonic
    wall: Clock = time.time
    observer: Observer = NOBODY
    is_pressed: Callable[[], bool] = _never

    @property
    def mode(self) -> str:
        return "SANDBOX" if self.sandbox else "LIVE"
