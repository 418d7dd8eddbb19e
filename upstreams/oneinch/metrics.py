"""protocols/metrics and tokens/metrics: what positions earned over a range, as 1inch sends it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from msgspec import Struct

from upstreams.decoding import decimals, strict_json
from upstreams.decoding.split_json import NotCut, items
from upstreams.decoding.strict_json import NotAsDocumented
from upstreams.oneinch.envelope import Meta, opened
from upstreams.oneinch.records import MAX_INDEX, TokenBalance, whole_tokens


class Metrics(Struct, frozen=True):
    """What one position earned; None is what is not known, and 0 what is known to be nothing.

    Profit is signed, in US dollars over the range; `roi` is a ratio over the range and
    `weighted_apr` one a year (0.187 is 18.7 %), signed. An impermanent loss below 0 is a loss.
    """

    index: str
    profit_abs_usd: Decimal | None = None
    roi: Decimal | None = None
    weighted_apr: Decimal | None = None
    holding_time_days: int | None = None
    rewards_usd: Decimal | None = None
    rewards_tokens: tuple[TokenBalance, ...] | None = None
    claimed_fees_usd: Decimal | None = None
    claimed_fees: tuple[TokenBalance, ...] | None = None
    unclaimed_fees_usd: Decimal | None = None
    unclaimed_fees: tuple[TokenBalance, ...] | None = None
    impermanent_loss_usd: Decimal | None = None
    impermanent_loss: tuple[TokenBalance, ...] | None = None


class MetricsAnswer(Struct, frozen=True):
    """The rows of an answer, by index: of one that comes several times, which nobody could join,
    none. `unreadable` counts those and the odd ones; sums over several positions are left out."""

    rows: tuple[Metrics, ...]
    unreadable: int = 0
    cached_at: int | None = None


_FIGURES = (
    *("profit_abs_usd", "roi", "weighted_apr", "rewards_usd", "claimed_fees_usd"),
    *("unclaimed_fees_usd", "impermanent_loss_usd"),
)
_TOKENS = ("rewards_tokens", "claimed_fees", "unclaimed_fees", "impermanent_loss")
_MOST_DAYS = 100_000


def read_metrics(body: bytes) -> MetricsAnswer:
    """The metrics in a body, in an envelope or bare; NotAsDocumented where it is no list."""
    meta = Meta()
    try:
        if body.lstrip().startswith(b"{"):
            body, meta = opened(body)
        texts = items(body)
    except NotCut:
        raise NotAsDocumented("text that is no list of metrics") from None
    found: dict[str, Metrics | None] = {}
    unreadable = 0
    for value in map(_value, texts):
        if isinstance(value, dict) and isinstance(value.get("index"), dict):
            continue  # a sum over several positions, which would count them twice
        row = _row(value)
        if row is None:
            unreadable += 1
        else:
            found[row.index] = None if row.index in found else row
    rows = tuple(row for row in found.values() if row is not None)
    return MetricsAnswer(rows, unreadable + len(found) - len(rows), meta.cached_at)


def _value(text: bytes) -> Any:
    try:
        return strict_json.exactly(text)
    except NotAsDocumented:
        return None


def _row(value: Any) -> Metrics | None:
    index = value.get("index") if isinstance(value, dict) else None
    if not isinstance(index, str) or not 0 < len(index) <= MAX_INDEX or not index.isascii():
        return None
    days = decimals.of_json(value.get("holding_time_days"))
    whole = None if days is None else decimals.whole(days)
    figures = {name: decimals.of_json(value.get(name)) for name in _FIGURES}
    tokens = {name: _tokens(value.get(name)) for name in _TOKENS}
    known: Any = {**figures, **tokens}
    is_count = whole is not None and 0 <= whole <= _MOST_DAYS
    return Metrics(index=index, holding_time_days=whole if is_count else None, **known)


def _tokens(value: object) -> tuple[TokenBalance, ...] | None:
    """The tokens of a list; None where there is none, or one of them is odd."""
    if not isinstance(value, list):
        return None
    try:
        found = tuple(_fitted(value))
    except NotAsDocumented:
        return None
    return found if whole_tokens(found) else None


def _fitted(value: list[object]) -> Iterator[TokenBalance]:
    for each in value:
        token: TokenBalance = strict_json.fit(each, TokenBalance)
        yield token
