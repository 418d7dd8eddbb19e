"""JSON as an API should send it: what a lenient parser would take silently is refused here."""

import json
import re
from collections.abc import Callable
from email.message import Message
from functools import lru_cache
from typing import Any, Self, TypeVar

import msgspec
from msgspec.json import Decoder

from upstreams.decoding import decimals
from upstreams.decoding.coerce import Misfit, mended

T = TypeVar("T")

MAX_DEPTH = 64
MAX_DIGITS = decimals.MOST_POWER + 1

_ANY = Decoder(msgspec.Raw)
_BOM = b"\xef\xbb\xbf"
_CONTENT_TYPE = re.compile(r"application/(?:[-\w.]+\+)?json\s*(?:;.*)?", re.ASCII | re.IGNORECASE)
_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
# What msgspec names by Python's words; the rest are JSON's.
_IN_JSON = {
    "int": "integer",
    "float": "number",
    "decimal": "number",
    "str": "string",
    "bool": "boolean",
    "datetime": "string",
}
_TYPES = re.compile(r"(?:Expected|got) `[^`]*`")
_TYPE = re.compile(r"[a-z]+")


class NotAsDocumented(Exception):
    """An answer that is no strict JSON of the documented shape; `str()` quotes none of it."""


def check_content_type(content_type: str) -> None:
    """Refuse an answer that does not call itself JSON in UTF-8, whatever else it says of it."""
    if not _is_json(content_type[:200]):
        raise NotAsDocumented("a content type other than JSON")


@lru_cache(maxsize=100)
def _is_json(content_type: str) -> bool:
    if _CONTENT_TYPE.fullmatch(content_type.strip()) is None:
        return False
    parsed = Message()
    parsed["Content-Type"] = content_type
    charset = parsed.get_content_charset()
    return charset is None or charset in _CHARSETS


class Keys(int):
    """How many keys a record proves to have been in its text, all different.

    It may count too few, never too many. `colons` says how many more colons the text surely had:
    those inside the record's strings, or some of them. For a record with figures `strings` says
    how many of its values surely were strings, so that one that came as a string is noticed; then
    `colons` is not asked for.
    """

    colons: int
    strings: int | None

    def __new__(cls, keys: int, colons: int = 0, strings: int | None = None) -> Self:
        self = super().__new__(cls, keys)
        self.colons = colons
        self.strings = strings
        return self


def decode(
    body: bytes,
    decoder: Decoder[T],
    members: Callable[[T], int] | None = None,
    numbers: frozenset[str] = frozenset(),
) -> T:
    """The record in the body; NotAsDocumented where either JSON or the record's type is broken.

    `members` counts the record's `Keys`, and may refuse it with NotAsDocumented. Where the text
    has no more keys than that, no key came twice or unknown, and the slow exact check is spared.
    Values of the keys `numbers` may be strings too, of which msgspec would take too much.
    """
    if body.startswith(_BOM):
        raise NotAsDocumented("a byte order mark")
    try:
        if not body.isascii():
            body.decode()
        record = decoder.decode(body)
        if members is None or not _has_no_more(body, members(record)):
            _check_exactly(body, numbers)
    except UnicodeDecodeError:
        what = "text that is not UTF-8"
    except RecursionError:
        what = "nesting that is too deep"
    except msgspec.ValidationError as error:
        what = in_json(error)
    except (msgspec.DecodeError, json.JSONDecodeError):
        what = "text that is not JSON, or is cut short"
    else:
        return record
    raise NotAsDocumented(what)


def exactly(body: bytes) -> Any:
    """The JSON values of a text: a number with a fraction or an exponent is a Decimal."""
    try:
        text = body.decode()
        # Python's own reader would take half surrogates, NaN and Infinity.
        _ANY.decode(body)
        if body.count(b"[") + body.count(b"{") > MAX_DEPTH:
            _check_exactly(text)
        return json.loads(
            text, object_pairs_hook=_unique, parse_int=_bounded, parse_float=decimals.read
        )
    except UnicodeDecodeError:
        what = "text that is not UTF-8"
    except RecursionError:
        what = "nesting that is too deep"
    except msgspec.DecodeError:
        what = "text that is not JSON, or is cut short"
    raise NotAsDocumented(what)


def fit(value: Any, kind: Any) -> Any:
    """The record of that type in a JSON value; its numbers may be spelt as strings, see `mended`.

    They are never rounded: an integer may have a fraction, if it is zero.
    """
    try:
        return msgspec.convert(mended(value, kind), kind)
    except (msgspec.ValidationError, Misfit) as error:
        what = in_json(error)
    raise NotAsDocumented(what)


def in_json(error: Exception) -> str:
    """What msgspec says of a value and its place, or a record's own check, in words of JSON."""
    return _TYPES.sub(_json_types, str(error))


def _json_types(found: re.Match[str]) -> str:
    return _TYPE.sub(lambda name: _IN_JSON.get(name[0], name[0]), found[0])


def _has_no_more(body: bytes, keys: int) -> bool:
    """Whether all keys of a valid JSON text are among those that were counted.

    Each key has a colon of its own, and counting one character is quickest by far. A string may
    have come by its colons through escapes, so those count only in a text that has none.
    """
    if isinstance(keys, Keys) and keys.strings is not None:
        return _quotes(body) == 2 * (keys + keys.strings)
    colons = body.count(b":") - keys
    if colons == 0:
        return True
    if isinstance(keys, Keys) and colons == keys.colons and b"\\" not in body:
        return True
    return most_members(body) == keys


def _quotes(body: bytes) -> int:
    """How many quotes a valid JSON text has around its keys and strings; -1 if that is unclear.

    As no fewer keys and strings came than were counted, as many quotes as they have mean that no
    other key came, nor any string in the place of a number.
    """
    if b"\\" not in body:
        return body.count(b'"')
    return -1 if b"\\\\" in body else body.count(b'"') - body.count(b'\\"')


def most_members(text: bytes) -> int:
    """At least as many as there are key-value pairs in a valid JSON text.

    Each pair has a colon after a quote or after white space. Strings may add to the count, and
    nothing takes from it. Line breaks and tabs cannot stand in strings, so they are looked for
    before they are counted.
    """
    count = text.count(b'":') + text.count(b" :")
    for space in (b"\n", b"\t", b"\r"):
        if space in text:
            count += text.count(space + b":")
    return count


class _Depth(int):
    """How deep an object goes; it stands in the object's place while the text is read."""


def _check_exactly(text: bytes | str, numbers: frozenset[str] = frozenset()) -> None:
    def pairs(found: list[tuple[str, object]]) -> _Depth:
        values = dict(found)
        if len(values) != len(found):
            raise NotAsDocumented("a key that comes twice in one object")
        for name in numbers:
            value = values.get(name)
            if type(value) is str and decimals.parse(value) is None:
                raise NotAsDocumented(f"text that is no number - at `{name}`")
        return _Depth(_depth(list(values.values())))

    # NaN and Infinity are no concern here: msgspec has read the same text, and knows neither.
    _depth(
        json.loads(
            text,
            object_pairs_hook=pairs,
            parse_int=_integer,
            parse_float=len,
        )
    )


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


def _unique(found: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(found)
    if len(values) != len(found):
        raise NotAsDocumented("a key that comes twice in one object")
    return values


def _bounded(digits: str) -> int:
    _integer(digits)
    return int(digits)


def _integer(digits: str) -> None:
    if len(digits) > MAX_DIGITS and len(digits.lstrip("-")) > MAX_DIGITS:
        raise NotAsDocumented(f"an integer of more than {MAX_DIGITS} digits")
