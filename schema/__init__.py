"""The contract: what a client sees. `build_schema` assembles it."""

from collections.abc import Callable, Sequence
from typing import Any

from graphql.execution import Executor
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.name_converter import NameConverter

from schema.algorand import AlgorandAsset, AlgorandHolding
from schema.context import Context
from schema.coverage import Chain, ProtocolGroup
from schema.federation import Schema
from schema.portfolio import Portfolio
from schema.position import Position
from schema.query import Query, QueryWithNode
from schema.scalars import SCALARS
from schema.token import Token
from schema.wallet import Wallet

__all__ = ["Context", "Schema", "build_schema"]


class _Names(NameConverter):
    """Strawberry's own names, worked out once: it asks for all of a field's at every call."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, str] = {}

    def apply_naming_config(self, name: str) -> str:
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = super().apply_naming_config(name)
        return found


def build_schema(
    *,
    node_field: bool = True,
    extensions: Sequence[type[SchemaExtension] | Callable[[], SchemaExtension]] = (),
    executor: type[Executor[Any]] | None = None,
) -> Schema:
    """The graph; `node` and `nodes` are left out for a supergraph, where one subgraph has them.

    `executor` executes what goes through `Schema.execute`, as all does that has `extensions`.
    """

    class Walletgraph(Schema):
        pass

    return Walletgraph(
        query=QueryWithNode if node_field else Query,
        types=[
            Wallet,
            Portfolio,
            Position,
            Chain,
            ProtocolGroup,
            Token,
            AlgorandAsset,
            AlgorandHolding,
        ],
        config=StrawberryConfig(scalar_map=SCALARS, name_converter=_Names()),
        extensions=list(extensions),
        execution_context_class=executor,
        federation_version="2.9",
    )
