"""The parts all connections share."""

from typing import Any

import strawberry

STALE = (
    "Whether this answer is past its time: an older one, served while a newer one is fetched or "
    "because the source gives none. `asOf` says how old it is."
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
