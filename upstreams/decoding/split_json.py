"""Cuts a JSON text into its items, so that one that is broken does not take the others along.

Only what stands between the items must be right. Inside them passes what Python's lenient reader
takes, half surrogates and NaN among it: whoever reads an item judges it.
"""

import re
from json import JSONDecoder

import msgspec
from msgspec import Raw
from msgspec.json import Decoder

_ARRAY = Decoder(list[Raw])
_OBJECT = Decoder(dict[str, Raw])
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_SPACE = re.compile(r"[ \t\n\r]*")
# As floats, because an int of more than 4,300 digits would be refused.
_read = JSONDecoder(parse_int=float).raw_decode


class NotCut(Exception):
    """The text is not the array, or not the object, that it was taken for."""


def items(body: bytes) -> list[bytes]:
    """The items of an array, each as its own text."""
    try:
        return list(map(bytes, _ARRAY.decode(_without_halves(body))))
    except (msgspec.DecodeError, RecursionError):
        return [item for _, item in _cut(body, "[", "]")]


def fields(body: bytes) -> dict[str, bytes]:
    """The values of an object by their keys; NotCut, too, if a key comes twice."""
    body = _without_halves(body)
    try:
        found = {key: bytes(value) for key, value in _OBJECT.decode(body).items()}
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        found = dict(pairs(body))
    longest = max(found.values(), key=len, default=b"")
    # A list or an object alone: a string may be a key, too, and would be replaced there.
    is_nested = longest.startswith((b"[", b"{"))
    if len(pairs(body.replace(longest, b"0", 1) if is_nested else body)) != len(found):
        raise NotCut
    return found


def pairs(body: bytes) -> list[tuple[str, bytes]]:
    """The keys of an object, those that come twice too, each with the text of its value."""
    return _cut(body, "{", "}")


def _without_halves(body: bytes) -> bytes:
    """The text with bytes that no UTF-8 has in the place of each half of a surrogate pair.

    They pass where half a pair does not, and whoever reads the item refuses one as the other.
    """
    if b"\\ud" not in body and b"\\uD" not in body:
        return body
    return _ESCAPE.sub(lambda found: b"\xff" * 6 if found[1] else found[0], body)


def _cut(body: bytes, opening: str, closing: str) -> list[tuple[str, bytes]]:
    # What is not UTF-8 becomes half surrogates in the text, and is itself again in its item.
    text = body.decode("utf-8", "surrogateescape")
    found: list[tuple[str, bytes]] = []
    try:
        at = _space(text, 0)
        if text[at] != opening:
            raise NotCut
        at = _space(text, at + 1)
        is_more = text[at] != closing
        while is_more:
            key = ""
            if opening == "{":
                key, at = _key(text, at)
            end = _read(text, at)[1]
            found.append((key, text[at:end].encode("utf-8", "surrogateescape")))
            at = _space(text, end)
            is_more = text[at] == ","
            at = _space(text, at + 1) if is_more else at
        if text[at] != closing or _space(text, at + 1) != len(text):
            raise NotCut
    except (IndexError, ValueError, RecursionError):
        raise NotCut from None
    return found


def _key(text: str, at: int) -> tuple[str, int]:
    if text[at] != '"':
        raise NotCut
    key, at = _read(text, at)
    at = _space(text, at)
    if text[at] != ":":
        raise NotCut
    return key, _space(text, at + 1)


def _space(text: str, at: int) -> int:
    """Where what is not white space begins."""
    match = _SPACE.match(text, at)
    return at if match is None else match.end()
