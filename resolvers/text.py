"""Text from chains, as filters compare it: what looks the same is the same."""

from functools import lru_cache
from unicodedata import normalize


def fold(text: str) -> str:
    """The text without regard to case, to compatibility forms, and to how accents are written."""
    return text.lower() if text.isascii() else _folded(text)


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    # Once more at the end: folding the case of a letter may leave an accent by itself.
    return normalize("NFKC", normalize("NFKC", text).casefold())
