"""What an EVM wallet holds: positions, their protocols and totals, and the source's own status."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from functools import cached_property
from typing import Annotated, Any, ClassVar

import strawberry

from resolvers import history as histories
from resolvers import metrics as earned
from resolvers import position, position_filter
from resolvers import position_order as order
from resolvers import positions as resolve
from resolvers.coverage import Chain as ChainRecord
from resolvers.errors import BadRepresentation, InputError
from resolvers.position_filter import Filter
from resolvers.wallet import Wallet as WalletRecord
from resolvers.wallet import evm_wallet
from schema.calls import METRICS
from schema.connection import STALE, PageInfo, given
from schema.context import Info
from schema.coverage import Chain, ProtocolGroup
from schema.directives import INTERNAL, PAGE, sized
from schema.fields import OfRecords, derived, read, read_on
from schema.history import TimeRange
from schema.metrics import PositionMetrics
from schema.node import Node
from schema.part import PortfolioPart
from schema.scalars import BigInt
from schema.token import TokenBalance
from upstreams.addresses import evm_shown
from upstreams.oneinch.client import Position as PositionRecord

Record = strawberry.Parent[PositionRecord]
ProtocolParent = strawberry.Parent[position.Protocol]
Page = strawberry.Parent[resolve.Positions]
_WALLET: Any = Annotated["Wallet", strawberry.lazy("schema.wallet")] | None  # noqa: F821

# Most positions are of one token, few of more than four.
_FEW = sized(2)

Side = strawberry.enum(
    position.Side,
    name="PositionSide",
    description="Whether a position adds to a wallet's worth or is owed by it.",
)
Category = strawberry.enum(
    position.Category,
    name="PositionCategory",
    description="Where a position is: a chain's own coin in the wallet, another token in it, or "
    "anything in a protocol, such as a share of a pool, a loan or a debt.",
)
Status = strawberry.enum(
    position.Status,
    name="PositionStatus",
    description="Whether a position is open; UNKNOWN where the source does not say.",
)
OrderField = strawberry.enum(
    order.OrderField,
    name="PositionOrderField",
    description="What positions are ordered by: net value in US dollars, chain id, protocol "
    "group name, or contract name.",
)


@strawberry.type(description="A product of a protocol that positions belong to, such as a market.")
class ProtocolSubGroup:
    sub_group_id: str = strawberry.field(
        name="id",
        description="The source's id of the product within its protocol; its name where the "
        "source gives no id.",
    )
    sub_group_name: str | None = strawberry.field(name="name", description="The product's name.")


@strawberry.type(description="The protocol a position is in.")
class Protocol:
    # Positions share its records, which never change: what is made of one is made once for all.
    keeps_objects: ClassVar[bool] = True

    type: str = strawberry.field(
        description="The kind of protocol, such as token, dex or lending; the list is open.",
    )
    handler_id: str = strawberry.field(description="The source's adapter that read the position.")

    group: ProtocolGroup = read_on("The protocol.")

    @derived(
        "The product within the protocol, where it has several.",
        graphql_type=ProtocolSubGroup | None,
    )
    @staticmethod
    def sub_group(root: ProtocolParent) -> position.Protocol | None:
        return None if root.sub_group_id is None else root


def _chain(root: PositionRecord) -> ChainRecord:
    return ChainRecord(root.chain_id)


@strawberry.federation.type(
    keys=["id"],
    description="One holding of an EVM wallet: a plain token, a share of a pool, a loan, a debt.",
)
class Position(Node, OfRecords):
    record_classes = (PositionRecord,)
    id: strawberry.ID = read(
        position.position_id,
        "Global id of the position; it goes on naming it when others come or go.",
    )
    index: str | None = strawberry.field(
        description="The source's identifier of the position; unique within one wallet and chain "
        "as a rule, not by promise."
    )
    chain_id: int | None = strawberry.field(description="The EIP-155 id of the position's chain.")
    token_id: BigInt | None = strawberry.field(
        description="The NFT's token id for a position held as an NFT, else 0."
    )
    block_number_created: BigInt | None = strawberry.field(
        description="The block in which it came to be; 0 where the source does not track it."
    )
    block_number: BigInt | None = strawberry.field(
        description="The block this state was read at; null where the source does not say."
    )
    contract_name: str | None = strawberry.field(
        description="The name the contract gives itself: untrusted text."
    )
    contract_symbol: str | None = strawberry.field(
        description="The symbol the contract gives itself: untrusted text."
    )
    locked: bool | None = strawberry.field(
        description="Whether it cannot be withdrawn freely, as in vesting or staking."
    )
    underlying_tokens: list[TokenBalance] | None = strawberry.field(
        description="The tokens the position consists of; may be empty.", directives=_FEW
    )
    reward_tokens: list[TokenBalance] | None = strawberry.field(
        description="The tokens earned and not yet claimed; may be empty.", directives=_FEW
    )

    @derived("The contract's address in EIP-55 form; null where it is no EVM address.")
    @staticmethod
    def contract_address(root: Record) -> str | None:
        return evm_shown(root.contract_address)

    chain = read(_chain, "The chain it is on.", graphql_type=Chain | None)

    @derived("The wallet that holds it.", graphql_type=_WALLET)
    @staticmethod
    def wallet(root: Record) -> WalletRecord | None:
        return evm_wallet(root.wallet)

    @derived("When this state was read; null where the source does not say.")
    @staticmethod
    def timestamp(root: Record) -> datetime | None:
        return None if root.timestamp is None else datetime.fromtimestamp(root.timestamp, UTC)

    category = read(
        position.category,
        "Where it is: in the wallet or in a protocol.",
        graphql_type=Category | None,
    )
    is_receipt: bool | None = strawberry.field(
        description="Whether this token is the receipt for a position in a protocol that is listed "
        "as well: totals count the position, and not the receipt. Known only where positions in "
        "protocols were asked for together with it."
    )
    protocol = read(position.protocol, "The protocol it is in.", graphql_type=Protocol | None)
    side = read(position.side, "ASSET, or DEBT where the wallet owes it.", graphql_type=Side | None)
    status = read(position.status, "Whether it is open.", graphql_type=Status | None)
    value_usd = read(
        position.value_usd,
        "Its net value in US dollars: negative for a debt; null where no price is known.",
        graphql_type=Decimal | None,
    )

    @derived(
        "What it earned over a range of time; null where the source says nothing of it, and for a "
        "past moment. Two calls to the source for all positions of a wallet, kept for minutes; in "
        "an operation that values a portfolio, two for each fifty of its wallets.",
        graphql_type=PositionMetrics | None,
        calls=METRICS,
    )
    @staticmethod
    async def metrics(
        root: Record,
        info: Info,
        range: TimeRange = histories.TimeRange.YEAR,  # type: ignore[valid-type]
    ) -> earned.PositionMetrics | None:
        return await earned.position_metrics(info.context.loaders, root, range)

    @classmethod
    async def resolve_reference(cls, info: Info, id: str | None = None) -> Any:
        if id is None:
            raise BadRepresentation("Position needs id")
        return await resolve.position_of_id(info.context.loaders, id)


@strawberry.type(description="A position and its place in the list.")
class PositionEdge:
    node: Position = strawberry.field(description="The position.")
    cursor: str = strawberry.field(description="Its place, for `after` and `before`.")


@strawberry.type(
    description="A page of a wallet's positions, with totals over all that the filter keeps."
)
class PositionConnection:
    # A snapshot's rows never change, so their lists are made once for all who ask again.
    keeps_lists: ClassVar[bool] = True

    edges: list[PositionEdge] = strawberry.field(
        description="The page's positions with cursors.", directives=PAGE
    )
    nodes: list[Position] = strawberry.field(description="The page's positions.", directives=PAGE)
    total_count: int = strawberry.field(
        description="How many positions the filter keeps. Rows that the source sends several times "
        "are several positions."
    )
    total_value_usd: Decimal = strawberry.field(
        description="Their net worth in US dollars: assets less debts, over all pages. Positions "
        "without a price count as 0, see `unpricedCount`, and receipts count as 0, see "
        "`Position.isReceipt`; protocols the source does not support are missing from it."
    )
    unpriced_count: int = strawberry.field(
        description="How many of them have no known price, so that the total is not complete."
    )
    unreadable_count: int = strawberry.field(
        description="How many rows of the source's answer are left out, whatever the filter: they "
        "cannot be read, are of another chain than asked for, or name another wallet. One of which "
        "the wallet cannot be told counts for each wallet asked about in the same call."
    )
    is_complete: bool = strawberry.field(
        description="Whether the total counts all that the source knows of: no part is missing, "
        "nothing was left out, and nothing is without a price. Of protocols that the source does "
        "not support it says nothing."
    )
    parts: list[PortfolioPart] = strawberry.field(
        description="What this is put together of, one call to the source each: with a filter on "
        "categories it may be one part. The rows of a missing part are missing everywhere here, "
        "and an error at the connection's path says why.",
        directives=_FEW,
    )
    as_of: datetime = strawberry.field(
        description="When the source computed this answer, or else when it gave it: the oldest "
        "part's time."
    )
    is_stale: bool = strawberry.field(description=STALE)

    page_info: PageInfo = read_on("Where the page stands.")


@strawberry.input(description="Which positions to keep: every part given must hold.")
class PositionFilter:
    # Asked of a hundred wallets it is read once, lists of a thousand addresses with it.
    is_shared: ClassVar[bool] = True

    categories: list[Category] | None = strawberry.field(  # type: ignore[valid-type]
        default=strawberry.UNSET,
        description="Positions of these categories. Without PROTOCOL, or with nothing else, one "
        "call to the source is enough in place of two.",
    )
    chain_ids: list[int] | None = strawberry.field(
        default=strawberry.UNSET, description="Positions on these chains, by EIP-155 id."
    )
    side: Side | None = strawberry.field(  # type: ignore[valid-type]
        default=strawberry.UNSET, description="Assets or debts only."
    )
    status: Status | None = strawberry.field(  # type: ignore[valid-type]
        default=strawberry.UNSET, description="Positions of this status only."
    )
    locked: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Locked ones, or free ones."
    )
    protocol_types: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="Positions in protocols of these kinds."
    )
    protocol_group_ids: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="Positions in these protocols."
    )
    tokens: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Positions that hold or earn a token of these addresses.",
    )
    min_value_usd: Decimal | None = strawberry.field(
        default=strawberry.UNSET,
        description="Positions worth at least this many US dollars, debts by their size; those "
        "without a price are left out.",
    )
    text: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Positions whose contract, protocol or tokens have this in a name or symbol, "
        "whatever the case, the width of letters or the way accents are written; 256 characters at "
        "most.",
    )

    def checked(self) -> Filter:
        found = self._found
        if isinstance(found, InputError):
            raise found.with_traceback(None)
        return found

    @cached_property
    def _found(self) -> Filter | InputError:
        try:
            return self._made()
        except InputError as error:
            return error

    def _made(self) -> Filter:
        return position_filter.make_filter(
            categories=given(self.categories),
            chain_ids=given(self.chain_ids),
            side=given(self.side),
            status=given(self.status),
            locked=given(self.locked),
            protocol_types=given(self.protocol_types),
            protocol_group_ids=given(self.protocol_group_ids),
            tokens=given(self.tokens),
            min_value_usd=given(self.min_value_usd),
            text=given(self.text),
        )


@strawberry.enum(description="Which end comes first.")
class OrderDirection(Enum):
    ASC = "ASC"
    DESC = "DESC"


@strawberry.input(
    description="How to order positions. What has no value comes last either way; ties have a "
    "fixed order of their own."
)
class PositionOrder:
    is_shared: ClassVar[bool] = True

    field: OrderField = strawberry.field(  # type: ignore[valid-type]
        default=order.OrderField.VALUE, description="What to order by."
    )
    direction: OrderDirection = strawberry.field(
        default=OrderDirection.DESC, description="Which end comes first."
    )

    def checked(self) -> order.Order:
        return order.Order(self.field, self.direction is OrderDirection.DESC)


@strawberry.type(
    description="Where the source spent its time on that answer, in its own unit.",
    directives=[INTERNAL],
)
class PortfolioTimings:
    click_time: Decimal | None = strawberry.field(description="Time in its analytics database.")
    node_time: Decimal | None = strawberry.field(description="Time in blockchain nodes.")
    microservices_time: Decimal | None = strawberry.field(description="Time in other services.")
    redis_time: Decimal | None = strawberry.field(description="Time in its cache.")
    total_time: Decimal | None = strawberry.field(description="Time in all.")


@strawberry.type(description="What the portfolio source says of itself.", directives=[INTERNAL])
class PortfolioStatus:
    is_available: bool = strawberry.field(description="Whether the source says it is available.")
    cached_at: datetime | None = strawberry.field(
        description="When the source computed this status, where it says so."
    )
    timings: PortfolioTimings | None = strawberry.field(
        description="How long the status took; null where the source does not say."
    )
    as_of: datetime = strawberry.field(
        description="When the source computed this answer, or else when it gave it."
    )
    is_stale: bool = strawberry.field(description=STALE)
