"""What a client may do wrong: one exception a kind, each with the code clients read.

InputError
 ├─ BadAddress         neither an EVM nor an Algorand address, or a wrong checksum
 ├─ BadCursor          not a cursor of this connection
 ├─ BadPageSize        a page outside 0 to 1,000, or first and last together
 ├─ BadArgument        any other argument out of its range
 ├─ BadRepresentation  a federation representation that names no entity of this subgraph
 ├─ TooCostly          more work than one operation may cause
 └─ TooManyCalls       more calls to a source than one operation may cause
"""

import json
from typing import ClassVar

_SHOWN = 64


class InputError(Exception):
    """A mistake in the request; the text is a sentence for the client.

    GraphQL errors take `extensions` over from the exception that caused them, so raising one of
    these anywhere in a resolver is all it takes to answer with a code at the field's path.
    """

    code: ClassVar[str]

    @property
    def extensions(self) -> dict[str, object]:
        return {"code": self.code}


class BadAddress(InputError):
    code = "BAD_ADDRESS"


class BadCursor(InputError):
    code = "BAD_CURSOR"


class BadPageSize(InputError):
    code = "BAD_PAGE_SIZE"


class BadArgument(InputError):
    code = "BAD_ARGUMENT"


class BadRepresentation(InputError):
    code = "BAD_REPRESENTATION"


class TooCostly(InputError):
    code = "OPERATION_TOO_COSTLY"


class TooManyCalls(InputError):
    code = "TOO_MANY_CALLS"


def shown(text: str) -> str:
    """The text as an error may repeat it: JSON in printable ASCII, of 64 characters at most."""
    return json.dumps(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")
