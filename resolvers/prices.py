"""What Algorand's assets cost in US dollars, where a provider of prices is on."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from resolvers.algorand import algo_units, is_mainnet
from resolvers.links import link
from resolvers.loaders import Loaders
from upstreams.decoding import decimals
from upstreams.prices.quotes import ALGO, Quote, Verification
from upstreams.source.timestamped import Timestamped, moment

__all__ = ["ALGO", "Price", "Verification"]


@dataclass(frozen=True, slots=True)
class Price:
    """What a whole unit costs, when that was said and by whom, and how far to rely on it."""

    usd: Decimal
    as_of: datetime
    is_stale: bool
    source: str
    attribution: str
    confidence: Decimal | None
    liquidity_usd: Decimal | None


async def is_on(loaders: Loaders) -> bool:
    """Whether there are prices of the network served: providers know those of MainNet."""
    return loaders.upstreams.prices is not None and await is_mainnet(loaders)


async def price(loaders: Loaders, asset_id: int) -> Price | None:
    """What an asset costs; None where nobody says so, or nobody who can be relied on."""
    if not await is_on(loaders):
        return None
    return price_in(loaders, await loaders.quote.load(asset_id))


async def verification(loaders: Loaders, asset_id: int) -> Verification | None:
    """What the provider thinks of an asset; None where there is none."""
    if not await is_on(loaders):
        return None
    quote = (await loaders.quote.load(asset_id)).value
    return Verification.UNKNOWN if quote is None else quote.verification


async def logo(loaders: Loaders, asset_id: int) -> str | None:
    """Where the provider has a picture of an asset."""
    if not await is_on(loaders):
        return None
    quote = (await loaders.quote.load(asset_id)).value
    return None if quote is None else link(quote.logo)


async def value_usd(loaders: Loaders, asset_id: int, units: Decimal | None) -> Decimal | None:
    """What so many whole units are worth; None where no price is known. Nothing is worth 0."""
    if not await is_on(loaders):
        return None
    if not units:
        return units
    found = await price(loaders, asset_id)
    return None if found is None else decimals.multiply(units, found.usd)


async def algo_value_usd(loaders: Loaders, microalgos: int) -> Decimal | None:
    """What so many microAlgos are worth."""
    return await value_usd(loaders, ALGO, algo_units(microalgos))


def price_in(loaders: Loaders, dated: Timestamped[Quote | None]) -> Price | None:
    """The price in a quote, if it may be relied on."""
    prices, quote = loaders.upstreams.prices, dated.value
    if prices is None or quote is None or quote.usd is None or not prices.counts(quote):
        return None
    return Price(
        quote.usd,
        dated.as_of if quote.quoted_at is None else min(dated.as_of, moment(quote.quoted_at)),
        dated.is_stale,
        prices.provider,
        prices.attribution,
        quote.confidence,
        quote.liquidity_usd,
    )
