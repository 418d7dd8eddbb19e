"""What an EVM wallet holds: which positions a query asks for, in which order, and their totals."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Context, Decimal, localcontext
from enum import Enum
from functools import partial
from operator import itemgetter
from typing import Any

import msgspec

from resolvers import ids
from resolvers.connections import PageArguments, decode_cursor, encode_cursor, slice_of
from resolvers.errors import BadArgument, BadCursor
from resolvers.loaders import Loaders
from upstreams.addresses import parse_evm
from upstreams.oneinch import Position, ServiceStatus, TokenBalance
from upstreams.portfolio import SnapshotKey

_ZERO = Decimal(0)
# Python rounds sums to 28 digits unless told otherwise; these figures may have more.
_WIDE = Context(prec=400)
_MAX_TIMESTAMP = 2**32 - 1
_MAX_TEXT = 256


class Side(Enum):
    """Whether a position adds to a wallet's worth or is owed by it."""

    ASSET = "ASSET"
    DEBT = "DEBT"


class Status(Enum):
    """Whether a position is still open."""

    OPEN = 1
    CLOSED = 0
    UNKNOWN = -1


class OrderField(Enum):
    """What positions can be ordered by."""

    VALUE = "VALUE"
    CHAIN = "CHAIN"
    PROTOCOL = "PROTOCOL"
    NAME = "NAME"


@dataclass(frozen=True, slots=True)
class Order:
    """An order of positions; what has no value comes last either way, ties go by identity."""

    field: OrderField = OrderField.VALUE
    descending: bool = True


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
                or any(t.address.lower() in self.tokens for t in _tokens(position))
            )
            and (self.min_value_usd is None or self._is_worth_it(position))
            and (self.text is None or self._mentions(position, self.text))
        )

    def _is_worth_it(self, position: Position) -> bool:
        value = value_usd(position)
        return (
            value is not None
            and self.min_value_usd is not None
            and value.copy_abs() >= self.min_value_usd
        )

    def _mentions(self, position: Position, text: str) -> bool:
        names: list[str | None] = [
            position.contract_name,
            position.contract_symbol,
            position.protocol_group_name,
            position.protocol_sub_group_name,
        ]
        for token in _tokens(position):
            names += (token.symbol, token.name)
        return any(name is not None and text in name.casefold() for name in names)


class PositionCursor(msgspec.Struct, frozen=True, array_like=True, tag="positions"):
    """Where a position stands: its wallet, the order, its value in that order, its identity."""

    wallet: str
    field: OrderField
    descending: bool
    primary: str | None
    chain_id: int
    index: str
    sign: int
    ordinal: int


@dataclass(frozen=True, slots=True)
class Rank:
    """A place in an order: by `primary`, None last, then by identity."""

    primary: Decimal | int | str | None
    identity: tuple[int, str, int, int]
    descending: bool

    def __lt__(self, other: "Rank") -> bool:
        mine, theirs = self.primary, other.primary
        if mine == theirs:
            return self.identity < other.identity
        if mine is None or theirs is None:
            return theirs is None
        return (theirs < mine) if self.descending else (mine < theirs)  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Edge:
    """A position and where it stands."""

    node: Position
    order: Order

    @property
    def cursor(self) -> str:
        return _cursor(self.order, self.node)


@dataclass(frozen=True, slots=True)
class Positions:
    """A page of a wallet's positions, beside all that matched, for the totals."""

    matching: Sequence[Position]
    start: int
    stop: int
    order: Order
    as_of: datetime
    is_stale: bool

    @property
    def nodes(self) -> Sequence[Position]:
        return self.matching[self.start : self.stop]

    @property
    def edges(self) -> list[Edge]:
        return [Edge(node, self.order) for node in self.nodes]

    @property
    def total_count(self) -> int:
        return len(self.matching)

    @property
    def total_value_usd(self) -> Decimal:
        with localcontext(_WIDE):
            return sum((value_usd(position) or _ZERO for position in self.matching), _ZERO)

    @property
    def unpriced_count(self) -> int:
        return sum(value_usd(position) is None for position in self.matching)

    @property
    def has_next_page(self) -> bool:
        return self.stop < len(self.matching)

    @property
    def has_previous_page(self) -> bool:
        return self.start > 0

    @property
    def start_cursor(self) -> str | None:
        return None if self.start == self.stop else _cursor(self.order, self.matching[self.start])

    @property
    def end_cursor(self) -> str | None:
        return (
            None if self.start == self.stop else _cursor(self.order, self.matching[self.stop - 1])
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
    moment = None if at is None else _timestamp(at)
    if chain_id is not None and chain_id < 1:
        raise BadArgument(f"chainId must be positive, not {chain_id}")
    snapshot = await loaders.snapshot.load(SnapshotKey(wallet, chain_id, moment))
    return page_of(
        snapshot.value,
        wallet,
        page,
        keep or Filter(),
        order or Order(),
        snapshot.as_of,
        is_stale=snapshot.is_stale,
    )


def page_of(
    rows: Sequence[Position],
    wallet: str,
    page: PageArguments,
    keep: Filter,
    order: Order,
    as_of: datetime,
    *,
    is_stale: bool,
) -> Positions:
    """The page of a wallet's rows, which come by identity, that the arguments ask for."""
    matching = _sorted(rows if keep == Filter() else filter(keep.keeps, rows), order)
    part = slice_of(matching, page, partial(_rank, order), partial(_rank_of_cursor, wallet, order))
    return Positions(matching, part.start, part.stop, order, as_of, is_stale)


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
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)

    @property
    def timings(self) -> ServiceStatus | None:
        """The record itself, where the source sent timings at all."""
        return None if self.status.total_time is None else self.status


async def service_status(loaders: Loaders) -> DatedStatus:
    dated = await loaders.service_status()
    return DatedStatus(dated.value, dated.as_of, dated.is_stale)


async def position_of_id(loaders: Loaders, text: str) -> Position | None:
    """The position a global id names, or None when the wallet no longer holds it."""
    wallet, chain, index, sign, ordinal, at = ids.key_of(text, "Position", 6)
    try:
        wallet = parse_evm(wallet)
    except ValueError:
        raise BadArgument("The id names no position") from None
    moment = ids.whole(at, most=_MAX_TIMESTAMP) if at else None
    key = (ids.whole(chain), index, ids.whole(sign, least=-128, most=127), ids.whole(ordinal))
    snapshot = await loaders.snapshot.load(SnapshotKey(wallet, None, moment))
    return next((row for row in snapshot.value if _identity(row) == key), None)


def position_id(position: Position) -> str:
    """The global id: wallet, chain, index, side, ordinal and the historical moment, if any."""
    at = "" if position.at is None else position.at
    key = f"{position.chain_id}:{position.index}:{position.asset_sign}:{position.ordinal}:{at}"
    return ids.opaque(f"Position:{position.wallet}:{key}".encode())


def side(position: Position) -> Side:
    return Side.DEBT if position.asset_sign < 0 else Side.ASSET


def status(position: Position) -> Status:
    """The position's status; a value the API does not document counts as unknown."""
    return _STATUSES.get(position.status, Status.UNKNOWN)


def value_usd(position: Position) -> Decimal | None:
    """The position's net value: negative for a debt, None where none of its tokens has a price.

    The upstream sends debts with either sign, so the side decides. It also sends 0 where it knows
    no price: 0 is taken for a value only where a token has a price or nothing is held.
    """
    value = position.value_usd
    if not value and any(t.amount and not t.price_usd for t in _tokens(position)):
        return None
    return value.copy_abs().copy_negate() if position.asset_sign < 0 else value.copy_abs()


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
    """A filter from what a client asked; addresses are checked, the text's case is folded."""
    try:
        wanted = None if tokens is None else frozenset(parse_evm(token) for token in tokens)
    except ValueError as error:
        raise BadArgument(f"filter.tokens: {error}") from None
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
        text=text.casefold() if text else None,
    )


_STATUSES = {member.value: member for member in Status}
_PRIMARY: dict[OrderField, Callable[[Position], Decimal | int | str | None]] = {
    OrderField.VALUE: value_usd,
    OrderField.CHAIN: lambda position: position.chain_id,
    OrderField.PROTOCOL: lambda position: position.protocol_group_name.casefold(),
    OrderField.NAME: lambda position: position.contract_name.casefold(),
}
_PARSE: dict[OrderField, Callable[[str], Decimal | int | str]] = {
    OrderField.VALUE: Decimal,
    OrderField.CHAIN: int,
    OrderField.PROTOCOL: str,
    OrderField.NAME: str,
}


def _tokens(position: Position) -> tuple[TokenBalance, ...]:
    return position.underlying_tokens + position.reward_tokens


def _identity(position: Position) -> tuple[int, str, int, int]:
    return (position.chain_id, position.index, position.asset_sign, position.ordinal)


def _rank(order: Order, position: Position) -> Rank:
    return Rank(_PRIMARY[order.field](position), _identity(position), order.descending)


def _sorted(rows: Iterable[Position], order: Order) -> list[Position]:
    """The rows in an order; they come by identity, and the sorts keep that for ties."""
    primary = _PRIMARY[order.field]
    known: list[tuple[Any, Position]] = []
    unknown: list[Position] = []
    for row in rows:
        value = primary(row)
        if value is None:
            unknown.append(row)
        else:
            known.append((value, row))
    known.sort(key=itemgetter(0), reverse=order.descending)
    return [row for _, row in known] + unknown


def _cursor(order: Order, position: Position) -> str:
    primary = _PRIMARY[order.field](position)
    return encode_cursor(
        PositionCursor(
            position.wallet,
            order.field,
            order.descending,
            None if primary is None else str(primary),
            *_identity(position),
        )
    )


def _rank_of_cursor(wallet: str, order: Order, text: str) -> Rank:
    cursor = decode_cursor(text, PositionCursor)
    if cursor.wallet != wallet:
        raise BadCursor("The cursor belongs to another wallet")
    if (cursor.field, cursor.descending) != (order.field, order.descending):
        raise BadCursor("The cursor belongs to another order of these positions")
    identity = (cursor.chain_id, cursor.index, cursor.sign, cursor.ordinal)
    if cursor.primary is None:
        return Rank(None, identity, order.descending)
    try:
        primary = _PARSE[order.field](cursor.primary)
        if isinstance(primary, Decimal) and not primary.is_finite():
            raise ValueError
    except (ValueError, ArithmeticError):
        raise BadCursor("The cursor is not one of this connection") from None
    return Rank(primary, identity, order.descending)


def _timestamp(at: datetime) -> int:
    seconds = at.timestamp()
    if not 0 <= seconds <= min(_MAX_TIMESTAMP, datetime.now(UTC).timestamp()):
        raise BadArgument("at must be a moment from 1970 to now")
    return int(seconds)
