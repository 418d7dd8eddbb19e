"""What 1inch puts around a result: when it was computed, and where the time went."""

from decimal import Decimal
from typing import NamedTuple

from msgspec import Struct

from upstreams.decoding import decimals, strict_json
from upstreams.decoding.split_json import NotCut, fields

TIMINGS = ("click_time", "node_time", "microservices_time", "redis_time", "total_time")


class Meta(Struct, frozen=True, kw_only=True):
    """`cached_at` in Unix seconds, the timings presumably in seconds; None where nothing is said.

    None, too, where what is said cannot be: nothing here is worth failing what it stands beside.
    """

    cached_at: int | None = None
    click_time: Decimal | None = None
    node_time: Decimal | None = None
    microservices_time: Decimal | None = None
    redis_time: Decimal | None = None
    total_time: Decimal | None = None


class Envelope(NamedTuple):
    """The text of a result, and what stands beside it."""

    result: bytes
    meta: Meta


def opened(body: bytes) -> Envelope:
    """The envelope that a JSON text is; NotCut if it is none."""
    values = fields(body)
    if "result" not in values:
        raise NotCut
    return Envelope(values["result"], _meta(values.get("meta", b"null")))


def _meta(text: bytes) -> Meta:
    try:
        value = strict_json.exactly(text)
    except strict_json.NotAsDocumented:
        value = None
    if not isinstance(value, dict):
        return Meta()
    system = value.get("system")
    timings: dict[str, Decimal | None] = {}
    if isinstance(system, dict):
        # An absent one is 0 by the contract.
        timings = {name: decimals.of_json(system.get(name, 0)) for name in TIMINGS}
    said = decimals.of_json(value.get("cached_at"))
    cached_at = None if said is None else decimals.whole(said)
    return Meta(cached_at=unix_seconds(cached_at), **timings)


def unix_seconds(said: object) -> int | None:
    """The moment, if it can be one: neither before 1970, nor in milliseconds."""
    return said if isinstance(said, int) and 0 < said < 2**32 else None
