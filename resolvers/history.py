"""What a portfolio was worth over time: the source's chart, cleaned of what cannot be true."""

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import Enum

import msgspec

from resolvers.coverage import told
from resolvers.errors import BadArgument
from resolvers.loaders import Loaders
from resolvers.portfolio import Portfolio, check_present
from resolvers.snapshots import dated
from resolvers.wallet import Wallet
from upstreams.decoding import decimals
from upstreams.oneinch.chart import Chart, ChartPoint
from upstreams.oneinch.source import ChartKey
from upstreams.source.timestamped import moment

MOST_POINTS = 5_000
_DAY = 86_400
_RATIO = Context(prec=28, rounding=ROUND_HALF_EVEN)


class TimeRange(Enum):
    """How far back from now."""

    DAY = "1day"
    WEEK = "1week"
    MONTH = "1month"
    YEAR = "1year"
    THREE_YEARS = "3years"


# Seconds of each range, and of its longest step between two points.
_SECONDS = {
    TimeRange.DAY: (_DAY, 3_600),
    TimeRange.WEEK: (7 * _DAY, 6 * 3_600),
    TimeRange.MONTH: (31 * _DAY, _DAY),
    TimeRange.YEAR: (366 * _DAY, _DAY),
    TimeRange.THREE_YEARS: (1_097 * _DAY, 7 * _DAY),
}


class IssueKind(Enum):
    """What is doubtful about a history."""

    PRICE_OUTLIER = "PRICE_OUTLIER"
    ZERO_VALUE = "ZERO_VALUE"
    DROPPED_POINTS = "DROPPED_POINTS"
    WALLET_NOT_COVERED = "WALLET_NOT_COVERED"


class Issue(msgspec.Struct, frozen=True):
    """One doubt, with the moment it is about where there is one."""

    kind: IssueKind
    message: str
    at: datetime | None = None


class ValuePoint(msgspec.Struct, frozen=True):
    """What the portfolio was worth at a moment."""

    at: datetime
    value_usd: Decimal


class History(msgspec.Struct, frozen=True):
    """The points of a range, and what is known of them."""

    range: TimeRange
    points: tuple[ValuePoint, ...]
    change_usd: Decimal | None
    change_ratio: Decimal | None
    issues: tuple[Issue, ...]
    covers: tuple[Wallet, ...]
    as_of: datetime
    is_stale: bool

    @property
    def is_complete(self) -> bool:
        return not self.issues


async def history(
    loaders: Loaders, of: Portfolio, range: TimeRange, most: int | None
) -> History | None:
    """The history of a portfolio's EVM wallets up to now; None where it has none."""
    if most is not None and not 2 <= most <= MOST_POINTS:
        raise BadArgument(f"maxPoints must be from 2 to {MOST_POINTS}, not {most}")
    chain_id = check_present(of, "history")
    covers = of.evm
    if not covers:
        return None
    key = ChartKey(tuple(one.key for one in covers), chain_id, range.value)
    found = await told(loaders, chain_id, loaders.chart.load(key))
    return made_of(
        found.value,
        range,
        covers,
        of.algorand,
        dated(found.as_of, found.value.cached_at),
        most=most,
        is_stale=found.is_stale,
    )


def made_of(
    chart: Chart,
    range: TimeRange,
    covers: tuple[Wallet, ...],
    others: tuple[Wallet, ...],
    as_of: datetime,
    *,
    most: int | None = None,
    is_stale: bool = False,
) -> History:
    """The history that a chart tells; nothing is added to it, and what is doubtful is said."""
    length, step = _SECONDS[range]
    now = int(as_of.timestamp())
    points = [
        point for point in chart.points if now - length - step <= point.timestamp <= now + step
    ]
    first = next((place for place, point in enumerate(points) if point.value_usd), len(points))
    change, ratio = _change(points[first:])
    dropped = chart.dropped + len(chart.points) - len(points)
    issues = [
        Issue(IssueKind.ZERO_VALUE, "The source says 0 between other values", moment(at))
        for at in (point.timestamp for point in points[first:] if not point.value_usd)
    ]
    if chart.outliers:
        what = f"The source doubts {chart.outliers} of the prices behind these points"
        issues.append(Issue(IssueKind.PRICE_OUTLIER, what))
    if dropped:
        what = f"Points left out, as they cannot be read or are of another time: {dropped}"
        issues.append(Issue(IssueKind.DROPPED_POINTS, what))
    if others:
        what = f"Algorand accounts, which have no history here: {len(others)}"
        issues.append(Issue(IssueKind.WALLET_NOT_COVERED, what))
    return History(
        range,
        tuple(ValuePoint(moment(each.timestamp), each.value_usd) for each in thinned(points, most)),
        change,
        ratio,
        tuple(issues),
        covers,
        as_of,
        is_stale,
    )


def _change(points: Sequence[ChartPoint]) -> tuple[Decimal | None, Decimal | None]:
    """The last value less the first, which is not 0, and its ratio to a first above 0."""
    if not points:
        return None, None
    first, last = points[0].value_usd, points[-1].value_usd
    change = decimals.total((last, first.copy_negate()))
    return change, _RATIO.divide(change, first) if first > 0 else None


def thinned(points: Sequence[ChartPoint], most: int | None) -> Sequence[ChartPoint]:
    """At most so many of the points: the first, the last, and the extremes of what lies between."""
    if most is None or len(points) <= most:
        return points
    inner = points[1:-1]
    buckets = (most - 2) // 2
    kept: list[ChartPoint] = []
    for number in range(buckets):
        part = inner[len(inner) * number // buckets : len(inner) * (number + 1) // buckets]
        low = min(part, key=lambda point: point.value_usd)
        high = max(part, key=lambda point: point.value_usd)
        kept += sorted({low.timestamp: low, high.timestamp: high}.values(), key=_when)
    return [points[0], *kept, points[-1]]


def _when(point: ChartPoint) -> int:
    return point.timestamp
