"""Vestige: prices of Algorand's assets from the pools of its exchanges, with what is in them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from upstreams.decoding import decimals, strict_json
from upstreams.decoding.strict_json import NotAsDocumented
from upstreams.http.client import HttpClient
from upstreams.prices.quotes import Quote

URL = "https://api.vestigelabs.org"
_MAINNET, _USDC = 0, 31566704


class Vestige:
    """Prices in USDC, which is what it has of dollars."""

    name = "Vestige"
    attribution = "Prices by Vestige"
    # As many as its own clients ask for at once.
    most = 25

    def __init__(self, http: HttpClient) -> None:
        self.http = http

    async def quotes(self, asset_ids: Sequence[int]) -> dict[int, Quote]:
        params = [
            ("network_id", str(_MAINNET)),
            ("asset_ids", ",".join(map(str, asset_ids))),
            ("denominating_asset_id", str(_USDC)),
        ]
        return await self.http.get("/assets/price", params, read_prices)


def read_prices(body: bytes) -> dict[int, Quote]:
    """The prices in a body by asset id; a row that cannot be read is as good as none."""
    rows = strict_json.exactly(body)
    if not isinstance(rows, list):
        raise NotAsDocumented("no list")
    quotes = (_quote(row) for row in rows if isinstance(row, dict))
    return {quote.asset_id: quote for quote in quotes if quote is not None}


def _quote(row: dict[str, Any]) -> Quote | None:
    asset_id, usd = row.get("asset_id"), _figure(row.get("price"))
    if type(asset_id) is not int or row.get("denominating_asset_id", _USDC) != _USDC:
        return None
    return Quote(
        asset_id=asset_id,
        # It says 0 of what nobody trades.
        usd=usd or None,
        confidence=_figure(row.get("confidence")),
        liquidity_usd=_figure(row.get("total_lockup")),
    )


def _figure(value: object) -> Decimal | None:
    figure = decimals.of_json(value)
    return None if figure is None or figure < 0 else figure
