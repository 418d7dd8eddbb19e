"""The root fields."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import strawberry
from strawberry.federation.schema_directives import Cost

from resolvers import algorand, coverage, holdings, ids, positions
from resolvers import portfolio as portfolios
from resolvers import token as tokens
from resolvers.connections import page_arguments
from resolvers.errors import BadArgument, shown
from resolvers.loaders import Loaders
from resolvers.portfolio_status import DatedStatus, service_status
from resolvers.wallet import MAX_WALLETS, wallet_of_id
from resolvers.wallet import Wallet as WalletRecord
from schema.algorand import AlgorandAsset
from schema.calls import ASSET, CHAINS, PORTFOLIO, PROTOCOLS, SERVICE, TOKEN
from schema.connection import given
from schema.context import Info
from schema.coverage import Chain, ProtocolFilter, ProtocolGroupConnection
from schema.directives import INTERNAL, RELAY, sized
from schema.fields import CALL_COST, derived
from schema.node import Node
from schema.portfolio import Portfolio, wallets_of
from schema.position import PortfolioStatus
from schema.scalars import BigInt
from schema.source import Source, states
from schema.token import Token
from schema.wallet import Wallet, check_count, wallet_at, wallets_at
from upstreams.source.state import SourceState

MAX_NODES = 100


async def _wallet_node(loaders: Loaders, id: str) -> WalletRecord:
    return wallet_of_id(id)


async def _portfolio_node(loaders: Loaders, id: str) -> portfolios.Portfolio:
    return portfolios.portfolio_of_id(id)


async def _token_node(loaders: Loaders, id: str) -> tokens.Token | None:
    return await tokens.token(loaders, tokens.token_key_of_id(id))


async def _asset_node(loaders: Loaders, id: str) -> algorand.KeptAsset | None:
    return await algorand.asset(loaders, algorand.asset_id_of_id(id))


_NODES: dict[str, Callable[[Loaders, str], Awaitable[Any]]] = {
    "Wallet": _wallet_node,
    "Portfolio": _portfolio_node,
    "Position": positions.position_of_id,
    "Token": _token_node,
    "AlgorandAsset": _asset_node,
    "AlgorandHolding": holdings.holding_of_id,
}


def _node(loaders: Loaders, id: str) -> Awaitable[Any]:
    """What an id names, found once an operation however often it is asked for."""
    found: Awaitable[Any] | None = loaders.made.get(("node", id))
    if found is None:
        found = loaders.made["node", id] = asyncio.ensure_future(_named(loaders, id))
    return found


async def _named(loaders: Loaders, id: str) -> Any:
    resolve = _NODES.get(ids.decode(id).type_name)
    if resolve is None:
        raise BadArgument(f"{shown(id)} is not an id of this graph")
    return await resolve(loaders, id)


_DESCRIPTION = "Wallets, tokens and assets by address, and the state of the sources."


@strawberry.type(description=_DESCRIPTION)
class Query:
    @derived(
        "The wallet at an EVM or Algorand address, plain or as CAIP-10. A mixed-case "
        "EVM address must have its EIP-55 checksum.",
        graphql_type=Wallet | None,
    )
    @staticmethod
    async def wallet(info: Info, address: str) -> WalletRecord | None:
        return await wallet_at(info.context.loaders, address)

    @derived(
        "Wallets at up to 100 addresses, in their order; null with an error at its "
        "index for one that is not an address.",
        graphql_type=list[Wallet | None] | None,
        directives=sized(MAX_WALLETS),
    )
    @staticmethod
    async def wallets(info: Info, addresses: list[str]) -> list[Any]:
        check_count(addresses, MAX_WALLETS)
        return await wallets_at(info.context.loaders, addresses)

    @derived(
        "Up to 100 wallets of any ecosystem as one: what they are worth together, of what, and "
        "what is missing from that. Duplicates count once, in any spelling, and the order is of no "
        "account. On all chains, or on those named by EIP-155 id, which leaves Algorand out; now, "
        "or at a past moment. Null with an error where an address is none.",
        graphql_type=Portfolio | None,
        calls=PORTFOLIO,
    )
    @staticmethod
    async def portfolio(
        info: Info,
        addresses: list[str],
        chain_ids: list[int] | None = strawberry.UNSET,
        at: datetime | None = strawberry.UNSET,
    ) -> portfolios.Portfolio:
        check_count(addresses, MAX_WALLETS)
        named = wallets_of(await wallets_at(info.context.loaders, addresses))
        return portfolios.portfolio(named, given(chain_ids), given(at))

    @derived(
        "The EVM chains that the portfolio source reads, by id. One call, kept for a day.",
        graphql_type=list[Chain] | None,
        directives=sized(20),
        calls=CHAINS,
    )
    @staticmethod
    async def chains(info: Info) -> list[coverage.Chain]:
        return await coverage.chains(info.context.loaders)

    @derived(
        "A chain by its EIP-155 id; null for one that the portfolio source does not read.",
        graphql_type=Chain | None,
        calls=CHAINS,
    )
    @staticmethod
    async def chain(info: Info, chain_id: int) -> coverage.Chain | None:
        return await coverage.chain(info.context.loaders, chain_id)

    @derived(
        "The protocols that the portfolio source reads, by name: what a wallet has in any other is "
        "in no position and no total. A page has 50 unless `first` or `last` says otherwise (0 to "
        "1000). One call, kept for an hour.",
        graphql_type=ProtocolGroupConnection | None,
        calls=PROTOCOLS,
    )
    @staticmethod
    async def protocols(
        info: Info,
        filter: ProtocolFilter | None = strawberry.UNSET,
        first: int | None = strawberry.UNSET,
        after: str | None = strawberry.UNSET,
        last: int | None = strawberry.UNSET,
        before: str | None = strawberry.UNSET,
    ) -> coverage.Protocols:
        keep = given(filter)
        return await coverage.protocols(
            info.context.loaders,
            page_arguments(given(first), given(after), given(last), given(before)),
            text=None if keep is None else given(keep.text),
            chain_ids=None if keep is None else given(keep.chain_ids),
        )

    @derived(
        "A token by its chain and contract address; null for one the source does not "
        "know. 0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee is the chain's own coin.",
        graphql_type=Token | None,
        calls=TOKEN,
    )
    @staticmethod
    async def token(info: Info, chain_id: int, address: str) -> tokens.Token | None:
        return await tokens.token(info.context.loaders, tokens.token_key(chain_id, address))

    @derived(
        "An Algorand asset by its id; null where it never existed or was destroyed.",
        graphql_type=AlgorandAsset | None,
        calls=ASSET,
    )
    @staticmethod
    async def algorand_asset(info: Info, asset_id: BigInt) -> algorand.KeptAsset | None:
        return await algorand.asset(info.context.loaders, asset_id)

    @derived(
        "What the portfolio source says of itself.",
        graphql_type=PortfolioStatus | None,
        directives=[INTERNAL],
        calls=SERVICE,
    )
    @staticmethod
    async def portfolio_status(info: Info) -> DatedStatus:
        return await service_status(info.context.loaders)

    @derived(
        "The services this graph reads from, with their mode, budget and health.",
        graphql_type=list[Source],
        directives=[INTERNAL],
    )
    @staticmethod
    async def sources(info: Info) -> list[SourceState]:
        return states(info.context.loaders)


@strawberry.type(name="Query", description=_DESCRIPTION)
class QueryWithNode(Query):
    @derived(
        "The object with that global id; null where it is no more.",
        graphql_type=Node | None,
        directives=[Cost(weight=CALL_COST), RELAY],
    )
    @staticmethod
    async def node(info: Info, id: strawberry.ID) -> Any:
        return await _node(info.context.loaders, id)

    @derived(
        "The objects with those global ids, 100 at most, in their order.",
        graphql_type=list[Node | None] | None,
        directives=[Cost(weight=CALL_COST), RELAY],
    )
    @staticmethod
    async def nodes(info: Info, ids: list[strawberry.ID]) -> list[Any]:
        if len(ids) > MAX_NODES:
            raise BadArgument(f"ids may be {MAX_NODES} at most, not {len(ids)}")
        loaders = info.context.loaders
        return await asyncio.gather(*(_node(loaders, id) for id in ids), return_exceptions=True)
