"""Relay's cursor connections over keys: page arguments, opaque cursors, the slice they ask for."""

import base64
import binascii
from collections.abc import Callable, Sequence
from types import UnionType
from typing import Generic, TypeVar

import msgspec

from resolvers.errors import BadCursor, BadPageSize, shown
from resolvers.ids import opaque

DEFAULT_PAGE = 50
MAX_PAGE = 1000
_MAX_CURSOR = 8192
_ENCODER = msgspec.json.Encoder()

Row = TypeVar("Row")
Cursor = TypeVar("Cursor", bound=msgspec.Struct)


class PageArguments(msgspec.Struct, frozen=True):
    """`first`, `after`, `last` and `before`, checked: exactly one of `first` and `last` is set."""

    first: int | None
    after: str | None
    last: int | None
    before: str | None


class Slice(msgspec.Struct, frozen=True):
    """Which rows of the whole a page shows: `start` inclusive, `stop` exclusive."""

    start: int
    stop: int


class Page(msgspec.Struct, Generic[Row], frozen=True):
    """A page of what matches: which of the rows it shows, and what lies on either side."""

    matching: Sequence[Row]
    start: int
    stop: int

    @property
    def nodes(self) -> Sequence[Row]:
        return self.matching[self.start : self.stop]

    @property
    def total_count(self) -> int:
        return len(self.matching)

    @property
    def has_next_page(self) -> bool:
        return self.stop < len(self.matching)

    @property
    def has_previous_page(self) -> bool:
        return self.start > 0

    @property
    def start_cursor(self) -> str | None:
        return self.cursor_of(self.matching[self.start]) if self.start < self.stop else None

    @property
    def end_cursor(self) -> str | None:
        return self.cursor_of(self.matching[self.stop - 1]) if self.start < self.stop else None

    def cursor_of(self, row: Row) -> str:
        """Where a row stands."""
        raise NotImplementedError


def page_arguments(
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> PageArguments:
    """Check a page's arguments; `first` is 50 where neither size is given, never clamped."""
    if first is not None and last is not None:
        raise BadPageSize("Give first or last, not both")
    for name, size in (("first", first), ("last", last)):
        if size is not None and not 0 <= size <= MAX_PAGE:
            raise BadPageSize(f"{name} must be from 0 to {MAX_PAGE}, not {size}")
    if first is None and last is None:
        first = DEFAULT_PAGE
    return PageArguments(first, after, last, before)


def encode_cursor(cursor: msgspec.Struct) -> str:
    """A cursor's text: its fields as a JSON array, in base64url."""
    return opaque(_ENCODER.encode(cursor))


def decode_cursor(
    text: str, kind: type[Cursor] | UnionType, *, longest: int = _MAX_CURSOR
) -> Cursor:
    """The cursor of that kind a text holds; garbage and other connections' are a BadCursor."""
    try:
        if len(text) > longest:
            raise ValueError
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        cursor: Cursor = msgspec.json.decode(raw, type=kind)
        if encode_cursor(cursor) != text:
            raise ValueError
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        raise BadCursor(f"{shown(text)} is not a cursor of this connection") from None
    return cursor


def slice_of(
    rows: Sequence[Row],
    page: PageArguments,
    rank_of_row: Callable[[Row], object],
    rank_of_cursor: Callable[[str], object],
) -> Slice:
    """The rows a page asks for, by Relay's algorithm, in rows sorted by their rank.

    Ranks need only `<`. A cursor whose row has gone, or has moved to another rank, still marks
    its own rank: `after` keeps what ranks beyond it, `before` what ranks short of it.
    """
    start, stop = 0, len(rows)
    if page.after is not None:
        start = _bisect(rows, rank_of_row, rank_of_cursor(page.after), past=True)
    if page.before is not None:
        stop = max(start, _bisect(rows, rank_of_row, rank_of_cursor(page.before), past=False))
    if page.first is not None:
        stop = min(stop, start + page.first)
    if page.last is not None:
        start = max(start, stop - page.last)
    return Slice(start, stop)


def _bisect(
    rows: Sequence[Row], rank_of: Callable[[Row], object], rank: object, *, past: bool
) -> int:
    """The first index whose row ranks after `rank` (`past`), or not before it."""
    low, high = 0, len(rows)
    while low < high:
        middle = (low + high) // 2
        here = rank_of(rows[middle])
        if here < rank or (past and not rank < here):  # type: ignore[operator]
            low = middle + 1
        else:
            high = middle
    return low
