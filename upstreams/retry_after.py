"""Retry-After, the header that says when to come back, in both of its forms."""

import re
import time
from datetime import UTC
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)
LONGEST = 3600.0


def parse_retry_after(text: str | None, now: float | None = None) -> float | None:
    """Seconds to wait, 0 to 3600; None where nothing sensible was sent.

    `now` is in Unix seconds, for the form that gives a date.
    """
    if text is None or len(text) > 100:
        return None
    text = text.strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), LONGEST)
    if not text[:1].isalpha():
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    wait = moment.timestamp() - (time.time() if now is None else now)
    return min(max(wait, 0.0), LONGEST)
