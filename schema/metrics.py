"""What positions and portfolios earned over a range of time."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import strawberry

from resolvers.wallet import MAX_WALLETS
from schema.connection import STALE
from schema.directives import sized
from schema.history import TimeRange
from schema.token import TokenBalance

_WALLET: Any = Annotated["Wallet", strawberry.lazy("schema.wallet")]  # noqa: F821
_FEW = sized(2)


@strawberry.type(
    description="What a position earned over a range of time, as the source reckons it: moves of "
    "prices, rewards and fees together, neither realised nor by cost, and no basis for taxes. Null "
    "is what is not known, 0 what is known to be nothing."
)
class PositionMetrics:
    range: TimeRange = strawberry.field(  # type: ignore[valid-type]
        description="The range asked for."
    )
    profit_usd: Decimal | None = strawberry.field(
        description="What it won over the range in US dollars; below 0 what it lost."
    )
    roi: Decimal | None = strawberry.field(
        description="The return over the range as the source gives it: a ratio (0.187 is 18.7 %)."
    )
    apr: Decimal | None = strawberry.field(
        description="The return a year as the source gives it: a ratio. Tokens have none."
    )
    holding_days: int | None = strawberry.field(description="For how many whole days it was held.")
    rewards_usd: Decimal | None = strawberry.field(description="Its rewards in US dollars.")
    rewards: list[TokenBalance] | None = strawberry.field(
        description="Its rewards.", directives=_FEW
    )
    claimed_fees_usd: Decimal | None = strawberry.field(
        description="The fees taken out, in US dollars."
    )
    claimed_fees: list[TokenBalance] | None = strawberry.field(
        description="The fees taken out.", directives=_FEW
    )
    unclaimed_fees_usd: Decimal | None = strawberry.field(
        description="The fees still in it, in US dollars; `Position.rewardTokens` may be the same."
    )
    unclaimed_fees: list[TokenBalance] | None = strawberry.field(
        description="The fees still in it.", directives=_FEW
    )
    impermanent_loss_usd: Decimal | None = strawberry.field(
        description="What it won against holding its tokens, in US dollars; below 0 what it lost."
    )
    impermanent_loss: list[TokenBalance] | None = strawberry.field(
        description="The same by token.", directives=_FEW
    )
    as_of: datetime = strawberry.field(
        description="When the source computed this answer, or else when it gave it."
    )
    is_stale: bool = strawberry.field(description=STALE)


@strawberry.type(
    description="What wallets earned together over a range of time: exact sums of what the source "
    "says of each position, null where it says it of none. Returns are ratios, and ratios do not "
    "add up: there is none here."
)
class PortfolioMetrics:
    range: TimeRange = strawberry.field(  # type: ignore[valid-type]
        description="The range asked for."
    )
    profit_usd: Decimal | None = strawberry.field(
        description="What was won over the range in US dollars; below 0 what was lost."
    )
    rewards_usd: Decimal | None = strawberry.field(description="Rewards in US dollars.")
    claimed_fees_usd: Decimal | None = strawberry.field(
        description="Fees taken out, in US dollars."
    )
    unclaimed_fees_usd: Decimal | None = strawberry.field(
        description="Fees still in positions, in US dollars."
    )
    impermanent_loss_usd: Decimal | None = strawberry.field(
        description="What was won against holding the tokens, in US dollars; below 0 what was lost."
    )
    position_count: int = strawberry.field(description="How many positions the source tells of.")
    unmatched_count: int = strawberry.field(
        description="How many more it tells of that are not held now, such as those closed since: "
        "they are in the sums."
    )
    missing_count: int = strawberry.field(
        description="Of how many positions it tells nothing: they are in no sum."
    )
    covers: list[_WALLET] = strawberry.field(
        description="The wallets it is of.", directives=sized(MAX_WALLETS)
    )
    as_of: datetime = strawberry.field(
        description="When the source computed the oldest part, or else when it gave it."
    )
    is_stale: bool = strawberry.field(description=STALE)
