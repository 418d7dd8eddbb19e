"""algod's arguments: what it takes, and in which words it refuses the rest."""

import re

from starlette.exceptions import HTTPException

from sandbox import addresses
from sandbox.calls import Call

MAX_LIMIT = 1000

_UINT64 = re.compile(r"[0-9]+")
_TRANSACTION_ID = re.compile(r"[A-Z2-7]{52}")
_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False"})
_EXCLUDABLE = {"created-apps-params", "created-assets-params"}


def address(text: str) -> str:
    """A checked address."""
    reason = addresses.problem(text)
    if reason is not None:
        raise HTTPException(
            400,
            "Invalid format for parameter address: error unmarshaling "
            f"'{text}' text as *basics.Address: {reason}",
        )
    return text


def page(call: Call) -> tuple[int, int]:
    """How many rows, and the asset id after which they begin (0: at the first)."""
    limit = _single(call, "limit")
    after = _single(call, "next")
    number = MAX_LIMIT if limit is None else uint64("limit", limit)
    if number == 0:
        raise HTTPException(400, "limit parameter must be a positive integer")
    if number > MAX_LIMIT:
        raise HTTPException(
            400, f"limit {number} exceeds max assets single batch limit {MAX_LIMIT}"
        )
    if after is None:
        return number, 0
    reason = _parse_problem(after)
    if reason is not None:
        raise HTTPException(400, f"unable to parse next token: {reason}")
    if int(after) >= 2**63:
        # The SQL driver under the real handler refuses the high bit.
        raise HTTPException(500, "failed to retrieve information from the ledger")
    return number, int(after)


def exclude(call: Call) -> str | None:
    """What an account shall leave out, or None."""
    parts = _single(call, "exclude")
    if parts in (None, "all", "none") or set(str(parts).split(",")) <= _EXCLUDABLE:
        return parts
    raise HTTPException(400, "failed to parse exclude")


def format_(call: Call) -> str:
    """`json` or `msgpack`, the form an answer shall have."""
    text = _single(call, "format")
    if text in (None, "json"):
        return "json"
    if text in ("msgpack", "msgp"):
        return "msgpack"
    raise HTTPException(400, "failed to parse the format option")


def flag(call: Call, name: str) -> bool:
    """A yes or no, in any of the spellings Go knows."""
    text = _single(call, name)
    if text is None or text in _FALSE:
        return False
    if text in _TRUE:
        return True
    raise HTTPException(
        400,
        f"Invalid format for parameter {name}: error binding string parameter: "
        f"strconv.ParseBool: parsing {_quoted(text)}: invalid syntax",
    )


def number(call: Call, name: str) -> int | None:
    """A number, if there is one."""
    text = _single(call, name)
    return None if text is None else uint64(name, text)


def required(call: Call, name: str) -> str:
    """A parameter that must be there."""
    text = _single(call, name)
    if text is None:
        raise HTTPException(
            400, f"Invalid format for parameter {name}: query parameter '{name}' is required"
        )
    return text


def transaction_id(text: str) -> str:
    """The 52 letters that a digest has in base32."""
    if not _TRANSACTION_ID.fullmatch(text):
        raise HTTPException(400, "no valid transaction ID was specified")
    return text


def _single(call: Call, name: str) -> str | None:
    values = call.values(name)
    if len(values) > 1:
        raise HTTPException(
            400,
            f"Invalid format for parameter {name}: "
            f"multiple values for single value parameter '{name}'",
        )
    return values[0] if values else None


def uint64(name: str, text: str) -> int:
    """A 64-bit number; `name` is what the refusal calls it."""
    reason = _parse_problem(text)
    if reason is not None:
        raise HTTPException(
            400, f"Invalid format for parameter {name}: error binding string parameter: {reason}"
        )
    return int(text)


def _parse_problem(text: str) -> str | None:
    """What Go's strconv.ParseUint says of a text, or None where it parses."""
    if not _UINT64.fullmatch(text):
        return f"strconv.ParseUint: parsing {_quoted(text)}: invalid syntax"
    if len(text.lstrip("0")) > 20 or int(text) >= 2**64:
        return f"strconv.ParseUint: parsing {_quoted(text)}: value out of range"
    return None


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
