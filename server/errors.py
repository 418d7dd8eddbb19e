"""What a client reads of an error: ours as it is, anything else as `Internal error`."""

import logging
from collections.abc import Iterable
from typing import Any

from graphql import ArgumentNode, GraphQLError, GraphQLFormattedError, ValueNode

logger = logging.getLogger("walletgraph.errors")

_LONGEST = 300


class Refusal(Exception):
    """A request that is answered with a status and a code instead of being executed."""

    def __init__(
        self, status: int, code: str, message: str, headers: Iterable[tuple[str, str]] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = [(name.encode(), value.encode()) for name, value in headers]

    @property
    def payload(self) -> dict[str, Any]:
        return {"errors": [{"message": str(self), "extensions": {"code": self.code}}]}


def formatted(errors: Iterable[GraphQLError], default: str) -> list[GraphQLFormattedError]:
    """The errors as the answer holds them; those with neither code nor place get `default`."""
    return [_formatted(error, default) for error in errors]


def _formatted(error: GraphQLError, default: str) -> GraphQLFormattedError:
    found = error.formatted
    code = _code(error, default)
    if code == "INTERNAL" and _is_foreign(error):
        # The traceback names code, not data: neither variables nor arguments are logged.
        logger.error(
            "A field failed: %s", _place(error), exc_info=error.original_error, stacklevel=3
        )
        found["message"] = "Internal error"
        found["extensions"] = {"code": code}
        return found
    found["message"] = _capped(found["message"])
    found["extensions"] = {**(error.extensions or {}), "code": code}
    return found


def _code(error: GraphQLError, default: str) -> str:
    code = (error.extensions or {}).get("code")
    if isinstance(code, str):
        return code
    if error.path is None:
        return default
    # graphql-core points at the argument where a client's value was wrong, at the field where
    # ours was.
    if error.nodes and isinstance(error.nodes[0], ArgumentNode | ValueNode):
        return "BAD_USER_INPUT"
    return "INTERNAL"


def _is_foreign(error: GraphQLError) -> bool:
    original = error.original_error
    return original is not None and not isinstance(original, GraphQLError)


def _place(error: GraphQLError) -> str:
    return ".".join("[]" if isinstance(key, int) else key for key in error.path or ())


def _capped(message: str) -> str:
    return message if len(message) <= _LONGEST else message[: _LONGEST - 3] + "..."
