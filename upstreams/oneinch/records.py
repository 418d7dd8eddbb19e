"""A wallet's snapshot as 1inch sends it: its records, and the one pass that checks them all.

The published schema and live answers disagree, so both are read: a bare array or `{result, meta}`,
`chain` or `chain_id`, absent optional keys, unknown keys. What is not so to the letter, numbers
sent as strings among it, `row_reader` reads row by row.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, field
from msgspec.json import Decoder

from upstreams.decoding import decimals
from upstreams.decoding.strict_json import Keys, NotAsDocumented

# A default that means "no such key" until `members` has put the real one in place. Checks that
# msgspec makes of each record by itself would cost more than all the rest of reading it.
_ABSENT: Any = msgspec.UNSET
_ZERO = decimals.ZERO
_DEFAULTS: dict[str, object] = {
    "block_number": None,
    "timestamp": None,
    "protocol_sub_group_id": None,
    "protocol_sub_group_name": None,
    "status": -1,
    "underlying_tokens": (),
    "reward_tokens": (),
    "locked": False,
}
_KEYS = 23
_STRINGS = 9
_LEAST, _MOST, _BYTES = decimals.LEAST_POWER, decimals.MOST_POWER, decimals.MOST_BYTES
# An index is part of ids and cursors: 18 characters by contract, and bounded all the same.
MAX_INDEX = 100
_UINT64 = 2**64
_UINT256 = 2**256

# The two snapshots that 1inch gives of a wallet.
TOKENS = "tokens"
PROTOCOLS = "protocols"

ChainId = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Decimals = Annotated[int, Meta(ge=0, le=255)]
Natural = Annotated[int, Meta(ge=0)]
_Seconds = Annotated[int, Meta(ge=0, lt=2**32)]
_Sign = Annotated[int, Meta(ge=-128, le=127)]


class TokenBalance(Struct, gc=False, kw_only=True):
    """An amount of one token inside a position, in whole tokens (already divided by decimals).

    `value_usd` is undocumented, though seen live: None means that it did not come. A price of 0
    is also what an absent one means, so it cannot be told from unknown.
    """

    address: str
    decimals: Decimals
    chain_id: ChainId = _ABSENT
    chain: ChainId | None = None
    symbol: str | None = None
    name: str | None = None
    amount: Decimal = _ZERO
    price_usd: Decimal | None = _ZERO
    value_usd: Decimal | None = None


class Position(Struct, gc=False, kw_only=True):
    """One row of a snapshot (AdapterResult): something a wallet holds or owes.

    `address` is the owner as the upstream names it and may be the zero address. `value_usd` may
    carry either sign on debts: the sign to go by is `asset_sign`. `block_number` and `timestamp`
    (Unix seconds) are of the snapshot, None for a current one. `wallet`, `at` and `ordinal` are
    stamped by the gateway, whatever the wire says: the wallet asked for in lower case, the moment
    asked for, and a number that tells rows apart that are alike in all that `identity` looks at.
    `mark` is what `identity` keeps there, 0 before. `part` says which of the two snapshots the row
    is of, and `is_receipt` whether it stands for a position in the other one: see `whole`. Once
    these are there nothing of a row changes: rows are shared by all who read them.
    """

    index: str
    chain_id: ChainId = _ABSENT
    chain: ChainId | None = None
    contract_address: str
    token_id: Natural
    address: str
    block_number_created: Natural
    block_number: Natural | None = _ABSENT
    timestamp: _Seconds | None = _ABSENT
    protocol_type: str
    protocol_handler_id: str
    protocol_group_id: str
    protocol_group_name: str
    protocol_group_icon: str | None
    protocol_sub_group_id: str | None = _ABSENT
    protocol_sub_group_name: str | None = _ABSENT
    contract_name: str
    contract_symbol: str
    asset_sign: _Sign
    status: int = _ABSENT
    underlying_tokens: tuple[TokenBalance, ...] = _ABSENT
    reward_tokens: tuple[TokenBalance, ...] = _ABSENT
    value_usd: Decimal
    locked: bool = _ABSENT
    wallet: str = field(default="", name="@wallet")
    at: int | None = field(default=None, name="@at")
    ordinal: int = field(default=0, name="@ordinal")
    mark: int = field(default=0, name="@mark")
    part: str = field(default=TOKENS, name="@part")
    is_receipt: bool = field(default=False, name="@receipt")


class _Processing(Struct, frozen=True):
    click_time: Decimal = _ZERO
    node_time: Decimal = _ZERO
    microservices_time: Decimal = _ZERO
    redis_time: Decimal = _ZERO
    total_time: Decimal = _ZERO


class Metadata(Struct, frozen=True):
    """What comes beside the rows, where it is as documented."""

    cached_at: Natural | UnsetType | None = UNSET
    system: _Processing | UnsetType | None = UNSET


class SnapshotEnvelope(Struct, frozen=True):
    """The rows as they come live."""

    result: tuple[Position, ...]
    meta: Metadata | UnsetType | None = UNSET


SNAPSHOT: Decoder[tuple[Position, ...] | SnapshotEnvelope] = Decoder(
    tuple[Position, ...] | SnapshotEnvelope
)
ROWS: Decoder[tuple[Position, ...]] = Decoder(tuple[Position, ...])
ROW: Decoder[Position] = Decoder(Position)
# The keys whose values are figures.
FIGURES = frozenset({"amount", "price_usd", "value_usd"})


def members(answer: tuple[Position, ...] | SnapshotEnvelope) -> Keys:
    """Make a decoded answer whole, refuse what is wrong in it, and count its keys.

    It is the `members` of `strict.decode`. Nothing is called for a figure that is as it should be.
    """
    if isinstance(answer, SnapshotEnvelope):
        rows = answer.result
        keys = 1 + _meta_members(answer.meta)
    else:
        rows = answer
        keys = 0
    keys += _KEYS * len(rows)
    strings = _STRINGS * len(rows)
    tokens: list[TokenBalance] = []
    for row in rows:
        if (
            row.block_number is _ABSENT
            or row.timestamp is _ABSENT
            or row.protocol_sub_group_id is _ABSENT
            or row.protocol_sub_group_name is _ABSENT
            or row.status is _ABSENT
            or row.underlying_tokens is _ABSENT
            or row.reward_tokens is _ABSENT
            or row.locked is _ABSENT
        ):
            keys -= _fill(row)
        value = row.value_usd
        if (
            not _LEAST <= value.adjusted() <= _MOST
            or value.__sizeof__() > _BYTES
            or len(row.index) > MAX_INDEX
            or row.token_id >= _UINT256
            or row.block_number_created >= _UINT64
            or (row.block_number is not None and row.block_number >= _UINT64)
            or ((row.chain is not None or row.chain_id is _ABSENT) and not _settle_chain(row))
        ):
            raise _fault(answer)
        if row.protocol_group_icon is not None:
            strings += 1
        if row.protocol_sub_group_id is not None:
            strings += 1
        if row.protocol_sub_group_name is not None:
            strings += 1
        tokens += row.underlying_tokens
        tokens += row.reward_tokens
    of_tokens = _token_members(tokens)
    if of_tokens is None:
        raise _fault(answer)
    return Keys(keys + of_tokens[0], strings=strings + of_tokens[1])


def row_members(row: Position) -> Keys:
    """The same of a row by itself."""
    return members((row,))


def _token_members(tokens: Sequence[TokenBalance]) -> tuple[int, int] | None:
    """How many keys and strings the tokens surely had, once they are whole; None if one is wrong.

    A token has three keys and those whose value is not the very object that stands for an absent
    one: a null may be counted as absent, never the other way round.
    """
    keys = 7 * len(tokens)
    nameless = 0
    for token in tokens:
        if (token.chain is not None or token.chain_id is _ABSENT) and not _settle_chain(token):
            return None
        amount, price, value = token.amount, token.price_usd, token.value_usd
        if not _LEAST <= amount.adjusted() <= _MOST or amount.__sizeof__() > _BYTES:
            return None
        if price is not None and (
            not _LEAST <= price.adjusted() <= _MOST or price.__sizeof__() > _BYTES
        ):
            return None
        if value is not None:
            if not _LEAST <= value.adjusted() <= _MOST or value.__sizeof__() > _BYTES:
                return None
            keys += 1
        if amount is _ZERO:
            keys -= 1
        if price is _ZERO:
            keys -= 1
        if token.symbol is None:
            nameless += 1
        if token.name is None:
            nameless += 1
    return keys - nameless, 3 * len(tokens) - nameless


def whole_tokens(tokens: Sequence[TokenBalance]) -> bool:
    """Make tokens by themselves whole; whether nothing is wrong with any."""
    return _token_members(tokens) is not None


def _settle_chain(record: TokenBalance | Position) -> bool:
    """Fill `chain_id` from `chain`: the schema has one on rows, the other on tokens; live swaps."""
    if record.chain is None:
        return False
    if record.chain_id is _ABSENT:
        record.chain_id = record.chain
    elif record.chain != record.chain_id:
        return False
    # Emptied, so that the same row is the same record whichever way it came.
    record.chain = None
    return True


def _fill(row: Position) -> int:
    """Give the row the keys it lacks; how many they are."""
    absent = [name for name in _DEFAULTS if getattr(row, name) is _ABSENT]
    for name in absent:
        setattr(row, name, _DEFAULTS[name])
    return len(absent)


def _fault(answer: tuple[Position, ...] | SnapshotEnvelope) -> NotAsDocumented:
    """The first thing wrong in an answer that has one, with its place as msgspec would name it."""
    for place, record in _places(answer):
        what = _complaint(record)
        if what is not None:
            return NotAsDocumented(f"{what} - at `{place}`")
    raise AssertionError("what was refused has something wrong")  # pragma: no cover


def _places(
    answer: tuple[Position, ...] | SnapshotEnvelope,
) -> Iterator[tuple[str, TokenBalance | Position]]:
    start, rows = ("$", answer) if isinstance(answer, tuple) else ("$.result", answer.result)
    for number, row in enumerate(rows):
        for name in ("underlying_tokens", "reward_tokens"):
            for index, token in enumerate(getattr(row, name) or ()):
                yield f"{start}[{number}].{name}[{index}]", token
        yield f"{start}[{number}]", row


def _complaint(record: TokenBalance | Position) -> str | None:
    """What is wrong with a record, whether or not it has been made whole."""
    if record.chain_id is _ABSENT and record.chain is None:
        return "neither `chain_id` nor `chain` is there"
    if record.chain is not None and record.chain_id not in (_ABSENT, record.chain):
        return "`chain_id` and `chain` differ"
    for name in ("amount", "price_usd", "value_usd"):
        value = getattr(record, name, None)
        if value is not None and not decimals.fits(value):
            return f"`{name}` is too large, too small or too long a number"
    if isinstance(record, Position):
        if len(record.index) > MAX_INDEX:
            return f"`index` has more than {MAX_INDEX} characters"
        if record.token_id >= _UINT256:
            return "`token_id` is beyond 256 bits"
        if record.block_number_created >= _UINT64 or (record.block_number or 0) >= _UINT64:
            return "a block number is beyond 64 bits"
    return None


def _meta_members(meta: Metadata | UnsetType | None) -> int:
    if not isinstance(meta, Metadata):
        return int(meta is None)
    count = 1 + (meta.cached_at is not UNSET) + (meta.system is not UNSET)
    if isinstance(meta.system, _Processing):
        count += sum(value is not _ZERO for value in msgspec.structs.astuple(meta.system))
    return count
