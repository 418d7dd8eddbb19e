"""The wallet: where both sources meet, by the form of its address."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import strawberry
from strawberry.federation.schema_directives import Cost

from resolvers import algorand, explorers, holdings
from resolvers import compliance as checks
from resolvers import portfolio as portfolios
from resolvers import positions as resolve
from resolvers.account import account_worth
from resolvers.connections import page_arguments
from resolvers.errors import BadArgument, BadRepresentation
from resolvers.loaders import Loaders
from resolvers.part import PartState
from resolvers.wallet import Ecosystem as EcosystemRecord
from resolvers.wallet import Wallet as WalletRecord
from resolvers.wallet import check_network, parse_wallet, wallet_of_id
from resolvers.worth import Sums
from schema.algorand import AlgoBalance, AlgorandHoldingConnection, AlgorandHoldingFilter
from schema.calls import ACCOUNT, CHECK, PAGE, SNAPSHOT, WORTH
from schema.compliance import Compliance
from schema.connection import given
from schema.context import Info
from schema.fields import OfRecords, derived
from schema.node import Node
from schema.part import Ecosystem
from schema.portfolio import Portfolio
from schema.position import PositionConnection, PositionFilter, PositionOrder

Record = strawberry.Parent[WalletRecord]

# All of a wallet's rows are looked through for it.
_ROWS = strawberry.argument(directives=[Cost(weight=10)])


def _wallet_id(root: Record) -> strawberry.ID:
    return strawberry.ID(root.id)


@strawberry.federation.type(
    keys=["id", "address"],
    description="An address and what it holds. Every well-formed address is a wallet, used or not. "
    "A wallet's own key lives on one family of chains, so the other's fields are null.",
)
class Wallet(Node, OfRecords):
    record_classes = (WalletRecord,)
    id: strawberry.ID = strawberry.field(
        resolver=_wallet_id, description="Global id of the wallet."
    )
    ecosystem: Ecosystem | None = strawberry.field(  # type: ignore[valid-type]
        description="The family of chains the address belongs to."
    )
    address: str = strawberry.field(
        description="The address: EIP-55 form for EVM, the 58 characters for Algorand."
    )

    @derived(
        "What an EVM wallet holds and owes; null for an Algorand account. Ordered by "
        "value, highest first, unless asked otherwise. A page has 50 positions unless `first` or "
        "`last` says otherwise (0 to 1000). `chainId` keeps one chain, `at` asks for a past "
        "moment. Two calls to the source whatever the page: one for what is in the wallet, one "
        "for what it has in protocols; a filter on categories may need one of them only.",
        graphql_type=PositionConnection | None,
        calls=SNAPSHOT,
    )
    @staticmethod
    async def positions(
        root: Record,
        info: Info,
        chain_id: int | None = strawberry.UNSET,
        at: datetime | None = strawberry.UNSET,
        filter: Annotated[PositionFilter | None, _ROWS] = strawberry.UNSET,
        order_by: Annotated[PositionOrder | None, _ROWS] = strawberry.UNSET,
        first: int | None = strawberry.UNSET,
        after: str | None = strawberry.UNSET,
        last: int | None = strawberry.UNSET,
        before: str | None = strawberry.UNSET,
    ) -> resolve.Positions | None:
        if root.ecosystem is not EcosystemRecord.EVM:
            return None
        keep, order = given(filter), given(order_by)
        found = await resolve.positions(
            info.context.loaders,
            root.key,
            page_arguments(given(first), given(after), given(last), given(before)),
            chain_id=given(chain_id),
            at=given(at),
            keep=None if keep is None else keep.checked(),
            order=None if order is None else order.checked(),
        )
        info.context.partial += [(part.error, info.path) for part in found.parts if part.error]
        return found

    @derived(
        "What an EVM wallet holds less what it owes, in US dollars: all its positions on all "
        "chains, as `positions { totalValueUsd }` gives it, but without an argument, so that a "
        "field of another subgraph can require it. Positions without a price count as 0, and rows "
        "that cannot be read are left out: `positions { isComplete }` says whether there are such. "
        "An error where what is in the wallet or what it has in protocols cannot be had. Of an "
        "Algorand account, its Algos and assets; null where nobody says what those are worth.",
        calls=SNAPSHOT,
    )
    @staticmethod
    async def net_worth_usd(root: Record, info: Info) -> Decimal | None:
        if root.ecosystem is not EcosystemRecord.EVM:
            return await _account_usd(info.context.loaders, root)
        none = page_arguments(0)
        found = await resolve.positions(info.context.loaders, root.key, none)
        for part in found.parts:
            if part.error is not None:
                raise part.error.with_traceback(None)
        return found.total_value_usd

    @derived(
        "The wallet as a portfolio of its own, on all chains or on those named by EIP-155 id, now "
        "or at a past moment: its totals with debts apart, and what they are made of.",
        graphql_type=Portfolio | None,
        calls=WORTH,
    )
    @staticmethod
    def portfolio(
        root: Record,
        chain_ids: list[int] | None = strawberry.UNSET,
        at: datetime | None = strawberry.UNSET,
    ) -> portfolios.Portfolio:
        return portfolios.portfolio([root], given(chain_ids), given(at))

    @derived(
        "The assets an Algorand account is opted in to, by ascending asset id; null "
        "for an EVM wallet. The source pages forward only. A page has 50 assets unless `first` "
        "says otherwise (0 to 1000) and is one call to the source; with a filter it may be short, "
        "or empty, while more follows.",
        graphql_type=AlgorandHoldingConnection | None,
        calls=PAGE,
    )
    @staticmethod
    async def algorand_assets(
        root: Record,
        info: Info,
        filter: Annotated[AlgorandHoldingFilter | None, _ROWS] = strawberry.UNSET,
        first: int | None = strawberry.UNSET,
        after: str | None = strawberry.UNSET,
    ) -> holdings.Holdings | None:
        if root.ecosystem is not EcosystemRecord.ALGORAND:
            return None
        keep = given(filter)
        return await holdings.holdings(
            info.context.loaders,
            root.key,
            page_arguments(given(first), given(after)),
            None if keep is None else keep.checked(),
        )

    @derived(
        "An Algorand account's own coin; null for an EVM wallet.",
        graphql_type=AlgoBalance | None,
        calls=ACCOUNT,
    )
    @staticmethod
    async def algo(root: Record, info: Info) -> algorand.Algos | None:
        if root.ecosystem is not EcosystemRecord.ALGORAND:
            return None
        return await algorand.algos(info.context.loaders, root.key)

    @derived(
        "The address's page on a public explorer: of the EVM chain named, or of Ethereum, or of "
        "Algorand's MainNet. Null where no explorer of the chain is known.",
    )
    @staticmethod
    async def explorer_url(
        root: Record, info: Info, chain_id: int | None = strawberry.UNSET
    ) -> str | None:
        return await explorers.of_wallet(info.context.loaders, root, given(chain_id))

    @derived(
        "Whether the address may be dealt with, by the source's check or a list of the operator's: "
        "UNKNOWN unless one is configured. Never an error. Nothing that holds it may be kept by "
        "caches; in a supergraph, put a policy on it.",
        graphql_type=Compliance | None,
        calls=CHECK,
    )
    @staticmethod
    async def compliance(root: Record, info: Info) -> checks.Compliance:
        return await checks.compliance(info.context.loaders, root)

    @classmethod
    def resolve_reference(
        cls, info: Info, id: str | None = None, address: str | None = None
    ) -> Any:
        # Awaited only where it must be: a hundred references come in one request.
        wallet = _referred(id, address)
        return wallet if wallet.caip2 is None else served(info.context.loaders, wallet)

    @classmethod
    def identity(cls, id: str | None = None, address: str | None = None) -> dict[str, object]:
        return {"address": _referred(id, address).key}


async def _account_usd(loaders: Loaders, wallet: WalletRecord) -> Decimal | None:
    found = await account_worth(loaders, wallet)
    if found.part.error is not None:
        raise found.part.error.with_traceback(None)
    if found.part.state is PartState.MISSING:
        return None
    return Sums((), found.holdings).total.value_usd


def _referred(id: str | None, address: str | None) -> WalletRecord:
    if id is not None:
        return wallet_of_id(id)
    if address is not None:
        return parse_wallet(address)
    raise BadRepresentation("Wallet needs id or address")


async def wallet_at(loaders: Loaders, address: str) -> WalletRecord:
    """The wallet an address names; one that names an Algorand network must name the one served."""
    wallet = parse_wallet(address)
    return wallet if wallet.caip2 is None else await served(loaders, wallet)


async def served(loaders: Loaders, wallet: WalletRecord) -> WalletRecord:
    """The wallet, if the network it names is the one served; BadAddress otherwise."""
    check_network(wallet, (await loaders.versions()).value.genesis_hash_b64)
    return wallet


async def wallets_at(loaders: Loaders, addresses: list[str]) -> list[WalletRecord | Exception]:
    """The wallets of a list, where an exception is an error at its index."""
    found: list[WalletRecord | Exception] = []
    for address in addresses:
        try:
            wallet = parse_wallet(address)
            found.append(wallet if wallet.caip2 is None else await served(loaders, wallet))
        except Exception as error:
            found.append(error)
    return found


def check_count(addresses: list[str], most: int) -> None:
    if len(addresses) > most:
        raise BadArgument(f"addresses may be {most} at most, not {len(addresses)}")
