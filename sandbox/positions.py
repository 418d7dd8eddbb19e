"""Positions, one function a kind: coin, token, pool share, gauge, loan, stake, spam."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Context, Decimal

import msgspec
from msgspec import UNSET, UnsetType

from sandbox.dice import Dice, evm_address
from sandbox.rows import EXACT, Row, TokenRow, held, row_of
from sandbox.tokens import NATIVE, SPAM, Token, known

SHORT = Context(prec=40)
_POOL_MANAGER = "0xc36442b4a4522e871399cd717abdd847ab11fe88"


def worth(dice: Dice, token: Token) -> TokenRow:
    """Some of a token: cents to a few ten thousand dollars, small sums being commoner."""
    cents = dice.between(1, 10 ** dice.between(3, 7))
    dollars = EXACT.scaleb(Decimal(cents), -2)
    count = SHORT.divide(dollars, token.price or Decimal(1))
    units = int(EXACT.scaleb(count, token.decimals))
    return held(token, EXACT.scaleb(Decimal(max(units, 1)), -token.decimals))


def coin(wallet: str, balance: TokenRow) -> Row:
    """A chain's own coin in the wallet."""
    token = NATIVE[balance.chain or 0]
    contract = (token.address, token.name, token.symbol)
    return row_of(wallet, "native", contract, [balance], chain_id=token.chain_id)


def plain(wallet: str, balance: TokenRow, *, status: int = 1) -> Row:
    """An ERC-20 token in the wallet."""
    contract = (balance.address, balance.name or "", balance.symbol or "")
    return row_of(wallet, "erc20", contract, [balance], chain_id=balance.chain or 0, status=status)


def pool(
    wallet: str, tokens: Sequence[TokenRow], token_id: int, *, status: int = 1, created: int = 1
) -> Row:
    """A share of a liquidity pool, held as an NFT, with fees in each of its tokens to claim."""
    names = "/".join(str(token.symbol) for token in tokens)
    fees = [_share(token) for token in tokens]
    return row_of(
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
    return row_of(
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
    row = row_of(
        wallet,
        "aavev3",
        contract,
        [token],
        chain_id=token.chain or 0,
        created=created,
        sub_group=("debt", "Debt") if owed else ("supply", "Supply"),
        sign=-1 if owed else 1,
    )
    # Not unary minus, which rounds to the caller's context.
    value = row.value_usd.copy_negate() if is_negative else row.value_usd
    return msgspec.structs.replace(row, value_usd=value)


def staked(wallet: str, token: TokenRow, created: int) -> Row:
    """Ether staked through a pool; whether it is open nobody says (status -1)."""
    steth = known(1, "stETH")
    return row_of(
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


def _share(token: TokenRow) -> TokenRow:
    """An eightieth of a balance, cut off at the token's last decimal."""
    amount = EXACT.divide(token.amount or Decimal(0), Decimal(80))
    unit = EXACT.scaleb(Decimal(1), -token.decimals)
    amount = amount.quantize(unit, ROUND_DOWN, EXACT)
    return msgspec.structs.replace(token, amount=amount)
