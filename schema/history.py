"""What a portfolio was worth over time."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import strawberry

from resolvers import history
from resolvers.wallet import MAX_WALLETS
from schema.connection import STALE
from schema.directives import sized

_WALLET: Any = Annotated["Wallet", strawberry.lazy("schema.wallet")]  # noqa: F821

TimeRange = strawberry.enum(
    history.TimeRange,
    name="TimeRange",
    description="How far back from now. How close the points are is up to the source: hours for "
    "a day, days for a year.",
)
HistoryIssueKind = strawberry.enum(
    history.IssueKind,
    name="HistoryIssueKind",
    description="What is doubtful about a history: prices that the source itself doubts, a value "
    "of 0 between others, points left out as they cannot be read or are of another time, wallets "
    "that it does not cover.",
)


@strawberry.type(description="What the wallets were worth at a moment.")
class ValuePoint:
    at: datetime = strawberry.field(description="The moment.")
    value_usd: Decimal = strawberry.field(
        description="Assets less debts, in US dollars, digit by digit as the source gave them."
    )


@strawberry.type(description="Something about a history that is doubtful.")
class HistoryIssue:
    kind: HistoryIssueKind = strawberry.field(  # type: ignore[valid-type]
        description="What kind of doubt it is."
    )
    at: datetime | None = strawberry.field(
        description="The moment it is about; null where it is about no single one."
    )
    message: str = strawberry.field(description="A sentence about it.")


@strawberry.type(
    description="What wallets were worth over a range of time. Nothing is added to what the source "
    "said: a gap is a gap, and a doubtful point is kept and named in `issues`."
)
class ValueHistory:
    range: TimeRange = strawberry.field(  # type: ignore[valid-type]
        description="The range asked for."
    )
    points: list[ValuePoint] = strawberry.field(
        description="The points, by time.", directives=sized(365)
    )
    change_usd: Decimal | None = strawberry.field(
        description="The last value less the first that is not 0, in US dollars; null where there "
        "is none."
    )
    change_ratio: Decimal | None = strawberry.field(
        description="The change by that first value, as a ratio of 28 significant digits (0.25 is "
        "a quarter more); null where that value is not above 0."
    )
    issues: list[HistoryIssue] = strawberry.field(
        description="What is doubtful about it.", directives=sized(2)
    )
    is_complete: bool = strawberry.field(description="Whether nothing about it is doubtful.")
    covers: list[_WALLET] = strawberry.field(
        description="The wallets it is of.", directives=sized(MAX_WALLETS)
    )
    as_of: datetime = strawberry.field(
        description="When the source computed this answer, or else when it gave it."
    )
    is_stale: bool = strawberry.field(description=STALE)
