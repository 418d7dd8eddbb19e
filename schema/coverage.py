"""Chains and protocols as entities: what positions are on and in, and all that is read."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from resolvers import coverage, explorers, position
from resolvers.errors import BadRepresentation
from resolvers.token import Token as TokenRecord
from schema.calls import CHAINS, PROTOCOLS
from schema.connection import STALE, PageInfo
from schema.context import Info
from schema.directives import PAGE, sized
from schema.fields import OfRecords, derived, read, read_on
from schema.token import Token
from upstreams.oneinch.coverage import ProtocolInfo

ChainParent = strawberry.Parent[coverage.Chain]
Group = strawberry.Parent[position.Protocol | ProtocolInfo]
Page = strawberry.Parent[coverage.Protocols]
_CHAIN: Any = Annotated["Chain", strawberry.lazy("schema.coverage")]


@strawberry.federation.type(
    keys=["id"], description="A protocol as users know it, whatever its versions and chains."
)
class ProtocolGroup(OfRecords):
    record_classes = (position.Protocol, ProtocolInfo)
    group_id: str = strawberry.field(name="id", description="The source's id of the protocol.")
    group_name: str = strawberry.field(name="name", description="The protocol's name.")
    group_icon: str | None = strawberry.field(
        name="iconUrl", description="Where an icon of the protocol can be fetched."
    )

    @derived(
        "The chains on which the source reads it; null where the source does not list it. One call "
        "for all protocols, kept for an hour.",
        graphql_type=list[_CHAIN] | None,
        directives=sized(5),
        calls=PROTOCOLS,
    )
    @staticmethod
    async def chains(root: Group, info: Info) -> list[coverage.Chain] | None:
        return await coverage.chains_of(info.context.loaders, root.group_id)

    @classmethod
    async def resolve_reference(cls, info: Info, id: str | None = None) -> Any:
        if id is None:
            raise BadRepresentation("ProtocolGroup needs id")
        return await coverage.protocol(info.context.loaders, id)


@strawberry.federation.type(keys=["chainId"], description="An EVM chain.")
class Chain(OfRecords):
    record_classes = (coverage.Chain,)
    chain_id: int = strawberry.field(description="Its EIP-155 id.")
    caip2: str | None = strawberry.field(description="The chain as a CAIP-2 id.")
    explorer_url = read(
        lambda root: explorers.of_chain(root.chain_id),
        "A public explorer of it; null where none is known.",
        graphql_type=str | None,
    )

    @derived(
        "What people call it; null where the source does not read it. One call for all chains, "
        "kept for a day.",
        calls=CHAINS,
    )
    @staticmethod
    async def name(root: ChainParent, info: Info) -> str | None:
        return await coverage.name(info.context.loaders, root)

    @derived("Where an icon of it can be fetched.", calls=CHAINS)
    @staticmethod
    async def icon_url(root: ChainParent, info: Info) -> str | None:
        return await coverage.icon_url(info.context.loaders, root)

    @derived("Its own coin.", graphql_type=Token | None, calls=CHAINS)
    @staticmethod
    async def native_token(root: ChainParent, info: Info) -> TokenRecord | None:
        return await coverage.native_token(info.context.loaders, root)

    @derived(
        "The protocols that the source reads on it, by name. One call for all protocols, kept for "
        "an hour.",
        graphql_type=list[ProtocolGroup] | None,
        directives=sized(100),
        calls=PROTOCOLS,
    )
    @staticmethod
    async def protocols(root: ChainParent, info: Info) -> list[ProtocolInfo]:
        return await coverage.protocols_on(info.context.loaders, root)

    @classmethod
    def resolve_reference(cls, info: Info, chain_id: int | None = None) -> Any:
        if chain_id is None:
            raise BadRepresentation("Chain needs chainId")
        return coverage.check_chain(chain_id)


@strawberry.type(description="A protocol and its place in the list.")
class ProtocolGroupEdge:
    node: ProtocolGroup = strawberry.field(description="The protocol.")
    cursor: str = strawberry.field(description="Its place, for `after` and `before`.")


@strawberry.type(
    description="A page of the protocols that the source reads. What a wallet has in any other is "
    "in no position and no total."
)
class ProtocolGroupConnection:
    edges: list[ProtocolGroupEdge] = strawberry.field(
        description="The page's protocols with cursors.", directives=PAGE
    )
    nodes: list[ProtocolGroup] = strawberry.field(
        description="The page's protocols.", directives=PAGE
    )
    total_count: int = strawberry.field(description="How many protocols the filter keeps.")
    as_of: datetime = strawberry.field(description="When the source gave this list.")
    is_stale: bool = strawberry.field(description=STALE)

    page_info: PageInfo = read_on("Where the page stands.")


@strawberry.input(description="Which protocols to keep: every part given must hold.")
class ProtocolFilter:
    chain_ids: list[int] | None = strawberry.field(
        default=strawberry.UNSET, description="Protocols on any of these chains, by EIP-155 id."
    )
    text: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Protocols that have this in their name, whatever the case; 256 characters at "
        "most.",
    )
