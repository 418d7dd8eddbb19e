"""Which of what we can answer does the client prefer: media types, and gzip or not."""

import re
from functools import lru_cache
from typing import Final, Literal, TypeAlias

JSON: Final = "application/json"
RESPONSE: Final = "application/graphql-response+json"
HTML: Final = "text/html"

Offer: TypeAlias = Literal["application/json", "application/graphql-response+json", "text/html"]

# In order of preference where the client likes several equally.
_OFFERS: tuple[Offer, ...] = (RESPONSE, JSON, HTML)
# The more specific first. Java's own client writes the last for `*/*`.
_WILDCARDS = ("application/*", "*/*", "*")
_QUALITY = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", re.ASCII)


@lru_cache(maxsize=256)
def negotiate(accept: bytes, *, has_page: bool = False) -> Offer | None:
    """The best offer for an Accept header, None if none is acceptable.

    A missing header or a wildcard means application/json, as clients older than
    application/graphql-response+json expect. A page is only preferred where it is named.
    """
    ranges = _ranges(accept)
    if not ranges:
        return JSON
    offers = _OFFERS if has_page else _OFFERS[:2]
    named = [(ranges[offer], offer) for offer in offers if ranges.get(offer, 0) > 0]
    best = max(named, key=lambda pair: pair[0])[0] if named else 0.0
    anything = next((ranges[name] for name in _WILDCARDS if name in ranges), 0.0)
    if anything > best and ranges.get(JSON) != 0:
        return JSON
    if named:
        return next(offer for quality, offer in named if quality == best)
    return RESPONSE if anything > 0 and RESPONSE not in ranges else None


@lru_cache(maxsize=256)
def takes_gzip(accept_encoding: bytes) -> bool:
    """Whether gzip is among the encodings, and not ruled out."""
    ranges = _ranges(accept_encoding)
    return ranges.get("gzip", ranges.get("*", 0.0)) > 0


def _ranges(header: bytes) -> dict[str, float]:
    """Each range to its quality, 0 to 1; a quality that is no number is taken for none."""
    found: dict[str, float] = {}
    for part in header.decode("latin-1").split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if not name:
            continue
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                number = _QUALITY.fullmatch(value.strip())
                quality = min(1.0, float(value)) if number else 0.0
        found[name] = max(quality, found.get(name, 0.0))
    return found
