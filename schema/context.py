"""What every resolver may reach: the request's loaders."""

from dataclasses import dataclass, field

import strawberry
from graphql.pyutils import Path
from starlette.requests import Request

from resolvers.loaders import Loaders


@dataclass(slots=True)
class Context:
    """The context of one GraphQL operation."""

    loaders: Loaders
    request: Request | None = None
    """The request where Apollo's trace of it is to be in the answer: there Strawberry looks."""
    partial: list[tuple[Exception, Path]] = field(default_factory=list)
    """What fields could not answer of what they were asked, beside what they could, at a path."""


Info = strawberry.Info[Context, None]
