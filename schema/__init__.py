"""The contract: what a client sees. `build_schema` assembles it."""

from strawberry.schema.config import StrawberryConfig

from schema.algorand import AlgorandAsset, AlgorandHolding
from schema.context import Context
from schema.federation import Schema
from schema.portfolio import Position
from schema.query import Query, QueryWithNode
from schema.scalars import SCALARS
from schema.token import Token
from schema.wallet import Wallet

__all__ = ["Context", "Schema", "build_schema"]


def build_schema(*, node_field: bool = True) -> Schema:
    """The graph; `node` and `nodes` are left out for a supergraph, where one subgraph has them."""

    class Walletgraph(Schema):
        pass

    return Walletgraph(
        query=QueryWithNode if node_field else Query,
        types=[Wallet, Position, Token, AlgorandAsset, AlgorandHolding],
        config=StrawberryConfig(scalar_map=SCALARS),
        federation_version="2.9",
    )
