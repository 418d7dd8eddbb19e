"""An answer's body: whole and inflated, or refused before it takes more memory than it may."""

import zlib
from typing import Any

import httpx

_SLICE = 1 << 20
# Each begins with a header of its own; a body of nothing else would cost hours.
_MOST_MEMBERS = 1_000
_GZIP = 16 + zlib.MAX_WBITS


class Unreadable(Exception):
    """A body that is not what its headers say, or too large; `str()` says which."""


async def read_body(answer: httpx.Response, cap: int) -> bytes:
    """The body; counted while it streams, so that neither form of it exceeds `cap` bytes."""
    length = answer.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > cap:
        raise _too_large(cap)
    parts = _parts(answer.headers.get("content-encoding", ""), cap)
    seen = 0
    # Raw: httpx would inflate a piece of any size at once, and the first member alone.
    async for chunk in answer.aiter_raw():
        seen += len(chunk)
        if seen > cap:
            raise _too_large(cap)
        parts.take(chunk)
    return parts.end()


class _Plain:
    """A body that comes as it is."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def take(self, chunk: bytes) -> None:
        self._parts.append(chunk)

    def end(self) -> bytes:
        return b"".join(self._parts)


class _Inflating:
    """gzip or deflate inflated piece by piece: a bomb is refused long before it has gone off."""

    def __init__(self, encoding: str, cap: int) -> None:
        self._encoding = encoding
        self._cap = cap
        self._left = cap
        self._parts: list[bytes] = []
        self._members = 0
        # Made with the first byte of a member.
        self._inflater: Any = None

    def take(self, chunk: bytes) -> None:
        if self._inflater is None and self._members:
            # Zeros may fill up what comes after a member.
            chunk = chunk.lstrip(b"\0")
        while chunk:
            if self._inflater is None:
                self._inflater = self._next_member(chunk)
            try:
                part = self._inflater.decompress(chunk, _SLICE)
            except zlib.error:
                raise self._broken() from None
            self._left -= len(part)
            if self._left < 0:
                raise _too_large(self._cap)
            self._parts.append(part)
            chunk = self._inflater.unconsumed_tail
            if self._inflater.eof:
                chunk = self._inflater.unused_data.lstrip(b"\0")
                self._inflater = None

    def end(self) -> bytes:
        if self._inflater is not None or not self._members:
            raise Unreadable("a body that is cut short")
        return b"".join(self._parts)

    def _next_member(self, chunk: bytes) -> Any:
        """What inflates the member that begins here: gzip may have several, one after another."""
        self._members += 1
        if self._encoding == "gzip":
            if self._members > _MOST_MEMBERS:
                raise self._broken()
            return zlib.decompressobj(_GZIP)
        if self._members > 1:
            raise self._broken()
        # By RFC 9110 a zlib stream; some servers leave its two bytes of header out.
        is_zlib = chunk[0] & 0x0F == zlib.DEFLATED
        return zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)

    def _broken(self) -> Unreadable:
        return Unreadable(f"a body that is not the {self._encoding} it claims to be")


def _parts(encoding: str, cap: int) -> _Plain | _Inflating:
    """What puts together a body so encoded; nothing but gzip was asked for."""
    names = [name.strip().lower() for name in encoding.split(",")]
    codings = [name for name in names if name not in ("", "identity")]
    match codings:
        case []:
            return _Plain()
        case ["gzip" | "x-gzip"]:
            return _Inflating("gzip", cap)
        case ["deflate"]:
            return _Inflating("deflate", cap)
    raise Unreadable("an encoding that was not asked for")


def _too_large(cap: int) -> Unreadable:
    return Unreadable(f"a body of more than {cap} bytes")
