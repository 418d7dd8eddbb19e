"""How derived fields are declared: by a function of the record a type reads from."""

import inspect
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, ClassVar

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
    cost: int = CALL_COST,
) -> Callable[[Callable[..., Any]], Any]:
    """Make a static method a field; its `root` is the record the type reads from.

    `calls` is what it may ask of a source, and `cost` what that weighs in the field's cost.

    `graphql_type` is given where the method returns another record: its annotation then says the
    record, for the type checker, and this the type that clients see.
    """

    price = () if calls is None else (Cost(weight=cost),)

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


def _same(record: Any) -> Any:
    return record


# The compiler then reads on from the record, without a call.
_same.gives_record = True  # type: ignore[attr-defined]


def read_on(description: str) -> Any:
    """A field whose type reads from the same record as the type that has the field."""
    return read(_same, description)


class OfRecords:
    """Base of a type that reads records: a value is of the type if it is of one of these classes.

    The compiler asks once for a class of values and not for each value, as it knows so.
    """

    record_classes: ClassVar[tuple[type, ...]]

    @classmethod
    def is_type_of(cls, obj: object, info: object) -> bool:
        return isinstance(obj, cls.record_classes)


class _OfRecord(StrawberryResolver[Any]):
    """A resolver whose one parameter is the record, though nothing in its signature says so."""

    @cached_property
    def reserved_parameters(self) -> dict[Any, inspect.Parameter | None]:
        (record,) = self.signature.parameters.values()
        return {PARENT_PARAMSPEC: record}
