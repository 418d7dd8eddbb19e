"""general/chart: what wallets were worth together over a range of time, as 1inch sends it."""

from decimal import Decimal
from typing import Any

from msgspec import Struct

from upstreams.decoding import decimals, strict_json
from upstreams.decoding.split_json import NotCut, fields, items
from upstreams.decoding.strict_json import NotAsDocumented
from upstreams.oneinch.envelope import Meta, opened, unix_seconds

RANGES = ("1day", "1week", "1month", "1year", "3years")


class ChartPoint(Struct, frozen=True, gc=False):
    """The value in US dollars at a Unix second."""

    timestamp: int
    value_usd: Decimal


class Chart(Struct, frozen=True):
    """One series for all wallets asked about: by time, one point for each.

    `dropped` counts the points that could not be read, `outliers` the prices that the source itself
    doubts. `cached_at` is the Unix second in which it computed them, where it says so.
    """

    points: tuple[ChartPoint, ...]
    dropped: int = 0
    outliers: int = 0
    cached_at: int | None = None


def read_chart(body: bytes) -> Chart:
    """The chart in a body, in an envelope or bare; NotAsDocumented where it is no list."""
    try:
        result, meta, outliers = _opened(body)
        texts = items(result)
    except NotCut:
        raise NotAsDocumented("text that is no list of points") from None
    # Of points of one time the last counts.
    points: dict[int, Decimal] = {}
    dropped = 0
    for text in texts:
        point = _point(text)
        if point is None:
            dropped += 1
        else:
            points[point.timestamp] = point.value_usd
    return Chart(
        tuple(ChartPoint(moment, points[moment]) for moment in sorted(points)),
        dropped,
        outliers,
        meta.cached_at,
    )


def _opened(body: bytes) -> tuple[bytes, Meta, int]:
    if not body.lstrip().startswith(b"{"):
        return body, Meta(), 0
    result, meta = opened(body)
    return result, meta, _outliers(fields(body).get("meta", b"null"))


def _outliers(text: bytes) -> int:
    """How many prices the source doubts, by `meta.data_issues.price_outliers`."""
    try:
        found: Any = strict_json.exactly(text)
    except NotAsDocumented:
        return 0
    for name in ("data_issues", "price_outliers"):
        found = found.get(name) if isinstance(found, dict) else None
    return len(found) if isinstance(found, list) else 0


def _point(text: bytes) -> ChartPoint | None:
    try:
        value = strict_json.exactly(text)
    except NotAsDocumented:
        return None
    if not isinstance(value, dict):
        return None
    moment, worth = (
        decimals.of_json(value.get("timestamp")),
        decimals.of_json(value.get("value_usd")),
    )
    seconds = None if moment is None else unix_seconds(decimals.whole(moment))
    return None if seconds is None or worth is None else ChartPoint(seconds, worth)
