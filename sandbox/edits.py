"""Ways to spoil a good JSON body, as bytes in and bytes out."""

import re
from collections.abc import Callable
from decimal import Decimal
from json import loads
from typing import Any

from sandbox.calls import Call
from sandbox.replies import json_bytes

Edit = Callable[[bytes, Call], bytes]

ZERO_OWNER = "0x" + "0" * 40


def truncate(body: bytes, call: Call) -> bytes:
    """The first half: well-formed HTTP, broken JSON."""
    return body[: len(body) // 2]


def bad_utf8(body: bytes, call: Call) -> bytes:
    """A byte that no UTF-8 text has, inside the first text; where there is none, at the end."""
    spoiled, count = re.subn(rb'":"', b'":"\xff', body, count=1)
    return spoiled if count else body + b"\xff"


def zero_owner(body: bytes, call: Call) -> bytes:
    """Every portfolio row belongs to the zero address."""

    def change(value: Any) -> None:
        for row in value.get("result", []) if isinstance(value, dict) else value:
            row["address"] = ZERO_OWNER

    return _revised(body, change)


def stuck_next(body: bytes, call: Call) -> bytes:
    """The next token is the one that was sent (0 on a first page): a pager would never end."""
    sent = call.values("next")

    def change(value: Any) -> None:
        if isinstance(value, dict):
            value["next-token"] = sent[0] if sent else "0"

    return _revised(body, change)


def without(key: str) -> Edit:
    """No object has that key any more, at any depth."""

    def change(value: Any) -> None:
        if isinstance(value, dict):
            value.pop(key, None)
        if isinstance(value, dict | list):
            for inner in value.values() if isinstance(value, dict) else value:
                change(inner)

    return lambda body, call: _revised(body, change)


def replaced(key: str | None, text: str) -> Edit:
    """The first value of that key becomes the text, taken as it is; no key: the first number."""
    pattern = _value_of(key)

    def edit(body: bytes, call: Call) -> bytes:
        spoiled, count = pattern.subn(lambda found: found[1] + text.encode(), body, count=1)
        return spoiled if count else b'{"value":' + text.encode() + b"}"

    return edit


def doubled(key: str | None) -> Edit:
    """The first such key (no key: that of the first number) comes twice, the second time with 0."""
    pattern = _value_of(key)

    def edit(body: bytes, call: Call) -> bytes:
        spoiled, count = pattern.subn(
            lambda found: found[0] + b"," + found[1] + b"0", body, count=1
        )
        return spoiled if count else b'{"value":1,"value":0}'

    return edit


def _value_of(key: str | None) -> re.Pattern[bytes]:
    if key is None:
        return re.compile(rb'("[^"\\]+":)-?[0-9][-+.0-9eE]*')
    return re.compile(b'("' + re.escape(key.encode()) + rb'":)("(?:[^"\\]|\\.)*"|[^,}\]]+)')


def _revised(body: bytes, change: Callable[[Any], None]) -> bytes:
    value = loads(body, parse_float=Decimal, parse_int=Decimal)
    change(value)
    return json_bytes(value)
