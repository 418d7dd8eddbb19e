"""The process's settings: environment variables, read once and refused by name when wrong."""

# ruff: noqa: RUF009  (`setting` makes an immutable field)

import os
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from decimal import Decimal
from typing import Any, NamedTuple, Self
from urllib.parse import unquote, urlsplit

from starlette.config import Config

from server.limits import Limits
from server.values import (
    Secret,
    Wrong,
    amount,
    header,
    http_url,
    key,
    long_keys,
    one_of,
    origins,
    pages,
    positive,
    proxy_url,
    redis_url,
    seconds,
    switch,
    text,
    whole,
)
from upstreams.compliance import BadRule, Rule, read_list
from upstreams.redis.url import RedisUrl

_OFF_IN_A_SUPERGRAPH = ("graphiql", "introspection", "node_field")


class SettingsError(ValueError):
    """The environment cannot be used; `problems` has one sentence a variable, starting with it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Variable(NamedTuple):
    """One line of the table of settings: the variable's name, its default as text, and its help."""

    name: str
    default: str
    help: str


def setting(default: Any, parse: Callable[[str], Any], text: str, shown: str | None = None) -> Any:
    """A field of Settings: its default, the parser of its text, its help, the default as shown."""
    return field(default=default, metadata={"parse": parse, "help": text, "shown": shown})


def _limit(name: str, text: str) -> Any:
    return setting(getattr(Limits(), name), whole(1, 10**9), text)


@dataclass(frozen=True)
class Settings:
    """Everything the environment decides; a field's name is its variable's, in lower case."""

    host: str = setting("127.0.0.1", text, "address to listen on")
    port: int = setting(8000, whole(0, 65535), "port to listen on; 0 takes a free one")
    upstreams: str = setting(
        "sandbox",
        one_of("live", "sandbox"),
        "`live` asks the real APIs; `sandbox` plays them in this process",
        "`live` if ONEINCH_API_KEY is set, else `sandbox`",
    )
    oneinch_url: str = setting("https://api.1inch.dev", http_url, "base URL of the 1inch APIs")
    oneinch_api_key: Secret | None = setting(None, key, "1inch API key")
    oneinch_rps: float = setting(1.0, positive, "calls a second the 1inch plan allows")
    oneinch_max_batch: int = setting(50, whole(1, 1000), "wallets in one snapshot call, at most")
    replicas: int = setting(
        1, whole(1, 10_000), "installations that share the key, each of as many workers"
    )
    workers: int = setting(1, whole(1, 256), "processes of this one, a core each (docs/running.md)")
    algod_url: str = setting(
        "https://mainnet-api.4160.nodely.dev", http_url, "base URL of the algod node"
    )
    algod_token: Secret | None = setting(None, key, "algod API token")
    algod_rps: float = setting(40.0, positive, "calls a second the algod node allows")
    algod_concurrency: int = setting(10, whole(1, 1000), "algod calls in flight, at most")
    portfolio_ttl_seconds: float = setting(30.0, seconds, "how long a portfolio stays fresh")
    chart_ttl_seconds: float = setting(
        300.0, seconds, "how long a history stays fresh; a fifth of it for that of a day"
    )
    metrics_ttl_seconds: float = setting(
        300.0, seconds, "how long what positions earned stays fresh"
    )
    chains_ttl_seconds: float = setting(
        86_400.0, seconds, "how long the list of chains stays fresh"
    )
    protocols_ttl_seconds: float = setting(
        3_600.0, seconds, "how long the list of protocols stays fresh"
    )
    algorand_ttl_seconds: float = setting(5.0, seconds, "how long an Algorand account stays fresh")
    asset_ttl_seconds: float = setting(86_400.0, seconds, "how long an asset or token stays fresh")
    upstream_proxy: Secret | None = setting(
        None, proxy_url, "HTTP proxy that all sources are asked through"
    )
    stale_seconds: float = setting(3_600.0, seconds, "how old a fallback answer may be")
    algorand_prices: str = setting(
        "none",
        one_of("none", "vestige", "defillama", "pera"),
        "who says what Algorand's assets cost (docs/portfolio.md); they have no prices otherwise",
    )
    algorand_prices_url: str | None = setting(
        None, http_url, "base URL of that provider", "the provider's own"
    )
    algorand_prices_rps: float = setting(2.0, positive, "calls a second that provider gets")
    algorand_prices_ttl_seconds: float = setting(60.0, seconds, "how long a price stays fresh")
    algorand_min_liquidity_usd: Decimal = setting(
        Decimal(1_000),
        amount,
        "US dollars in an asset's pools below which its price is none",
    )
    algorand_min_confidence: Decimal = setting(
        Decimal("0.5"),
        amount,
        "the same of a provider that says how sure it is, from 0 to 1",
    )
    compliance: str = setting(
        "off",
        one_of("off", "source", "list"),
        "who says whether an address may be dealt with (docs/portfolio.md)",
    )
    compliance_list: str | None = setting(
        None, text, "file of the operator's own verdicts, an address a line"
    )
    compliance_pointer: str = setting(
        "/{address}/is_compliant", text, "JSON Pointer to the verdict in the source's answer"
    )
    compliance_clear: str = setting("true", text, "what stands there for CLEAR, in JSON")
    compliance_flagged: str = setting("false", text, "what stands there for FLAGGED, in JSON")
    redis_url: Secret | None = setting(
        None,
        redis_url,
        "Redis that replicas share (docs/redis.md); without it each keeps its own cache",
    )
    request_deadline_seconds: float = setting(
        10.0,
        positive,
        "time that one GraphQL operation waits for sources;"
        " what is made of their answers may take a fifth more",
    )
    profile: str = setting(
        "standalone",
        one_of("standalone", "supergraph"),
        "`supergraph` turns GRAPHIQL, INTROSPECTION and NODE_FIELD off, ENTITY_CACHE_TAGS on",
    )
    graphiql: bool = setting(True, switch, "GraphiQL at /graphql for browsers")
    introspection: bool = setting(
        True, switch, "the schema can be read: `__schema`, `__type`, suggestions, `_service`"
    )
    node_field: bool = setting(True, switch, "`Query.node` and `Query.nodes`")
    entity_cache_tags: bool = setting(
        False, switch, "`extensions.apolloEntityCacheTags` in answers to `_entities`"
    )
    allowed_origins: tuple[str, ...] = setting(
        ("http://localhost:*", "http://127.0.0.1:*"),
        origins,
        "browser origins that may call, comma-separated; `:*` is any port, `*` is everyone",
    )
    router_secret: tuple[Secret, ...] = setting(
        (),
        long_keys,
        "answer only a Router-Authorization header of these (32 bytes or more each)",
    )
    router_hmac_secret: tuple[Secret, ...] = setting(
        (),
        long_keys,
        "answer only bodies signed as Hive Gateway signs them, with one of these",
    )
    client_header: str | None = setting(
        None,
        header,
        "header that a proxy or router in front sets on every request, whose last value tells "
        "clients apart; else their addresses do",
    )
    web_dist: str | None = setting(
        None, pages, "directory of the built pages", "those of the wheel or of `web/dist`"
    )
    ipfs_gateway: str | None = setting(
        None,
        http_url,
        "base URL of an IPFS gateway that the dashboard may fetch NFT pictures from; it learns "
        "who looks at what",
    )
    persisted_operations: str | None = setting(
        None,
        text,
        "serve only the operations of this manifest (Apollo's or Relay's format) or folder",
    )
    executor: str = setting("compiled", one_of("compiled", "stock"), "how operations are executed")
    drain_seconds: float = setting(
        5.0,
        seconds,
        "time from SIGTERM, with readiness off, until no connection is accepted",
    )
    log_level: str = setting(
        "INFO", one_of("DEBUG", "INFO", "WARNING", "ERROR"), "least severe line logged"
    )
    log_format: str = setting(
        "auto",
        one_of("auto", "json", "text"),
        "`json`, an object a line, or `text`; `auto` is text on a terminal, else json",
    )
    metrics_port: int | None = setting(
        None,
        whole(0, 65535),
        "a port of its own for /metrics, without a secret; it is not served on PORT then",
    )
    max_body_bytes: int = setting(1_048_576, whole(1_024, 10**9), "request body, also unpacked")
    max_answer_bytes: int = setting(
        16_777_216, whole(1_024, 10**9), "answer to one operation, before it is packed"
    )
    max_unsent_bytes: int = setting(
        134_217_728,
        whole(1_024, 10**11),
        "answers that clients do not take, all together; the slowest are cut off",
    )
    gzip_min_bytes: int = setting(
        4_096,
        whole(0, 10**9),
        "answers as long are packed for clients that take gzip; 0 packs none",
    )
    max_connections: int = setting(
        2000,
        whole(1, 10**6),
        "connections at once; the longest idle makes room for a new one",
    )
    max_in_flight: int = setting(2000, whole(1, 10**6), "GraphQL requests at once")
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
        whole(1, 10**9),
        "rows of wallets looked through in an operation, once for each filter and order",
    )
    max_oneinch_calls: int = _limit(
        "oneinch_calls", "calls to 1inch that an operation may cause, wallets that share one as one"
    )
    max_algod_calls: int = _limit("algod_calls", "calls to algod that an operation may cause")
    max_price_calls: int = setting(
        50, whole(1, 10**9), "calls for prices that an operation may cause"
    )
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
                except Wrong as wrong:
                    problems.append(f"{name} {wrong}")
        if problems:
            raise SettingsError(problems)
        problems = _compliance_problems(cls(**values))
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
        held = (self.oneinch_api_key, self.algod_token, self.redis_url, self.upstream_proxy)
        passwords = list(RedisUrl.read(self.redis_url.reveal()).secrets if self.redis_url else ())
        if self.upstream_proxy is not None:
            password = urlsplit(self.upstream_proxy.reveal()).password or ""
            passwords += {password, unquote(password)}
        return (
            *(secret for secret in held if secret is not None),
            # A shorter one cannot be told from the words around it.
            *(Secret(each) for each in passwords if len(each) >= 4),
            *self.router_secret,
            *self.router_hmac_secret,
        )


def _compliance_problems(settings: Settings) -> list[str]:
    try:
        name = "COMPLIANCE_LIST"
        if settings.compliance == "list" or settings.compliance_list is not None:
            if settings.compliance != "list" or settings.compliance_list is None:
                return ["COMPLIANCE_LIST must name a file where COMPLIANCE is list, and only there"]
            read_list(settings.compliance_list)
        name = "COMPLIANCE_POINTER, COMPLIANCE_CLEAR and COMPLIANCE_FLAGGED together"
        Rule.read(
            settings.compliance_pointer, settings.compliance_clear, settings.compliance_flagged
        )
    except BadRule as bad:
        return [f"{name} {bad}"]
    return []


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
