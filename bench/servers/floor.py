"""The floor: a Starlette route that fetches, decodes and encodes by hand, with no GraphQL at all.

It knows the bench's operations by name and does nothing that is not needed for their answers.
Run it with `uvicorn bench.servers.floor:app`; UPSTREAM_URL and CACHE_SECONDS say what it asks.
"""

import asyncio
import os
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import httpx
import msgspec
from httpx_aiohttp import AiohttpTransport
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

UPSTREAM = os.environ["UPSTREAM_URL"]
CACHE_SECONDS = float(os.environ.get("CACHE_SECONDS", "0"))
MOST_WALLETS = 50


class Token(msgspec.Struct, gc=False):
    chain: int
    address: str
    decimals: int
    symbol: str
    name: str
    amount: Decimal
    price_usd: Decimal


class Row(msgspec.Struct, gc=False):
    index: str
    chain_id: int
    contract_address: str
    token_id: int
    address: str
    block_number_created: int
    block_number: int | None
    timestamp: int | None
    protocol_type: str
    protocol_handler_id: str
    protocol_group_id: str
    protocol_group_name: str
    protocol_group_icon: str | None
    protocol_sub_group_id: str | None
    protocol_sub_group_name: str | None
    contract_name: str
    contract_symbol: str
    asset_sign: int
    status: int
    underlying_tokens: list[Token]
    reward_tokens: list[Token]
    value_usd: Decimal
    locked: bool


class Held(msgspec.Struct, gc=False, rename="kebab"):
    amount: int
    asset_id: int
    is_frozen: bool


class Params(msgspec.Struct, gc=False, rename="kebab"):
    creator: str
    decimals: int
    total: int
    name: str | None = None
    unit_name: str | None = None
    url: str | None = None


class Holding(msgspec.Struct, gc=False, rename="kebab"):
    asset_holding: Held
    asset_params: Params


class Page(msgspec.Struct, gc=False, rename="kebab"):
    asset_holdings: list[Holding]
    round: int
    next_token: str | None = None


class Question(msgspec.Struct):
    operationName: str  # noqa: N815
    variables: dict[str, Any]


_rows = msgspec.json.Decoder(list[Row], strict=False).decode
_assets = msgspec.json.Decoder(Page).decode
_question = msgspec.json.Decoder(Question).decode
_encode = msgspec.json.Encoder(decimal_format="string").encode
_held: dict[str, tuple[float, Any]] = {}
SNAPSHOTS = [f"/portfolio/portfolio/v5.0/{part}/snapshot" for part in ("tokens", "protocols")]
_http: httpx.AsyncClient


async def snapshots(addresses: Sequence[str]) -> dict[str, list[Row]]:
    """The rows of each wallet, highest value first."""
    now = time.monotonic()
    kept = {address: _held[address] for address in addresses if address in _held}
    found = {address: value for address, (until, value) in kept.items() if until > now}
    missing = [address for address in addresses if address not in found]
    for start in range(0, len(missing), MOST_WALLETS):
        asked = missing[start : start + MOST_WALLETS]
        answers = await asyncio.gather(
            *(_http.get(path, params={"addresses": asked}) for path in SNAPSHOTS)
        )
        for address in asked:
            found[address] = []
        for answer in answers:
            for row in _rows(answer.content):
                found[row.address].append(row)
        for address in asked:
            rows = found[address]
            for row in rows:
                if row.asset_sign < 0:
                    row.value_usd = -row.value_usd
            rows.sort(key=lambda row: (row.chain_id, row.index))
            rows.sort(key=lambda row: row.value_usd, reverse=True)
            keep(address, rows)
    return found


async def page(account: str) -> Page:
    """The account's first hundred assets."""
    until, found = _held.get(account, (0.0, None))
    if until <= time.monotonic():
        answer = await _http.get(f"/v2/accounts/{account}/assets", params={"limit": 100})
        found = _assets(answer.content)
        keep(account, found)
    assert isinstance(found, Page)
    return found


def keep(key: str, value: Any) -> None:
    """Remember an upstream answer for CACHE_SECONDS."""
    if CACHE_SECONDS:
        _held[key] = (time.monotonic() + CACHE_SECONDS, value)


def opaque(text: str) -> str:
    """A global id."""
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def balances(tokens: list[Token]) -> list[dict[str, Any]]:
    """The tokens of a position."""
    return [
        {
            "amount": token.amount,
            "priceUsd": token.price_usd,
            "valueUsd": token.amount * token.price_usd,
            "token": {
                "id": opaque(f"Token:{token.chain}:{token.address}"),
                "chainId": token.chain,
                "address": token.address,
                "symbol": token.symbol,
                "name": token.name,
                "decimals": token.decimals,
            },
        }
        for token in tokens
    ]


def short(row: Row) -> dict[str, Any]:
    """A position as the dashboard asks for it."""
    return {
        "id": opaque(f"Position:{row.address}:{row.chain_id}:{row.index}:{row.asset_sign}:0:"),
        "chainId": row.chain_id,
        "contractAddress": row.contract_address,
        "contractName": row.contract_name,
        "contractSymbol": row.contract_symbol,
        "side": "DEBT" if row.asset_sign < 0 else "ASSET",
        "status": "OPEN" if row.status == 1 else "CLOSED",
        "locked": row.locked,
        "valueUsd": row.value_usd,
        "protocol": {
            "type": row.protocol_type,
            "group": {
                "id": row.protocol_group_id,
                "name": row.protocol_group_name,
                "iconUrl": row.protocol_group_icon,
            },
        },
        "underlyingTokens": balances(row.underlying_tokens),
        "rewardTokens": balances(row.reward_tokens),
    }


def whole(row: Row) -> dict[str, Any]:
    """A position with all its fields."""
    sub = row.protocol_sub_group_id
    return {
        "id": opaque(f"Position:{row.address}:{row.chain_id}:{row.index}:{row.asset_sign}:0:"),
        "index": row.index,
        "chainId": row.chain_id,
        "contractAddress": row.contract_address,
        "tokenId": str(row.token_id),
        "blockNumberCreated": str(row.block_number_created),
        "blockNumber": None if row.block_number is None else str(row.block_number),
        "timestamp": row.timestamp,
        "contractName": row.contract_name,
        "contractSymbol": row.contract_symbol,
        "side": "DEBT" if row.asset_sign < 0 else "ASSET",
        "status": "OPEN" if row.status == 1 else "CLOSED",
        "locked": row.locked,
        "valueUsd": row.value_usd,
        "protocol": {
            "type": row.protocol_type,
            "handlerId": row.protocol_handler_id,
            "group": {
                "id": row.protocol_group_id,
                "name": row.protocol_group_name,
                "iconUrl": row.protocol_group_icon,
            },
            "subGroup": None if sub is None else {"id": sub, "name": row.protocol_sub_group_name},
        },
        "underlyingTokens": balances(row.underlying_tokens),
        "rewardTokens": balances(row.reward_tokens),
    }


def wallet(address: str, rows: list[Row], first: int, shape: Any) -> dict[str, Any]:
    """A wallet with a page of its positions."""
    return {
        "id": opaque(f"Wallet:{address}"),
        "address": address,
        "ecosystem": "EVM",
        "positions": {
            "totalCount": len(rows),
            "totalValueUsd": sum((row.value_usd for row in rows), Decimal(0)),
            "pageInfo": {
                "hasNextPage": len(rows) > first,
                "endCursor": opaque(f"{address}:{rows[:first][-1].index}"),
            },
            "edges": [
                {"cursor": opaque(f"{address}:{row.index}"), "node": shape(row)}
                for row in rows[:first]
            ],
        },
    }


def account_of(address: str, found: Page) -> dict[str, Any]:
    """An Algorand account with a page of its assets."""
    last = found.asset_holdings[-1].asset_holding.asset_id
    return {
        "id": opaque(f"Wallet:{address}"),
        "address": address,
        "ecosystem": "ALGORAND",
        "algorandAssets": {
            "round": str(found.round),
            "pageInfo": {
                "hasNextPage": found.next_token is not None,
                "endCursor": opaque(f"{address}:{last}"),
            },
            "edges": [
                {
                    "cursor": opaque(f"{address}:{row.asset_holding.asset_id}"),
                    "node": holding(address, row),
                }
                for row in found.asset_holdings
            ],
        },
    }


def holding(address: str, row: Holding) -> dict[str, Any]:
    """One asset an account holds."""
    held, params = row.asset_holding, row.asset_params
    return {
        "id": opaque(f"AlgorandHolding:{address}:{held.asset_id}"),
        "amount": str(held.amount),
        "displayAmount": Decimal(held.amount).scaleb(-params.decimals),
        "isFrozen": held.is_frozen,
        "asset": {
            "id": opaque(f"AlgorandAsset:{held.asset_id}"),
            "assetId": str(held.asset_id),
            "name": params.name,
            "unitName": params.unit_name,
            "url": params.url,
            "decimals": params.decimals,
            "total": str(params.total),
            "creator": params.creator,
            "isNft": params.total == 1 and params.decimals == 0,
        },
    }


async def data_of(question: Question) -> dict[str, Any]:
    """The data of one of the bench's operations."""
    name, variables = question.operationName, question.variables
    if name == "Tiny":
        is_evm = variables["address"].startswith("0x")
        return {"wallet": {"ecosystem": "EVM" if is_evm else "ALGORAND"}}
    if name == "Holdings":
        address = variables["address"]
        return {"wallet": account_of(address, await page(address))}
    if name in ("Dashboard", "Wide"):
        address = variables["address"]
        rows = (await snapshots([address]))[address]
        first, shape = (50, short) if name == "Dashboard" else (1000, whole)
        return {"wallet": wallet(address, rows, first, shape)}
    if name == "Batch":
        addresses, field = variables["addresses"], "wallets"
    else:
        addresses = [one["address"] for one in variables["representations"]]
        field = "_entities"
    found = await snapshots(addresses)
    return {field: [wallet(address, found[address], 10, short) for address in addresses]}


async def graphql(request: Request) -> Response:
    """Answer one operation."""
    data = await data_of(_question(await request.body()))
    return Response(_encode({"data": data}), media_type="application/json")


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """The client lives as long as the application."""
    global _http
    async with httpx.AsyncClient(base_url=UPSTREAM, transport=AiohttpTransport()) as _http:
        yield


app = Starlette(routes=[Route("/graphql", graphql, methods=["POST"])], lifespan=lifespan)
