"""general/report: the source's own table, whose columns nobody documents."""

from msgspec import Struct

from upstreams.decoding import strict_json
from upstreams.decoding.strict_json import NotAsDocumented


class Report(Struct, frozen=True):
    """The text of the table, as it came."""

    text: str


def read_report(body: bytes) -> Report:
    """The table in a body: text, or a JSON string of it; NotAsDocumented where it is neither."""
    start = body.lstrip()[:1]
    if start in (b"<", b"{", b"["):
        raise NotAsDocumented("something else than a table")
    if start == b'"' and body.rstrip().endswith(b'"') and b"\n" not in body.strip():
        value = _string(body)
        if value is not None:
            return Report(value)
    try:
        return Report(body.decode())
    except UnicodeDecodeError:
        pass
    raise NotAsDocumented("text that is not UTF-8")


def _string(body: bytes) -> str | None:
    """The text that a JSON string stands for; a line of cells in quotes is none."""
    try:
        value = strict_json.exactly(body)
    except NotAsDocumented:
        return None
    return value if isinstance(value, str) else None
