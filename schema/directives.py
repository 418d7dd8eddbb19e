"""What the schema says to composers and routers: lengths of lists, costs, and what is internal."""

import strawberry
from strawberry.federation.schema_directives import ListSize, Tag

INTERNAL = Tag(name="internal")
"""On what tells of the process and not of wallets: a contract variant for clients leaves it out."""

RELAY = Tag(name="relay")
"""On `node` and `nodes`: a contract variant leaves them out where no client refetches by id."""


def sized(entries: int) -> tuple[object, ...]:
    """What routers may assume of a list's length, as part of what an operation costs.

    It stands on lists alone. On the field of a connection, `sizedFields` would name lists that
    another subgraph, which only wants that connection's total, does not repeat: Apollo's composer
    then throws. The process itself counts by `first` and `last`.
    """
    return (
        ListSize(
            assumed_size=entries,
            slicing_arguments=strawberry.UNSET,
            sized_fields=strawberry.UNSET,
            require_one_slicing_argument=False,
        ),
    )


PAGE = sized(50)
"""The lists of a connection, whose pages have 50 entries unless asked otherwise."""
