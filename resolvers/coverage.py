"""Chains and protocols: what positions are on and in, and all that the source reads."""

from collections.abc import Awaitable, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

import msgspec

from resolvers.connections import Page, PageArguments, decode_cursor, encode_cursor, slice_of
from resolvers.errors import BadArgument, TooManyCalls
from resolvers.filters import MAX_TEXT, text_wanted
from resolvers.links import link
from resolvers.loaders import Loaders
from resolvers.text import fold
from resolvers.token import Token, described
from upstreams.errors import UpstreamError, UpstreamRejected
from upstreams.oneinch.coverage import MOST_CHAIN_ID, ChainInfo, ProtocolInfo

T = TypeVar("T")


class Chain(msgspec.Struct, frozen=True):
    """An EVM chain by its EIP-155 id; what it is called, the list of chains says."""

    chain_id: int

    @property
    def caip2(self) -> str:
        return f"eip155:{self.chain_id}"


class ProtocolCursor(msgspec.Struct, frozen=True, array_like=True, tag="protocols"):
    """A place in the list of protocols."""

    name: str
    id: str


class ProtocolEdge(msgspec.Struct, frozen=True):
    """A protocol and its place."""

    node: ProtocolInfo

    @property
    def cursor(self) -> str:
        name, group_id = _rank(self.node)
        return encode_cursor(ProtocolCursor(name, group_id))


class Protocols(Page[ProtocolInfo], frozen=True):
    """A page of the protocols that match."""

    as_of: datetime
    is_stale: bool

    @property
    def edges(self) -> list[ProtocolEdge]:
        return list(map(ProtocolEdge, self.nodes))

    def cursor_of(self, row: ProtocolInfo) -> str:
        return ProtocolEdge(row).cursor


def check_chain(chain_id: int) -> Chain:
    """The chain of that id, whether or not the source reads it."""
    if not 1 <= chain_id <= MOST_CHAIN_ID:
        raise BadArgument(f"chainId must be from 1 to {MOST_CHAIN_ID}, not {chain_id}")
    return Chain(chain_id)


async def check_is_read(loaders: Loaders, chain_id: int) -> None:
    """BadArgument where the source, which told nothing of the chain, does not list it."""
    try:
        known = await info(loaders, Chain(chain_id))
    except (UpstreamError, TooManyCalls):
        return
    if known is None:
        raise BadArgument(f"chainId {chain_id} is of no chain that is read: `chains` lists those")


async def told(loaders: Loaders, chain_id: int | None, coming: Awaitable[T]) -> T:
    """What the source tells of one chain or all; BadArgument for one that it does not read."""
    try:
        return await coming
    except UpstreamRejected as error:
        if chain_id is not None and error.is_lasting:
            await check_is_read(loaders, chain_id)
        raise


async def chains(loaders: Loaders) -> list[Chain]:
    """All chains that the source reads, by id."""
    return [Chain(each.chain_id) for each in (await loaders.chains()).value]


async def chain(loaders: Loaders, chain_id: int) -> Chain | None:
    """The chain, if the source reads it."""
    found = check_chain(chain_id)
    return None if await info(loaders, found) is None else found


async def info(loaders: Loaders, of: Chain) -> ChainInfo | None:
    """What the source says of a chain."""
    known: dict[int, ChainInfo] | None = loaders.made.get("chains")
    if known is None:
        known = {each.chain_id: each for each in (await loaders.chains()).value}
        loaders.made["chains"] = known
    return known.get(of.chain_id)


async def name(loaders: Loaders, of: Chain) -> str | None:
    found = await info(loaders, of)
    return None if found is None else found.name


async def icon_url(loaders: Loaders, of: Chain) -> str | None:
    found = await info(loaders, of)
    return None if found is None else link(found.icon)


async def native_token(loaders: Loaders, of: Chain) -> Token | None:
    found = await info(loaders, of)
    if found is None or found.native_token is None:
        return None
    token = found.native_token
    return described(token.chain_id, token.address, token.decimals, token.symbol, token.name)


async def protocols_on(loaders: Loaders, of: Chain) -> list[ProtocolInfo]:
    """The protocols that the source reads on a chain."""
    found = await loaders.protocols()
    return [each for each in found.value if of.chain_id in each.chain_ids]


async def protocol(loaders: Loaders, group_id: str) -> ProtocolInfo | None:
    """The protocol of that id, if the source reads it."""
    known: dict[str, ProtocolInfo] | None = loaders.made.get("protocols")
    if known is None:
        known = {each.group_id: each for each in (await loaders.protocols()).value}
        loaders.made["protocols"] = known
    return known.get(group_id)


async def chains_of(loaders: Loaders, group_id: str) -> list[Chain] | None:
    """The chains on which a protocol is read; None where the source does not list it."""
    found = await protocol(loaders, group_id)
    return None if found is None else list(map(Chain, found.chain_ids))


async def protocols(
    loaders: Loaders,
    page: PageArguments,
    *,
    text: str | None = None,
    chain_ids: Sequence[int] | None = None,
) -> Protocols:
    """A page of the protocols that the source reads, by name."""
    wanted = text_wanted(text)
    found = await loaders.protocols()
    matching = [
        each
        for each in found.value
        if (wanted is None or wanted in fold(each.group_name))
        and (chain_ids is None or not set(chain_ids).isdisjoint(each.chain_ids))
    ]
    part = slice_of(matching, page, _rank, partial(_rank_of_cursor))
    return Protocols(matching, part.start, part.stop, found.as_of, found.is_stale)


def _rank(each: ProtocolInfo) -> tuple[str, str]:
    return each.group_name.casefold()[:MAX_TEXT], each.group_id[:MAX_TEXT]


def _rank_of_cursor(text: str) -> tuple[str, str]:
    found = decode_cursor(text, ProtocolCursor)
    return found.name, found.id
