"""What tells a position from the others of its wallet, whichever of them come or go."""

from functools import lru_cache
from zlib import crc32

from upstreams.oneinch.records import Position

Identity = tuple[int, str, int, int, int, int, str]
"""Chain id, index, sign, token id, mark, ordinal and part; positions come ordered by it."""


def identity(row: Position) -> Identity:
    """The row's identity within what its wallet holds."""
    return (
        *(row.chain_id, row.index, row.asset_sign),
        *(row.token_id, mark(row), row.ordinal, row.part),
    )


def mark(row: Position) -> int:
    """A checksum of what else tells rows apart and stays the same while a position lives.

    The index is documented as a hash of owner, chain, contract, token id and sub group, and the
    owner may be the zero address: rows of equal index differ in side, protocol, or the one token
    that they are of. Of several, which may come in any order, or of an NFT one may leave.
    """
    return row.mark or _marked(row)


def _marked(row: Position) -> int:
    tokens, sub_group = row.underlying_tokens, row.protocol_sub_group_id
    parts = row.contract_address + row.contract_name
    if len(tokens) == 1 and not row.token_id:
        parts += tokens[0].address
    kind = _kind(
        row.protocol_type,
        row.protocol_handler_id,
        row.protocol_group_id,
        row.protocol_sub_group_name if sub_group is None else sub_group,
        row.locked,
    )
    found = crc32(parts.encode(), kind)
    # Ids and cursors both ask for it, and a row's never changes.
    row.mark = found
    return found


@lru_cache(maxsize=4096)
def _kind(*parts: object) -> int:
    return crc32(repr(parts).encode())
