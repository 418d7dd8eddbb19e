"""What an EVM wallet holds: a hash of its address decides, save for a few named demo wallets."""

from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

import msgspec
from msgspec import UNSET, UnsetType

from sandbox.dice import Dice
from sandbox.positions import (
    EXACT,
    Row,
    TokenRow,
    bare,
    coin,
    exact_sum,
    gauge,
    held,
    index_of,
    loan,
    plain,
    pool,
    spam,
    staked,
    worth,
)
from sandbox.tokens import KNOWN, LONG_TAIL, NATIVE, SPAM, Token, block_at, known

ZERO = "0x" + "0" * 40

DEMO_WALLETS = MappingProxyType(
    {
        "empty": "0x5eed000000000000000000000000000000000001",
        "typical": "0xd470055c6189b921c4d44b3d277ad868f79c0f75",
        "whale": "0x5eed000000000000000000000000000000000002",
        "debts": "0x5eed000000000000000000000000000000000003",
        "unpriced": "0x5eed000000000000000000000000000000000004",
        "digits": "0x5eed000000000000000000000000000000000005",
    }
)
"""Wallets by what they show. All addresses are lower case."""

WHALE_POSITIONS = 1000
_CREATED = (12_000_000, 23_000_000)
_LISTED_CHAINS = tuple(KNOWN)


@lru_cache(maxsize=4096)
def positions(wallet: str) -> tuple[Row, ...]:
    """All rows of a lower-case address on all chains, now, in the documented shape."""
    make = _DEMOS.get(wallet)
    return tuple(make(wallet) if make else _anyone(wallet))


def at(row: Row, timestamp: int) -> Row:
    """The row as it was at a Unix time: other prices, and the block it was read at."""
    chain_id = row.chain_id or 0
    underlying, rewards = (
        tokens
        if isinstance(tokens, UnsetType)
        else tuple(_priced_at(token, timestamp) for token in tokens)
        for tokens in (row.underlying_tokens, row.reward_tokens)
    )
    value = abs(row.value_usd)
    if not isinstance(underlying, UnsetType):
        value = exact_sum(token.value for token in (*underlying, *(rewards or ())))
    return msgspec.structs.replace(
        row,
        block_number=max(row.block_number_created, block_at(chain_id, timestamp)),
        timestamp=timestamp,
        underlying_tokens=underlying,
        reward_tokens=rewards,
        value_usd=value.copy_sign(row.value_usd),
    )


def observed(row: Row, *, zero_owner: bool) -> Row:
    """The row as live answers had it: `chain` and `chain_id` swapped, values on tokens.

    With `zero_owner` a coin's row names the zero address as its owner, and its index is a hash of
    that address: two wallets share it.
    """
    owner, index = row.address, row.index
    if zero_owner and row.protocol_handler_id == "native":
        owner = ZERO
        index = index_of(ZERO, row.chain_id or 0, row.contract_address, 0, None)
    return msgspec.structs.replace(
        row,
        index=index,
        chain_id=UNSET,
        chain=row.chain_id,
        address=owner,
        underlying_tokens=_observed_tokens(row.underlying_tokens),
        reward_tokens=_observed_tokens(row.reward_tokens),
    )


def _observed_tokens(
    tokens: tuple[TokenRow, ...] | UnsetType,
) -> tuple[TokenRow, ...] | UnsetType:
    if isinstance(tokens, UnsetType):
        return UNSET
    return tuple(
        msgspec.structs.replace(token, chain=UNSET, chain_id=token.chain, value_usd=token.value)
        for token in tokens
    )


def _priced_at(token: TokenRow, timestamp: int) -> TokenRow:
    if not isinstance(token.price_usd, Decimal):
        return token
    dice = Dice(f"price {token.chain} {token.address} {timestamp // 86400}")
    # Never 1: a moment in the past is told from now by its value alone.
    factor = EXACT.scaleb(Decimal(dice.between(500, 950)), -3)
    return msgspec.structs.replace(token, price_usd=EXACT.multiply(token.price_usd, factor))


def _anyone(wallet: str) -> list[Row]:
    dice = Dice(f"wallet {wallet}")
    rows: dict[str, Row] = {}
    for _ in range(dice.below(25)):
        row = _some_position(wallet, dice)
        if dice.one_in(16):
            row = bare(row, with_tokens=dice.one_in(2))
        rows.setdefault(row.index, row)
    return list(rows.values())


def _some_position(wallet: str, dice: Dice) -> Row:
    kind = dice.below(20)
    if kind < 4:
        return coin(wallet, worth(dice, NATIVE[dice.pick(_LISTED_CHAINS)]))
    tokens = KNOWN[dice.pick(_LISTED_CHAINS)]
    created = dice.between(*_CREATED)
    if kind < 11:
        token = dice.pick(LONG_TAIL[tokens[0].chain_id] if kind == 10 else tokens)
        return plain(wallet, worth(dice, token))
    if kind < 14:
        pair = _some_tokens(dice, tokens, 2)
        number = dice.below(2**256) if dice.one_in(4) else dice.between(1, 10**6)
        status = dice.pick((1, 1, 0, -1))
        return pool(wallet, pair, number, status=status, created=created)
    if kind == 14:
        three = _some_tokens(dice, KNOWN[1], 3)
        return gauge(wallet, three, worth(dice, known(1, "CRV")), created)
    if kind == 15:
        return staked(wallet, worth(dice, NATIVE[1]), created)
    if kind == 16:
        return spam(wallet, dice.below(len(SPAM)))
    return loan(
        wallet, worth(dice, dice.pick(tokens)), created, owed=kind > 17, is_negative=kind > 18
    )


def _some_tokens(dice: Dice, tokens: tuple[Token, ...], count: int) -> list[TokenRow]:
    first = dice.below(len(tokens))
    return [worth(dice, tokens[(first + i) % len(tokens)]) for i in range(count)]


def _empty(wallet: str) -> list[Row]:
    return []


def _typical(wallet: str) -> list[Row]:
    dice = Dice("typical")
    usdc, weth = worth(dice, known(1, "USDC")), worth(dice, known(1, "WETH"))
    stables = [worth(dice, known(1, symbol)) for symbol in ("DAI", "USDC", "USDT")]
    return [
        coin(wallet, worth(dice, NATIVE[1])),
        coin(wallet, worth(dice, NATIVE[8453])),
        coin(wallet, worth(dice, NATIVE[137])),
        plain(wallet, usdc),
        plain(wallet, worth(dice, known(1, "stETH"))),
        plain(wallet, worth(dice, known(1, "UNI"))),
        plain(wallet, worth(dice, known(42161, "ARB"))),
        plain(wallet, worth(dice, known(137, "WBTC"))),
        pool(wallet, [usdc, weth], 734512, created=19784521),
        gauge(wallet, stables, worth(dice, known(1, "CRV")), 18210774),
        loan(wallet, worth(dice, known(1, "WETH")), 20011988, owed=False),
        loan(wallet, worth(dice, known(1, "USDC")), 20011992, owed=True),
    ]


def _whale(wallet: str) -> list[Row]:
    dice = Dice("whale")
    rows = [coin(wallet, worth(dice, NATIVE[chain_id])) for chain_id in _LISTED_CHAINS]
    rows += [plain(wallet, worth(dice, token)) for tokens in KNOWN.values() for token in tokens]
    rows += [plain(wallet, worth(dice, token)) for tokens in LONG_TAIL.values() for token in tokens]
    for number in range(WHALE_POSITIONS - len(rows)):
        pair = _some_tokens(dice, KNOWN[dice.pick(_LISTED_CHAINS)], 2)
        rows.append(pool(wallet, pair, 10**6 + number, created=dice.between(*_CREATED)))
    return rows


def _debts(wallet: str) -> list[Row]:
    dice = Dice("debts")
    return [
        loan(wallet, held(known(1, "WETH"), Decimal("4.25")), 19000001, owed=False),
        loan(wallet, held(known(1, "USDC"), Decimal("2500.331902")), 19000002, owed=True),
        loan(
            wallet, held(known(1, "DAI"), Decimal("310.5")), 19000003, owed=True, is_negative=True
        ),
        loan(wallet, worth(dice, known(42161, "WBTC")), 19000004, owed=False),
        loan(wallet, worth(dice, known(42161, "USDT")), 19000005, owed=True, is_negative=True),
        plain(wallet, held(known(1, "COMP"), Decimal(0)), status=0),
        staked(wallet, held(NATIVE[1], Decimal(2)), 19000006),
    ]


def _unpriced(wallet: str) -> list[Row]:
    usdc = plain(wallet, held(known(1, "USDC"), Decimal("12.5")))
    unquoted = held(LONG_TAIL[1][0], Decimal(7))
    nameless = msgspec.structs.replace(
        held(LONG_TAIL[1][1], Decimal(3)), symbol=None, name=None, price_usd=None
    )
    return [
        usdc,
        *(spam(wallet, number) for number in range(len(SPAM))),
        plain(wallet, msgspec.structs.replace(unquoted, price_usd=UNSET)),
        plain(wallet, nameless),
        plain(wallet, msgspec.structs.replace(held(LONG_TAIL[1][2], Decimal(1)), amount=UNSET)),
        bare(plain(wallet, held(LONG_TAIL[1][3], Decimal(100))), with_tokens=True),
        bare(plain(wallet, held(LONG_TAIL[1][4], Decimal(100))), with_tokens=False),
    ]


def _digits(wallet: str) -> list[Row]:
    weth, usdc = known(1, "WETH"), known(1, "USDC")
    fine = weth._replace(price=Decimal("3612.44123456789012345678901234567"))
    return [
        coin(wallet, held(NATIVE[1], Decimal("123456789012.345678901234567891"))),
        plain(wallet, held(fine, Decimal("0.000000000123456789012345678901"))),
        plain(wallet, held(usdc, Decimal("999999999999999999999999.123456"))),
        plain(wallet, held(known(1, "WBTC"), Decimal("1E-8"))),
        pool(
            wallet,
            [held(usdc, Decimal("1.000001")), held(weth, Decimal("0.000000000000000001"))],
            2**256 - 1,
            created=2**64 - 1,
        ),
        pool(
            wallet, [held(usdc, Decimal("3.3")), held(weth, Decimal("7.7"))], 2**64, created=2**63
        ),
    ]


_DEMOS = {
    DEMO_WALLETS["empty"]: _empty,
    DEMO_WALLETS["typical"]: _typical,
    DEMO_WALLETS["whale"]: _whale,
    DEMO_WALLETS["debts"]: _debts,
    DEMO_WALLETS["unpriced"]: _unpriced,
    DEMO_WALLETS["digits"]: _digits,
}
