"""Whether an address may be dealt with, as far as the operator has said where that is written.

1inch's address_check promises no body at all, so nothing is read into one unless the operator says
where its verdict stands. A list of the operator's own asks nobody. Every doubt is UNKNOWN.
"""

from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from upstreams.addresses import parse_address
from upstreams.decoding import strict_json

_ADDRESS = "{address}"
# What is not there is no null: that may be a verdict.
_NOTHING = object()


class Verdict(Enum):
    """What is known of an address."""

    UNKNOWN = "UNKNOWN"
    CLEAR = "CLEAR"
    FLAGGED = "FLAGGED"


class BadRule(ValueError):
    """A rule that cannot be used; the text is the end of a sentence."""


class Rule(NamedTuple):
    """Where a body's verdict on an address stands, and which values mean what."""

    pointer: tuple[str, ...]
    clear: object
    flagged: object

    @classmethod
    def read(cls, pointer: str, clear: str, flagged: str) -> "Rule":
        """A JSON Pointer (RFC 6901) with `{address}` in it, and two values as JSON spells them.

        Below a list, `{address}` stands for the object in it whose `address` it is.
        """
        parts = pointer.split("/")
        if parts[0] or parts.count(_ADDRESS) != 1:
            raise BadRule(f"must be a JSON Pointer with one part {_ADDRESS}")
        names = tuple(part.replace("~1", "/").replace("~0", "~") for part in parts[1:])
        try:
            values = [strict_json.exactly(text.encode()) for text in (clear, flagged)]
        except strict_json.NotAsDocumented:
            raise BadRule("must have two values in JSON") from None
        if _same(*values):
            raise BadRule("must have two values that differ")
        return cls(names, *values)

    def verdict(self, body: object, address: str) -> Verdict:
        """What a body says of the address: only what is one of the two values is a verdict."""
        for name in self.pointer:
            body = _member(body, address) if name == _ADDRESS else _named(body, name)
        if _same(body, self.clear):
            return Verdict.CLEAR
        return Verdict.FLAGGED if _same(body, self.flagged) else Verdict.UNKNOWN


def _same(one: object, other: object) -> bool:
    # To Python 1 and true are the same.
    return type(one) is type(other) and one == other


def _named(body: Any, name: str) -> object:
    return body.get(name, _NOTHING) if isinstance(body, dict) else _NOTHING


def _member(body: Any, address: str) -> object:
    if isinstance(body, dict):
        found = [value for name, value in body.items() if name.lower() == address]
    elif isinstance(body, list):
        found = [each for each in body if _spelt(_named(each, "address")) == address]
    else:
        found = []
    # Several that say something of the same address are a doubt.
    return found[0] if len(found) == 1 else _NOTHING


def _spelt(text: object) -> object:
    return text.lower() if isinstance(text, str) else None


def read_list(path: str) -> Mapping[str, Verdict]:
    """The operator's own list: an address a line, and CLEAR behind it unless it is FLAGGED.

    What follows a # is a remark. BadRule names the line that cannot be read.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise BadRule("must be a readable file in UTF-8") from None
    found: dict[str, Verdict] = {}
    for number, line in enumerate(lines, 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        verdict = {1: "FLAGGED", 2: words[-1].upper()}.get(len(words), "")
        try:
            address = parse_address(words[0]).address
            if verdict not in ("FLAGGED", "CLEAR"):
                raise ValueError
        except ValueError:
            raise BadRule(
                f"must have an address in line {number}, and at most FLAGGED or CLEAR behind it"
            ) from None
        if found.setdefault(address, Verdict(verdict)) is not Verdict(verdict):
            raise BadRule(f"must not say two things of the address in line {number}")
    return found
