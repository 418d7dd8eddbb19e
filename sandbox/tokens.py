"""The sandbox's EVM tokens: well-known ones at their real addresses, and a made-up long tail."""

from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from sandbox.dice import Dice, evm_address

NATIVE_ADDRESS = "0x" + "e" * 40
LONG_TAIL_PER_CHAIN = 80


class Token(NamedTuple):
    """A token as both APIs describe it. `price` is in USD; None: nobody quotes one."""

    chain_id: int
    address: str
    decimals: int
    symbol: str
    name: str
    price: Decimal | None
    is_listed: bool = True


# What a symbol is called and costs; the same on every chain.
_MARKET = {
    "USDC": ("USD Coin", "0.99982"),
    "USDT": ("Tether USD", "1.00011"),
    "DAI": ("Dai Stablecoin", "0.99991"),
    "WETH": ("Wrapped Ether", "3612.44"),
    "WBTC": ("Wrapped BTC", "97214.05"),
    "UNI": ("Uniswap", "9.4127"),
    "AAVE": ("Aave Token", "182.36"),
    "CRV": ("Curve DAO Token", "0.7421"),
    "stETH": ("Liquid staked Ether 2.0", "3609.71"),
    "wstETH": ("Wrapped liquid staked Ether 2.0", "4391.0862"),
    "LINK": ("ChainLink Token", "17.084"),
    "LDO": ("Lido DAO Token", "1.2039"),
    "COMP": ("Compound", "58.11"),
    "1INCH": ("1INCH Token", "0.3318"),
    "OP": ("Optimism", "1.7725"),
    "WBNB": ("Wrapped BNB", "646.2"),
    "CAKE": ("PancakeSwap Token", "2.413"),
    "WXDAI": ("Wrapped XDAI", "0.99987"),
    "GNO": ("Gnosis Token", "214.9"),
    "cbETH": ("Coinbase Wrapped Staked ETH", "3951.6"),
    "AERO": ("Aerodrome", "1.1486"),
    "WAVAX": ("Wrapped AVAX", "38.02"),
    "ARB": ("Arbitrum", "0.7713"),
}

# chain id: native coin (symbol, name, price), Unix time of block 0, seconds a block.
_CHAINS = {
    1: ("ETH", "Ether", "3612.44", 1438269973, 12),
    10: ("ETH", "Ether", "3612.44", 1636665399, 2),
    56: ("BNB", "BNB", "646.2", 1598671449, 3),
    100: ("xDAI", "xDAI", "0.99987", 1539024180, 5),
    130: ("ETH", "Ether", "3612.44", 1730748359, 1),
    137: ("POL", "Polygon Ecosystem Token", "0.4471", 1590824836, 2),
    146: ("S", "Sonic", "0.5126", 1733011200, 1),
    250: ("FTM", "Fantom", "0.6804", 1577419000, 1),
    324: ("ETH", "Ether", "3612.44", 1676384542, 1),
    8217: ("KAIA", "Kaia", "0.1273", 1561430400, 1),
    8453: ("ETH", "Ether", "3612.44", 1686789347, 2),
    42161: ("ETH", "Ether", "3612.44", 1622243344, 1),
    43114: ("AVAX", "Avalanche", "38.02", 1600858926, 2),
    59144: ("ETH", "Ether", "3612.44", 1688626800, 2),
    1313161554: ("ETH", "Ether", "3612.44", 1620000000, 1),
}
CHAIN_IDS = tuple(_CHAINS)

_DECIMALS = {"USDC": 6, "USDT": 6, "WBTC": 8}
_KNOWN = {
    1: {
        "USDC": "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48",
        "USDT": "0xdac17f958d2ee523a2206206994597c13d831ec7",
        "DAI": "0x6b175474e89094c44da98b954eedeac495271d0f",
        "WETH": "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2",
        "WBTC": "0x2260fac5e5542a773aa44fbcfedf7c193bc2c599",
        "UNI": "0x1f9840a85d5af5bf1d1762f925bdaddc4201f984",
        "AAVE": "0x7fc66500c84a76ad7e9c93437bfc5ac33e2ddae9",
        "CRV": "0xd533a949740bb3306d119cc777fa900ba034cd52",
        "stETH": "0xae7ab96520de3a18e5e111b5eaab095312d7fe84",
        "wstETH": "0x7f39c581f595b53c5cb19bd0b3f8da6c935e2ca0",
        "LINK": "0x514910771af9ca656af840dff83e8264ecf986ca",
        "LDO": "0x5a98fcbea516cf06857215779fd812ca3bef1b32",
        "COMP": "0xc00e94cb662c3520282e6f5717214004a7f26888",
        "1INCH": "0x111111111117dc0aa78b770fa6a738034120c302",
    },
    10: {
        "USDC": "0x0b2c639c533813f4aa9d7837caf62653d097ff85",
        "USDT": "0x94b008aa00579c1307b0ef2c499ad98a8ce58e58",
        "DAI": "0xda10009cbd5d07dd0cecc66161fc93d7c9000da1",
        "WETH": "0x4200000000000000000000000000000000000006",
        "WBTC": "0x68f180fcce6836688e9084f035309e29bf0a2095",
        "wstETH": "0x1f32b1c2345538c0c6f582fcb022739c4a194ebb",
        "OP": "0x4200000000000000000000000000000000000042",
    },
    56: {
        "USDC": "0x8ac76a51cc950d9822d68b83fe1ad97b32cd580d",
        "USDT": "0x55d398326f99059ff775485246999027b3197955",
        "DAI": "0x1af3f329e8be154074d8769d1ffa4ee058b1dbc3",
        "WBNB": "0xbb4cdb9cbd36b01bd1cbaebf2de08d9173bc095c",
        "CAKE": "0x0e09fabb73bd3ade0a17ecc321fd13a19e81ce82",
    },
    100: {
        "USDC": "0xddafbb505ad214d7b80b1f830fccc89b60fb7a83",
        "WXDAI": "0xe91d153e0b41518a2ce8dd3d7944fa863463a97d",
        "GNO": "0x9c58bacc331c9aa871afd802db6379a98e80cedb",
    },
    137: {
        "USDC": "0x3c499c542cef5e3811e1192ce70d8cc03d5c3359",
        "USDT": "0xc2132d05d31c914a87c6611c10748aeb04b58e8f",
        "DAI": "0x8f3cf7ad23cd3cadbd9735aff958023239c6a063",
        "WETH": "0x7ceb23fd6bc0add59e62ac25578270cff1b9f619",
        "WBTC": "0x1bfd67037b42cf73acf2047067bd4f2c47d9bfd6",
        "AAVE": "0xd6df932a45c0f255f85145f286ea0b292b21c90b",
        "CRV": "0x172370d5cd63279efa6d502dab29171933a610af",
        "LINK": "0x53e0bca35ec356bd5dddfebbd1fc0fd03fabad39",
    },
    324: {
        "USDC": "0x1d17cbcf0d6d143135ae902365d2e5e2a16538d4",
        "WETH": "0x5aea5775959fbc2557cc8789bc1bf90a239d9a91",
    },
    8453: {
        "USDC": "0x833589fcd6edb6e08f4c7c32d4f71b54bda02913",
        "DAI": "0x50c5725949a6f0c72e6c4a641f24049a917db0cb",
        "WETH": "0x4200000000000000000000000000000000000006",
        "cbETH": "0x2ae3f1ec7f1f5012cfeab0185bfc7aa3cf0dec22",
        "AERO": "0x940181a94a35a4569e4529a3cdfb74e38fd98631",
    },
    42161: {
        "USDC": "0xaf88d065e77c8cc2239327c5edb3a432268e5831",
        "USDT": "0xfd086bc7cd5c481dcc9c85ebe478a1c0b69fcbb9",
        "DAI": "0xda10009cbd5d07dd0cecc66161fc93d7c9000da1",
        "WETH": "0x82af49447d8a07e3bd95bd0d56f35241523fbab1",
        "WBTC": "0x2f2a2543b76a4166549f7aab2e75bef0aefc5b0f",
        "UNI": "0xfa7f8980b0f1e64a2062791cc3b0871572f1f7f0",
        "LINK": "0xf97f4df75117a78c1a5a0dbb814af92458539fb4",
        "ARB": "0x912ce59144191c1204e64559fe8253a0e49e6548",
    },
    43114: {
        "USDC": "0xb97ef9ef8734c71904d8002f8b6bc66dd9c48a6e",
        "USDT": "0x9702230a8ea53601f5cd2dc00fdbc13d4df4a8c7",
        "WETH": "0x49d5c2bdffac6ce2bfdb6640f4f80f226bc10bab",
        "WAVAX": "0xb31f66aa3c1e785363f0875a1b74e27b85fd66c7",
    },
    59144: {
        "USDC": "0x176211869ca2b568f2a7d4ee941e073a821ee1ff",
        "WETH": "0xe5d7c2a44ffddf6b295a15c148167daaaf5cf34f",
    },
}

# What strangers send to wallets: text that must never be taken for markup or for a link.
_SPAM = (
    ("<b>CLAIM</b>", "<script>alert('airdrop')</script>"),
    ("$ visit-me.example", "Visit https://visit-me.example & claim 5,000 USDC"),
    ("USD\u0421", "USD Coin"),  # the last letter is Cyrillic
    ("\u202eHTEW", "![gift](https://visit-me.example/x.png)"),
)


def _known(chain_id: int, symbol: str, address: str) -> Token:
    name, price = _MARKET[symbol]
    # BNB Chain's bridged dollars have 18 decimals, unlike everywhere else.
    decimals = 18 if chain_id == 56 else _DECIMALS.get(symbol, 18)
    return Token(chain_id, address, decimals, symbol, name, Decimal(price))


def _long_tail(chain_id: int, number: int) -> Token:
    dice = Dice(f"token {chain_id} {number}")
    word = dice.pick(("Alder", "Basalt", "Cobalt", "Delta", "Ember", "Fjord", "Garnet", "Heron"))
    price = Decimal(f"{dice.between(1, 10**7)}E-{dice.between(3, 8)}")
    decimals = dice.pick((18, 18, 18, 8, 6, 9, 0, 24))
    address = evm_address(f"token {chain_id} {number}")
    symbol = f"{word[:3].upper()}{number}"
    return Token(chain_id, address, decimals, symbol, f"{word} {number}", price)


NATIVE = MappingProxyType(
    {
        chain_id: Token(chain_id, NATIVE_ADDRESS, 18, symbol, name, Decimal(price))
        for chain_id, (symbol, name, price, _, _) in _CHAINS.items()
    }
)
KNOWN = MappingProxyType(
    {
        chain_id: tuple(_known(chain_id, symbol, address) for symbol, address in tokens.items())
        for chain_id, tokens in _KNOWN.items()
    }
)
LONG_TAIL = MappingProxyType(
    {
        chain_id: tuple(_long_tail(chain_id, number) for number in range(LONG_TAIL_PER_CHAIN))
        for chain_id in _KNOWN
    }
)
SPAM = tuple(
    Token(1, evm_address(f"spam {symbol}"), 18, symbol, name, None, is_listed=False)
    for symbol, name in _SPAM
)
_BY_KEY = {
    (token.chain_id, token.address): token
    for token in (
        *NATIVE.values(),
        *(token for tokens in KNOWN.values() for token in tokens),
        *(token for tokens in LONG_TAIL.values() for token in tokens),
    )
}


def known(chain_id: int, symbol: str) -> Token:
    """The well-known token of that symbol on that chain; KeyError if there is none."""
    return _BY_KEY[chain_id, _KNOWN[chain_id][symbol]]


def find(chain_id: int, address: str) -> Token | None:
    """The listed token at a lower-case address, or None: spam is on nobody's list."""
    return _BY_KEY.get((chain_id, address))


def block_at(chain_id: int, timestamp: int) -> int:
    """The number of the block at a Unix time; 0 before the chain began."""
    _, _, _, born, seconds = _CHAINS[chain_id]
    return max(0, (timestamp - born) // seconds)
