"""What libraries keep to themselves and we use all the same: listed, and still there."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import strawberry
from graphql.execution.executor import CollectedErrors
from strawberry.types.union import StrawberryUnion
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from compiler import fields
from schema import build_schema
from walletgraph import PACKAGES

ROOT = Path(__file__).parents[1]
# Of the standard library, where they are documented.
PUBLIC = {"_asdict", "_replace"}
SCHEMA: Any = build_schema()
# What is used, and what has to have it. The compiler's differential tests say that it does what we
# take it to do; without what stands under strawberry every field would go the slow way.
USED: dict[str, Any] = {
    # How graphql-core's own executor bounds errors that null a place: we bound their number.
    "_errors": CollectedErrors(),
    "_error_positions": CollectedErrors(),
    # The graphql-core schema of a Strawberry schema, and the way back.
    "_schema": SCHEMA,
    "_strawberry_schema": SCHEMA._schema,
    # Whether exceptions become types, which a resolver called directly would miss.
    "_exception_handler_specs": SCHEMA.schema_converter,
    # uvicorn has no public way to answer a request that was never parsed.
    "_unset_keepalive_if_required": HttpToolsProtocol,
    "_start_asgi_task": HttpToolsProtocol,
}


@pytest.mark.parametrize("name", USED)
def test_what_we_lean_on_is_there(name: str) -> None:
    assert hasattr(USED[name], name)


def test_strawberrys_wrappers_are_known_by_their_names() -> None:
    """The compiler calls a resolver without its wrapper only where it knows the wrapper."""

    @strawberry.type
    class Query:
        @strawberry.field
        def hello(self) -> str:
            return "hello"

    schema: Any = strawberry.Schema(Query)
    resolve = schema._schema.query_type.fields["hello"].resolve
    assert resolve.__module__ == fields.CONVERTER
    assert resolve.__qualname__.startswith(fields.WRAPPED)
    assert StrawberryUnion.get_type_resolver.__module__ == fields.UNION_MODULE
    of_union = f"{StrawberryUnion.get_type_resolver.__qualname__}.<locals>"
    assert fields.UNION.rpartition(".")[0] == of_union


def test_there_is_no_other() -> None:
    """No attribute that begins with an underscore is read unless this code has set it."""
    trees = [
        ast.parse(path.read_text()) for name in PACKAGES for path in (ROOT / name).rglob("*.py")
    ]
    ours = {name for tree in trees for name in _defined(tree)}
    read = {
        node.attr
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
    }
    assert read - ours - PUBLIC <= set(USED)


def _defined(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.attr if isinstance(node, ast.Attribute) else node.id
