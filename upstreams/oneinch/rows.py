"""Reads the answer of tokens/snapshot: at one go where it is right, row by row where it is not."""

import json
import re
from typing import NamedTuple

from upstreams.decoding import strict_json
from upstreams.decoding.split_json import NotCut, items, pairs
from upstreams.decoding.strict_json import NotAsDocumented
from upstreams.oneinch.envelope import Meta, opened, unix_seconds
from upstreams.oneinch.records import (
    FIGURES,
    ROW,
    ROWS,
    SNAPSHOT,
    Metadata,
    Position,
    SnapshotEnvelope,
    members,
    row_members,
)

# Of so many rows one that is odd keeps the others from being read together.
_AT_ONCE = 50


class Unreadable(NamedTuple):
    """A row that is not as documented: whose it is, where that can be read, and what is wrong."""

    owner: str | None
    what: str


class Answer(NamedTuple):
    """What came: the rows, those that could not be read, and when the source computed them."""

    rows: tuple[Position, ...]
    unreadable: tuple[Unreadable, ...] = ()
    cached_at: int | None = None


def read_snapshot(body: bytes) -> Answer:
    """The rows in a body; NotAsDocumented where it is no list of rows, be they odd or not."""
    try:
        answer = strict_json.decode(body, SNAPSHOT, members, FIGURES)
    except NotAsDocumented as error:
        fault = error
    else:
        if isinstance(answer, SnapshotEnvelope):
            meta = answer.meta
            said = meta.cached_at if isinstance(meta, Metadata) else None
            return Answer(answer.result, cached_at=unix_seconds(said))
        return Answer(answer)
    try:
        return _row_by_row(body)
    except NotCut:
        raise fault from None


def _row_by_row(body: bytes) -> Answer:
    start, meta = "$", Meta()
    if body.lstrip().startswith(b"{"):
        body, meta = opened(body)
        start = "$.result"
    rows: list[Position] = []
    unreadable: list[Unreadable] = []
    texts = items(body)
    for first in range(0, len(texts), _AT_ONCE):
        some = texts[first : first + _AT_ONCE]
        try:
            rows += _rows(b"[%b]" % b",".join(some))
        except NotAsDocumented:
            for number, text in enumerate(some, first):
                try:
                    rows.append(_row(text))
                except NotAsDocumented as error:
                    what = _placed(str(error), f"{start}[{number}]")
                    unreadable.append(Unreadable(_owner(text), what))
    return Answer(tuple(rows), tuple(unreadable), meta.cached_at)


def _rows(text: bytes) -> tuple[Position, ...]:
    return strict_json.decode(text, ROWS, members, FIGURES)


def _row(text: bytes) -> Position:
    try:
        return strict_json.decode(text, ROW, row_members, FIGURES)
    except NotAsDocumented:
        value = strict_json.exactly(text)
    if isinstance(value, dict):
        # Stamped by the gateway: never taken from the wire.
        value = {name: item for name, item in value.items() if not name.startswith("@")}
    row: Position = strict_json.fit(value, Position)
    row_members(row)
    return row


def _owner(text: bytes) -> str | None:
    """The one owner that a row names, in lower case."""
    try:
        named = [value for name, value in pairs(text) if name == "address"]
        owner = json.loads(named[0]) if len(named) == 1 else None
    except (NotCut, ValueError):
        return None
    return owner.lower() if isinstance(owner, str) else None


def _placed(what: str, place: str) -> str:
    """A complaint about a row, with the row's place in the answer."""
    said, count = re.subn(r"`\$(?:\[0\])?", f"`{place}", what)
    return said if count else f"{what} - at `{place}`"
