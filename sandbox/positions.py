"""Rows of tokens/snapshot, one function a kind: coin, token, pool, gauge, loan, stake, spam."""

from collections.abc import Iterable, Sequence
from decimal import Context, Decimal
from functools import reduce
from hashlib import blake2b

import msgspec
from msgspec import UNSET, UnsetType

from sandbox.dice import Dice, evm_address
from sandbox.tokens import NATIVE, SPAM, Token, known

# Digits are never rounded: what is on the wire is what was meant.
EXACT = Context(prec=400)
SHORT = Context(prec=40)
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


_PROTOCOLS = {
    "uniswapv3": ("dex", "uniswap-v3", "Uniswap V3"),
    "curve": ("dex", "curve", "Curve"),
    "aavev3": ("lending", "aave-v3", "Aave V3"),
    "lido": ("staking", "lido", "Lido"),
}
_POOL_MANAGER = "0xc36442b4a4522e871399cd717abdd847ab11fe88"


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


def worth(dice: Dice, token: Token) -> TokenRow:
    """Some of a token: cents to a few ten thousand dollars, small sums being commoner."""
    cents = dice.between(1, 10 ** dice.between(3, 7))
    dollars = EXACT.scaleb(Decimal(cents), -2)
    if token.price is None:
        return held(token, dollars)
    units = int(EXACT.scaleb(SHORT.divide(dollars, token.price), token.decimals))
    return held(token, EXACT.scaleb(Decimal(max(units, 1)), -token.decimals))


def _row(
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
    address, name, symbol = contract
    kind, group, title = _PROTOCOLS.get(handler, ("token", "token", "Token"))
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


def coin(wallet: str, balance: TokenRow) -> Row:
    """A chain's own coin in the wallet."""
    token = NATIVE[balance.chain or 0]
    contract = (token.address, token.name, token.symbol)
    return _row(wallet, "native", contract, [balance], chain_id=token.chain_id)


def plain(wallet: str, balance: TokenRow, *, status: int = 1) -> Row:
    """An ERC-20 token in the wallet."""
    contract = (balance.address, balance.name or "", balance.symbol or "")
    return _row(wallet, "erc20", contract, [balance], chain_id=balance.chain or 0, status=status)


def pool(
    wallet: str, tokens: Sequence[TokenRow], token_id: int, *, status: int = 1, created: int = 1
) -> Row:
    """A share of a liquidity pool, held as an NFT, with fees in each of its tokens to claim."""
    names = "/".join(str(token.symbol) for token in tokens)
    fees = [
        msgspec.structs.replace(token, amount=EXACT.multiply(token.amount, Decimal("0.0125")))
        for token in tokens
        if isinstance(token.amount, Decimal)
    ]
    return _row(
        wallet,
        "uniswapv3",
        (_POOL_MANAGER, f"Uniswap V3 {names} 0.05%", "UNI-V3-POS"),
        tokens,
        chain_id=tokens[0].chain or 0,
        rewards=fees,
        token_id=token_id,
        created=created,
        sub_group=(evm_address(f"pool {names}"), f"{names} 0.05%"),
        status=status,
    )


def gauge(wallet: str, tokens: Sequence[TokenRow], reward: TokenRow, created: int) -> Row:
    """A pool share locked in a gauge that pays another token."""
    names = "/".join(str(token.symbol) for token in tokens)
    contract = (evm_address(f"gauge {names}"), f"Curve.fi {names} Gauge Deposit", "gauge")
    return _row(
        wallet,
        "curve",
        contract,
        tokens,
        chain_id=tokens[0].chain or 0,
        rewards=[reward],
        created=created,
        sub_group=("gauge", "Gauge"),
        locked=True,
    )


def loan(
    wallet: str, token: TokenRow, created: int, *, owed: bool, is_negative: bool = False
) -> Row:
    """Lent to a market, or owed to it; a debt's value comes with either sign."""
    word = "Variable Debt" if owed else "Supply"
    contract = (
        evm_address(f"{word} {token.chain} {token.symbol}"),
        f"Aave {word} {token.symbol}",
        ("variableDebt" if owed else "a") + str(token.symbol),
    )
    row = _row(
        wallet,
        "aavev3",
        contract,
        [token],
        chain_id=token.chain or 0,
        created=created,
        sub_group=("debt", "Debt") if owed else ("supply", "Supply"),
        sign=-1 if owed else 1,
    )
    return msgspec.structs.replace(row, value_usd=-row.value_usd) if is_negative else row


def staked(wallet: str, token: TokenRow, created: int) -> Row:
    """Ether staked through a pool; whether it is open nobody says (status -1)."""
    steth = known(1, "stETH")
    return _row(
        wallet,
        "lido",
        (steth.address, steth.name, steth.symbol),
        [token],
        chain_id=1,
        created=created,
        sub_group=("liquidstaking", "Liquid staking"),
        status=-1,
    )


def spam(wallet: str, number: int) -> Row:
    """A token nobody asked for: markup in its names, no price."""
    return plain(wallet, held(SPAM[number % len(SPAM)], Decimal(5000)))


def bare(row: Row, *, with_tokens: bool) -> Row:
    """The position without optional keys; its tokens are kept without names, or not at all."""
    tokens = row.underlying_tokens
    if not with_tokens or isinstance(tokens, UnsetType):
        tokens = UNSET
    else:
        tokens = tuple(msgspec.structs.replace(token, symbol=UNSET, name=None) for token in tokens)
    return msgspec.structs.replace(
        row,
        block_number=UNSET,
        timestamp=UNSET,
        protocol_sub_group_id=UNSET,
        protocol_sub_group_name=UNSET,
        status=UNSET,
        underlying_tokens=tokens,
        reward_tokens=UNSET,
        locked=UNSET,
    )
