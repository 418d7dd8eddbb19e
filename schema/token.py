"""Tokens of EVM chains, and amounts of them."""

from decimal import Decimal
from typing import Any, ClassVar

import strawberry

from resolvers import explorers
from resolvers import token as resolve
from resolvers.errors import BadRepresentation
from resolvers.token import Token as TokenRecord
from schema.calls import LOGO
from schema.context import Info
from schema.fields import OfRecords, derived, read
from schema.node import Node
from upstreams.oneinch.client import TokenBalance as BalanceRecord
from upstreams.oneinch.source import TokenKey

Record = strawberry.Parent[TokenRecord]
Balance = strawberry.Parent[BalanceRecord]


@strawberry.federation.type(
    keys=["id", "chainId address"],
    description="A token contract, or a chain's own coin, on one EVM chain. Names and symbols are "
    "whatever the contract says: show them as text, never trust them.",
)
class Token(Node, OfRecords):
    record_classes = (TokenRecord,)
    # Wallets share its records, which never change: what is made of one is made once for all.
    keeps_objects: ClassVar[bool] = True

    id: strawberry.ID = strawberry.field(description="Global id of the token.")
    chain_id: int = strawberry.field(description="The EIP-155 id of the token's chain.")
    decimals: int | None = strawberry.field(
        description="How many decimal places one whole token has."
    )
    symbol: str | None = strawberry.field(description="The ticker the contract gives; not unique.")
    name: str | None = strawberry.field(description="The name the contract gives; not unique.")

    address: str = strawberry.field(
        description="The contract's address in EIP-55 form, or as the source sent it where it is "
        "no EVM address; 0xEeee...EEeE stands for the chain's own coin."
    )
    is_native = read(
        resolve.is_native,
        "Whether this is the chain's own coin, such as ether.",
        graphql_type=bool | None,
    )
    caip19 = read(
        resolve.caip19,
        "The CAIP-19 asset id; null for the coin of a chain whose coin type is unknown, and where "
        "the address is no EVM address.",
        graphql_type=str | None,
    )

    explorer_url = read(
        explorers.of_token,
        "The contract's page on a public explorer; null where no explorer of the chain is known, "
        "and for a chain's own coin.",
        graphql_type=str | None,
    )

    @derived(
        "Where a logo can be fetched, over http or https. A token read from a position needs one "
        "further call to the source for each chain, so select it only where it is shown.",
        calls=LOGO,
    )
    @staticmethod
    async def logo_url(root: Record, info: Info) -> str | None:
        return await resolve.logo_url(info.context.loaders, root)

    @classmethod
    async def resolve_reference(
        cls,
        info: Info,
        id: str | None = None,
        chain_id: int | None = None,
        address: str | None = None,
    ) -> Any:
        return await resolve.token(info.context.loaders, _referred(id, chain_id, address))

    @classmethod
    def identity(
        cls, id: str | None = None, chain_id: int | None = None, address: str | None = None
    ) -> dict[str, object]:
        key = _referred(id, chain_id, address)
        return {"chainId": key.chain_id, "address": key.address}


def _referred(id: str | None, chain_id: int | None, address: str | None) -> TokenKey:
    if id is not None:
        return resolve.token_key_of_id(id)
    if chain_id is not None and address is not None:
        return resolve.token_key_of_reference(chain_id, address)
    raise BadRepresentation("Token needs id, or chainId and address")


@strawberry.type(description="An amount of one token, with its price where the source knows one.")
class TokenBalance:
    amount: Decimal = strawberry.field(
        description="Whole tokens (already divided by the decimals), digit by digit as the source "
        "gave them."
    )

    token = read(resolve.token_of, "The token held.", graphql_type=Token)

    @derived("US dollars for one whole token; null where no price is known.")
    @staticmethod
    def price_usd(root: Balance) -> Decimal | None:
        return root.price_usd or None

    value_usd = read(
        resolve.balance_value_usd,
        "US dollars for the amount: the source's figure, else amount x price; null "
        "where no price is known.",
        graphql_type=Decimal | None,
    )
