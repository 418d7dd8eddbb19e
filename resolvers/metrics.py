"""What positions earned over a range of time: joined to them by index, and summed over wallets."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

import msgspec

from resolvers.coverage import told
from resolvers.history import TimeRange
from resolvers.loaders import Loaders
from resolvers.portfolio import Portfolio, check_present, valued
from resolvers.snapshots import PARTS, dated
from resolvers.wallet import Wallet
from upstreams.decoding import decimals
from upstreams.oneinch.client import Position, TokenBalance
from upstreams.oneinch.metrics import Metrics, MetricsAnswer
from upstreams.oneinch.source import MetricsKey
from upstreams.source.timestamped import Timestamped

Tokens = tuple[TokenBalance, ...] | None


class PositionMetrics(msgspec.Struct, frozen=True):
    """What one position earned; None is what is not known."""

    range: TimeRange
    metrics: Metrics
    as_of: datetime
    is_stale: bool

    @property
    def profit_usd(self) -> Decimal | None:
        return self.metrics.profit_abs_usd

    @property
    def roi(self) -> Decimal | None:
        return self.metrics.roi

    @property
    def apr(self) -> Decimal | None:
        return self.metrics.weighted_apr

    @property
    def holding_days(self) -> int | None:
        return self.metrics.holding_time_days

    @property
    def rewards_usd(self) -> Decimal | None:
        return self.metrics.rewards_usd

    @property
    def rewards(self) -> Tokens:
        return self.metrics.rewards_tokens

    @property
    def claimed_fees_usd(self) -> Decimal | None:
        return self.metrics.claimed_fees_usd

    @property
    def claimed_fees(self) -> Tokens:
        return self.metrics.claimed_fees

    @property
    def unclaimed_fees_usd(self) -> Decimal | None:
        return self.metrics.unclaimed_fees_usd

    @property
    def unclaimed_fees(self) -> Tokens:
        return self.metrics.unclaimed_fees

    @property
    def impermanent_loss_usd(self) -> Decimal | None:
        return self.metrics.impermanent_loss_usd

    @property
    def impermanent_loss(self) -> Tokens:
        return self.metrics.impermanent_loss


class PortfolioMetrics(msgspec.Struct, frozen=True):
    """What wallets earned together: sums, None where nothing is known, and how far they reach.

    `position_count` positions have metrics and `missing_count` have none; `unmatched_count` metrics
    are of no position that is held now, such as those closed since, and are in the sums.
    """

    range: TimeRange
    profit_usd: Decimal | None
    rewards_usd: Decimal | None
    claimed_fees_usd: Decimal | None
    unclaimed_fees_usd: Decimal | None
    impermanent_loss_usd: Decimal | None
    position_count: int
    unmatched_count: int
    missing_count: int
    covers: tuple[Wallet, ...]
    as_of: datetime
    is_stale: bool


async def position_metrics(
    loaders: Loaders, row: Position, range: TimeRange
) -> PositionMetrics | None:
    """What a position earned; None where the source says nothing of it, or it is of the past."""
    if row.at is not None:
        return None
    known = loaders.made.get(("valued with", row.wallet))
    wallets = (row.wallet,) if known is None else known.together[row.wallet]
    key = MetricsKey(wallets, None, range.value, row.part)
    found = await loaders.metrics.load(key)
    its = _by_index(loaders, key, found).get(row.index)
    if its is None:
        return None
    return PositionMetrics(range, its, _as_of(found), found.is_stale)


async def portfolio_metrics(
    loaders: Loaders, of: Portfolio, range: TimeRange
) -> PortfolioMetrics | None:
    """What a portfolio's EVM wallets earned together; None where there is none."""
    chain_id = check_present(of, "metrics")
    if not of.evm:
        return None
    known = await valued(loaders, of)
    keys = [
        MetricsKey(group, chain_id, range.value, part)
        for group in dict.fromkeys(known.together.values())
        for part in PARTS
    ]
    answers = await told(loaders, chain_id, loaders.metrics.load_many(keys))
    counted: list[Metrics] = []
    matched = unmatched = 0
    rows = {(row.wallet, row.part, row.index): row for row in known.rows}
    for key, answer in zip(keys, answers, strict=True):
        for its in answer.value.rows:
            row = next(
                (
                    rows[wallet, key.part, its.index]
                    for wallet in key.addresses
                    if (wallet, key.part, its.index) in rows
                ),
                None,
            )
            if row is None:
                unmatched += 1
            elif row.is_receipt:
                continue  # the position that it stands for says the same
            else:
                matched += 1
            counted.append(its)
    return PortfolioMetrics(
        range=range,
        profit_usd=_sum(each.profit_abs_usd for each in counted),
        rewards_usd=_sum(each.rewards_usd for each in counted),
        claimed_fees_usd=_sum(each.claimed_fees_usd for each in counted),
        unclaimed_fees_usd=_sum(each.unclaimed_fees_usd for each in counted),
        impermanent_loss_usd=_sum(each.impermanent_loss_usd for each in counted),
        position_count=matched,
        unmatched_count=unmatched,
        missing_count=sum(not row.is_receipt for row in known.rows) - matched,
        covers=of.evm,
        as_of=min(map(_as_of, answers)),
        is_stale=any(answer.is_stale for answer in answers),
    )


def _by_index(
    loaders: Loaders, key: MetricsKey, found: Timestamped[MetricsAnswer]
) -> dict[str, Metrics]:
    known: dict[str, Metrics] | None = loaders.made.get(("metrics", key))
    if known is None:
        known = loaders.made["metrics", key] = {each.index: each for each in found.value.rows}
    return known


def _as_of(found: Timestamped[MetricsAnswer]) -> datetime:
    return dated(found.as_of, found.value.cached_at)


def _sum(figures: Iterable[Decimal | None]) -> Decimal | None:
    known = [figure for figure in figures if figure is not None]
    return decimals.total(known) if known else None
