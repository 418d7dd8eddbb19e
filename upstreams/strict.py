"""JSON as an API should send it: what a lenient parser would take silently is refused here."""

import json
import re
from collections.abc import Callable
from typing import TypeVar

import msgspec
from msgspec.json import Decoder

T = TypeVar("T")

MAX_DEPTH = 64
MAX_DIGITS = 78

_BOM = b"\xef\xbb\xbf"
_CONTENT_TYPE = re.compile(
    r"application/(?:[-\w.]+\+)?json(?:\s*;\s*charset=\"?utf-?8\"?)?\s*", re.ASCII | re.IGNORECASE
)


class NotAsDocumented(Exception):
    """An answer that is no strict JSON of the documented shape; `str()` quotes none of it."""


def check_content_type(content_type: str) -> None:
    """Refuse an answer that does not call itself JSON in UTF-8."""
    if _CONTENT_TYPE.fullmatch(content_type[:200]) is None:
        raise NotAsDocumented("a content type other than JSON")


def decode(body: bytes, decoder: Decoder[T], members: Callable[[T], int] | None = None) -> T:
    """The record in the body; NotAsDocumented where either JSON or the record's type is broken.

    `members` counts the keys that the record proves to have been there, all different; it may
    count too few, never too many. Where the text has no more keys than that, no key came twice or
    unknown, and the slow exact check is spared.
    """
    if body.startswith(_BOM):
        raise NotAsDocumented("a byte order mark")
    try:
        text = body.decode()
        record = decoder.decode(text)
        if members is None or members(record) != most_members(text):
            _check_exactly(text)
    except UnicodeDecodeError:
        what = "text that is not UTF-8"
    except RecursionError:
        what = "nesting that is too deep"
    except msgspec.ValidationError as error:
        # msgspec names types and the place, and the records' own checks name the field.
        what = str(error)
    except (msgspec.DecodeError, json.JSONDecodeError):
        what = "text that is not JSON, or is cut short"
    else:
        return record
    raise NotAsDocumented(what)


def most_members(text: str) -> int:
    """At least as many as there are key-value pairs in a valid JSON text.

    Each pair has a colon after a quote or after white space. Strings may add to the count, and
    nothing takes from it. Line breaks and tabs cannot stand in strings, so they are looked for
    before they are counted.
    """
    count = text.count('":') + text.count(" :")
    for space in "\n\t\r":
        if space in text:
            count += text.count(f"{space}:")
    return count


class Absences:
    """Counts optional keys that records came without, for `members` of `decode` to subtract.

    A record cannot tell a key sent with its default from one not sent, except while it is made.
    Counting too many only sends `decode` to its slow check; one event loop is assumed.
    """

    def __init__(self) -> None:
        self._count = 0

    def note(self, count: int) -> None:
        """Another record lacked this many keys."""
        self._count += count

    def take(self) -> int:
        """How many were noted since the last time this was asked."""
        count, self._count = self._count, 0
        return count


class _Depth(int):
    """How deep an object goes; it stands in the object's place while the text is read."""


def _check_exactly(text: str) -> None:
    # NaN and Infinity are no concern here: msgspec has read the same text, and knows neither.
    _depth(
        json.loads(
            text,
            object_pairs_hook=_pairs,
            parse_int=_integer,
            parse_float=len,
        )
    )


def _pairs(pairs: list[tuple[str, object]]) -> _Depth:
    if len(dict(pairs)) != len(pairs):
        raise NotAsDocumented("a key that comes twice in one object")
    return _Depth(_depth([value for _, value in pairs]))


def _depth(value: object) -> int:
    if type(value) is _Depth:
        return int(value)
    if type(value) is not list:
        return 0
    nested = [_depth(item) for item in value if type(item) is list or type(item) is _Depth]
    depth = 1 + max(nested, default=0)
    if depth > MAX_DEPTH:
        raise NotAsDocumented(f"nesting deeper than {MAX_DEPTH}")
    return depth


def _integer(digits: str) -> None:
    if len(digits.lstrip("-")) > MAX_DIGITS:
        raise NotAsDocumented(f"an integer of more than {MAX_DIGITS} digits")
