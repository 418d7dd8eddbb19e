"""What the stand-in answers: documented JSON of any size, made once a size, the wallet spliced in.

A wallet's address says how many rows it has, so that any number of distinct wallets can be asked.
Figures are sums of powers of two with at most 15 digits: servers that read numbers as doubles
lose none of them, and all servers can be held to the same answer.
"""

import base64
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

import msgspec
from Crypto.Hash import SHA512

_MARK = "0x" + "?" * 40
_PROTOCOLS = (
    ("token", "token", "token", "Token", "https://static.example.org/token.svg"),
    ("dex", "uniswapv3", "uniswap-v3", "Uniswap V3", None),
    ("lending", "aavev3", "aave-v3", "Aave V3", "https://static.example.org/aave.svg"),
    ("staking", "lido", "lido", "Lido", None),
)
_CHAINS = (1, 1, 137, 42161, 8453)
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
ROUND = 58_979_829


def evm_wallet(rows: int, serial: int) -> str:
    """The address of an EVM wallet with that many positions."""
    return f"0x{rows:08x}{serial:032x}"


def algorand_account(assets: int, serial: int) -> str:
    """The address, checksum and all, of an Algorand account with that many assets."""
    key = assets.to_bytes(4, "big") + serial.to_bytes(28, "big")
    check = SHA512.new(key, truncate="256").digest()[-4:]
    return base64.b32encode(key + check).decode().rstrip("=")


def answer(target: bytes) -> bytes:
    """The whole HTTP answer to a GET of that target, which must be one of those documented."""
    path, _, query = target.partition(b"?")
    if path.endswith(b"/snapshot"):
        body = _snapshot(query, is_tokens=path.endswith(b"/tokens/snapshot"))
    elif path.startswith(b"/v2/accounts/"):
        account, _, part = path[13:].partition(b"/")
        rows = int.from_bytes(base64.b32decode(account[:8])[:4], "big")
        body = _assets(rows, query) if part else _account(account, rows)
    elif path.startswith(b"/token/"):
        body = b"{}"
    else:
        return b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"
    return _HEAD % (len(body), body)


def _snapshot(query: bytes, *, is_tokens: bool) -> bytes:
    wallets = [value for name, _, value in map(_pair, query.split(b"&")) if name == b"addresses"]
    shapes = [(wallet, _rows(int(wallet[2:10], 16), is_tokens=is_tokens)) for wallet in wallets]
    return b"[" + b",".join(wallet.join(parts) for wallet, parts in shapes if len(parts) > 1) + b"]"


def _pair(text: bytes) -> tuple[bytes, bytes, bytes]:
    return text.partition(b"=")


@lru_cache(maxsize=128)
def _rows(count: int, *, is_tokens: bool) -> Sequence[bytes]:
    """The tokens of a wallet as JSON, or its positions, cut wherever its address goes."""
    rows = [_row(number) for number in range(count) if (number % 4 == 0) == is_tokens]
    text = msgspec.json.encode(rows)[1:-1]
    return text.split(_MARK.encode())


def _hex(number: int, salt: bytes, size: int) -> str:
    return "0x" + blake2b(b"%d" % number, digest_size=size, salt=salt).hexdigest()


def _row(number: int) -> dict[str, object]:
    kind, handler, group, title, icon = _PROTOCOLS[number % 4]
    chain = _CHAINS[number % 5]
    tokens = [_token(number, chain)]
    if number % 4 == 1:
        tokens.append(_token(number + 1, chain))
    rewards = [_token(number + 2, chain)] if number % 8 == 2 else []
    return {
        "index": _hex(number, b"index", 8),
        "chain_id": chain,
        "contract_address": _hex(number, b"contract", 20),
        "token_id": number if number % 4 == 1 else 0,
        "address": _MARK,
        "block_number_created": 18_000_000 + number,
        "block_number": None,
        "timestamp": None,
        "protocol_type": kind,
        "protocol_handler_id": handler,
        "protocol_group_id": group,
        "protocol_group_name": title,
        "protocol_group_icon": icon,
        "protocol_sub_group_id": None,
        "protocol_sub_group_name": None,
        "contract_name": f"Contract {number}",
        "contract_symbol": f"C{number}",
        "asset_sign": -1 if number % 10 == 7 else 1,
        "status": 1,
        "underlying_tokens": tokens,
        "reward_tokens": rewards,
        # Written with its fraction, as upstreams do; doubles hold it exactly.
        "value_usd": ((number * 7919 + 13) % 16_000_000) / 16,
        "locked": number % 6 == 5,
    }


def _token(number: int, chain: int) -> dict[str, object]:
    return {
        "chain": chain,
        "address": _hex(number % 400, b"token", 20),
        "decimals": 18 if number % 3 else 6,
        "symbol": f"TKN{number % 400}",
        "name": f"Token {number % 400}",
        "amount": ((number * 104_729 + 11) % 160_000) / 16,
        "price_usd": ((number * 31 + 3) % 4_000) / 4 + 0.25,
    }


@lru_cache(maxsize=64)
def _assets(rows: int, query: bytes) -> bytes:
    asked = {name: int(value) for name, _, value in map(_pair, query.split(b"&")) if value}
    limit, after = asked.get(b"limit", 1000), asked.get(b"next", 0)
    numbers = [number for number in range(rows) if _asset_id(number) > after]
    page: dict[str, object] = {
        "asset-holdings": [_holding(number) for number in numbers[:limit]],
        "round": ROUND,
    }
    if len(numbers) > limit:
        page["next-token"] = str(_asset_id(numbers[limit - 1]))
    return msgspec.json.encode(page)


def _asset_id(number: int) -> int:
    return 31_566_704 + 997 * number


def _holding(number: int) -> dict[str, object]:
    creator = algorand_account(0, number % 20)
    name, unit, url = f"Asset {number}", f"A{number}", f"https://example.org/{number}"
    return {
        "asset-holding": {
            "amount": number * 1_000_003 + 5,
            "asset-id": _asset_id(number),
            "is-frozen": number % 9 == 8,
        },
        "asset-params": {
            "creator": creator,
            "decimals": number % 7,
            "default-frozen": False,
            "manager": creator,
            "name": name,
            "name-b64": base64.b64encode(name.encode()).decode(),
            "reserve": creator,
            "total": 10_000_000_000,
            "unit-name": unit,
            "unit-name-b64": base64.b64encode(unit.encode()).decode(),
            "url": url,
            "url-b64": base64.b64encode(url.encode()).decode(),
        },
    }


def _account(account: bytes, rows: int) -> bytes:
    amounts = ("amount", "amount-without-pending-rewards")
    zeros = ("pending-rewards", "rewards", "total-apps-opted-in", "total-created-apps")
    return msgspec.json.encode(
        {
            "address": account.decode(),
            **dict.fromkeys(amounts, 5_000_000),
            **dict.fromkeys(zeros, 0),
            "min-balance": 100_000 * (1 + rows),
            "round": ROUND,
            "status": "Offline",
            "total-assets-opted-in": rows,
            "total-created-assets": 0,
        }
    )
