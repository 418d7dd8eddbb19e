"""`RedisUrl`: what REDIS_URL means, or in one sentence why it means nothing.

Read by hand: the standard library and redis-py take part of a password that holds a special
character for a host, a port or a fragment, and quote it in what they raise.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, unquote

from upstreams.http.urls import BadHost, host_and_port

_SCHEMES = ("redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel")
_ENCODE = "special characters in a user or password must be percent-encoded (# is %23)"
_MASTER = re.compile(r"[A-Za-z0-9._-]{1,250}")
_USERINFO = re.compile(r"""(?:%[0-9A-Fa-f]{2}|[^%\[\]{}<>|\\^"`])*""")
_FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
_OPTIONS = ("db", *_FILES, "ssl_cert_reqs", "ssl_check_hostname")
_SENTINEL_OPTIONS = ("sentinel_username", "sentinel_password")
_SWITCH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_MOST_DATABASES = 10**6


class BadRedisUrl(ValueError):
    """The end of a sentence that begins with the variable's name; it quotes nothing of the URL."""


@dataclass(frozen=True)
class RedisUrl:
    """A Redis, by the keyword arguments of redis-py; or, with `master`, Sentinels that know it."""

    options: Mapping[str, Any] = field(repr=False)
    hosts: tuple[tuple[str, int], ...] = ()
    master: str | None = None
    sentinel_options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def identity(self) -> str:
        """Which Redis it is, without secrets."""
        named = [self.options.get(name) for name in ("host", "port", "unix_socket_path", "db")]
        return f"{named} {self.hosts} {self.master}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """The passwords in it, for the log to leave out."""
        held = (self.options.get("password"), self.sentinel_options.get("password"))
        return tuple(each for each in held if each)

    @classmethod
    def read(cls, url: str) -> Self:
        """Raises BadRedisUrl."""
        scheme, found, rest = url.strip().partition("://")
        scheme = scheme.lower()
        if not found or scheme not in _SCHEMES:
            raise BadRedisUrl("must be a redis://, rediss://, unix:// or redis+sentinel:// URL")
        rest, _, query = rest.partition("?")
        authority, slash, path = rest.partition("/")
        userinfo, _, hosts = authority.rpartition("@")
        is_odd = not url.strip().isprintable() or " " in url.strip()
        if is_odd or "#" in url or "@" in path + query or not _USERINFO.fullmatch(userinfo):
            raise BadRedisUrl(f"cannot be read: {_ENCODE}")
        options = _credentials(userinfo)
        if scheme == "unix":
            if hosts or not path:
                raise BadRedisUrl("must name a socket, as in unix:///run/redis.sock")
            options["unix_socket_path"] = slash + unquote(path)
            return cls({**options, **_query(query, _OPTIONS)})
        if scheme.startswith("rediss"):
            options["ssl"] = True
        if scheme.endswith("sentinel"):
            return cls._sentinels(options, hosts, path, query)
        options["host"], options["port"] = _host(hosts, 6379)
        options["db"] = _database(path)
        return cls({**options, **_query(query, _OPTIONS)})

    @classmethod
    def _sentinels(cls, options: dict[str, Any], hosts: str, path: str, query: str) -> Self:
        master, _, database = path.partition("/")
        if not _MASTER.fullmatch(master):
            raise BadRedisUrl(
                "must name the master after the Sentinels, "
                "as in redis+sentinel://host:26379,host:26379/mymaster/0"
            )
        found = _query(query, (*_OPTIONS, *_SENTINEL_OPTIONS))
        sentinel = {
            name.removeprefix("sentinel_"): found.pop(name)
            for name in _SENTINEL_OPTIONS
            if name in found
        }
        sentinel |= {name: value for name, value in found.items() if name != "db"}
        if "ssl" in options:
            sentinel["ssl"] = True
        return cls(
            {**options, "db": _database(database), **found},
            tuple(_host(each, 26379) for each in hosts.split(",")),
            master,
            sentinel,
        )


def _credentials(userinfo: str) -> dict[str, Any]:
    if not userinfo:
        return {}
    user, colon, password = userinfo.partition(":")
    if not colon:
        raise BadRedisUrl("has a user without a password: a password follows a colon, :password@")
    try:
        named = {"username": unquote(user, errors="strict")} if user else {}
        return {**named, "password": unquote(password, errors="strict")}
    except UnicodeDecodeError:
        raise BadRedisUrl("has a user or password that is not UTF-8") from None


def _host(text: str, default: int) -> tuple[str, int]:
    try:
        return host_and_port(text, default)
    except BadHost as bad:
        raise BadRedisUrl(str(bad)) from None


def _database(text: str) -> int:
    number = 0 if not text else _whole(text)
    if number is None or number > _MOST_DATABASES:
        raise BadRedisUrl("has a database that is no number, as 0 is in redis://host:6379/0")
    return number


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None


def _query(query: str, known: tuple[str, ...]) -> dict[str, Any]:
    """The options after the question mark."""
    options: dict[str, Any] = {}
    try:
        pairs = parse_qsl(query, strict_parsing=bool(query), errors="strict", max_num_fields=20)
    except ValueError:
        raise BadRedisUrl("has options that cannot be read") from None
    for name, value in pairs:
        # Nothing is quoted: what follows a question mark may be the rest of a password.
        if name not in known:
            raise BadRedisUrl(f"has an option other than {', '.join(known)}")
        if name == "db":
            options[name] = _database(value)
        elif name == "ssl_check_hostname":
            if value.lower() not in _SWITCH:
                raise BadRedisUrl("has an ssl_check_hostname that is neither true nor false")
            options[name] = _SWITCH[value.lower()]
        elif name == "ssl_cert_reqs":
            if value.lower() not in ("required", "optional", "none"):
                raise BadRedisUrl("has an ssl_cert_reqs other than required, optional, none")
            options[name] = value.lower()
        else:
            if name in _FILES and not Path(value).is_file():
                raise BadRedisUrl(f"has an {name} that is no file")
            options[name] = value
    return options
