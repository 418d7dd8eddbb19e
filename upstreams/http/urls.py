"""`host_and_port`: reads that part of a URL, strictly enough that every library can use it."""

import ipaddress
import re

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
_BRACKETED = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::(.*))?", re.DOTALL)
_LONGEST_NAME = 253


class BadHost(ValueError):
    """The end of a sentence about a URL; it quotes nothing of it."""


def host_and_port(text: str, default: int) -> tuple[str, int]:
    """The host, an IPv6 address without its brackets, and the port; raises BadHost."""
    bracketed = _BRACKETED.fullmatch(text)
    if bracketed is not None:
        host, port = bracketed.groups()
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            raise BadHost("has no usable host") from None
    else:
        host, colon, port = text.partition(":")
        if len(host) > _LONGEST_NAME or not _NAME.fullmatch(host):
            raise BadHost("has no usable host")
        port = port if colon else None
    if port is None:
        return host, default
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        raise BadHost("has a port that is no number from 1 to 65535")
    return host, int(port)
