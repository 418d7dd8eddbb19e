"""What every resolver may reach: the request's loaders."""

from dataclasses import dataclass

import strawberry

from resolvers.loaders import Loaders


@dataclass(slots=True)
class Context:
    """The context of one GraphQL operation."""

    loaders: Loaders


Info = strawberry.Info[Context, None]
