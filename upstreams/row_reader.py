"""Reads the answer of tokens/snapshot: at one go where it is right, row by row where it is not."""

import json
import re
from typing import NamedTuple

from upstreams import strict
from upstreams.envelope import Meta, opened, unix_seconds
from upstreams.slices import NotCut, items, pairs
from upstreams.snapshot import (
    FIGURES,
    ROW,
    SNAPSHOT,
    Metadata,
    Position,
    SnapshotEnvelope,
    members,
    row_members,
)
from upstreams.strict import NotAsDocumented


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
        answer = strict.decode(body, SNAPSHOT, members, FIGURES)
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
    # What is not UTF-8 becomes half surrogates here, and is that again in its row.
    text = body.decode("utf-8", "surrogateescape")
    start, meta = "$", Meta()
    if text.lstrip().startswith("{"):
        text, meta = opened(text)
        start = "$.result"
    rows: list[Position] = []
    unreadable: list[Unreadable] = []
    for number, item in enumerate(items(text)):
        try:
            rows.append(_row(item))
        except NotAsDocumented as error:
            what = _placed(str(error), f"{start}[{number}]")
            unreadable.append(Unreadable(_owner(item), what))
    return Answer(tuple(rows), tuple(unreadable), meta.cached_at)


def _row(text: str) -> Position:
    body = text.encode("utf-8", "surrogateescape")
    try:
        return strict.decode(body, ROW, row_members, FIGURES)
    except NotAsDocumented:
        value = strict.exactly(body)
    if isinstance(value, dict):
        # Stamped by the gateway: never taken from the wire.
        value = {name: item for name, item in value.items() if not name.startswith("@")}
    row: Position = strict.fit(value, Position)
    row_members(row)
    return row


def _owner(text: str) -> str | None:
    """The one owner that a row names, in lower case."""
    try:
        named = [value for name, value in pairs(text) if name == "address"]
    except NotCut:
        return None
    if len(named) != 1 or not named[0].startswith('"'):
        return None
    owner: str = json.loads(named[0])
    return owner.lower()


def _placed(what: str, place: str) -> str:
    """A complaint about a row, with the row's place in the answer."""
    said, count = re.subn(r"`\$(?:\[0\])?", f"`{place}", what)
    return said if count else f"{what} - at `{place}`"
