"""What one operation has spent so far of what it may: rows to look through, calls to sources.

An operation's text says beforehand what it may cost, and it is refused by that. What only answers
tell, such as how many chains a wallet's tokens are of, is counted here, each time before it is
spent.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from resolvers.errors import TooCostly, TooManyCalls
from upstreams.oneinch.source import SnapshotKey, TokenKey


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an operation may spend; up to `shared` wallets, or tokens of a chain, share a call."""

    rows: int = 1_000_000
    oneinch_calls: int = 50
    algod_calls: int = 1_000
    price_calls: int = 50
    shared: int = 50


class Cost:
    """The count of one operation."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._most = {
            "portfolio": bounds.oneinch_calls,
            "algorand": bounds.algod_calls,
            "prices": bounds.price_calls,
        }
        self._calls: Counter[str] = Counter()
        self._rows = 0

    def rows(self, count: int) -> None:
        """Rows that are about to be filtered and ordered; TooCostly beyond the bound."""
        if self._rows + count > self._bounds.rows:
            raise TooCostly(
                f"The operation looks through more than {self._bounds.rows} rows of wallets: ask"
                " for fewer wallets, filters or orders at once."
            )
        self._rows += count

    def calls(self, source: str, count: int) -> None:
        """Calls that may be about to leave, unless their answers are kept; TooManyCalls beyond."""
        if self._calls[source] + count > self._most[source]:
            raise TooManyCalls(
                f"The operation needs more than {self._most[source]} calls to the {source} source:"
                " ask for less at once."
            )
        self._calls[source] += count

    def snapshots(self, keys: Sequence[SnapshotKey]) -> None:
        """Those for wallets: several chains of one come with a single call about all of them."""
        chains: defaultdict[SnapshotKey, set[int | None]] = defaultdict(set)
        for key in keys:
            chains[key._replace(chain_id=None)].add(key.chain_id)
        groups = (
            (key.part, key.at, some.pop() if len(some) == 1 else None)
            for key, some in chains.items()
        )
        self.calls("portfolio", self._shared(groups))

    def tokens(self, keys: Sequence[TokenKey]) -> None:
        """Those for tokens, which share a call where they are of one chain."""
        self.calls("portfolio", self._shared(key.chain_id for key in keys))

    def checks(self, addresses: Sequence[str]) -> None:
        """Those for verdicts on addresses."""
        self.calls("portfolio", -(-len(addresses) // self._bounds.shared))

    def may_quote(self, shared: int, count: int) -> bool:
        """Whether an operation may ever ask for so many prices."""
        return -(-count // shared) <= self._most["prices"]

    def quotes(self, shared: int, asset_ids: Sequence[int]) -> None:
        """Those for prices of assets, of which `shared` share a call."""
        self.calls("prices", -(-len(asset_ids) // shared))

    def _shared(self, groups: Iterable[object]) -> int:
        most = self._bounds.shared
        return sum(-(-count // most) for count in Counter(groups).values())
