"""Which of the types we can answer in does the client prefer?"""

from functools import lru_cache
from typing import Literal, TypeAlias

JSON = "application/json"
RESPONSE = "application/graphql-response+json"
HTML = "text/html"

Offer: TypeAlias = Literal["application/json", "application/graphql-response+json", "text/html"]

# In order of preference where the client likes several equally.
_OFFERS: tuple[Offer, ...] = (RESPONSE, JSON, HTML)  # type: ignore[assignment]


@lru_cache(maxsize=256)
def negotiate(accept: bytes) -> Offer | None:
    """The best offer for an Accept header, None if none is acceptable.

    A missing header or a wildcard means application/json, as clients older than
    application/graphql-response+json expect. A page is only answered where it is named.
    """
    ranges = _ranges(accept.decode("latin-1"))
    if not ranges:
        return JSON  # type: ignore[return-value]
    named = [(ranges[offer], offer) for offer in _OFFERS if ranges.get(offer, 0) > 0]
    best = max(named, key=lambda pair: pair[0])[0] if named else 0.0
    wildcard = max(ranges.get("*/*", 0.0), ranges.get("application/*", 0.0))
    if wildcard > best and ranges.get(JSON) != 0:
        return JSON  # type: ignore[return-value]
    return next((offer for quality, offer in named if quality == best), None)


def _ranges(accept: str) -> dict[str, float]:
    """Media range to its quality, 0 to 1."""
    found: dict[str, float] = {}
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if not name:
            continue
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                try:
                    quality = min(1.0, max(0.0, float(value)))
                except ValueError:
                    quality = 0.0
        found[name] = max(quality, found.get(name, 0.0))
    return found
