"""The root fields."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import strawberry
from strawberry.federation.schema_directives import Cost

from resolvers import algorand, holdings, ids, portfolio
from resolvers import token as tokens
from resolvers.errors import BadArgument, shown
from resolvers.loaders import Loaders
from resolvers.wallet import MAX_WALLETS, wallet_of_id
from resolvers.wallet import Wallet as WalletRecord
from schema.algorand import AlgorandAsset
from schema.calls import ASSET, SERVICE, TOKEN
from schema.context import Info
from schema.directives import INTERNAL, RELAY, sized
from schema.fields import CALL_COST, derived
from schema.node import Node
from schema.portfolio import PortfolioStatus
from schema.scalars import BigInt
from schema.source import Source, states
from schema.token import Token
from schema.wallet import Wallet, check_count, wallet_at, wallets_at
from upstreams.state import SourceState

MAX_NODES = 100


async def _wallet_node(loaders: Loaders, id: str) -> WalletRecord:
    return wallet_of_id(id)


async def _token_node(loaders: Loaders, id: str) -> tokens.Token | None:
    return await tokens.token(loaders, tokens.token_key_of_id(id))


async def _asset_node(loaders: Loaders, id: str) -> algorand.KeptAsset | None:
    return await algorand.asset(loaders, algorand.asset_id_of_id(id))


_NODES: dict[str, Callable[[Loaders, str], Awaitable[Any]]] = {
    "Wallet": _wallet_node,
    "Position": portfolio.position_of_id,
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
    async def portfolio_status(info: Info) -> portfolio.DatedStatus:
        return await portfolio.service_status(info.context.loaders)

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
