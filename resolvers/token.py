"""Tokens of EVM chains: their identity, and what is known of one that arrives by reference."""

from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from urllib.parse import quote, unquote

from msgspec import UNSET, Struct, UnsetType, field

from resolvers import ids
from resolvers.errors import BadAddress, BadArgument
from resolvers.links import link
from resolvers.loaders import Loaders
from upstreams.addresses import evm_shown, parse_evm
from upstreams.decoding import decimals
from upstreams.oneinch.client import TokenBalance
from upstreams.oneinch.source import TokenKey

NATIVE = "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
_MAX_CHAIN_ID = 2**31 - 1
_MAX_ADDRESS = 256
# What is no EVM address begins with this in ids.
_OTHER = "."

# SLIP-44 coin types of the chains' native coins, for CAIP-19; a chain not listed has no CAIP-19
# form for its coin here.
_COIN_TYPES = {
    1: 60,
    10: 60,
    56: 714,
    100: 700,
    130: 60,
    137: 966,
    146: 10007,
    250: 1007,
    324: 60,
    8217: 8217,
    8453: 60,
    42161: 60,
    43114: 9005,
    59144: 60,
    1313161554: 60,
}


class Token(Struct, frozen=True, eq=False):
    """A token as clients see it; wallets that hold the same token share one.

    `address` is in EIP-55 form, or as the upstream sent it where it is no EVM address: then
    nothing further can be asked about the token. `logo_url` is UNSET where it has to be asked for:
    a snapshot brings none. `kept` is what has been made of it for answers.
    """

    key: TokenKey
    id: str
    chain_id: int
    address: str
    decimals: int | None
    symbol: str | None
    name: str | None
    logo_url: str | UnsetType | None = UNSET
    kept: dict[int, Any] = field(default_factory=dict)


def token_key(chain_id: int, address: str) -> TokenKey:
    """The key of a token from a client's arguments; an InputError where they cannot name one."""
    if not 1 <= chain_id <= _MAX_CHAIN_ID:
        raise BadArgument(f"chainId must be from 1 to {_MAX_CHAIN_ID}, not {chain_id}")
    try:
        return TokenKey(chain_id, parse_evm(address))
    except ValueError as error:
        raise BadAddress(f"address: {error}") from None


def token_key_of_id(text: str) -> TokenKey:
    chain_id, address = ids.key_of(text, "Token", 2)
    key = _key(ids.whole(chain_id, most=_MAX_CHAIN_ID), unquote(address.removeprefix(_OTHER)))
    ids.check(text, _id(key))
    return key


def token_key_of_reference(chain_id: int, address: str) -> TokenKey:
    """The key another subgraph names a token by: one that this graph gave, or a client's.

    What has not the form of an EVM address names a token that nothing is known of.
    """
    if evm_shown(address) is None and 0 <= chain_id <= _MAX_CHAIN_ID:
        return TokenKey(chain_id, address)
    return token_key(chain_id, address)


def token_of(held: TokenBalance) -> Token:
    """The token that is held."""
    return _shared(held.chain_id, held.address, held.decimals, held.symbol, held.name)


@lru_cache(maxsize=8192)
def _shared(
    chain_id: int, address: str, decimals: int | None, symbol: str | None, name: str | None
) -> Token:
    return described(chain_id, address, decimals, symbol, name)


def described(
    chain_id: int,
    address: str,
    decimals: int | None,
    symbol: str | None,
    name: str | None,
    logo_url: str | UnsetType | None = UNSET,
) -> Token:
    shown = evm_shown(address)
    key = _key(chain_id, address)
    return Token(
        key,
        _id(key),
        chain_id,
        address if shown is None else shown,
        decimals,
        symbol,
        name,
        logo_url,
    )


def _key(chain_id: int, address: str) -> TokenKey:
    return TokenKey(chain_id, address.lower() if evm_shown(address) else address)


def _id(key: TokenKey) -> str:
    """The global id; what stands for an address, be it of any length, must not break it apart."""
    if _is_evm(key):
        return ids.encode("Token", *key)
    address = quote(key.address, safe="")
    if len(address) > _MAX_ADDRESS:
        address = blake2b(address.encode()).hexdigest()
    return ids.encode("Token", key.chain_id, _OTHER + address)


def is_native(token: Token) -> bool:
    return token.key.address == NATIVE


def caip19(token: Token) -> str | None:
    """The CAIP-19 asset id: `erc20`, or `slip44` for a chain's own coin of a known type."""
    if not _is_evm(token.key):
        return None
    if not is_native(token):
        return f"eip155:{token.chain_id}/erc20:{token.key.address}"
    coin_type = _COIN_TYPES.get(token.chain_id)
    return None if coin_type is None else f"eip155:{token.chain_id}/slip44:{coin_type}"


def coin_type(token: Token) -> int | None:
    """The SLIP-44 coin type of a chain's own coin; None for any other token, or an unknown one."""
    return _COIN_TYPES.get(token.chain_id) if is_native(token) else None


def balance_value_usd(held: TokenBalance) -> Decimal | None:
    """The amount's value in US dollars, exactly; None where no price is known.

    A price of 0 is the upstream's way of saying that it knows none.
    """
    price, value = held.price_usd, held.value_usd
    if not price:
        return value or None
    return decimals.multiply(held.amount, price) if value is None else value


async def token(loaders: Loaders, key: TokenKey) -> Token | None:
    """What the portfolio source knows of a token, or None for one it does not know."""
    known = (await loaders.token.load(key)).value if _is_evm(key) else None
    if known is None:
        return None
    return described(
        known.chain_id,
        known.address,
        known.decimals,
        known.symbol,
        known.name,
        link(known.logo_url),
    )


async def logo_url(loaders: Loaders, shown: Token) -> str | None:
    """The token's logo, asked for where the token was read from a snapshot."""
    if shown.logo_url is not UNSET:
        return shown.logo_url
    known = (await loaders.token.load(shown.key)).value if _is_evm(shown.key) else None
    return None if known is None else link(known.logo_url)


def _is_evm(key: TokenKey) -> bool:
    return evm_shown(key.address) is not None
