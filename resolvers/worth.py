"""What positions are worth together, and the parts of it: sums that are exact to the last digit."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cached_property
from operator import attrgetter

import msgspec

from resolvers.account import Holding
from resolvers.position import Protocol, Side, category, protocol, side, value_usd
from upstreams.decoding import decimals
from upstreams.oneinch.client import Position

ALGORAND = "algorand"
"""What stands for the network that Algorand accounts are on, where chains are told apart."""

# A share is a quotient, and most have no last digit.
_SHARE = Context(prec=28, rounding=ROUND_HALF_EVEN)
# What is in an account itself is in no protocol; of an EVM wallet, the source names one for it.
_ACCOUNT = Protocol(ALGORAND, ALGORAND, ALGORAND, "Algorand", None, None, None)
Counted = Position | Holding


@dataclass(frozen=True, slots=True)
class Worth:
    """What some positions are worth together: assets, debts (0 or less), and how many there are."""

    assets_usd: Decimal
    debts_usd: Decimal
    position_count: int
    unpriced_count: int

    @property
    def value_usd(self) -> Decimal:
        return decimals.total((self.assets_usd, self.debts_usd))


class PartWorth(msgspec.Struct, frozen=True):
    """What one part of a portfolio is worth; `of` is the chain, protocol, category or wallet."""

    of: Hashable
    worth: Worth | None
    total: Worth

    @property
    def share(self) -> Decimal | None:
        """Its part of all assets; None where there are none."""
        if self.worth is None or not self.total.assets_usd:
            return None
        return _SHARE.divide(self.worth.assets_usd, self.total.assets_usd)


class Sums:
    """Sums over rows that never change, each made when it is first wanted.

    `rows` are positions of EVM wallets, `holdings` what is in Algorand accounts.
    """

    def __init__(self, rows: Sequence[Position], holdings: Sequence[Holding] = ()) -> None:
        self.rows = rows
        self.values = list(map(value_usd, rows))
        self.holdings = holdings

    @cached_property
    def total(self) -> Worth:
        return worth_of(self._all())

    @cached_property
    def by_chain(self) -> list[PartWorth]:
        return self._by(attrgetter("chain_id"), lambda _: ALGORAND)

    @cached_property
    def by_category(self) -> list[PartWorth]:
        return self._by(category, attrgetter("category"))

    @cached_property
    def by_protocol(self) -> list[PartWorth]:
        found = self._by(_protocol_key, lambda _: ALGORAND)
        first = {_protocol_key(row): protocol(row) for row in reversed(self.rows)}
        first[ALGORAND] = _ACCOUNT
        return [msgspec.structs.replace(each, of=first[each.of]) for each in found]

    @cached_property
    def by_owner(self) -> list[PartWorth]:
        return self._by(attrgetter("wallet"), attrgetter("wallet"))

    def _all(self) -> Iterator[tuple[Counted, Decimal | None]]:
        yield from zip(self.rows, self.values, strict=True)
        for each in self.holdings:
            yield each, each.value_usd

    def _by(
        self,
        key_of_row: Callable[[Position], Hashable],
        key_of_holding: Callable[[Holding], Hashable],
    ) -> list[PartWorth]:
        """What is of the same key is worth together, the most valuable first."""
        groups: defaultdict[Hashable, list[tuple[Counted, Decimal | None]]] = defaultdict(list)
        for row, value in zip(self.rows, self.values, strict=True):
            groups[key_of_row(row)].append((row, value))
        for each in self.holdings:
            groups[key_of_holding(each)].append((each, each.value_usd))
        found = [PartWorth(each, worth_of(rows), self.total) for each, rows in groups.items()]
        return sorted(found, key=_most_valuable)


class KeptSums:
    """Sums as they are kept: those of the very lists of rows that they were made of."""

    __slots__ = ("size", "sources", "sums")

    def __init__(self, sources: Sequence[Sequence[Position]], sums: Sums) -> None:
        self.sources = sources
        self.sums = sums
        # Rows that a newer snapshot replaced stay in memory for as long as these do.
        self.size = 2_000 + 1_500 * len(sums.rows)

    def is_of(self, sources: Sequence[Sequence[Position]]) -> bool:
        """Whether they are of these lists, in this order."""
        return len(sources) == len(self.sources) and all(
            one is other for one, other in zip(sources, self.sources, strict=True)
        )


def _protocol_key(row: Position) -> Hashable:
    """What tells protocols apart: their ids, or their names where those are empty."""
    return row.protocol_group_id or ("", row.protocol_group_name)


def _most_valuable(each: PartWorth) -> tuple[Decimal, str]:
    worth = each.worth
    value = decimals.ZERO if worth is None else worth.value_usd
    return value.copy_negate(), str(each.of)


def worth_of(rows: Iterable[tuple[Counted, Decimal | None]]) -> Worth:
    """The sums over rows with their values; a receipt is counted by what it is the receipt for."""
    assets, debts = [], []
    count = unpriced = 0
    for row, value in rows:
        count += 1
        if isinstance(row, Position) and row.is_receipt:
            continue
        if value is None:
            unpriced += 1
        elif isinstance(row, Position) and side(row) is Side.DEBT:
            debts.append(value)
        else:
            assets.append(value)
    return Worth(decimals.total(assets), decimals.total(debts), count, unpriced)
