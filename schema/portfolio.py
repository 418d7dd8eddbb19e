"""Several wallets as one: what they are worth together, of what, and what is missing from it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

import strawberry
from graphql.pyutils import Path
from strawberry.federation.schema_directives import Cost

from resolvers import algorand, part, position, token_pages, token_totals
from resolvers import history as histories
from resolvers import metrics as earned
from resolvers import portfolio as resolve
from resolvers.connections import page_arguments
from resolvers.coverage import Chain as ChainRecord
from resolvers.errors import BadRepresentation
from resolvers.part import are_missing
from resolvers.positions import Positions
from resolvers.wallet import MAX_WALLETS
from resolvers.wallet import Wallet as WalletRecord
from resolvers.worth import PartWorth
from schema.calls import HISTORY, METRICS, SOURCE_TOTAL
from schema.connection import STALE, given
from schema.context import Context, Info
from schema.coverage import Chain, ProtocolGroup
from schema.directives import sized
from schema.fields import OfRecords, derived, read
from schema.history import TimeRange, ValueHistory
from schema.metrics import PortfolioMetrics
from schema.node import Node
from schema.part import PortfolioPart
from schema.position import (
    Category,
    OrderDirection,
    PositionConnection,
    PositionFilter,
    PositionOrder,
)
from schema.token_total import (
    TokenGrouping,
    TokenTotalConnection,
    TokenTotalFilter,
    TokenTotalOrder,
)

Record = strawberry.Parent[resolve.Portfolio]
Share = strawberry.Parent[PartWorth]
_WALLET: Any = Annotated["Wallet", strawberry.lazy("schema.wallet")]  # noqa: F821

# All rows of all wallets are looked through for it.
_ROWS = strawberry.argument(directives=[Cost(weight=10)])
_SHARE = (
    "Its part of all the portfolio's assets, as a ratio of 28 significant digits (0.25 is a "
    "quarter); null where there are no assets."
)


def _value(root: PartWorth) -> Decimal | None:
    return None if root.worth is None else root.worth.value_usd


def _assets(root: PartWorth) -> Decimal | None:
    return None if root.worth is None else root.worth.assets_usd


def _debts(root: PartWorth) -> Decimal | None:
    return None if root.worth is None else root.worth.debts_usd


def _count(root: PartWorth) -> int | None:
    return None if root.worth is None else root.worth.position_count


def _share(root: PartWorth) -> Decimal | None:
    return root.share


def _chain_id(root: PartWorth) -> int | None:
    return root.of if isinstance(root.of, int) else None


def _chain(root: PartWorth) -> ChainRecord | None:
    return ChainRecord(root.of) if isinstance(root.of, int) else None


def _of(root: PartWorth) -> object:
    return root.of


@strawberry.type
class PartValue:
    """The fields that the types below have in common; it is none of the schema itself."""

    value_usd = read(_value, "Assets less debts, in US dollars.", graphql_type=Decimal | None)
    assets_usd = read(_assets, "What is held, in US dollars.", graphql_type=Decimal | None)
    debts_usd = read(
        _debts, "What is owed, in US dollars: negative, or 0.", graphql_type=Decimal | None
    )
    position_count = read(_count, "How many positions are in it.", graphql_type=int | None)
    share = read(_share, _SHARE, graphql_type=Decimal | None)


@strawberry.type(description="What is on one chain.")
class ChainValue(PartValue):
    chain_id = read(
        _chain_id, "The EIP-155 id of the chain; null for Algorand.", graphql_type=int | None
    )
    chain = read(_chain, "The chain; null for Algorand.", graphql_type=Chain | None)

    @derived("The chain as a CAIP-2 id.")
    @staticmethod
    async def caip2(root: Share, info: Info) -> str:
        if isinstance(root.of, int):
            return f"eip155:{root.of}"
        return await algorand.chain(info.context.loaders)


@strawberry.type(
    description="What is in one protocol; what is in the wallets themselves is in one, too."
)
class ProtocolValue(PartValue):
    protocol = read(_of, "The protocol.", graphql_type=ProtocolGroup)


@strawberry.type(description="What is of one category of positions.")
class CategoryValue(PartValue):
    category = read(_of, "The category.", graphql_type=Category)


@strawberry.type(
    description="What one wallet holds and owes; its figures are null where a part of it is "
    "missing, or nothing says what it is worth."
)
class WalletValue(PartValue):
    wallet = read(_of, "The wallet.", graphql_type=_WALLET)


@strawberry.federation.type(
    keys=["id"],
    description="Up to 100 wallets of any ecosystem as one, now or at a past moment. All its "
    "figures in one answer are made of the same snapshots, and its parts add up to its total, to "
    "the last digit.",
)
class Portfolio(Node, OfRecords):
    record_classes = (resolve.Portfolio,)
    id: strawberry.ID = strawberry.field(
        description="Global id of the portfolio: it says which wallets, chains and moment, "
        "whatever the order and spelling in which they were given."
    )
    wallets: list[_WALLET] | None = strawberry.field(
        description="The wallets, each once, in the order of their addresses.",
        directives=sized(MAX_WALLETS),
    )
    chain_ids: list[int] | None = strawberry.field(
        description="The EIP-155 ids of the chains it is of; null for all.", directives=sized(20)
    )

    @derived("The past moment it is of; null for now.")
    @staticmethod
    def at(root: Record) -> datetime | None:
        return None if root.at is None else datetime.fromtimestamp(root.at, UTC)

    @derived(
        "Assets less debts, in US dollars: over all parts that are there, see `isComplete`; null "
        "where none is. Positions without a price count as 0."
    )
    @staticmethod
    async def total_value_usd(root: Record, info: Info) -> Decimal | None:
        found = await _known(root, info)
        return None if found is None else found.total.value_usd

    @derived("What is held, in US dollars.")
    @staticmethod
    async def assets_usd(root: Record, info: Info) -> Decimal | None:
        found = await _known(root, info)
        return None if found is None else found.total.assets_usd

    @derived("What is owed, in US dollars: negative, or 0.")
    @staticmethod
    async def debts_usd(root: Record, info: Info) -> Decimal | None:
        found = await _known(root, info)
        return None if found is None else found.total.debts_usd

    @derived("How many positions have no known price, and count as 0.")
    @staticmethod
    async def unpriced_count(root: Record, info: Info) -> int | None:
        found = await _known(root, info)
        return None if found is None else found.total.unpriced_count

    @derived(
        "Whether the total counts all that the sources know of: no part is missing, no row was "
        "left out, and no position is without a price. Of protocols that the source does not "
        "support it says nothing."
    )
    @staticmethod
    async def is_complete(root: Record, info: Info) -> bool | None:
        return (await resolve.valued(info.context.loaders, root)).is_complete

    @derived(
        "What it is put together of: one part for all wallets of the same source and state.",
        graphql_type=list[PortfolioPart] | None,
        directives=sized(4),
    )
    @staticmethod
    async def parts(root: Record, info: Info) -> tuple[part.Part, ...]:
        return (await resolve.valued(info.context.loaders, root)).parts

    @derived("When the oldest part was computed; null where none is there.")
    @staticmethod
    async def as_of(root: Record, info: Info) -> datetime | None:
        return (await resolve.valued(info.context.loaders, root)).as_of

    @derived(STALE)
    @staticmethod
    async def is_stale(root: Record, info: Info) -> bool | None:
        return (await resolve.valued(info.context.loaders, root)).is_stale

    @derived(
        "What is on each chain, the most valuable first. Its values add up to the total.",
        graphql_type=list[ChainValue] | None,
        directives=sized(10),
    )
    @staticmethod
    async def by_chain(root: Record, info: Info) -> list[PartWorth] | None:
        found = await _known(root, info)
        return None if found is None else found.sums.by_chain

    @derived(
        "What is in each protocol, the most valuable first, with what is in the wallets "
        "themselves as one more. Its values add up to the total.",
        graphql_type=list[ProtocolValue] | None,
        directives=sized(20),
    )
    @staticmethod
    async def by_protocol(root: Record, info: Info) -> list[PartWorth] | None:
        found = await _known(root, info)
        return None if found is None else found.sums.by_protocol

    @derived(
        "What is of each category, the most valuable first. Its values add up to the total.",
        graphql_type=list[CategoryValue] | None,
        directives=sized(len(position.Category)),
    )
    @staticmethod
    async def by_category(root: Record, info: Info) -> list[PartWorth] | None:
        found = await _known(root, info)
        return None if found is None else found.sums.by_category

    @derived(
        "What each wallet holds and owes, in the order of `wallets`. Its values add up to the "
        "total where none of them is null.",
        graphql_type=list[WalletValue] | None,
        directives=sized(MAX_WALLETS),
    )
    @staticmethod
    async def by_wallet(root: Record, info: Info) -> list[PartWorth] | None:
        found = await _known(root, info)
        return None if found is None else found.by_wallet

    @derived(
        "All positions of all its EVM wallets in one list, by value, highest first, unless asked "
        "otherwise. A page has 50 positions unless `first` or `last` says otherwise (0 to 1000).",
        graphql_type=PositionConnection | None,
    )
    @staticmethod
    async def positions(
        root: Record,
        info: Info,
        filter: Annotated[PositionFilter | None, _ROWS] = strawberry.UNSET,
        order_by: Annotated[PositionOrder | None, _ROWS] = strawberry.UNSET,
        first: int | None = strawberry.UNSET,
        after: str | None = strawberry.UNSET,
        last: int | None = strawberry.UNSET,
        before: str | None = strawberry.UNSET,
    ) -> Positions | None:
        page = page_arguments(given(first), given(after), given(last), given(before))
        keep, order = given(filter), given(order_by)
        checked = None if keep is None else keep.checked()
        by = None if order is None else order.checked()
        resolve.check_page(root, page, by)
        if await _known(root, info) is None:
            return None
        return await resolve.positions(info.context.loaders, root, page, keep=checked, order=by)

    @derived(
        "What is held of each token over wallets, chains and protocols, debts apart, by value, "
        "highest first, unless asked otherwise. Tokens are grouped by contract, or the same coin "
        "on several chains as one asset, never by symbol. `includeProtocols: false` counts what is "
        "in the wallets themselves. A page has 50 tokens unless `first` or `last` says otherwise "
        "(0 to 1000). It costs no further call.",
        graphql_type=TokenTotalConnection | None,
    )
    @staticmethod
    async def tokens(
        root: Record,
        info: Info,
        grouping: TokenGrouping = token_totals.Grouping.TOKEN,  # type: ignore[valid-type]
        include_protocols: bool = True,
        filter: Annotated[TokenTotalFilter | None, _ROWS] = strawberry.UNSET,
        order_by: Annotated[TokenTotalOrder | None, _ROWS] = strawberry.UNSET,
        first: int | None = strawberry.UNSET,
        after: str | None = strawberry.UNSET,
        last: int | None = strawberry.UNSET,
        before: str | None = strawberry.UNSET,
    ) -> token_pages.TokenTotals | None:
        page = page_arguments(given(first), given(after), given(last), given(before))
        keep, order = given(filter), given(order_by)
        checked = None if keep is None else keep.checked()
        by = token_pages.TotalOrder.VALUE if order is None else order.field
        descending = order is None or order.direction is OrderDirection.DESC
        token_pages.check_page(page, by, descending=descending)
        if await _known(root, info) is None:
            return None
        return await token_pages.token_totals(
            info.context.loaders,
            root,
            page,
            grouping=grouping,
            has_protocols=include_protocols,
            keep=checked,
            order=by,
            descending=descending,
        )

    @derived(
        "What the source itself says that the EVM wallets are worth together, in US dollars: one "
        "call of its own. It is of another moment than `totalValueUsd`, may count otherwise, and "
        "is in no other figure here. Null where there is no EVM wallet; an error for a portfolio "
        "of a past moment, or of several chains.",
        calls=SOURCE_TOTAL,
    )
    @staticmethod
    async def source_total_usd(root: Record, info: Info) -> Decimal | None:
        return await resolve.source_total(info.context.loaders, root)

    @derived(
        "What its EVM wallets were worth together over a range of time up to now: one call to the "
        "source a range, kept for minutes. Its last point is of another moment than "
        "`totalValueUsd`, and whether it counts positions in protocols the source does not say. "
        "Null where there is no EVM wallet; an error for a portfolio of a past moment, or of "
        "several chains. `maxPoints` (2 to 5000) keeps the first, the last, and the lowest and "
        "highest of what lies between.",
        graphql_type=ValueHistory | None,
        calls=HISTORY,
    )
    @staticmethod
    async def history(
        root: Record,
        info: Info,
        range: TimeRange = histories.TimeRange.YEAR,  # type: ignore[valid-type]
        max_points: int | None = strawberry.UNSET,
    ) -> histories.History | None:
        return await histories.history(info.context.loaders, root, range, given(max_points))

    @derived(
        "What its EVM wallets earned together over a range of time: two calls to the source for "
        "each fifty wallets, kept for minutes. Null where there is no EVM wallet; an error for a "
        "portfolio of a past moment, or of several chains.",
        graphql_type=PortfolioMetrics | None,
        calls=METRICS,
    )
    @staticmethod
    async def metrics(
        root: Record,
        info: Info,
        range: TimeRange = histories.TimeRange.YEAR,  # type: ignore[valid-type]
    ) -> earned.PortfolioMetrics | None:
        return await earned.portfolio_metrics(info.context.loaders, root, range)

    @classmethod
    def resolve_reference(cls, info: Info, id: str | None = None) -> Any:
        if id is None:
            raise BadRepresentation("Portfolio needs id")
        return resolve.portfolio_of_id(id)


async def _known(root: resolve.Portfolio, info: Info) -> resolve.Valued | None:
    """What is known of the portfolio; None where no part is there, for no fault of a source."""
    found = await resolve.valued(info.context.loaders, root)
    errors = [each.error for each in found.parts if each.error is not None]
    if found.parts and are_missing(found.parts):
        if errors:
            raise errors[0].with_traceback(None)
        return None
    _tell(info.context, info.path.prev, errors)
    return found


def _tell(context: Context, path: Path | None, errors: list[Any]) -> None:
    """Note, once for all fields of an object, what is missing from it."""
    known = {tuple(place.as_list()) for _, place in context.partial}
    if path is not None and tuple(path.as_list()) not in known:
        context.partial += [(error, path) for error in errors]


def wallets_of(records: list[WalletRecord | Exception]) -> list[WalletRecord]:
    """The wallets of a list, or the first exception in it."""
    for each in records:
        if isinstance(each, Exception):
            raise each
    return records  # type: ignore[return-value]
