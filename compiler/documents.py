"""Parse and validation results kept by the query's text, so that plans find their document again.

Strawberry's ParserCache and ValidationCache do the same with two caches, the second of which
hashes the whole syntax tree on every request.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from graphql import DocumentNode, GraphQLError
from strawberry.extensions import SchemaExtension

from compiler.cache import Bounded

DOCUMENTS_KEPT = 256


@dataclass(slots=True, eq=False)
class Known:
    """A parsed text, and what validation said of it: by schema and rules."""

    document: DocumentNode
    verdicts: dict[tuple[int, Any], tuple[Any, list[GraphQLError]]] = field(default_factory=dict)


class CachedDocuments(SchemaExtension):
    """Add to `extensions`: texts seen before are neither parsed nor validated again."""

    known: ClassVar[Bounded[tuple[str, Any], Known]] = Bounded(DOCUMENTS_KEPT)

    def on_parse(self) -> Iterator[None]:
        """Supply the document, or keep the one that comes."""
        context = self.execution_context
        key = (context.query or "", context.parse_options.get("max_tokens"))
        entry = self.known.get(key)
        if entry is not None and context.graphql_document is None:
            context.graphql_document = entry.document
        yield
        if entry is None and context.query and context.graphql_document is not None:
            self.known.put(key, Known(context.graphql_document))

    def on_validate(self) -> Iterator[None]:
        """Supply the verdict, or keep the one that comes."""
        context = self.execution_context
        entry = self.known.get((context.query or "", context.parse_options.get("max_tokens")))
        if entry is None or entry.document is not context.graphql_document:
            yield
            return
        schema = context.schema._schema
        key = (id(schema), context.validation_rules)
        verdict = entry.verdicts.get(key)
        if verdict is not None and verdict[0] is schema and context.pre_execution_errors is None:
            context.pre_execution_errors = verdict[1]
        yield
        if verdict is None and context.pre_execution_errors is not None:
            entry.verdicts[key] = (schema, context.pre_execution_errors)
