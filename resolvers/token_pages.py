"""Pages of what a portfolio holds of each token: which are kept, in what order, from where."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import partial

import msgspec

from resolvers.connections import Page, PageArguments, decode_cursor, encode_cursor, slice_of
from resolvers.errors import BadCursor
from resolvers.filters import MAX_TEXT, least_value, text_wanted
from resolvers.loaders import Loaders
from resolvers.portfolio import Portfolio, valued
from resolvers.text import fold
from resolvers.token import Token
from resolvers.token_totals import AlgorandToken, Grouping, TokenTotal, totals
from upstreams.decoding import decimals


class TotalOrder(Enum):
    """What comes first."""

    VALUE = "VALUE"
    SYMBOL = "SYMBOL"


class TokenTotalCursor(msgspec.Struct, frozen=True, array_like=True, tag="token totals"):
    """Where a token stands: the order, its value in that order, and its id."""

    order: TotalOrder
    descending: bool
    primary: str | None
    id: str


class TotalRank(msgspec.Struct, frozen=True):
    """A place in an order: by `primary`, None last, then by id."""

    primary: Decimal | str | None
    id: str
    descending: bool

    def __lt__(self, other: "TotalRank") -> bool:
        mine, theirs = self.primary, other.primary
        if mine == theirs:
            return self.id < other.id
        if mine is None or theirs is None:
            return theirs is None
        return (theirs < mine) if self.descending else (mine < theirs)  # type: ignore[operator]


class TokenTotalEdge(msgspec.Struct, frozen=True):
    """A token and its place."""

    node: TokenTotal
    order: TotalOrder
    descending: bool

    @property
    def cursor(self) -> str:
        rank = _rank(self.order, self.descending, self.node)
        primary = None if rank.primary is None else str(rank.primary)
        return encode_cursor(TokenTotalCursor(self.order, self.descending, primary, rank.id))


class TokenTotals(Page[TokenTotal], frozen=True):
    """A page of the tokens that match."""

    order: TotalOrder
    descending: bool
    as_of: datetime | None
    is_stale: bool
    is_complete: bool

    @property
    def edges(self) -> list[TokenTotalEdge]:
        return [TokenTotalEdge(node, self.order, self.descending) for node in self.nodes]

    def cursor_of(self, row: TokenTotal) -> str:
        return TokenTotalEdge(row, self.order, self.descending).cursor


class TotalFilter(msgspec.Struct, frozen=True):
    """Which tokens to keep: each part that is not None must hold."""

    chain_ids: frozenset[int] | None = None
    has_price: bool | None = None
    min_value_usd: Decimal | None = None
    text: str | None = None

    def keeps(self, total: TokenTotal) -> bool:
        value = total.value_usd
        return (
            (self.has_price is None or (value is not None) is self.has_price)
            and (
                self.min_value_usd is None
                or (value is not None and value.copy_abs() >= self.min_value_usd)
            )
            and (self.text is None or any(self._names(token) for token in total.members))
            and (
                self.chain_ids is None
                or any(token.chain_id in self.chain_ids for token in total.tokens)
            )
        )

    def _names(self, token: Token | AlgorandToken) -> bool:
        names = (token.symbol, token.name)
        return any(name is not None and (self.text or "") in fold(name) for name in names)


def make_filter(
    *,
    chain_ids: Sequence[int] | None = None,
    has_price: bool | None = None,
    min_value_usd: Decimal | None = None,
    text: str | None = None,
) -> TotalFilter:
    """A filter from what a client asked; the text is folded."""
    return TotalFilter(
        None if chain_ids is None else frozenset(chain_ids),
        has_price,
        least_value(min_value_usd),
        text_wanted(text),
    )


def check_page(page: PageArguments, order: TotalOrder, *, descending: bool) -> None:
    """BadCursor for a page of tokens that cannot be one, before anything is asked for."""
    for text in (page.after, page.before):
        if text is not None:
            _rank_of_cursor(order, descending, text)


async def token_totals(
    loaders: Loaders,
    of: Portfolio,
    page: PageArguments,
    *,
    grouping: Grouping = Grouping.TOKEN,
    has_protocols: bool = True,
    keep: TotalFilter | None = None,
    order: TotalOrder = TotalOrder.VALUE,
    descending: bool = True,
) -> TokenTotals:
    """A page of what the wallets of a portfolio hold of each token."""
    known = await valued(loaders, of)
    name = ("token totals", of, grouping, has_protocols)
    every: list[TokenTotal] | None = loaders.made.get(name)
    if every is None:
        loaders.look_through(len(known.rows))
        every = loaders.made[name] = totals(known, grouping, has_protocols=has_protocols)
    matching = every if keep is None else [total for total in every if keep.keeps(total)]
    rank = partial(_rank, order, descending)
    matching = sorted(matching, key=rank)
    part = slice_of(matching, page, rank, partial(_rank_of_cursor, order, descending))
    return TokenTotals(
        matching,
        part.start,
        part.stop,
        order,
        descending,
        known.as_of,
        known.is_stale,
        known.is_complete,
    )


def _rank(order: TotalOrder, descending: bool, total: TokenTotal) -> TotalRank:
    primary: Callable[[TokenTotal], Decimal | str | None] = _PRIMARY[order]
    return TotalRank(primary(total), total.id, descending)


_PRIMARY: dict[TotalOrder, Callable[[TokenTotal], Decimal | str | None]] = {
    TotalOrder.VALUE: lambda total: total.value_usd,
    TotalOrder.SYMBOL: lambda total: total.symbol and total.symbol.casefold()[:MAX_TEXT],
}


def _rank_of_cursor(order: TotalOrder, descending: bool, text: str) -> TotalRank:
    found = decode_cursor(text, TokenTotalCursor)
    if (found.order, found.descending) != (order, descending):
        raise BadCursor("The cursor belongs to another order of these tokens")
    primary: Decimal | str | None = found.primary
    if found.primary is not None and order is TotalOrder.VALUE:
        primary = decimals.parse(found.primary)
        if primary is None:
            raise BadCursor("The cursor is not one of this connection")
    return TotalRank(primary, found.id, descending)
