"""Links to pictures that upstreams give: shown only if all a browser can do is fetch them."""

from functools import lru_cache
from urllib.parse import urlsplit

_MAX_LENGTH = 2048


@lru_cache(maxsize=8192)
def link(text: str | None) -> str | None:
    """The URL as it came if it is one of http(s) that names a host; None for anything else."""
    if text is None or len(text) > _MAX_LENGTH or not text.isprintable() or " " in text:
        return None
    try:
        parts = urlsplit(text)
        is_link = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return text if is_link else None
