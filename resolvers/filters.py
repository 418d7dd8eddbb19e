"""What the filters of all lists have in common."""

from decimal import Decimal

from resolvers.errors import BadArgument
from resolvers.text import fold

# Of a text looked for, and of one ordered by.
MAX_TEXT = 256


def text_wanted(text: str | None) -> str | None:
    """The text to look for in folded texts; None where any will do."""
    if text is not None and len(text) > MAX_TEXT:
        raise BadArgument(f"filter.text may have {MAX_TEXT} characters at most")
    return fold(text) if text else None


def least_value(usd: Decimal | None) -> Decimal | None:
    """The least value to keep, whatever its sign; None where any will do."""
    if usd is not None and usd < 0:
        raise BadArgument("filter.minValueUsd must not be negative")
    return usd
