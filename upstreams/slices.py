"""Cuts a JSON text into its items, so that one that is broken does not take the others along.

Only what stands between the items must be right. Inside them passes what Python's lenient reader
takes, half surrogates and NaN among it: whoever reads an item judges it.
"""

import re
from json import JSONDecoder

_SPACE = re.compile(r"[ \t\n\r]*")
# As floats, because an int of more than 4,300 digits would be refused.
_read = JSONDecoder(parse_int=float).raw_decode


class NotCut(Exception):
    """The text is not the array, or not the object, that it was taken for."""


def items(text: str) -> list[str]:
    """The items of an array, each as its own text."""
    return [item for _, item in _cut(text, "[", "]")]


def pairs(text: str) -> list[tuple[str, str]]:
    """The keys of an object, those that come twice too, each with the text of its value."""
    return _cut(text, "{", "}")


def _cut(text: str, opening: str, closing: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
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
            found.append((key, text[at:end]))
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
