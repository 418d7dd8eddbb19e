"""Which positions a query keeps, and which snapshots may hold them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from resolvers.errors import BadAddress, BadArgument
from resolvers.filters import least_value, text_wanted
from resolvers.position import (
    Category,
    Side,
    Status,
    category,
    side,
    status,
    tokens,
    value_usd,
)
from resolvers.snapshots import PARTS
from resolvers.text import fold
from upstreams.addresses import parse_evm
from upstreams.oneinch.client import PROTOCOLS, TOKENS, Position


@dataclass(frozen=True, slots=True)
class Filter:
    """Which positions to keep: each part that is not None must hold."""

    categories: frozenset[Category] | None = None
    chain_ids: frozenset[int] | None = None
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
            (self.categories is None or category(position) in self.categories)
            and (self.chain_ids is None or position.chain_id in self.chain_ids)
            and (self.side is None or side(position) is self.side)
            and (self.status is None or status(position) is self.status)
            and (self.locked is None or position.locked is self.locked)
            and (self.protocol_types is None or position.protocol_type in self.protocol_types)
            and (
                self.protocol_group_ids is None
                or position.protocol_group_id in self.protocol_group_ids
            )
            and (
                self.tokens is None
                or any(t.address.lower() in self.tokens for t in tokens(position))
            )
            and (self.min_value_usd is None or self._is_worth(position, self.min_value_usd))
            and (self.text is None or self._mentions(position, self.text))
        )

    @property
    def parts(self) -> tuple[str, ...]:
        """The snapshots that may hold what it keeps."""
        if self.categories is None:
            return PARTS
        if self.categories == {Category.PROTOCOL}:
            return (PROTOCOLS,)
        return PARTS if Category.PROTOCOL in self.categories else (TOKENS,)

    def _is_worth(self, position: Position, least: Decimal) -> bool:
        value = value_usd(position)
        return value is not None and value.copy_abs() >= least

    def _mentions(self, position: Position, text: str) -> bool:
        names: list[str | None] = [
            position.contract_name,
            position.contract_symbol,
            position.protocol_group_name,
            position.protocol_sub_group_name,
        ]
        for token in tokens(position):
            names += (token.symbol, token.name)
        return any(name is not None and text in fold(name) for name in names)


def make_filter(
    *,
    categories: Sequence[Category] | None = None,
    chain_ids: Sequence[int] | None = None,
    side: Side | None = None,
    status: Status | None = None,
    locked: bool | None = None,
    protocol_types: Sequence[str] | None = None,
    protocol_group_ids: Sequence[str] | None = None,
    tokens: Sequence[str] | None = None,
    min_value_usd: Decimal | None = None,
    text: str | None = None,
) -> Filter:
    """A filter from what a client asked; addresses are checked, the text is folded."""
    try:
        wanted = None if tokens is None else frozenset(parse_evm(token) for token in tokens)
    except ValueError as error:
        raise BadAddress(f"filter.tokens: {error}") from None
    for chain_id in chain_ids or ():
        if chain_id < 1:
            raise BadArgument(f"filter.chainIds must be positive, not {chain_id}")
    return Filter(
        categories=None if categories is None else frozenset(categories),
        chain_ids=None if chain_ids is None else frozenset(chain_ids),
        side=side,
        status=status,
        locked=locked,
        protocol_types=None if protocol_types is None else frozenset(protocol_types),
        protocol_group_ids=None if protocol_group_ids is None else frozenset(protocol_group_ids),
        tokens=wanted,
        min_value_usd=least_value(min_value_usd),
        text=text_wanted(text),
    )
