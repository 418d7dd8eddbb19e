"""The named demo wallets, each with what it is there to show."""

from decimal import Decimal
from types import MappingProxyType

import msgspec
from msgspec import UNSET

from sandbox.dice import Dice
from sandbox.positions import bare, coin, gauge, loan, plain, pool, spam, staked, worth
from sandbox.rows import Row, TokenRow, held
from sandbox.tokens import KNOWN, LONG_TAIL, NATIVE, SPAM, Token, known

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
CREATED = (12_000_000, 23_000_000)
LISTED_CHAINS = tuple(KNOWN)


def some_tokens(dice: Dice, tokens: tuple[Token, ...], count: int) -> list[TokenRow]:
    """Some of each of several neighbours in a list of tokens."""
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
    rows = [coin(wallet, worth(dice, NATIVE[chain_id])) for chain_id in LISTED_CHAINS]
    rows += [plain(wallet, worth(dice, token)) for tokens in KNOWN.values() for token in tokens]
    rows += [plain(wallet, worth(dice, token)) for tokens in LONG_TAIL.values() for token in tokens]
    for number in range(WHALE_POSITIONS - len(rows)):
        pair = some_tokens(dice, KNOWN[dice.pick(LISTED_CHAINS)], 2)
        rows.append(pool(wallet, pair, 10**6 + number, created=dice.between(*CREATED)))
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


DEMOS = {
    DEMO_WALLETS["empty"]: _empty,
    DEMO_WALLETS["typical"]: _typical,
    DEMO_WALLETS["whale"]: _whale,
    DEMO_WALLETS["debts"]: _debts,
    DEMO_WALLETS["unpriced"]: _unpriced,
    DEMO_WALLETS["digits"]: _digits,
}
