"""The parts an answer is put together of, as clients see them."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from resolvers import part
from resolvers.wallet import MAX_WALLETS
from resolvers.wallet import Ecosystem as EcosystemRecord
from schema.directives import sized

_WALLET: Any = Annotated["Wallet", strawberry.lazy("schema.wallet")]  # noqa: F821

Ecosystem = strawberry.enum(
    EcosystemRecord,
    name="Ecosystem",
    description="The family of chains an address belongs to, read off its own form.",
)
PartState = strawberry.enum(
    part.PartState,
    name="PartState",
    description="Whether a part of an answer is there: FRESH, STALE where an older one stands in "
    "for it, MISSING where none could be had.",
)


@strawberry.type(description="One of the parts that an answer is put together of.")
class PortfolioPart:
    source: str = strawberry.field(
        description="What it tells of: `tokens`, what is in EVM wallets themselves; `protocols`, "
        "what they have in protocols; `algorand`, what Algorand accounts hold."
    )
    ecosystem: Ecosystem = strawberry.field(  # type: ignore[valid-type]
        description="The family of chains it is of."
    )
    state: PartState = strawberry.field(  # type: ignore[valid-type]
        description="Whether it is there."
    )
    code: str | None = strawberry.field(
        description="Why it is missing: an error code, or NO_PRICES where nothing says what its "
        "assets are worth, NO_PAST where its source knows the present alone, TOO_MANY_ASSETS where "
        "it would take too many calls; null if it is there."
    )
    retry_after: float | None = strawberry.field(
        description="After how many seconds it may be had, where that is known."
    )
    as_of: datetime | None = strawberry.field(
        description="When the source computed it, or else when it gave it: of several wallets the "
        "oldest time; null if it is missing."
    )
    wallets: list[_WALLET] = strawberry.field(
        description="The wallets it is of.", directives=sized(MAX_WALLETS)
    )
