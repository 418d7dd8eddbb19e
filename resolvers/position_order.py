"""The orders of positions: how they rank, and cursors that say a place in one."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

import msgspec

from resolvers.connections import PageArguments, decode_cursor, encode_cursor
from resolvers.errors import BadCursor
from resolvers.position import value_usd
from upstreams.oneinch.client import PROTOCOLS, TOKENS, Position
from upstreams.oneinch.identity import Identity, identity


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


class PositionCursor(msgspec.Struct, frozen=True, array_like=True, tag="positions"):
    """Where a position stands: its wallet, the order, its value in that order, its identity."""

    wallet: str
    field: OrderField
    descending: bool
    primary: str | None
    chain_id: int
    index: str
    sign: int
    token_id: int
    mark: int
    ordinal: int


class ProtocolCursor(PositionCursor, frozen=True, array_like=True, tag="positions in protocols"):
    """The same of a position in a protocol."""


@dataclass(frozen=True, slots=True)
class Rank:
    """A place in an order: by `primary`, None last, then by wallet and identity."""

    primary: Decimal | int | str | None
    identity: tuple[str, Identity]
    descending: bool

    def __lt__(self, other: "Rank") -> bool:
        mine, theirs = self.primary, other.primary
        if mine == theirs:
            return self.identity < other.identity
        if mine is None or theirs is None:
            return theirs is None
        return (theirs < mine) if self.descending else (mine < theirs)  # type: ignore[operator]


# Names are as long as their contracts like, and cursors must not be.
_MAX_NAME = 256
_PRIMARY: dict[OrderField, Callable[[Position], Decimal | int | str | None]] = {
    OrderField.VALUE: value_usd,
    OrderField.CHAIN: lambda position: position.chain_id,
    OrderField.PROTOCOL: lambda position: position.protocol_group_name.casefold()[:_MAX_NAME],
    OrderField.NAME: lambda position: position.contract_name.casefold()[:_MAX_NAME],
}
_PARSE: dict[OrderField, Callable[[str], Decimal | int | str]] = {
    OrderField.VALUE: Decimal,
    OrderField.CHAIN: int,
    OrderField.PROTOCOL: str,
    OrderField.NAME: str,
}


def rank(order: Order, position: Position) -> Rank:
    """Where a position stands in an order."""
    place = (position.wallet, identity(position))
    return Rank(_PRIMARY[order.field](position), place, order.descending)


def in_order(
    rows: Sequence[Position], values: Sequence[Decimal | None], order: Order
) -> list[Position]:
    """The rows, whose values are given, in an order; they come by identity, and ties keep that."""
    primaries: Sequence[Any] = values
    if order.field is not OrderField.VALUE:
        primaries = list(map(_PRIMARY[order.field], rows))
    known = [place for place, primary in enumerate(primaries) if primary is not None]
    known.sort(key=primaries.__getitem__, reverse=order.descending)
    found = [rows[place] for place in known]
    if len(found) < len(rows):
        found += [row for row, primary in zip(rows, primaries, strict=True) if primary is None]
    return found


def cursor(order: Order, position: Position) -> str:
    """The same place as an opaque text."""
    primary = _PRIMARY[order.field](position)
    kind = PositionCursor if position.part == TOKENS else ProtocolCursor
    return encode_cursor(
        kind(
            position.wallet,
            order.field,
            order.descending,
            None if primary is None else str(primary),
            *identity(position)[:6],
        )
    )


def check_cursors(wallets: Container[str], order: Order, page: PageArguments) -> None:
    """BadCursor for a page whose cursors cannot be of it, before anything is asked for."""
    for text in (page.after, page.before):
        if text is not None:
            rank_of_cursor(wallets, order, text)


def rank_of_cursor(wallets: Container[str], order: Order, text: str) -> Rank:
    """The rank a cursor says; BadCursor for one of other wallets, another order or connection."""
    found: PositionCursor = decode_cursor(text, PositionCursor | ProtocolCursor)
    part = PROTOCOLS if isinstance(found, ProtocolCursor) else TOKENS
    if found.wallet not in wallets:
        raise BadCursor("The cursor belongs to another wallet")
    if (found.field, found.descending) != (order.field, order.descending):
        raise BadCursor("The cursor belongs to another order of these positions")
    place = (
        found.wallet,
        (
            *(found.chain_id, found.index, found.sign),
            *(found.token_id, found.mark, found.ordinal, part),
        ),
    )
    if found.primary is None:
        return Rank(None, place, order.descending)
    try:
        primary = _PARSE[order.field](found.primary)
        if isinstance(primary, Decimal) and not primary.is_finite():
            raise ValueError
    except (ValueError, ArithmeticError):
        raise BadCursor("The cursor is not one of this connection") from None
    return Rank(primary, place, order.descending)
