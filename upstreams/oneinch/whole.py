"""`WholeWallets`: what a wallet holds in all, joined from the two snapshots 1inch gives of it."""

from collections.abc import Sequence

from msgspec.structs import replace

from upstreams.oneinch.attribution import Snapshot, by_identity
from upstreams.oneinch.by_chain import SnapshotKey
from upstreams.oneinch.client import Position
from upstreams.source.cache import LRUCache

CLOSED = 0
_COIN = "0x" + "e" * 40


class WholeWallets:
    """Joins a wallet's tokens with its positions in protocols, and keeps the join beside them.

    A protocol may hand out a token as the receipt for a position, and the source lists both: the
    token is then marked, as counting it too would count one thing twice.
    """

    def __init__(self, memory: LRUCache) -> None:
        self._memory = memory

    def join(
        self, key: SnapshotKey, tokens: Snapshot, protocols: Snapshot, *, keep: bool
    ) -> Sequence[Position]:
        """The rows of both by identity: the same object for the same snapshots, where it is kept.

        `key` is that of one of them.
        """
        if not protocols.rows:
            return tokens.rows
        name = ("portfolio.whole", key._replace(part=""))
        found: _Whole | None = self._memory.get(name)
        if found is None or found.tokens is not tokens or found.protocols is not protocols:
            found = _Whole(tokens, protocols)
            if keep:
                self._memory.put(name, found)
        return found.rows


class _Whole:
    __slots__ = ("protocols", "rows", "size", "tokens")

    def __init__(self, tokens: Snapshot, protocols: Snapshot) -> None:
        self.tokens = tokens
        self.protocols = protocols
        self.rows = by_identity((*_marked(tokens.rows, protocols.rows), *protocols.rows))
        # The rows themselves are weighed with the snapshots, as long as those are kept.
        self.size = 1_000 + 16 * len(self.rows)


def _marked(tokens: Sequence[Position], protocols: Sequence[Position]) -> list[Position]:
    """The wallet's tokens, with those marked that an open position in a protocol is held by."""
    contracts = {
        (row.chain_id, row.contract_address.lower()) for row in protocols if row.status != CLOSED
    }
    return [replace(row, is_receipt=True) if _contract(row) in contracts else row for row in tokens]


def _contract(row: Position) -> tuple[int, str] | None:
    contract = row.contract_address.lower()
    # A chain's own coin is no receipt, though positions that hold coins may name it.
    return None if contract == _COIN else (row.chain_id, contract)
