"""How derived fields are declared: by a function of the record a type reads from."""

import inspect
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import strawberry
from strawberry.federation.schema_directives import Cost
from strawberry.types.fields.resolver import PARENT_PARAMSPEC, StrawberryResolver

from schema.calls import Calls

CALL_COST = 10
"""What a call to a source weighs in the cost of an operation, in objects of the answer."""


def derived(
    description: str,
    *,
    graphql_type: Any = None,
    directives: Sequence[object] = (),
    calls: Calls | None = None,
) -> Callable[[Callable[..., Any]], Any]:
    """Make a static method a field; its `root` is the record the type reads from.

    `calls` is what it may ask of a source: ten in the field's cost for each.

    `graphql_type` is given where the method returns another record: its annotation then says the
    record, for the type checker, and this the type that clients see.
    """

    price = () if calls is None else (Cost(weight=CALL_COST),)

    def declare(method: Callable[..., Any]) -> Any:
        return strawberry.field(
            resolver=method,
            description=description,
            graphql_type=graphql_type,
            directives=[*price, *directives],
            metadata={"calls": calls},
        )

    return declare


def read(function: Callable[[Any], object], description: str, *, graphql_type: Any = None) -> Any:
    """A field whose value a plain function of the record gives, without a method in between.

    `graphql_type` is the type that clients see, unless an annotation in the class says it.
    """
    return strawberry.field(
        resolver=_OfRecord(function), description=description, graphql_type=graphql_type
    )


class _OfRecord(StrawberryResolver[Any]):
    """A resolver whose one parameter is the record, though nothing in its signature says so."""

    @cached_property
    def reserved_parameters(self) -> dict[Any, inspect.Parameter | None]:
        (record,) = self.signature.parameters.values()
        return {PARENT_PARAMSPEC: record}
