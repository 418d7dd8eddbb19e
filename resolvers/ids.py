"""Global ids: opaque to clients, `Type:part:part` in base64url inside."""

import base64
import binascii
import re
from typing import NamedTuple

from resolvers.errors import BadArgument, shown

_BASE64URL = re.compile(r"[A-Za-z0-9_-]{4,8192}\Z")
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,77}", re.ASCII)


class GlobalId(NamedTuple):
    """A decoded id: the GraphQL type it names and the parts of its key, as text."""

    type_name: str
    parts: tuple[str, ...]


def encode(type_name: str, *parts: object) -> str:
    """The id of an object of `type_name` whose key is `parts`."""
    return opaque(":".join((type_name, *map(str, parts))).encode())


def opaque(raw: bytes) -> str:
    """Bytes in unpadded base64url."""
    text = binascii.b2a_base64(raw).rstrip(b"=\n").decode()
    return text.replace("+", "-").replace("/", "_")


def opaque_word(text: str) -> str:
    """The same of ASCII letters, digits, colons and hyphens, of which no + or / can come."""
    return binascii.b2a_base64(text.encode()).rstrip(b"=\n").decode()


def decode(text: str) -> GlobalId:
    """The inverse of `encode`; anything `encode` did not make is a BadArgument."""
    try:
        if not _BASE64URL.match(text):
            raise ValueError
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
        type_name, *parts = raw.split(":")
        if encode(type_name, *parts) != text:
            raise ValueError
    except (ValueError, binascii.Error):
        raise BadArgument(f"{shown(text)} is not an id of this graph") from None
    return GlobalId(type_name, tuple(parts))


def key_of(text: str, type_name: str, *parts: int) -> tuple[str, ...]:
    """The key inside an id that must name a `type_name` with one of these numbers of parts."""
    found = decode(text)
    if found.type_name != type_name or len(found.parts) not in parts:
        raise BadArgument(f"{shown(text)} is not the id of a {type_name}")
    return found.parts


def check(text: str, given: str) -> None:
    """Refuse an id that names an object but is not the one the graph gives it."""
    if text != given:
        raise BadArgument(f"{shown(text)} is not an id of this graph")


def whole(text: str, *, least: int = 0, most: int = 2**63 - 1) -> int:
    """A part of a key that is an integer as Python writes it, within its bounds."""
    if not _WHOLE.fullmatch(text) or not least <= int(text) <= most:
        raise BadArgument(f"{shown(text)} is not a number this id may hold")
    return int(text)
