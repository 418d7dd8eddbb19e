"""Positions as the wide answer has them: records, a Strawberry schema, and the same by hand."""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NewType

import msgspec
import strawberry
from graphql import GraphQLResolveInfo
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig

BigInt = NewType("BigInt", int)
Exact = NewType("Exact", Decimal)
Moment = NewType("Moment", datetime)


class Token(msgspec.Struct, frozen=True):
    chain_id: int
    address: str
    decimals: int
    symbol: str | None
    name: str | None
    amount: Decimal
    price_usd: Decimal | None
    value_usd: Decimal | None


class Row(msgspec.Struct, frozen=True):
    index: str
    chain_id: int
    contract_address: str
    token_id: int | None
    wallet: str
    block_number_created: int
    block_number: int
    timestamp: int
    protocol_type: str
    protocol_handler_id: str
    protocol_group_id: str
    protocol_group_name: str
    protocol_group_icon: str | None
    protocol_sub_group_id: str | None
    protocol_sub_group_name: str | None
    contract_name: str | None
    contract_symbol: str | None
    asset_sign: int
    status: int
    locked: bool
    value_usd: Decimal
    underlying_tokens: tuple[Token, ...]


class Side(Enum):
    ASSET = "ASSET"
    DEBT = "DEBT"


strawberry.enum(Side)


@strawberry.type
class TokenBalance:
    chain_id: int
    address: str
    decimals: int
    symbol: str | None
    name: str | None
    amount: Exact
    price_usd: Exact | None
    value_usd: Exact | None

    @classmethod
    def is_type_of(cls, obj: Any, info: GraphQLResolveInfo[Any]) -> bool:
        return isinstance(obj, Token)


@strawberry.type
class Protocol:
    protocol_type: str
    protocol_handler_id: str
    protocol_group_id: str
    protocol_group_name: str
    protocol_group_icon: str | None

    @classmethod
    def is_type_of(cls, obj: Any, info: GraphQLResolveInfo[Any]) -> bool:
        return isinstance(obj, Row)


@strawberry.type
class Position:
    index: str
    chain_id: int
    contract_address: str
    token_id: BigInt | None
    wallet: str
    block_number_created: BigInt
    block_number: BigInt
    contract_name: str | None
    contract_symbol: str | None
    locked: bool
    value_usd: Exact
    underlying_tokens: list[TokenBalance]

    @classmethod
    def is_type_of(cls, obj: Any, info: GraphQLResolveInfo[Any]) -> bool:
        return isinstance(obj, Row)

    @strawberry.field
    def id(root: strawberry.Parent[Row]) -> strawberry.ID:  # noqa: N805
        return strawberry.ID(f"{root.chain_id}:{root.index}:{root.asset_sign}")

    @strawberry.field
    def side(root: strawberry.Parent[Row]) -> Side:  # noqa: N805
        return Side.DEBT if root.asset_sign < 0 else Side.ASSET

    @strawberry.field
    def timestamp(root: strawberry.Parent[Row]) -> Moment:  # noqa: N805
        return Moment(datetime.fromtimestamp(root.timestamp, UTC))

    @strawberry.field(graphql_type=Protocol)
    def protocol(root: strawberry.Parent[Row]) -> Row:  # noqa: N805
        return root


class Owner(msgspec.Struct, frozen=True):
    address: str
    number: int


@strawberry.type
class Wallet:
    address: str

    @strawberry.field(graphql_type=list[Position])
    async def positions(root: strawberry.Parent[Owner], info: strawberry.Info) -> list[Row]:  # noqa: N805
        loaded: list[Row] = await info.context.load(root.number)
        return loaded


@strawberry.type
class Query:
    @strawberry.field(graphql_type=list[Position])
    async def positions(self, info: strawberry.Info[list[Row]]) -> list[Row]:
        return info.context

    @strawberry.field(graphql_type=list[Wallet])
    def wallets(self) -> list[Owner]:
        return [Owner("0x" + "ab" * 20, number) for number in range(100)]

    @strawberry.field
    def ping(self) -> str:
        return "pong"


def moment(value: datetime) -> str:
    """RFC 3339."""
    return value.isoformat().replace("+00:00", "Z")


SCALARS: Any = {
    BigInt: strawberry.scalar(name="BigInt", serialize=str, parse_value=int),
    Exact: strawberry.scalar(name="Decimal", serialize=lambda v: format(v, "f")),
    Moment: strawberry.scalar(name="DateTime", serialize=moment),
}

WIDE = """query Wide { positions {
  id index chainId contractAddress tokenId wallet blockNumberCreated blockNumber timestamp
  protocol { protocolType protocolHandlerId protocolGroupId protocolGroupName protocolGroupIcon }
  contractName contractSymbol side locked valueUsd
  underlyingTokens { chainId address decimals symbol name amount priceUsd valueUsd }
} }"""
TINY = "{ ping }"
BATCH = "{ wallets { address " + WIDE.removeprefix("query Wide {") + " }"
DASHBOARD = """query Dashboard($wide: Boolean = false) {
  positions { ...Row ... @include(if: $wide) { ...Wide } }
  large: positions { ...Row value: valueUsd underlyingTokens { ...Balance } }
  kinds: positions { protocol { protocolType protocolGroupName } side }
}
fragment Row on Position {
  id index chainId contractAddress side locked valueUsd timestamp
  protocol { protocolType protocolGroupId protocolGroupName protocolGroupIcon }
  underlyingTokens { ...Balance }
}
fragment Wide on Position { wallet blockNumber blockNumberCreated contractName contractSymbol }
fragment Balance on TokenBalance { chainId address decimals symbol name amount priceUsd valueUsd }
"""


def schema(executor: Any) -> strawberry.Schema:
    """The schema over one executor, with parse and validation cached."""
    return strawberry.Schema(
        query=Query,
        extensions=[lambda: ParserCache(maxsize=100), lambda: ValidationCache(maxsize=100)],
        config=StrawberryConfig(scalar_map=SCALARS),
        execution_context_class=executor,
    )


def rows(count: int) -> list[Row]:
    """Positions with one or two tokens each."""
    return [
        Row(
            index=f"0x{n:040x}",
            chain_id=1,
            contract_address=f"0x{n * 7:040x}",
            token_id=n if n % 3 else None,
            wallet="0x" + "ab" * 20,
            block_number_created=18_000_000 + n,
            block_number=19_000_000 + n,
            timestamp=1_700_000_000 + n,
            protocol_type="LENDING",
            protocol_handler_id="handler",
            protocol_group_id="aave",
            protocol_group_name="Aave",
            protocol_group_icon="https://example.org/aave.png" if n % 2 else None,
            protocol_sub_group_id=None,
            protocol_sub_group_name=None,
            contract_name=f"Contract {n}",
            contract_symbol="C",
            asset_sign=-1 if n % 4 == 0 else 1,
            status=1,
            locked=n % 2 == 0,
            value_usd=Decimal(n * 1234567).scaleb(-4),
            underlying_tokens=tuple(
                Token(
                    chain_id=1,
                    address=f"0x{n + t:040x}",
                    decimals=18,
                    symbol="TKN",
                    name=f"Token {t}",
                    amount=Decimal(n * 10**6 + t).scaleb(-6),
                    price_usd=Decimal(n).scaleb(-2) if n % 5 else None,
                    value_usd=Decimal(n * 99).scaleb(-3) if n % 5 else None,
                )
                for t in range(1 + n % 2)
            ),
        )
        for n in range(count)
    ]


def floor(given: list[Row]) -> dict[str, Any]:
    """The same answer with nothing but what has to be done, written by hand."""
    return {
        "positions": [
            {
                "id": f"{row.chain_id}:{row.index}:{row.asset_sign}",
                "index": row.index,
                "chainId": row.chain_id,
                "contractAddress": row.contract_address,
                "tokenId": None if row.token_id is None else str(row.token_id),
                "wallet": row.wallet,
                "blockNumberCreated": str(row.block_number_created),
                "blockNumber": str(row.block_number),
                "timestamp": moment(datetime.fromtimestamp(row.timestamp, UTC)),
                "protocol": {
                    "protocolType": row.protocol_type,
                    "protocolHandlerId": row.protocol_handler_id,
                    "protocolGroupId": row.protocol_group_id,
                    "protocolGroupName": row.protocol_group_name,
                    "protocolGroupIcon": row.protocol_group_icon,
                },
                "contractName": row.contract_name,
                "contractSymbol": row.contract_symbol,
                "side": "DEBT" if row.asset_sign < 0 else "ASSET",
                "locked": row.locked,
                "valueUsd": format(row.value_usd, "f"),
                "underlyingTokens": [
                    {
                        "chainId": token.chain_id,
                        "address": token.address,
                        "decimals": token.decimals,
                        "symbol": token.symbol,
                        "name": token.name,
                        "amount": format(token.amount, "f"),
                        "priceUsd": None
                        if token.price_usd is None
                        else format(token.price_usd, "f"),
                        "valueUsd": None
                        if token.value_usd is None
                        else format(token.value_usd, "f"),
                    }
                    for token in row.underlying_tokens
                ],
            }
            for row in given
        ]
    }
