"""general/current_value: what the source itself says that wallets are worth together."""

from contextlib import suppress
from decimal import Decimal

from msgspec import Struct

from upstreams.decoding import decimals, strict_json
from upstreams.decoding.split_json import NotCut
from upstreams.decoding.strict_json import NotAsDocumented
from upstreams.oneinch.envelope import Meta, opened


class SourceTotal(Struct, frozen=True):
    """In US dollars, and the Unix second in which it was computed, where the source says so."""

    total_usd: Decimal
    cached_at: int | None = None


def read_total(body: bytes) -> SourceTotal:
    """The total in a body, in an envelope or bare; NotAsDocumented where there is none."""
    meta = Meta()
    # Without an envelope it is the result itself.
    with suppress(NotCut):
        body, meta = opened(body)
    value = strict_json.exactly(body)
    said = value.get("total") if isinstance(value, dict) else None
    total = decimals.of_json(said)
    if total is None:
        raise NotAsDocumented("no number as `total`")
    return SourceTotal(total, meta.cached_at)
