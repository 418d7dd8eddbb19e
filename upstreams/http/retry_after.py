"""Retry-After, the header that says when to come back, in both of its forms."""

import re
import time
from collections.abc import Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"([0-9]+)(\.[0-9]+)?", re.ASCII)
# Whatever is asked for, minutes later a source is tried again.
LONGEST = 300.0
_MOST_LETTERS = 1_000


def parse_retry_after(values: Sequence[str], date: str | None = None) -> float | None:
    """Seconds to wait, 0 to `LONGEST`; None where nothing sensible was sent.

    Of several values the longest counts. `date` is the answer's own Date, from which the form
    that gives a moment is counted, so that clocks need not agree.
    """
    waits = [
        wait
        for value in values[:10]
        for part in _parts(value[:_MOST_LETTERS].strip())
        if (wait := _wait(part, date)) is not None
    ]
    return max(waits, default=None)


def _parts(value: str) -> list[str]:
    """The values that a proxy may have joined by commas; a date has one of its own."""
    return value.split(",") if value[:1].isdigit() else [value]


def _wait(text: str, date: str | None) -> float | None:
    text = text.strip()
    seconds = _SECONDS.fullmatch(text)
    if seconds is not None:
        # As a float a number of a thousand digits is infinite, which is longest of all.
        return min(float(text), LONGEST)
    moment = _moment(text)
    if moment is None:
        return None
    now = None if date is None else _moment(date)
    return min(max(moment - (time.time() if now is None else now), 0.0), LONGEST)


def _moment(text: str) -> float | None:
    """The Unix time of an HTTP date."""
    if not text[:1].isalpha():
        return None
    try:
        moment = parsedate_to_datetime(text[:100])
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
