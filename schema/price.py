"""What an Algorand asset costs, and what is thought of it."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry

from resolvers import prices as resolve
from schema.calls import QUOTE
from schema.connection import STALE
from schema.fields import derived

QUOTE_COST = 2
"""What a price weighs in the cost of an operation: many come with one call."""

AlgorandVerification = strawberry.enum(
    resolve.Verification,
    name="AlgorandVerification",
    description="What the provider of prices thinks of an asset and its maker: VERIFIED; "
    "UNVERIFIED, nobody has looked; SUSPICIOUS, known for a fraud, so that its price counts for "
    "nothing; UNKNOWN, it does not say.",
)


@strawberry.type(description="What a whole unit costs, by a provider of prices.")
class Price:
    usd: Decimal = strawberry.field(description="US dollars for one whole unit, as it was sent.")
    as_of: datetime = strawberry.field(description="When the provider said so.")
    is_stale: bool = strawberry.field(description=STALE)
    source: str = strawberry.field(description="What the provider is called.")
    attribution: str = strawberry.field(
        description="What the provider wants said where its figures are shown."
    )
    confidence: Decimal | None = strawberry.field(
        description="How sure the provider is of it, from 0 to 1; null where it does not say."
    )
    liquidity_usd: Decimal | None = strawberry.field(
        description="US dollars in the pools that make it; null where the provider does not say."
    )


def priced(description: str, *, graphql_type: Any) -> Callable[[Callable[..., Any]], Any]:
    """A field that may ask the provider of prices: one call for many assets, kept for a minute."""
    return derived(
        f"{description} Null where no provider of prices is on.",
        graphql_type=graphql_type,
        calls=QUOTE,
        cost=QUOTE_COST,
    )
