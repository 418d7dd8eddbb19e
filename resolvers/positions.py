"""What an EVM wallet holds: which positions a query asks for, page by page, and their totals."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from itertools import compress
from operator import attrgetter

import msgspec

from resolvers.connections import PageArguments, slice_of
from resolvers.errors import BadArgument
from resolvers.loaders import Loaders
from resolvers.part import Part, PartState, are_missing
from resolvers.position import (
    MAX_TIMESTAMP,
    key_of_id,
    value_usd,
)
from resolvers.position_filter import Filter
from resolvers.position_order import (
    Order,
    check_cursors,
    cursor,
    in_order,
    rank,
    rank_of_cursor,
)
from resolvers.result_cache import ListCache
from resolvers.snapshots import PARTS, held_by
from resolvers.wallet import evm_wallet
from upstreams.decoding import decimals
from upstreams.oneinch.client import Position
from upstreams.oneinch.identity import Identity, identity
from upstreams.oneinch.source import SnapshotKey
from upstreams.pace import pace

_BY_VALUE = Order()
_IS_RECEIPT = attrgetter("is_receipt")


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
            total = decimals.total(filter(None, self._values))
            self._totals = total, sum(value is None for value in self._values)
            self._values = ()
        return self._totals


class Positions(msgspec.Struct, frozen=True):
    """A page of a wallet's positions, beside the whole it is of, for the totals.

    `list_cache` keeps what is made of the page, None where its rows are not kept themselves.
    `unreadable_count` is of the whole snapshot, whatever the filter.
    """

    list_cache: ListCache | None
    whole: Whole
    start: int
    stop: int
    unreadable_count: int
    parts: tuple[Part, ...]

    @property
    def as_of(self) -> datetime:
        return min(part.as_of for part in self.parts if part.as_of is not None)

    @property
    def is_stale(self) -> bool:
        return any(part.state is PartState.STALE for part in self.parts)

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
        return (
            not self.unreadable_count
            and not self.unpriced_count
            and all(part.state is not PartState.MISSING for part in self.parts)
        )

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
    """A page of what the wallet (lower case) holds, now or at a moment.

    Where one of its two snapshots cannot be had, it is of the other, and the part tells; where
    none can, the error of the first is raised.
    """
    second = None if at is None else timestamp_of(at)
    if chain_id is not None and chain_id < 1:
        raise BadArgument(f"chainId must be positive, not {chain_id}")
    order = order or _BY_VALUE
    check_cursors((wallet,), order, page)
    wanted = PARTS if keep is None else keep.parts
    held = await held_by(loaders, evm_wallet(wallet), chain_id, second, wanted)
    if are_missing(held.parts):
        why = held.parts[0].error
        assert why is not None  # noqa: S101  (what was asked for and is missing says why)
        raise why
    whole = await _whole(loaders, held.key, held.rows, keep, order)
    list_cache = None
    # Not where there is a filter: what is kept is found by it, and it may be of any size.
    if keep is None and held.is_kept:
        list_cache = loaders.result_cache.of(held.rows, (held.key, page, order))
    return page_of(
        whole,
        (wallet,),
        page,
        held.parts,
        unreadable_count=held.unreadable_count,
        list_cache=list_cache,
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
    matching = in_order(rows, values, order)
    if any(map(_IS_RECEIPT, rows)):
        values = [
            decimals.ZERO if row.is_receipt else value
            for row, value in zip(rows, values, strict=True)
        ]
    return Whole(matching, values, order)


def page_of(
    whole: Whole,
    wallets: Container[str],
    page: PageArguments,
    parts: tuple[Part, ...],
    *,
    unreadable_count: int = 0,
    list_cache: ListCache | None = None,
) -> Positions:
    """The page of the positions of these wallets that the arguments ask for."""
    order = whole.order
    part = slice_of(
        whole.matching, page, partial(rank, order), partial(rank_of_cursor, wallets, order)
    )
    return Positions(list_cache, whole, part.start, part.stop, unreadable_count, parts)


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


def timestamp_of(at: datetime) -> int:
    """The Unix second of a past moment."""
    seconds = at.timestamp()
    if not 0 <= seconds <= min(MAX_TIMESTAMP, datetime.now(UTC).timestamp()):
        raise BadArgument("at must be a moment from 1970 to now")
    return int(seconds)
