"""Which client a request counts for: calls to the sources are shared out among clients."""

from ipaddress import IPv6Address, ip_address

from starlette.types import Scope

from server.requests import Headers

_MOST_LETTERS = 100


class Clients:
    """Names clients by the address they come from, or by a header that a router sets.

    No header is believed unless the operator names it: anybody could send it. Of a list, as in
    X-Forwarded-For, the last value counts, which the nearest proxy added; what stands before it
    may come from the client itself.
    """

    def __init__(self, header: str | None) -> None:
        self._header = None if header is None else header.lower().encode("ascii")

    def of(self, scope: Scope, headers: Headers) -> str:
        """The name of the client of a request; never empty."""
        if self._header is not None:
            value = headers.get(self._header, b"").rpartition(b",")[2].strip()
            if value:
                # Apart from addresses, so that no value of the header is taken for one.
                return f"header:{_network(value.decode('latin-1'))}"
        peer = scope.get("client")
        return f"address:{_network(peer[0])}" if peer else "unknown"


def _network(text: str) -> str:
    """An address, of IPv6 the 64 bits that one subscriber has at least; other names as they are."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return text[:_MOST_LETTERS]
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return f"{IPv6Address(int(address) >> 64 << 64)}/64"
    return str(address)
