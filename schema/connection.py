"""The parts all connections share."""

from typing import Any

import strawberry
from strawberry.federation.schema_directives import ListSize

STALE = (
    "Whether this answer is past its time: an older one, served while a newer one is fetched or "
    "because the source gives none. `asOf` says how old it is."
)

PAGED: tuple[object, ...] = (
    ListSize(
        assumed_size=50,
        slicing_arguments=["first", "last"],
        sized_fields=["edges", "nodes"],
        require_one_slicing_argument=False,
    ),
)
FORWARD_PAGED: tuple[object, ...] = (
    ListSize(
        assumed_size=50,
        slicing_arguments=["first"],
        sized_fields=["edges", "nodes"],
        require_one_slicing_argument=False,
    ),
)


@strawberry.federation.type(
    shareable=True, description="Where a page stands in its connection, as Relay defines it."
)
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more follows this page.")
    has_previous_page: bool = strawberry.field(description="Whether something precedes this page.")
    start_cursor: str | None = strawberry.field(
        description="The first edge's cursor; null for an empty page."
    )
    end_cursor: str | None = strawberry.field(
        description="The last edge's cursor, to be passed as `after` for the next page. An empty "
        "page has none, except one that a filter emptied while more follows."
    )


def given(value: Any) -> Any:
    """An argument as it was given; None where it was left out or null."""
    return None if value is strawberry.UNSET else value
