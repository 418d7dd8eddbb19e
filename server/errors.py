"""What a client reads of an error: ours as it is, anything else as `Internal error`."""

import importlib
import json
import logging
import re
from collections.abc import Iterable
from typing import Any

from graphql import ArgumentNode, GraphQLError, GraphQLFormattedError, ValueNode

logger = logging.getLogger("walletgraph.errors")

_LONGEST = 300
_LONGEST_TEXT = 80
_MOST_ITEMS = 10
_SUGGESTION = re.compile(r" Did you mean [^?]*\?")
_NOT_NONE = " not to be None."


def readable(value: object, depth: int = 2) -> str:
    """An input value as JSON, what is long or deep in it left out."""
    if isinstance(value, str):
        text = value if len(value) <= _LONGEST_TEXT else value[:_LONGEST_TEXT] + "..."
        return json.dumps(text, ensure_ascii=False)
    if isinstance(value, list | tuple | dict):
        parts = list(value)[:_MOST_ITEMS]
        if depth == 0 and parts:
            shown = ["..."]
        elif isinstance(value, dict):
            shown = [f"{readable(key)}: {readable(value[key], depth - 1)}" for key in parts]
        else:
            shown = [readable(item, depth - 1) for item in parts]
        more = ["..."] if len(value) > len(parts) and depth else []
        inside = ", ".join(shown + more)
        return f"{{{inside}}}" if isinstance(value, dict) else f"[{inside}]"
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value)
    return "a value that is not JSON"


# graphql-core writes values into its messages as Python does; clients know JSON.
for name in ("type.definition", "type.scalars", "utilities.validate_input_value"):
    vars(importlib.import_module(f"graphql.{name}"))["inspect"] = readable


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


def formatted(
    errors: Iterable[GraphQLError], default: str, *, is_discreet: bool = False
) -> list[GraphQLFormattedError]:
    """The errors as the answer holds them; those with neither code nor place get `default`.

    `is_discreet` leaves out which names of the schema might have been meant.
    """
    return [_formatted(error, default, is_discreet) for error in errors]


def _formatted(error: GraphQLError, default: str, is_discreet: bool) -> GraphQLFormattedError:
    found = error.formatted
    code = _code(error, default)
    if code == "INTERNAL" and "code" not in (error.extensions or {}):
        # The traceback names code, not data: neither variables nor arguments are logged.
        cause = error.original_error or error
        logger.error("A field failed: %s", _place(error), exc_info=cause, stacklevel=3)
        found["message"] = "Internal error"
        found["extensions"] = {"code": code}
        return found
    message = _SUGGESTION.sub("", found["message"]) if is_discreet else found["message"]
    if message.endswith(_NOT_NONE):
        message = message[: -len(_NOT_NONE)] + " not to be null."
    found["message"] = _capped(message)
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


def _place(error: GraphQLError) -> str:
    return ".".join("[]" if isinstance(key, int) else key for key in error.path or ())


def _capped(message: str) -> str:
    return message if len(message) <= _LONGEST else message[: _LONGEST - 3] + "..."
