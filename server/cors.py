"""Cross-origin requests from browsers: which origins may call, and what they may send."""

from collections.abc import Sequence
from functools import lru_cache

from server.requests import Headers

Pairs = list[tuple[bytes, bytes]]

# What Apollo Client and its tools send beside the body.
_HEADERS = (
    b"content-type, authorization, apollographql-client-name, apollographql-client-version, "
    b"apollographql-library-name, apollographql-library-version, apollo-require-preflight, "
    b"x-apollo-operation-name"
)
_PREFLIGHT: Pairs = [
    (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
    (b"access-control-allow-headers", _HEADERS),
    (b"access-control-max-age", b"86400"),
]
_EXPOSED: Pairs = [(b"access-control-expose-headers", b"retry-after")]


class Cors:
    """The headers for an origin; no credentials are ever allowed, there is nothing to hold any."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self._exact = frozenset(origin.encode() for origin in allowed)
        self._any_port = tuple(origin[:-1].encode() for origin in allowed if origin.endswith(":*"))
        self.of = lru_cache(maxsize=256)(self._of)

    def _of(self, origin: bytes) -> Pairs:
        if b"*" in self._exact:
            return [(b"access-control-allow-origin", b"*"), *_EXPOSED]
        if self._is_allowed(origin):
            return [(b"access-control-allow-origin", origin), *_EXPOSED]
        return []

    def preflight(self, headers: Headers) -> Pairs:
        """The headers that answer an OPTIONS request; a foreign origin gets no leave."""
        origin = headers.get(b"origin")
        found = self.of(origin) if origin is not None else []
        return [*found, *_PREFLIGHT] if found else []

    def _is_allowed(self, origin: bytes) -> bool:
        if origin in self._exact:
            return True
        base, colon, port = origin.rpartition(b":")
        if colon and port.isdigit():
            return base + b":" in self._any_port
        return origin + b":" in self._any_port
