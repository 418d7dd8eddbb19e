"""The ordinary way: Strawberry, its dataloader and its ASGI view, httpx and `response.json()`.

Each row becomes an object of its GraphQL type, and the stock executor reads it field by field, as
the library's guides show it. Run it with `uvicorn bench.servers.ordinary:app`; UPSTREAM_URL and
CACHE_SECONDS say what it asks.
"""

import asyncio
import os
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NewType, Self

import httpx
import strawberry
from httpx_aiohttp import AiohttpTransport
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig

UPSTREAM = os.environ["UPSTREAM_URL"]
CACHE_SECONDS = float(os.environ.get("CACHE_SECONDS", "0"))

BigInt = NewType("BigInt", int)
SNAPSHOTS = [f"/portfolio/portfolio/v5.0/{part}/snapshot" for part in ("tokens", "protocols")]
_held: dict[str, tuple[float, Any]] = {}
_http: httpx.AsyncClient


def opaque(text: str) -> strawberry.ID:
    return strawberry.ID(urlsafe_b64encode(text.encode()).rstrip(b"=").decode())


def number(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


@strawberry.enum
class Ecosystem(Enum):
    EVM = "EVM"
    ALGORAND = "ALGORAND"


@strawberry.enum
class Side(Enum):
    ASSET = "ASSET"
    DEBT = "DEBT"


@strawberry.enum
class Status(Enum):
    OPEN = 1
    CLOSED = 0
    UNKNOWN = -1


@strawberry.type
class Token:
    id: strawberry.ID
    chain_id: int
    address: str
    decimals: int | None
    symbol: str | None
    name: str | None


@strawberry.type
class TokenBalance:
    amount: Decimal
    price_usd: Decimal | None
    value_usd: Decimal | None
    token: Token

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        amount, price = Decimal(str(row["amount"])), number(row.get("price_usd"))
        return cls(
            amount=amount,
            price_usd=price,
            value_usd=None if price is None else amount * price,
            token=Token(
                id=opaque(f"Token:{row['chain']}:{row['address']}"),
                chain_id=row["chain"],
                address=row["address"],
                decimals=row["decimals"],
                symbol=row.get("symbol"),
                name=row.get("name"),
            ),
        )


@strawberry.type
class ProtocolGroup:
    id: str
    name: str
    icon_url: str | None


@strawberry.type
class ProtocolSubGroup:
    id: str
    name: str | None


@strawberry.type
class Protocol:
    type: str
    handler_id: str
    group: ProtocolGroup
    sub_group: ProtocolSubGroup | None


@strawberry.type
class Position:
    id: strawberry.ID
    index: str
    chain_id: int
    contract_address: str
    token_id: BigInt
    block_number_created: BigInt
    block_number: BigInt | None
    timestamp: datetime | None
    contract_name: str
    contract_symbol: str
    side: Side
    status: Status
    locked: bool
    value_usd: Decimal | None
    protocol: Protocol
    underlying_tokens: list[TokenBalance]
    reward_tokens: list[TokenBalance]

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        key = f"{row['chain_id']}:{row['index']}:{row['asset_sign']}"
        moment, sub_group = row.get("timestamp"), row.get("protocol_sub_group_id")
        value = abs(Decimal(str(row["value_usd"])))
        is_debt = row["asset_sign"] < 0
        return cls(
            id=opaque(f"Position:{row['address']}:{key}:0:"),
            index=row["index"],
            chain_id=row["chain_id"],
            contract_address=row["contract_address"],
            token_id=row["token_id"],
            block_number_created=row["block_number_created"],
            block_number=row.get("block_number"),
            timestamp=None if moment is None else datetime.fromtimestamp(moment, UTC),
            contract_name=row["contract_name"],
            contract_symbol=row["contract_symbol"],
            side=Side.DEBT if is_debt else Side.ASSET,
            status=Status(row.get("status", -1)),
            locked=row["locked"],
            value_usd=-value if is_debt else value,
            protocol=Protocol(
                type=row["protocol_type"],
                handler_id=row["protocol_handler_id"],
                group=ProtocolGroup(
                    id=row["protocol_group_id"],
                    name=row["protocol_group_name"],
                    icon_url=row["protocol_group_icon"],
                ),
                sub_group=None
                if sub_group is None
                else ProtocolSubGroup(id=sub_group, name=row["protocol_sub_group_name"]),
            ),
            underlying_tokens=[TokenBalance.of(token) for token in row["underlying_tokens"]],
            reward_tokens=[TokenBalance.of(token) for token in row["reward_tokens"]],
        )


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class PositionEdge:
    cursor: str
    node: Position


@strawberry.type
class PositionConnection:
    edges: list[PositionEdge]
    page_info: PageInfo
    total_count: int
    total_value_usd: Decimal


@strawberry.type
class AlgorandAsset:
    id: strawberry.ID
    asset_id: BigInt
    name: str | None
    unit_name: str | None
    url: str | None
    decimals: int
    total: BigInt
    creator: str
    is_nft: bool


@strawberry.type
class AlgorandHolding:
    id: strawberry.ID
    amount: BigInt
    display_amount: Decimal
    is_frozen: bool
    asset: AlgorandAsset

    @classmethod
    def of(cls, account: str, row: dict[str, Any]) -> Self:
        held, params = row["asset-holding"], row["asset-params"]
        asset_id = held["asset-id"]
        return cls(
            id=opaque(f"AlgorandHolding:{account}:{asset_id}"),
            amount=held["amount"],
            display_amount=Decimal(held["amount"]).scaleb(-params["decimals"]),
            is_frozen=held["is-frozen"],
            asset=AlgorandAsset(
                id=opaque(f"AlgorandAsset:{asset_id}"),
                asset_id=asset_id,
                name=params.get("name"),
                unit_name=params.get("unit-name"),
                url=params.get("url"),
                decimals=params["decimals"],
                total=params["total"],
                creator=params["creator"],
                is_nft=params["total"] == 1 and params["decimals"] == 0,
            ),
        )


@strawberry.type
class AlgorandHoldingEdge:
    cursor: str
    node: AlgorandHolding


@strawberry.type
class AlgorandHoldingConnection:
    edges: list[AlgorandHoldingEdge]
    page_info: PageInfo
    round: BigInt


@dataclass
class Context:
    """What one request shares."""

    snapshots: DataLoader[str, list[Position]]


async def load_snapshots(addresses: list[str]) -> list[list[Position]]:
    now = time.monotonic()
    missing = [one for one in addresses if one not in _held or _held[one][0] <= now]
    found: dict[str, list[Position]] = {one: [] for one in missing}
    if missing:
        answers = await asyncio.gather(
            *(_http.get(path, params={"addresses": missing}) for path in SNAPSHOTS)
        )
        for answer in answers:
            answer.raise_for_status()
            for row in answer.json():
                found[row["address"]].append(Position.of(row))
        for rows in found.values():
            rows.sort(key=lambda row: (row.chain_id, row.index))
            rows.sort(key=lambda row: row.value_usd or 0, reverse=True)
        if CACHE_SECONDS:
            _held.update({one: (now + CACHE_SECONDS, rows) for one, rows in found.items()})
    return [found[one] if one in found else _held[one][1] for one in addresses]


async def load_assets(account: str, first: int) -> AlgorandHoldingConnection:
    until, kept = _held.get(account, (0.0, None))
    if kept is not None and until > time.monotonic():
        assert isinstance(kept, AlgorandHoldingConnection)
        return kept
    answer = await _http.get(f"/v2/accounts/{account}/assets", params={"limit": first})
    answer.raise_for_status()
    page = answer.json()
    nodes = [AlgorandHolding.of(account, row) for row in page["asset-holdings"]]
    found = AlgorandHoldingConnection(
        edges=[AlgorandHoldingEdge(cursor=str(node.id), node=node) for node in nodes],
        page_info=PageInfo(has_next_page="next-token" in page, end_cursor=nodes[-1].id),
        round=page["round"],
    )
    if CACHE_SECONDS:
        _held[account] = (time.monotonic() + CACHE_SECONDS, found)
    return found


@strawberry.federation.type(keys=["address"])
class Wallet:
    address: str

    @strawberry.field
    def id(self) -> strawberry.ID:
        return opaque(f"Wallet:{self.address}")

    @strawberry.field
    def ecosystem(self) -> Ecosystem:
        return Ecosystem.EVM if self.address.startswith("0x") else Ecosystem.ALGORAND

    @strawberry.field
    async def positions(
        self, info: strawberry.Info[Context], first: int = 50
    ) -> PositionConnection | None:
        rows = await info.context.snapshots.load(self.address)
        nodes = rows[:first]
        return PositionConnection(
            edges=[PositionEdge(cursor=str(node.id), node=node) for node in nodes],
            page_info=PageInfo(
                has_next_page=len(rows) > first, end_cursor=nodes[-1].id if nodes else None
            ),
            total_count=len(rows),
            total_value_usd=sum((row.value_usd or Decimal(0) for row in rows), Decimal(0)),
        )

    @strawberry.field
    async def algorand_assets(self, first: int = 50) -> AlgorandHoldingConnection | None:
        return await load_assets(self.address, first)

    @classmethod
    def resolve_reference(cls, address: str) -> Self:
        return cls(address=address)


@strawberry.type
class Query:
    @strawberry.field
    def wallet(self, address: str) -> Wallet | None:
        return Wallet(address=address)

    @strawberry.field
    def wallets(self, addresses: list[str]) -> list[Wallet | None]:
        return [Wallet(address=address) for address in addresses]


class View(GraphQL[Any, Any]):
    """The library's view, with loaders of its own for each request."""

    async def get_context(self, request: Any, response: Any) -> Context:
        return Context(DataLoader(load_fn=load_snapshots, max_batch_size=50))


schema = strawberry.federation.Schema(
    query=Query,
    extensions=[ParserCache, ValidationCache],
    config=StrawberryConfig(
        scalar_map={BigInt: strawberry.scalar(name="BigInt", serialize=str, parse_value=int)}
    ),
)


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """The client lives as long as the application."""
    global _http
    async with httpx.AsyncClient(base_url=UPSTREAM, transport=AiohttpTransport()) as _http:
        yield


app = Starlette(routes=[Route("/graphql", View(schema, graphql_ide=None))], lifespan=lifespan)
