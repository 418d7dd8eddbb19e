"""DefiLlama: prices of coins of all kinds, Algorand's among them, with how sure it is of them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from upstreams.decoding import decimals, strict_json
from upstreams.decoding.strict_json import NotAsDocumented
from upstreams.http.client import HttpClient
from upstreams.prices.quotes import ALGO, Quote

URL = "https://coins.llama.fi"
_ALGO, _ASSET = "coingecko:algorand", "algorand:"


class DefiLlama:
    """It names assets by chain and number, and the chain's own coin by another list."""

    name = "DefiLlama"
    attribution = "Prices by DefiLlama"
    # They are in the path, which servers cut off at some thousands of letters.
    most = 100

    def __init__(self, http: HttpClient) -> None:
        self.http = http

    async def quotes(self, asset_ids: Sequence[int]) -> dict[int, Quote]:
        names = ",".join(_ALGO if each == ALGO else f"{_ASSET}{each}" for each in asset_ids)
        return await self.http.get(
            f"/prices/current/{names}", (), read_prices, template="/prices/current/{coins}"
        )


def read_prices(body: bytes) -> dict[int, Quote]:
    """The prices in a body by asset id; one that cannot be read is as good as none."""
    answer = strict_json.exactly(body)
    coins = answer.get("coins") if isinstance(answer, dict) else None
    if not isinstance(coins, dict):
        raise NotAsDocumented("no object as `coins`")
    quotes = (_quote(name, coin) for name, coin in coins.items() if isinstance(coin, dict))
    return {quote.asset_id: quote for quote in quotes if quote is not None}


def _quote(name: str, coin: dict[str, Any]) -> Quote | None:
    number = "0" if name == _ALGO else name.removeprefix(_ASSET)
    if not (number.isascii() and number.isdigit() and len(number) < 20):
        return None
    said = coin.get("timestamp")
    return Quote(
        asset_id=int(number),
        usd=_figure(coin.get("price")) or None,
        quoted_at=said if type(said) is int and said > 0 else None,
        confidence=_figure(coin.get("confidence")),
    )


def _figure(value: object) -> Decimal | None:
    figure = decimals.of_json(value)
    return None if figure is None or figure < 0 else figure
