"""Rows of tokens/snapshot and the token balances in them, as both are documented."""

from collections.abc import Iterable, Sequence
from decimal import Context, Decimal
from functools import reduce
from hashlib import blake2b

import msgspec
from msgspec import UNSET, UnsetType

from sandbox.tokens import Token

# Digits are never rounded: what is on the wire is what was meant.
EXACT = Context(prec=400)
CATEGORY_ICON = "https://app.1inch.io/assets/overview/tokens.svg"


class TokenRow(msgspec.Struct, frozen=True):
    """TokenBalance: `chain` as documented, or `chain_id` and `value_usd` as observed."""

    chain: int | UnsetType
    chain_id: int | UnsetType
    address: str
    decimals: int
    symbol: str | UnsetType | None
    name: str | UnsetType | None
    amount: Decimal | UnsetType
    price_usd: Decimal | UnsetType | None
    value_usd: Decimal | UnsetType = UNSET

    @property
    def value(self) -> Decimal:
        """Amount times price, exactly; 0 where either is not known."""
        if isinstance(self.amount, Decimal) and isinstance(self.price_usd, Decimal):
            return EXACT.multiply(self.amount, self.price_usd)
        return Decimal(0)


class Row(msgspec.Struct, frozen=True):
    """AdapterResult: `chain_id` as documented, or `chain` as observed. UNSET: the key is absent."""

    index: str
    chain_id: int | UnsetType
    chain: int | UnsetType
    contract_address: str
    token_id: int | Decimal  # a Decimal beyond 64 bits, which the encoder would refuse as an int
    address: str
    block_number_created: int
    block_number: int | UnsetType | None
    timestamp: int | UnsetType | None
    protocol_type: str
    protocol_handler_id: str
    protocol_group_id: str
    protocol_group_name: str
    protocol_group_icon: str | None
    protocol_sub_group_id: str | UnsetType | None
    protocol_sub_group_name: str | UnsetType | None
    contract_name: str
    contract_symbol: str
    asset_sign: int
    status: int | UnsetType
    underlying_tokens: tuple[TokenRow, ...] | UnsetType
    reward_tokens: tuple[TokenRow, ...] | UnsetType
    value_usd: Decimal
    locked: bool | UnsetType


PROTOCOLS_PLAYED = {
    "uniswapv3": ("dex", "uniswap-v3", "Uniswap V3"),
    "curve": ("dex", "curve", "Curve"),
    "aavev3": ("lending", "aave-v3", "Aave V3"),
    "lido": ("staking", "lido", "Lido"),
}


def exact_sum(values: Iterable[Decimal]) -> Decimal:
    """The sum, to the last digit."""
    return reduce(EXACT.add, values, Decimal(0))


def held(token: Token, amount: Decimal) -> TokenRow:
    """So much of a token, in whole units, at the token's price."""
    return TokenRow(
        token.chain_id,
        UNSET,
        token.address,
        token.decimals,
        token.symbol,
        token.name,
        amount,
        token.price,
    )


def row_of(
    wallet: str,
    handler: str,
    contract: tuple[str, str, str],
    tokens: Sequence[TokenRow],
    *,
    chain_id: int,
    rewards: Sequence[TokenRow] = (),
    token_id: int = 0,
    created: int = 0,
    sub_group: tuple[str, str] | None = None,
    sign: int = 1,
    status: int = 1,
    locked: bool = False,
) -> Row:
    """A row whose value is that of its tokens and rewards; `contract`: address, name, symbol."""
    address, name, symbol = contract
    kind, group, title = PROTOCOLS_PLAYED.get(handler, ("token", "token", "Token"))
    sub_id, sub_name = sub_group or (None, None)
    return Row(
        index=index_of(wallet, chain_id, address, token_id, sub_id),
        chain_id=chain_id,
        chain=UNSET,
        contract_address=address,
        token_id=token_id if token_id < 2**64 else Decimal(token_id),
        address=wallet,
        block_number_created=created,
        block_number=None,
        timestamp=None,
        protocol_type=kind,
        protocol_handler_id=handler,
        protocol_group_id=group,
        protocol_group_name=title,
        protocol_group_icon=CATEGORY_ICON if kind == "token" else None,
        protocol_sub_group_id=sub_id,
        protocol_sub_group_name=sub_name,
        contract_name=name,
        contract_symbol=symbol,
        asset_sign=sign,
        status=status,
        underlying_tokens=tuple(tokens),
        reward_tokens=tuple(rewards),
        value_usd=exact_sum(token.value for token in (*tokens, *rewards)),
        locked=locked,
    )


def index_of(
    wallet: str, chain_id: int, contract: str, token_id: int, sub_group: str | None
) -> str:
    """64 bits of a hash of what identifies a position, in hexadecimal."""
    text = f"{wallet} {chain_id} {contract} {token_id} {sub_group}"
    return "0x" + blake2b(text.encode(), digest_size=8).hexdigest()
