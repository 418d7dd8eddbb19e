"""How derived fields are declared: by a function of the record a type reads from."""

from collections.abc import Callable, Sequence
from typing import Any

import strawberry


def derived(
    description: str, *, graphql_type: Any = None, directives: Sequence[object] = ()
) -> Callable[[Callable[..., Any]], Any]:
    """Make a static method a field; its `root` is the record the type reads from.

    `graphql_type` is given where the method returns another record: its annotation then says the
    record, for the type checker, and this the type that clients see.
    """

    def declare(method: Callable[..., Any]) -> Any:
        return strawberry.field(
            resolver=method,
            description=description,
            graphql_type=graphql_type,
            directives=directives,
        )

    return declare
