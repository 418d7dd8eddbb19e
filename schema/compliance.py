"""Whether a wallet may be dealt with."""

from datetime import datetime

import strawberry

from resolvers import compliance as resolve

ComplianceVerdict = strawberry.enum(
    resolve.Verdict,
    name="ComplianceVerdict",
    description="What is known of an address: CLEAR and FLAGGED only where whoever was asked says "
    "so in as many words; UNKNOWN for every doubt, which is no reason to trust it.",
)


@strawberry.type(description="A verdict on an address, by whomever the operator has configured.")
class Compliance:
    verdict: ComplianceVerdict = strawberry.field(  # type: ignore[valid-type]
        description="What is known of the address."
    )
    source: str | None = strawberry.field(
        description="Who was asked: `portfolio`, the source's own check, or `list`, the "
        "operator's; null where nobody was."
    )
    checked_at: datetime | None = strawberry.field(
        description="When the source was asked; null for a list, and where nobody was."
    )
    reason: str | None = strawberry.field(description="Why it is UNKNOWN; null where it is not.")
