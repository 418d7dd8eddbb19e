"""The process's settings: environment variables, read once and refused by name when wrong."""

# ruff: noqa: RUF009  (`setting` makes an immutable field)

import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, NamedTuple, Self

from starlette.config import Config

from server.limits import Limits
from upstreams.hosts import BadHost, host_and_port
from upstreams.redis_url import BadRedisUrl, RedisUrl

_OFF_IN_A_SUPERGRAPH = ("graphiql", "introspection", "node_field")
_LEAST_SECRET_BYTES = 32
_SHOWN = 80
_HTTP_URL = re.compile(
    r"https?://([^/?#@]*)(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:/-]|%[0-9A-Fa-f]{2})*)?", re.IGNORECASE
)


class SettingsError(ValueError):
    """The environment cannot be used; `problems` has one sentence a variable, starting with it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class _Wrong(Exception):
    """What is wrong with a value, as the end of a sentence that begins with the variable's name.

    Not a ValueError: Starlette repeats the value of those, which may be a secret.
    """


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


class Variable(NamedTuple):
    """One line of the table of settings: the variable's name, its default as text, and its help."""

    name: str
    default: str
    help: str


def _got(value: str) -> str:
    return f"got {value[:_SHOWN]!r}"


def _text(value: str) -> str:
    return value.strip()


def _switch(value: str) -> bool:
    known = {"on": True, "1": True, "true": True, "off": False, "0": False, "false": False}
    if value.strip().lower() not in known:
        raise _Wrong(f"must be on or off, {_got(value)}")
    return known[value.strip().lower()]


def _one_of(*names: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        found = {name.lower(): name for name in names}.get(value.strip().lower())
        if found is None:
            raise _Wrong(f"must be {' or '.join(names)}, {_got(value)}")
        return found

    return parse


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        digits = value.strip()
        if not (digits.isascii() and digits.isdigit() and least <= int(digits[:20]) <= most):
            raise _Wrong(f"must be a whole number from {least} to {most}, {_got(value)}")
        return int(digits)

    return parse


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return math.nan


def _positive(value: str) -> float:
    number = _number(value)
    if not 0 < number < math.inf:
        raise _Wrong(f"must be a positive number, {_got(value)}")
    return number


def _seconds(value: str) -> float:
    number = _number(value)
    if not 0 <= number < math.inf:
        raise _Wrong(f"must be a number of seconds, 0 or more, {_got(value)}")
    return number


def _http_url(value: str) -> str:
    url = value.strip().rstrip("/")
    found = _HTTP_URL.fullmatch(url)
    try:
        host_and_port("" if found is None else found[1], 0)
    except BadHost:
        # The value may hold a password by mistake, so it is not repeated.
        wrong = "must be an http or https URL without user, query or fragment"
        raise _Wrong(wrong) from None
    return url


def _redis_url(value: str) -> Secret:
    try:
        RedisUrl.read(value)
    except BadRedisUrl as bad:
        raise _Wrong(str(bad)) from None
    return Secret(value.strip())


def _key(value: str) -> Secret:
    key = value.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise _Wrong("must be one word of printable ASCII characters")
    return Secret(key)


def _long_keys(value: str) -> tuple[Secret, ...]:
    keys = tuple(_key(part) for part in value.split(","))
    if any(len(key.reveal()) < _LEAST_SECRET_BYTES for key in keys):
        raise _Wrong(f"must be at least {_LEAST_SECRET_BYTES} bytes long")
    return keys


def _origins(value: str) -> tuple[str, ...]:
    origins = tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
    for origin in origins:
        scheme, _, host = origin.partition("://")
        if origin != "*" and (scheme not in ("http", "https") or not host or "/" in host):
            raise _Wrong(f"must be origins such as https://app.example, or *, {_got(origin)}")
    return origins


def _header(value: str) -> str:
    name = value.strip()
    if re.fullmatch(r"[A-Za-z0-9-]{1,100}", name) is None:
        raise _Wrong(f"must be the name of a header, {_got(value)}")
    return name


def _pages(value: str) -> str:
    if not os.path.isfile(os.path.join(value.strip(), "index.html")):
        raise _Wrong(f"must be a directory of built pages, with index.html in it, {_got(value)}")
    return value.strip()


def setting(default: Any, parse: Callable[[str], Any], text: str, shown: str | None = None) -> Any:
    """A field of Settings: its default, the parser of its text, its help, the default as shown."""
    return field(default=default, metadata={"parse": parse, "help": text, "shown": shown})


def _limit(name: str, text: str) -> Any:
    return setting(getattr(Limits(), name), _whole(1, 10**9), text)


@dataclass(frozen=True)
class Settings:
    """Everything the environment decides; a field's name is its variable's, in lower case."""

    host: str = setting("127.0.0.1", _text, "address to listen on")
    port: int = setting(8000, _whole(0, 65535), "port to listen on; 0 takes a free one")
    upstreams: str = setting(
        "sandbox",
        _one_of("live", "sandbox"),
        "`live` asks the real APIs; `sandbox` plays them in this process",
        "`live` if ONEINCH_API_KEY is set, else `sandbox`",
    )
    oneinch_url: str = setting("https://api.1inch.dev", _http_url, "base URL of the 1inch APIs")
    oneinch_api_key: Secret | None = setting(None, _key, "1inch API key")
    oneinch_rps: float = setting(1.0, _positive, "calls a second the 1inch plan allows")
    oneinch_max_batch: int = setting(50, _whole(1, 1000), "wallets in one snapshot call, at most")
    replicas: int = setting(1, _whole(1, 10_000), "processes that share the key")
    algod_url: str = setting(
        "https://mainnet-api.4160.nodely.dev", _http_url, "base URL of the algod node"
    )
    algod_token: Secret | None = setting(None, _key, "algod API token")
    algod_rps: float = setting(40.0, _positive, "calls a second the algod node allows")
    algod_concurrency: int = setting(10, _whole(1, 1000), "algod calls in flight, at most")
    portfolio_ttl_seconds: float = setting(30.0, _seconds, "how long a portfolio stays fresh")
    algorand_ttl_seconds: float = setting(5.0, _seconds, "how long an Algorand account stays fresh")
    asset_ttl_seconds: float = setting(86_400.0, _seconds, "how long an asset or token stays fresh")
    stale_seconds: float = setting(3_600.0, _seconds, "how old a fallback answer may be")
    redis_url: Secret | None = setting(
        None,
        _redis_url,
        "Redis that replicas share (docs/redis.md); without it each keeps its own cache",
    )
    request_deadline_seconds: float = setting(10.0, _positive, "time one GraphQL operation has")
    profile: str = setting(
        "standalone",
        _one_of("standalone", "supergraph"),
        "`supergraph` turns GRAPHIQL, INTROSPECTION and NODE_FIELD off, ENTITY_CACHE_TAGS on",
    )
    graphiql: bool = setting(True, _switch, "GraphiQL at /graphql for browsers")
    introspection: bool = setting(
        True, _switch, "the schema can be read: `__schema`, `__type`, suggestions, `_service`"
    )
    node_field: bool = setting(True, _switch, "`Query.node` and `Query.nodes`")
    entity_cache_tags: bool = setting(
        False, _switch, "`extensions.apolloEntityCacheTags` in answers to `_entities`"
    )
    allowed_origins: tuple[str, ...] = setting(
        ("http://localhost:*", "http://127.0.0.1:*"),
        _origins,
        "browser origins that may call, comma-separated; `:*` is any port, `*` is everyone",
    )
    router_secret: tuple[Secret, ...] = setting(
        (), _long_keys, "answer only a Router-Authorization header of these (32 bytes or more each)"
    )
    router_hmac_secret: tuple[Secret, ...] = setting(
        (), _long_keys, "answer only bodies signed as Hive Gateway signs them, with one of these"
    )
    client_header: str | None = setting(
        None,
        _header,
        "header that a proxy or router in front sets on every request, whose last value tells "
        "clients apart; else their addresses do",
    )
    web_dist: str | None = setting(
        None, _pages, "directory of the built pages", "those of the wheel or of `web/dist`"
    )
    persisted_operations: str | None = setting(
        None, _text, "serve only the operations of this manifest (Apollo's or Relay's format)"
    )
    executor: str = setting("compiled", _one_of("compiled", "stock"), "how operations are executed")
    drain_seconds: float = setting(
        5.0, _seconds, "time from SIGTERM, with readiness off, until no connection is accepted"
    )
    log_level: str = setting(
        "INFO", _one_of("DEBUG", "INFO", "WARNING", "ERROR"), "least severe line logged"
    )
    max_body_bytes: int = setting(1_048_576, _whole(1_024, 10**9), "request body, also unpacked")
    max_answer_bytes: int = setting(
        16_777_216, _whole(1_024, 10**9), "answer to one operation, before it is packed"
    )
    max_unsent_bytes: int = setting(
        134_217_728,
        _whole(1_024, 10**11),
        "answers that clients do not take, all together; the slowest are cut off",
    )
    gzip_min_bytes: int = setting(
        4_096,
        _whole(0, 10**9),
        "answers as long are packed for clients that take gzip; 0 packs none",
    )
    max_connections: int = setting(
        2000, _whole(1, 10**6), "connections at once; the longest idle makes room for a new one"
    )
    max_in_flight: int = setting(2000, _whole(1, 10**6), "GraphQL requests at once")
    max_document_bytes: int = _limit("document_bytes", "bytes of a document")
    max_tokens: int = _limit("tokens", "tokens of a document")
    max_comments: int = _limit("comments", "comments of a document")
    max_definitions: int = _limit("definitions", "operations and fragments of a document")
    max_depth: int = _limit("depth", "fields inside fields; introspection is exempt")
    max_fields: int = _limit("fields", "fields once fragments are spread out")
    max_aliases: int = _limit("aliases", "aliases once fragments are spread out")
    max_root_fields: int = _limit("root_fields", "fields at the root")
    max_directives: int = _limit("directives", "directives once fragments are spread out")
    max_list_entries: int = _limit("list_entries", "entries of one list argument")
    max_representations: int = _limit(
        "representations", "entries of all `_entities` of an operation together"
    )
    max_rows: int = setting(
        1_000_000,
        _whole(1, 10**9),
        "rows of wallets looked through in an operation, once for each filter and order",
    )
    max_oneinch_calls: int = _limit(
        "oneinch_calls", "calls to 1inch that an operation may cause, wallets that share one as one"
    )
    max_algod_calls: int = _limit("algod_calls", "calls to algod that an operation may cause")
    max_cost: int = _limit(
        "cost",
        "objects an answer could hold, lists multiplied out; ten of its values count as one more,"
        " a call, a filter or an order as ten",
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read and check all variables; SettingsError names every one that is wrong."""
        config = Config(environ=environ)
        values: dict[str, Any] = {}
        problems: list[str] = []
        for item in fields(cls):
            name = item.name.upper()
            if environ.get(name, "").strip():
                try:
                    values[item.name] = config(name, cast=item.metadata["parse"])
                except _Wrong as wrong:
                    problems.append(f"{name} {wrong}")
        if problems:
            raise SettingsError(problems)
        if "oneinch_api_key" in values:
            values.setdefault("upstreams", "live")
        if values.get("profile") == "supergraph":
            for name in _OFF_IN_A_SUPERGRAPH:
                values.setdefault(name, False)
            values.setdefault("entity_cache_tags", True)
        return cls(**values)

    @property
    def is_sandbox(self) -> bool:
        return self.upstreams == "sandbox"

    @property
    def limits(self) -> Limits:
        """The bounds on documents and operations, as `server.limits` reads them."""
        names = [item.name for item in fields(Limits) if item.name != "shared"]
        most = {name: getattr(self, f"max_{name}") for name in names}
        return Limits(**most, shared=self.oneinch_max_batch)

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """All secret values, for the log to leave out."""
        held = (self.oneinch_api_key, self.algod_token, self.redis_url)
        passwords = RedisUrl.read(self.redis_url.reveal()).secrets if self.redis_url else ()
        return (
            *(secret for secret in held if secret is not None),
            # A shorter one cannot be told from the words around it.
            *(Secret(each) for each in passwords if len(each) >= 4),
            *self.router_secret,
            *self.router_hmac_secret,
        )


def _shown(item: "Field[Any]") -> str:
    if item.metadata["shown"] is not None:
        return str(item.metadata["shown"])
    value = item.default
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ",".join(value)
    return f"{value:g}" if isinstance(value, float) and value < 1e6 else str(value)


TABLE: tuple[Variable, ...] = tuple(
    Variable(item.name.upper(), _shown(item), item.metadata["help"]) for item in fields(Settings)
)
"""Every variable with its default and help, in the order they are documented."""
