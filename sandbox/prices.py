"""Three services that price Algorand's assets, played: Vestige, DefiLlama and Pera.

An asset's price follows from its id alone, and is the same in all three. Some assets have a pool of
a few dollars that makes them dear, some are known for a fraud, and many have no price at all.
"""

import time
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.assets import USDC, USDT, asset, is_nft_id
from sandbox.calls import Calls
from sandbox.dice import Dice
from sandbox.faults import Faults
from sandbox.replies import json_bytes
from sandbox.stage import Stage

ALGO = 0
PRICES_PATHS = ("/assets/price", "/prices/current/", "/v1/public/")
_JSON = "application/json"


class Market(NamedTuple):
    """What an asset costs in dollars, what lies in its pools, and what Pera says of it."""

    usd: Decimal | None
    lockup: Decimal
    confidence: Decimal
    tier: str = "unverified"


_NONE = Market(None, Decimal(0), Decimal(0))
_KNOWN = {
    ALGO: Market(Decimal("0.2231847"), Decimal("2412345.67"), Decimal("0.99"), "trusted"),
    USDC: Market(Decimal("0.99984"), Decimal("5120034.5"), Decimal("0.99"), "verified"),
    USDT: Market(Decimal("1.00031"), Decimal("310211.25"), Decimal("0.97"), "verified"),
}


@lru_cache(maxsize=4096)
def market(asset_id: int) -> Market:
    """What the services know of the asset."""
    if asset_id in _KNOWN:
        return _KNOWN[asset_id]
    found = asset(asset_id)
    if found is None or found.total <= 1 or is_nft_id(asset_id):
        return _NONE
    dice = Dice(f"price {asset_id}")
    usd = Decimal(dice.between(1, 10**7)).scaleb(-dice.between(4, 12))
    match dice.below(5):
        case 0:
            return _NONE
        case 1:
            # A pool of dust: whoever filled it says what it is worth.
            return Market(usd * 10**6, Decimal(dice.between(1, 99)), Decimal("0.08"))
        case 2:
            return Market(
                usd, Decimal(dice.between(10**4, 10**6)), Decimal("0.91"), dice.pick(_TIERS)
            )
    return Market(usd, Decimal(dice.between(10**4, 10**6)), Decimal("0.95"))


_TIERS = ("suspicious", "verified")


def prices_app(*, calls: Calls, faults: Faults) -> Starlette:
    """The application: their paths do not clash."""
    routes = [
        Route("/assets/price", _vestige),
        Route("/prices/current/{names:path}", _defillama),
        Route("/v1/public/assets/{asset_id:int}/", _pera),
    ]
    stage = Middleware(Stage, calls=calls, faults=faults)
    return Starlette(
        routes=routes, middleware=[stage], exception_handlers={HTTPException: _refused}
    )


async def _vestige(request: Request) -> Response:
    asset_ids = [int(each) for each in request.query_params["asset_ids"].split(",")]
    denominating = int(request.query_params["denominating_asset_id"])
    rows = [
        {
            "network_id": int(request.query_params["network_id"]),
            "asset_id": asset_id,
            "denominating_asset_id": denominating,
            "price": found.usd,
            "confidence": found.confidence,
            "total_lockup": found.lockup,
        }
        for asset_id, found in ((each, market(each)) for each in asset_ids)
        if found.usd is not None
    ]
    return Response(json_bytes(rows), media_type=_JSON)


async def _defillama(request: Request) -> Response:
    coins = {}
    for name in request.path_params["names"].split(","):
        found = market(ALGO if name == "coingecko:algorand" else int(name.rpartition(":")[2]))
        if found.usd is not None:
            coins[name] = {
                "price": found.usd,
                "symbol": "ALGO",
                "timestamp": int(time.time()),
                "confidence": found.confidence,
            }
    return Response(json_bytes({"coins": coins}), media_type=_JSON)


async def _pera(request: Request) -> Response:
    asset_id = request.path_params["asset_id"]
    if asset_id != ALGO and asset(asset_id) is None:
        raise HTTPException(404)
    found = market(asset_id)
    body = {
        "asset_id": asset_id,
        "usd_value": None if found.usd is None else f"{found.usd:f}",
        "verification_tier": found.tier,
        "logo": f"https://example.org/logos/{asset_id}.png" if found.tier == "verified" else None,
        "is_collectible": is_nft_id(asset_id),
    }
    return Response(json_bytes(body), media_type=_JSON)


async def _refused(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return Response(json_bytes({"detail": "Not found."}), status, media_type=_JSON)
