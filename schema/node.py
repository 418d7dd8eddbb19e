"""Relay's Node: everything with a global id."""

import strawberry


@strawberry.interface(description="An object with a global id, as Relay defines it.")
class Node:
    id: strawberry.ID = strawberry.field(
        description="Globally unique and opaque; the same object keeps it."
    )
