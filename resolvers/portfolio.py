"""What an EVM wallet holds: which positions a query asks for, page by page, and their totals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from itertools import compress

import msgspec

from resolvers.connections import PageArguments, slice_of
from resolvers.errors import BadAddress, BadArgument
from resolvers.loaders import Loaders
from resolvers.position import (
    MAX_TIMESTAMP,
    Side,
    Status,
    key_of_id,
    side,
    status,
    tokens,
    value_usd,
)
from resolvers.position_order import Order, cursor, in_order, rank, rank_of_cursor
from resolvers.shelf import Shelf
from resolvers.text import fold
from upstreams import figures
from upstreams.addresses import parse_evm
from upstreams.dated import moment
from upstreams.envelope import TIMINGS
from upstreams.identity import Identity, identity
from upstreams.oneinch import Position, ServiceStatus
from upstreams.pace import pace
from upstreams.portfolio import SnapshotKey

_MAX_TEXT = 256
_BY_VALUE = Order()


@dataclass(frozen=True, slots=True)
class Filter:
    """Which positions to keep: each part that is not None must hold."""

    side: Side | None = None
    status: Status | None = None
    locked: bool | None = None
    protocol_types: frozenset[str] | None = None
    protocol_group_ids: frozenset[str] | None = None
    tokens: frozenset[str] | None = None
    min_value_usd: Decimal | None = None
    text: str | None = None

    def keeps(self, position: Position) -> bool:
        return (
            (self.side is None or side(position) is self.side)
            and (self.status is None or status(position) is self.status)
            and (self.locked is None or position.locked is self.locked)
            and (self.protocol_types is None or position.protocol_type in self.protocol_types)
            and (
                self.protocol_group_ids is None
                or position.protocol_group_id in self.protocol_group_ids
            )
            and (
                self.tokens is None
                or any(t.address.lower() in self.tokens for t in tokens(position))
            )
            and (self.min_value_usd is None or self._is_worth(position, self.min_value_usd))
            and (self.text is None or self._mentions(position, self.text))
        )

    def _is_worth(self, position: Position, least: Decimal) -> bool:
        value = value_usd(position)
        return value is not None and value.copy_abs() >= least

    def _mentions(self, position: Position, text: str) -> bool:
        names: list[str | None] = [
            position.contract_name,
            position.contract_symbol,
            position.protocol_group_name,
            position.protocol_sub_group_name,
        ]
        for token in tokens(position):
            names += (token.symbol, token.name)
        return any(name is not None and text in fold(name) for name in names)


@dataclass(frozen=True, slots=True)
class Edge:
    """A position and where it stands."""

    node: Position
    order: Order

    @property
    def cursor(self) -> str:
        return cursor(self.order, self.node)


class Whole:
    """All positions that matched, in their order, and their totals, summed up when asked for."""

    __slots__ = ("_totals", "_values", "matching", "order")

    def __init__(
        self, matching: Sequence[Position], values: Sequence[Decimal | None], order: Order
    ) -> None:
        """`values` may be in any order."""
        self.matching = matching
        self.order = order
        self._values = values
        self._totals: tuple[Decimal, int] | None = None

    @property
    def totals(self) -> tuple[Decimal, int]:
        """What they are worth together, and how many of them have no price."""
        if self._totals is None:
            total = figures.total(filter(None, self._values))
            self._totals = total, sum(value is None for value in self._values)
            self._values = ()
        return self._totals


class Positions(msgspec.Struct, frozen=True):
    """A page of a wallet's positions, beside the whole it is of, for the totals.

    `shelf` keeps what is made of the page, None where its rows are not kept themselves.
    `unreadable_count` is of the whole snapshot, whatever the filter.
    """

    shelf: Shelf | None
    whole: Whole
    start: int
    stop: int
    unreadable_count: int
    as_of: datetime
    is_stale: bool

    @property
    def nodes(self) -> Sequence[Position]:
        return self.whole.matching[self.start : self.stop]

    @property
    def edges(self) -> list[Edge]:
        return [Edge(node, self.whole.order) for node in self.nodes]

    @property
    def total_count(self) -> int:
        return len(self.whole.matching)

    @property
    def total_value_usd(self) -> Decimal:
        return self.whole.totals[0]

    @property
    def unpriced_count(self) -> int:
        return self.whole.totals[1]

    @property
    def is_complete(self) -> bool:
        return not self.unreadable_count and not self.unpriced_count

    @property
    def has_next_page(self) -> bool:
        return self.stop < len(self.whole.matching)

    @property
    def has_previous_page(self) -> bool:
        return self.start > 0

    @property
    def start_cursor(self) -> str | None:
        return (
            None
            if self.start == self.stop
            else cursor(self.whole.order, self.whole.matching[self.start])
        )

    @property
    def end_cursor(self) -> str | None:
        return (
            None
            if self.start == self.stop
            else cursor(self.whole.order, self.whole.matching[self.stop - 1])
        )


async def positions(
    loaders: Loaders,
    wallet: str,
    page: PageArguments,
    *,
    chain_id: int | None = None,
    at: datetime | None = None,
    keep: Filter | None = None,
    order: Order | None = None,
) -> Positions:
    """A page of what the wallet (lower case) holds, now or at a moment, from one snapshot."""
    second = None if at is None else _timestamp(at)
    if chain_id is not None and chain_id < 1:
        raise BadArgument(f"chainId must be positive, not {chain_id}")
    key = SnapshotKey(wallet, chain_id, second)
    snapshot, as_of, is_stale, max_age, _ = await loaders.snapshot.load(key)
    rows = snapshot.rows
    order = order or _BY_VALUE
    whole = await _whole(loaders, key, rows, keep, order)
    shelf = None
    # Not where there is a filter: what is kept is found by it, and it may be of any size.
    if keep is None and (max_age > 0 or is_stale):
        shelf = loaders.shelves.shelf(rows, (key, page, order))
    return page_of(
        whole,
        wallet,
        page,
        dated(as_of, snapshot.cached_at),
        is_stale=is_stale,
        unreadable_count=snapshot.left_out,
        shelf=shelf,
    )


async def _whole(
    loaders: Loaders,
    key: SnapshotKey,
    rows: Sequence[Position],
    keep: Filter | None,
    order: Order,
) -> Whole:
    """What all pages of this wallet, filter and order are cut from, made once an operation."""
    made, turns = loaders.made, pace()
    if turns.is_due() and (key, keep, order) not in made:
        await turns.turn()
    whole: Whole | None = made.get((key, keep, order))
    if whole is None:
        loaders.look_through(len(rows))
        values: Sequence[Decimal | None] | None = made.get(("values", key))
        if values is None:
            values = made["values", key] = list(map(value_usd, rows))
        whole = made[key, keep, order] = whole_of(rows, keep, order, values)
    return whole


def whole_of(
    rows: Sequence[Position],
    keep: Filter | None,
    order: Order,
    values: Sequence[Decimal | None] | None = None,
) -> Whole:
    """What a filter keeps of a wallet's rows, which come by identity, in an order.

    `values` are what the rows are worth, where that is known already.
    """
    if values is None:
        values = list(map(value_usd, rows))
    if keep is not None:
        are_kept = list(map(keep.keeps, rows))
        rows, values = list(compress(rows, are_kept)), list(compress(values, are_kept))
    return Whole(in_order(rows, values, order), values, order)


def page_of(
    whole: Whole,
    wallet: str,
    page: PageArguments,
    as_of: datetime,
    *,
    is_stale: bool,
    unreadable_count: int = 0,
    shelf: Shelf | None = None,
) -> Positions:
    """The page of a wallet's positions that the arguments ask for."""
    order = whole.order
    part = slice_of(
        whole.matching, page, partial(rank, order), partial(rank_of_cursor, wallet, order)
    )
    return Positions(shelf, whole, part.start, part.stop, unreadable_count, as_of, is_stale)


def dated(as_of: datetime, cached_at: int | None) -> datetime:
    """When an answer is of: no later than when the source says that it computed it."""
    return as_of if cached_at is None else min(as_of, moment(cached_at))


@dataclass(frozen=True, slots=True)
class DatedStatus:
    """The portfolio source's word on itself, dated."""

    status: ServiceStatus
    as_of: datetime
    is_stale: bool

    @property
    def is_available(self) -> bool:
        return self.status.is_available

    @property
    def cached_at(self) -> datetime | None:
        seconds = self.status.cached_at
        return None if seconds is None else moment(seconds)

    @property
    def timings(self) -> ServiceStatus | None:
        """The record itself, where the source sent timings at all."""
        has_some = any(getattr(self.status, name) is not None for name in TIMINGS)
        return self.status if has_some else None


async def service_status(loaders: Loaders) -> DatedStatus:
    found = await loaders.service_status()
    return DatedStatus(found.value, dated(found.as_of, found.value.cached_at), found.is_stale)


async def position_of_id(loaders: Loaders, text: str) -> Position | None:
    """The position a global id names, or None when the wallet no longer holds it."""
    key, wanted = key_of_id(text)
    snapshot = await loaders.snapshot.load(key)
    turns = pace()
    if turns.is_due() and ("by identity", key) not in loaders.made:
        await turns.turn()
    rows: dict[Identity, Position] | None = loaders.made.get(("by identity", key))
    if rows is None:
        loaders.look_through(len(snapshot.value.rows))
        rows = {identity(row): row for row in snapshot.value.rows}
        loaders.made["by identity", key] = rows
    return rows.get(wanted)


def make_filter(
    *,
    side: Side | None = None,
    status: Status | None = None,
    locked: bool | None = None,
    protocol_types: Sequence[str] | None = None,
    protocol_group_ids: Sequence[str] | None = None,
    tokens: Sequence[str] | None = None,
    min_value_usd: Decimal | None = None,
    text: str | None = None,
) -> Filter:
    """A filter from what a client asked; addresses are checked, the text is folded."""
    try:
        wanted = None if tokens is None else frozenset(parse_evm(token) for token in tokens)
    except ValueError as error:
        raise BadAddress(f"filter.tokens: {error}") from None
    if min_value_usd is not None and min_value_usd < 0:
        raise BadArgument("filter.minValueUsd must not be negative")
    if text is not None and len(text) > _MAX_TEXT:
        raise BadArgument(f"filter.text may have {_MAX_TEXT} characters at most")
    return Filter(
        side=side,
        status=status,
        locked=locked,
        protocol_types=None if protocol_types is None else frozenset(protocol_types),
        protocol_group_ids=None if protocol_group_ids is None else frozenset(protocol_group_ids),
        tokens=wanted,
        min_value_usd=min_value_usd,
        text=fold(text) if text else None,
    )


def _timestamp(at: datetime) -> int:
    seconds = at.timestamp()
    if not 0 <= seconds <= min(MAX_TIMESTAMP, datetime.now(UTC).timestamp()):
        raise BadArgument("at must be a moment from 1970 to now")
    return int(seconds)
