"""What tells a position from the others of its wallet, whichever of them come or go."""

from functools import lru_cache
from zlib import crc32

from upstreams.snapshot import Position

Identity = tuple[int, str, int, int, int, int]
"""Chain id, index, sign, token id, mark and ordinal; positions come ordered by it."""


def identity(row: Position) -> Identity:
    """The row's identity within its wallet's snapshot."""
    return (row.chain_id, row.index, row.asset_sign, row.token_id, mark(row), row.ordinal)


def mark(row: Position) -> int:
    """A checksum of what else tells rows apart and stays the same while a position lives.

    The index is documented as a hash of owner, chain, contract, token id and sub group, and the
    owner may be the zero address: rows of equal index differ in side, protocol, or tokens. The
    tokens of an NFT may come and go (a pool's price leaves its range), and its id tells enough.
    """
    kind = _mark_of_kind(
        row.protocol_type,
        row.protocol_handler_id,
        row.protocol_group_id,
        row.protocol_sub_group_name if row.protocol_sub_group_id is None else None,
        row.protocol_sub_group_id,
        row.locked,
    )
    found = crc32((row.contract_address + row.contract_name).encode(), kind)
    if not row.token_id:
        for token in row.underlying_tokens:
            found = crc32(token.address.encode(), found)
    return found


@lru_cache(maxsize=4096)
def _mark_of_kind(*parts: object) -> int:
    return crc32(repr(parts).encode())
