"""`Quote`: what a provider says an asset is worth, and how far that can be relied on."""

from collections.abc import Sequence
from decimal import Decimal
from enum import Enum
from typing import Protocol

from msgspec import Struct

from upstreams.http.client import HttpClient

ALGO = 0
"""What stands for the network's own coin among asset ids: no asset has the number."""


class Verification(Enum):
    """What a provider thinks of an asset and its maker."""

    VERIFIED = "VERIFIED"
    UNVERIFIED = "UNVERIFIED"
    SUSPICIOUS = "SUSPICIOUS"
    UNKNOWN = "UNKNOWN"


class Quote(Struct, frozen=True, kw_only=True):
    """What is known of one asset; None stands for what the provider does not say.

    `usd` is the price of a whole unit, exactly as sent; `liquidity_usd` what lies in the pools that
    make it, and `confidence` how sure the provider is of it, from 0 to 1. `quoted_at` (Unix
    seconds) is when the provider made the price.
    """

    asset_id: int
    usd: Decimal | None = None
    quoted_at: int | None = None
    confidence: Decimal | None = None
    liquidity_usd: Decimal | None = None
    verification: Verification = Verification.UNKNOWN
    logo: str | None = None


class Provider(Protocol):
    """One service that knows prices of Algorand's assets on MainNet; methods raise UpstreamError.

    `most` assets fit in one call. `attribution` is what the service wants said where its figures
    are shown.
    """

    name: str
    attribution: str
    most: int
    http: HttpClient

    async def quotes(self, asset_ids: Sequence[int]) -> dict[int, Quote]:
        """What it says of those assets; one that it does not know is left out."""
