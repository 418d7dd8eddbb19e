"""What a variable's text may be: each kind of value has a parser that says what is wrong."""

import math
import os
import re
from collections.abc import Callable
from decimal import Decimal
from urllib.parse import urlsplit

from upstreams.decoding import decimals
from upstreams.http.urls import BadHost, host_and_port
from upstreams.redis.url import BadRedisUrl, RedisUrl

_LEAST_SECRET_BYTES = 32
_SHOWN = 80
_HTTP_URL = re.compile(
    r"https?://([^/?#@]*)(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:/-]|%[0-9A-Fa-f]{2})*)?", re.IGNORECASE
)


class Secret:
    """A text that prints as `***`; `reveal()` is the only way to it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)


class Wrong(Exception):
    """What is wrong with a value, as the end of a sentence that begins with the variable's name.

    Not a ValueError: Starlette repeats the value of those, which may be a secret.
    """


def _got(value: str) -> str:
    return f"got {value[:_SHOWN]!r}"


def text(value: str) -> str:
    return value.strip()


def switch(value: str) -> bool:
    known = {"on": True, "1": True, "true": True, "off": False, "0": False, "false": False}
    if value.strip().lower() not in known:
        raise Wrong(f"must be on or off, {_got(value)}")
    return known[value.strip().lower()]


def one_of(*names: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        found = {name.lower(): name for name in names}.get(value.strip().lower())
        if found is None:
            raise Wrong(f"must be {' or '.join(names)}, {_got(value)}")
        return found

    return parse


def whole(least: int, most: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        digits = value.strip()
        if not (digits.isascii() and digits.isdigit() and least <= int(digits[:20]) <= most):
            raise Wrong(f"must be a whole number from {least} to {most}, {_got(value)}")
        return int(digits)

    return parse


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return math.nan


def positive(value: str) -> float:
    number = _number(value)
    if not 0 < number < math.inf:
        raise Wrong(f"must be a positive number, {_got(value)}")
    return number


def seconds(value: str) -> float:
    number = _number(value)
    if not 0 <= number < math.inf:
        raise Wrong(f"must be a number of seconds, 0 or more, {_got(value)}")
    return number


def amount(value: str) -> Decimal:
    amount = decimals.parse(value.strip())
    if amount is None or amount < 0:
        raise Wrong(f"must be a number, 0 or more, {_got(value)}")
    return amount


def http_url(value: str) -> str:
    url = value.strip().rstrip("/")
    found = _HTTP_URL.fullmatch(url)
    try:
        host_and_port("" if found is None else found[1], 0)
    except BadHost:
        # The value may hold a password by mistake, so it is not repeated.
        wrong = "must be an http or https URL without user, query or fragment"
        raise Wrong(wrong) from None
    return url


def proxy_url(value: str) -> Secret:
    try:
        parts = urlsplit(value.strip())
        is_proxy = parts.scheme == "http" and parts.hostname and parts.port != 0
    except ValueError:
        is_proxy = False
    if not is_proxy or parts.path.strip("/") or parts.query or parts.fragment:
        # The value may hold a password, so it is not repeated.
        raise Wrong("must be an http URL of a proxy, such as http://user:password@proxy:3128")
    return Secret(value.strip())


def redis_url(value: str) -> Secret:
    try:
        RedisUrl.read(value)
    except BadRedisUrl as bad:
        raise Wrong(str(bad)) from None
    return Secret(value.strip())


def key(value: str) -> Secret:
    key = value.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise Wrong("must be one word of printable ASCII characters")
    return Secret(key)


def long_keys(value: str) -> tuple[Secret, ...]:
    keys = tuple(key(part) for part in value.split(","))
    if any(len(key.reveal()) < _LEAST_SECRET_BYTES for key in keys):
        raise Wrong(f"must be at least {_LEAST_SECRET_BYTES} bytes long")
    return keys


def origins(value: str) -> tuple[str, ...]:
    origins = tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
    for origin in origins:
        scheme, _, host = origin.partition("://")
        if origin != "*" and (scheme not in ("http", "https") or not host or "/" in host):
            raise Wrong(f"must be origins such as https://app.example, or *, {_got(origin)}")
    return origins


def header(value: str) -> str:
    name = value.strip()
    if re.fullmatch(r"[A-Za-z0-9-]{1,100}", name) is None:
        raise Wrong(f"must be the name of a header, {_got(value)}")
    return name


def pages(value: str) -> str:
    if not os.path.isfile(os.path.join(value.strip(), "index.html")):
        raise Wrong(f"must be a directory of built pages, with index.html in it, {_got(value)}")
    return value.strip()
