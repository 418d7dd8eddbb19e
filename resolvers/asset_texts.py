"""The texts of an Algorand asset as they are shown: also those that its node sends as bytes alone.

algod sends a text only where Go would print every letter of it. Names that end in NULs, joined
emoji and much else come in base64 alone, and are texts all the same.
"""

import base64
import re
import unicodedata

from upstreams.algod.client import AssetParams

# Far beyond what a chain keeps: 96 bytes of a url, 32 of a name, 8 of a unit.
_MOST_LETTERS = 1024
_JOINERS = "\u200c\u200d"
# A black flag and the letters of a region in invisible tags, as in the flag of Scotland.
_TAGGED_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,8}\U000e007f")


def name(params: AssetParams) -> str | None:
    return params.name or _shown(params.name_b64)


def unit_name(params: AssetParams) -> str | None:
    return params.unit_name or _shown(params.unit_name_b64)


def url(params: AssetParams) -> str | None:
    return params.url or _shown(params.url_b64)


def _shown(text_b64: str | None) -> str | None:
    """The text in UTF-8 bytes without what cannot be seen; None where it is none, or empty."""
    if not text_b64 or len(text_b64) > _MOST_LETTERS:
        return None
    try:
        text = base64.b64decode(text_b64, validate=True).decode()
    except ValueError:
        return None
    flags = [match.span() for match in _TAGGED_FLAG.finditer(text)]
    kept = [
        letter
        for place, letter in enumerate(text)
        if not _is_unseen(letter)
        or (letter in _JOINERS and _joins(text, place))
        or any(start <= place < stop for start, stop in flags)
    ]
    return "".join(kept) or None


def _is_unseen(letter: str) -> bool:
    """Controls, among them those that turn the direction of text, and breaks of lines."""
    return unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp")


def _joins(text: str, place: int) -> bool:
    """Whether a joiner stands between two letters that it may join: never in ASCII."""
    around = text[place - 1 : place] + text[place + 1 : place + 2]
    return len(around) == 2 and not any(each.isascii() or _is_unseen(each) for each in around)
