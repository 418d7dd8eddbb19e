"""Whole documents of each endpoint as JSON values, with the records that they are read into."""

from decimal import Decimal
from typing import Any

from upstreams.algod.client import AssetParams
from upstreams.oneinch.client import Position, TokenBalance

WALLET = "0xd470055c6189b921c4d44b3d277ad868f79c0f75"
OTHER = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
USDC = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"

TOKEN: dict[str, Any] = {
    "chain": 1,
    "address": USDC,
    "decimals": 6,
    "symbol": "USDC",
    "name": "USD Coin",
    "amount": 1523.482917,
    "price_usd": 0.99982,
}
ROW: dict[str, Any] = {
    "index": "0xd98790a7a586f87a",
    "chain_id": 1,
    "contract_address": USDC,
    "token_id": 0,
    "address": WALLET,
    "block_number_created": 17,
    "block_number": 18,
    "timestamp": 1700000000,
    "protocol_type": "token",
    "protocol_handler_id": "erc20",
    "protocol_group_id": "token",
    "protocol_group_name": "Token",
    "protocol_group_icon": "https://app.1inch.io/assets/overview/tokens.svg",
    "protocol_sub_group_id": "sub",
    "protocol_sub_group_name": "Sub",
    "contract_name": "USD Coin",
    "contract_symbol": "USDC",
    "asset_sign": 1,
    "status": 1,
    "underlying_tokens": [TOKEN],
    "reward_tokens": [],
    "value_usd": 1523.20869007494,
    "locked": True,
}
BALANCE = TokenBalance(
    chain_id=1,
    address=USDC,
    decimals=6,
    symbol="USDC",
    name="USD Coin",
    amount=Decimal("1523.482917"),
    price_usd=Decimal("0.99982"),
)
POSITION = Position(
    index="0xd98790a7a586f87a",
    chain_id=1,
    contract_address=USDC,
    token_id=0,
    address=WALLET,
    block_number_created=17,
    block_number=18,
    timestamp=1700000000,
    protocol_type="token",
    protocol_handler_id="erc20",
    protocol_group_id="token",
    protocol_group_name="Token",
    protocol_group_icon="https://app.1inch.io/assets/overview/tokens.svg",
    protocol_sub_group_id="sub",
    protocol_sub_group_name="Sub",
    contract_name="USD Coin",
    contract_symbol="USDC",
    asset_sign=1,
    status=1,
    underlying_tokens=(BALANCE,),
    reward_tokens=(),
    value_usd=Decimal("1523.20869007494"),
    locked=True,
)


INFO: dict[str, Any] = {
    "chainId": 1,
    "symbol": "USDC",
    "name": "USD Coin",
    "address": USDC,
    "decimals": 6,
    "logoURI": "https://tokens.1inch.io/usdc.png",
    "tags": ["tokens"],
    "eip2612": True,
}


ADDRESS = "XSKED5VKZZCSYNDWXZJI65JM2HP7HZFJWCOBIMOONKHTK5UVKENBNVDEYM"
CREATOR = "GZXOMIKASKMFBBWVC4BIXZDD5Z7J4QVCTAUNFOHEYJ6EOOHENPM4T3TEGA"
MAX = 2**64 - 1

PARAMS: dict[str, Any] = {
    "clawback": ADDRESS,
    "creator": CREATOR,
    "decimals": 19,
    "default-frozen": True,
    "freeze": ADDRESS,
    "manager": CREATOR,
    "metadata-hash": "6jvXPitQbgBScjKz7XQ8Bm2oOo4wZvYqcedeubSqHbY=",
    "name": "Tom & Jerry",
    "name-b64": "VG9tICYgSmVycnk=",
    "reserve": CREATOR,
    "total": MAX,
    "unit-name": "TJ",
    "unit-name-b64": "VEo=",
    "url": "https://example.org/tj",
    "url-b64": "aHR0cHM6Ly9leGFtcGxlLm9yZy90ag==",
}
ASSET_PARAMS = AssetParams(
    clawback=ADDRESS,
    creator=CREATOR,
    decimals=19,
    default_frozen=True,
    freeze=ADDRESS,
    manager=CREATOR,
    metadata_hash="6jvXPitQbgBScjKz7XQ8Bm2oOo4wZvYqcedeubSqHbY=",
    name="Tom & Jerry",
    name_b64="VG9tICYgSmVycnk=",
    reserve=CREATOR,
    total=MAX,
    unit_name="TJ",
    unit_name_b64="VEo=",
    url="https://example.org/tj",
    url_b64="aHR0cHM6Ly9leGFtcGxlLm9yZy90ag==",
)
ACCOUNT: dict[str, Any] = {
    "address": ADDRESS,
    "amount": 12345678,
    "amount-without-pending-rewards": 12345600,
    "apps-total-schema": {"num-byte-slice": 1, "num-uint": 2},
    "min-balance": 100000,
    "pending-rewards": 78,
    "reward-base": 27521,
    "rewards": 79,
    "round": 58979829,
    "status": "Not Participating",
    "total-apps-opted-in": 1,
    "total-assets-opted-in": 2,
    "total-created-apps": 3,
    "total-created-assets": 4,
}
STATUS: dict[str, Any] = {
    "catchpoint": "",
    "catchup-time": 0,
    "last-catchpoint": "",
    "last-round": 58979812,
    "last-version": "https://v1",
    "next-version": "https://v2",
    "next-version-round": 58979813,
    "next-version-supported": True,
    "stopped-at-unsupported-round": False,
    "time-since-last-round": 2415605010,
}
VERSIONS: dict[str, Any] = {
    "versions": ["v2"],
    "genesis_id": "testnet-v1.0",
    "genesis_hash_b64": "SGO1GKSzyE7IEPItTxCByw9x8FmnrCDexi9/cOUJOiI=",
    "build": {
        "major": 4,
        "minor": 4,
        "build_number": 1,
        "commit_hash": "7b607ce4+",
        "branch": "AVAIL",
        "channel": "AVAIL",
    },
}
