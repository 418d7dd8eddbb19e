"""One position of an EVM wallet: its identity, and what its figures mean."""

from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote

import msgspec

from resolvers import ids
from resolvers.errors import BadArgument
from resolvers.links import link
from upstreams.addresses import parse_evm
from upstreams.oneinch.client import PROTOCOLS, TOKENS, Position, TokenBalance
from upstreams.oneinch.identity import Identity, identity, mark
from upstreams.oneinch.source import SnapshotKey

MAX_TIMESTAMP = 2**32 - 1
COIN = "0x" + "e" * 40
"""What stands for the contract of a chain's own coin, which has none."""


class Side(Enum):
    """Whether a position adds to a wallet's worth or is owed by it."""

    ASSET = "ASSET"
    DEBT = "DEBT"


class Category(Enum):
    """Where a position is: a chain's own coin or another token in the wallet, or in a protocol."""

    NATIVE = "NATIVE"
    TOKEN = "TOKEN"  # noqa: S105
    PROTOCOL = "PROTOCOL"


class Status(Enum):
    """Whether a position is still open."""

    OPEN = 1
    CLOSED = 0
    UNKNOWN = -1


def position_id(position: Position) -> str:
    """The global id: wallet, identity and the historical moment, if any."""
    index = position.index
    chain, rest = _numbers(
        *(position.chain_id, position.asset_sign, position.token_id),
        *(position.ordinal, position.at, position.part),
    )
    if index.isalnum() and index.isascii():
        return ids.opaque_word(
            f"Position:{position.wallet}:{chain}:{index}:{mark(position)}:{rest}"
        )
    return _id(position.wallet, identity(position), position.at)


def _id(wallet: str, its: Identity, at: int | None) -> str:
    """The id of any identity at all."""
    chain_id, index, sign, token_id, mark, ordinal, part = its
    chain, rest = _numbers(chain_id, sign, token_id, ordinal, at, part)
    # An index is hexadecimal by contract; one that is not must not break the id apart.
    return ids.encode("Position", wallet, chain, quote(index, safe=""), mark, rest)


@lru_cache(maxsize=4096)
def _numbers(
    chain_id: int, sign: int, token_id: int, ordinal: int, at: int | None, part: str
) -> tuple[str, str]:
    """An id's numbers as text, before the index and after: most of a wallet's rows share them.

    A position in a protocol says so at the end; ids of tokens are older than the difference.
    """
    end = "" if part == TOKENS else f":{part}"
    return str(chain_id), f"{sign}:{token_id}:{ordinal}:{'' if at is None else at}{end}"


class Protocol(msgspec.Struct, frozen=True, eq=False):
    """A protocol as positions name it; positions in the same one share it.

    `kept` is what has been made of it for answers.
    """

    type: str
    handler_id: str
    group_id: str
    group_name: str
    group_icon: str | None
    sub_group_id: str | None
    sub_group_name: str | None
    kept: dict[int, Any] = msgspec.field(default_factory=dict)


@lru_cache(maxsize=2048)
def _protocol(
    type: str,
    handler_id: str,
    group_id: str,
    group_name: str,
    group_icon: str | None,
    sub_group_id: str | None,
    sub_group_name: str | None,
) -> Protocol:
    # A product that comes with its name alone is known by that.
    sub_group_id = sub_group_name if sub_group_id is None else sub_group_id
    return Protocol(
        type,
        handler_id,
        group_id,
        group_name,
        link(group_icon),
        sub_group_id,
        sub_group_name,
    )


def protocol(position: Position) -> Protocol:
    """The protocol it is in."""
    return _protocol(
        position.protocol_type,
        position.protocol_handler_id,
        position.protocol_group_id,
        position.protocol_group_name,
        position.protocol_group_icon,
        position.protocol_sub_group_id,
        position.protocol_sub_group_name,
    )


def key_of_id(text: str) -> tuple[SnapshotKey, Identity]:
    """The inverse of `position_id`: the snapshot to look in, and the identity to look for."""
    found = ids.key_of(text, "Position", 8, 9)
    wallet, chain, index, mark, sign, token_id, ordinal, at = found[:8]
    part = PROTOCOLS if len(found) == 9 else TOKENS
    its = (
        ids.whole(chain),
        unquote(index),
        ids.whole(sign, least=-128, most=127),
        ids.whole(token_id, most=2**256 - 1),
        ids.whole(mark, most=2**32 - 1),
        ids.whole(ordinal),
        part,
    )
    moment = ids.whole(at, most=MAX_TIMESTAMP) if at else None
    try:
        wallet = parse_evm(wallet)
    except ValueError:
        raise BadArgument("The id names no position") from None
    ids.check(text, _id(wallet, its, moment))
    return SnapshotKey(wallet, None, moment, part), its


def side(position: Position) -> Side:
    return _DEBT if position.asset_sign < 0 else _ASSET


def category(position: Position) -> Category:
    if position.part == PROTOCOLS:
        return _PROTOCOL
    return _NATIVE if position.contract_address.lower() == COIN else _TOKEN


def status(position: Position) -> Status:
    """The position's status; a value the API does not document counts as unknown."""
    return _status_of(position.status, _UNKNOWN)


def value_usd(position: Position) -> Decimal | None:
    """The position's net value: negative for a debt, None where none of its tokens has a price.

    The upstream sends debts with either sign, so the side decides; an asset's value is as it came.
    It also sends 0 where it knows no price: 0 is taken for a value only where a token has a price
    or nothing is held.
    """
    value = position.value_usd
    if not value:
        is_unknown = any(t.amount and not t.price_usd for t in tokens(position))
        # Nothing has no sign.
        return None if is_unknown else value.copy_abs()
    return value.copy_abs().copy_negate() if position.asset_sign < 0 else value


def tokens(position: Position) -> tuple[TokenBalance, ...]:
    """All it consists of and has earned."""
    return position.underlying_tokens + position.reward_tokens


# Looked up once: a member of an Enum takes as long to find as all the rest of what asks for it.
_ASSET, _DEBT, _UNKNOWN = Side.ASSET, Side.DEBT, Status.UNKNOWN
_NATIVE, _TOKEN, _PROTOCOL = Category.NATIVE, Category.TOKEN, Category.PROTOCOL
_status_of = {member.value: member for member in Status}.get
