"""`Portfolio`: the gateway to 1inch, which asks for wallets, tokens and the service's state."""

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple, NoReturn, cast

from upstreams.compliance import Rule, Verdict
from upstreams.config import UpstreamConfig
from upstreams.errors import UpstreamError, UpstreamRejected
from upstreams.oneinch.attribution import ZERO, Snapshot, attribute
from upstreams.oneinch.batching import Batching
from upstreams.oneinch.by_chain import ChainAnswers, SnapshotKey
from upstreams.oneinch.chains import Chains
from upstreams.oneinch.chart import Chart
from upstreams.oneinch.client import PROTOCOLS, TOKENS, OneInch, Position, ServiceStatus, TokenInfo
from upstreams.oneinch.coverage import ChainInfo, ProtocolInfo
from upstreams.oneinch.metrics import MetricsAnswer
from upstreams.oneinch.report import Report
from upstreams.oneinch.total import SourceTotal
from upstreams.oneinch.whole import WholeWallets
from upstreams.source.batch_queue import AskApart, BatchRequest
from upstreams.source.cache import CachePolicy, LRUCache
from upstreams.source.cached_source import CachedSource, Early
from upstreams.source.limiter import Limiter
from upstreams.source.mode import SourceMode
from upstreams.source.shared_cache import SharedCache
from upstreams.source.state import SourceState
from upstreams.source.timestamped import Timestamped

__all__ = ["ChartKey", "MetricsKey", "Portfolio", "SnapshotKey", "TokenKey", "TotalKey"]

_log = logging.getLogger("walletgraph.upstreams")

# How long a verdict on an address counts.
CHECK_SECONDS = 600.0
# How long a chain that the Token API rejected is not asked about again, at most.
REJECTED_SECONDS = 3_600.0
# Which calls leave first: those for what wallets hold, then those for what that earned and for what
# it was worth, then those for lists that keep for hours, for checks, and last those for files.
METRICS = 1
CHARTS = 2
LISTS = 3
CHECKS = 4
REPORTS = 5


class TokenKey(NamedTuple):
    """A token contract: chain id and lower-case address."""

    chain_id: int
    address: str


class ChartKey(NamedTuple):
    """Several wallets together, lower case and in order; one chain or all; one of RANGES."""

    addresses: tuple[str, ...]
    chain_id: int | None
    timerange: str


class TotalKey(NamedTuple):
    """Several wallets together, lower case and in order; one chain or all."""

    addresses: tuple[str, ...]
    chain_id: int | None


class MetricsKey(NamedTuple):
    """Several wallets together; one chain or all; one of RANGES; TOKENS or PROTOCOLS."""

    addresses: tuple[str, ...]
    chain_id: int | None
    timerange: str
    part: str


class Portfolio:
    """One per process, over one 1inch account: all its calls share the account's permits.

    Wallets of the same chain and moment travel together, and so do tokens of one chain. Several
    chains of a wallet are one answer about all chains: see `ChainAnswers`. A row in
    an answer about several wallets belongs to the wallet it names. If rows name the zero address,
    the wallets are asked one by one; one for which no call is left gets the rows that name it, and
    those that name nobody are counted as left out. `Batching` says when wallets share calls again.
    """

    def __init__(
        self,
        client: OneInch,
        config: UpstreamConfig,
        limiter: Limiter,
        memory: LRUCache,
        shared: SharedCache | None = None,
    ) -> None:
        self._client = client
        self._origin = SourceMode(config.mode, client.http)
        self._answers = CachedSource("portfolio", config, limiter, memory, shared, self._origin)
        self._most = config.oneinch_max_batch
        # One of the two may name no wallets, and the other go on.
        self._batching = {part: Batching(config.clock) for part in (TOKENS, PROTOCOLS)}
        self._senders = {part: partial(self._send_snapshots, part) for part in self._batching}
        self._memory = memory
        ttl, stale = config.portfolio_ttl_seconds, config.stale_seconds
        self._snapshot: CachePolicy[Snapshot] = CachePolicy(
            "portfolio.snapshot", Snapshot, ttl, ttl, stale, _weight, _is_of, _without_part
        )
        self._by_chain = ChainAnswers(self, memory, ttl, config.clock)
        self._whole = WholeWallets(memory)
        self._status: CachePolicy[ServiceStatus] = CachePolicy(
            "portfolio.status", ServiceStatus, ttl, ttl, stale, lambda _: 500
        )
        self._chains: CachePolicy[tuple[ChainInfo, ...]] = CachePolicy(
            "portfolio.chains",
            tuple[ChainInfo, ...],
            *(config.chains_ttl_seconds, config.chains_ttl_seconds),
            stale,
            lambda found: 1_000 * len(found),
        )
        self._protocols: CachePolicy[tuple[ProtocolInfo, ...]] = CachePolicy(
            "portfolio.protocols",
            tuple[ProtocolInfo, ...],
            *(config.protocols_ttl_seconds, config.protocols_ttl_seconds),
            stale,
            lambda found: 600 * len(found),
        )
        self._total: CachePolicy[SourceTotal] = CachePolicy(
            "portfolio.total", SourceTotal, ttl, ttl, stale, lambda _: 500
        )
        self._rule: Rule | None = None
        if config.compliance == "source":
            self._rule = Rule.read(
                config.compliance_pointer, config.compliance_clear, config.compliance_flagged
            )
        # An old verdict stands in for none.
        self._verdict: CachePolicy[Verdict] = CachePolicy(
            "portfolio.verdict", Verdict, *(CHECK_SECONDS, CHECK_SECONDS), 0.0, lambda _: 300
        )
        self._report: CachePolicy[Report] = CachePolicy(
            "portfolio.report",
            Report,
            *(config.metrics_ttl_seconds, config.metrics_ttl_seconds),
            stale,
            lambda found: 500 + 4 * len(found.text),
        )
        self._metrics: CachePolicy[MetricsAnswer] = CachePolicy(
            "portfolio.metrics",
            MetricsAnswer,
            *(config.metrics_ttl_seconds, config.metrics_ttl_seconds),
            stale,
            lambda found: 500 + 2_000 * len(found.rows),
        )
        # A day's chart has a new point sooner than the others.
        self._charts: dict[bool, CachePolicy[Chart]] = {
            is_day: CachePolicy(
                "portfolio.chart.day" if is_day else "portfolio.chart",
                Chart,
                *(seconds, seconds),
                stale,
                lambda chart: 500 + 150 * len(chart.points),
            )
            for is_day, seconds in (
                (False, config.chart_ttl_seconds),
                (True, config.chart_ttl_seconds / 5),
            )
        }
        seconds = min(config.asset_ttl_seconds, REJECTED_SECONDS)
        self._token_chains = Chains(seconds, config.clock, config.wall)
        # Names and decimals do not change; whether a token is known does.
        self._token: CachePolicy[TokenInfo | None] = CachePolicy(
            "portfolio.token",
            TokenInfo | None,
            config.asset_ttl_seconds,
            min(ttl, config.asset_ttl_seconds),
            stale,
            lambda _: 800,
            lambda key, token: token is None or (token.chain_id, token.address) == key,
        )

    async def snapshots(
        self, keys: Sequence[SnapshotKey], early: Early[Snapshot] | None = None
    ) -> list[Timestamped[Snapshot] | UpstreamError]:
        """What each wallet held, in the order asked; a failure takes its own key's place.

        `early` is that of `CachedSource.get_many`.
        """
        sources = await self._by_chain.sources(keys)
        if sources == list(keys):
            return await self._answers.get_many(
                self._snapshot, keys, self._snapshot_request, early=early
            )
        # Several keys may be parts of one answer.
        places: dict[SnapshotKey, list[int]] = {}
        for place, source in enumerate(sources):
            places.setdefault(source, []).append(place)
        asked = list(places)

        def parts_early(nth: int, answer: Timestamped[Snapshot] | UpstreamError) -> None:
            if early is not None:
                for place in places[asked[nth]]:
                    early(place, self._part(answer, asked[nth], keys[place]))

        answers = await self._answers.get_many(
            self._snapshot, asked, self._snapshot_request, early=parts_early if early else None
        )
        by_source = dict(zip(asked, answers, strict=True))
        return [
            self._part(by_source[source], source, key)
            for source, key in zip(sources, keys, strict=True)
        ]

    async def status(self) -> Timestamped[ServiceStatus]:
        """Whether the service says that it is available; raises UpstreamError."""
        request = BatchRequest(("status",), 1, self._send_status)
        return await self._answers.get(self._status, "status", request)

    async def chart(self, key: ChartKey) -> Timestamped[Chart]:
        """What wallets were worth over time; raises UpstreamError."""
        request = BatchRequest(("chart", key), 1, self._send_chart, CHARTS)
        return await self._answers.get(self._charts[key.timerange == "1day"], key, request)

    async def metrics(self, key: MetricsKey) -> Timestamped[MetricsAnswer]:
        """What positions of wallets earned; raises UpstreamError."""
        request = BatchRequest(("metrics", key), 1, self._send_metrics, METRICS)
        return await self._answers.get(self._metrics, key, request)

    async def total(self, key: TotalKey) -> Timestamped[SourceTotal]:
        """What the source says that wallets are worth together; raises UpstreamError."""
        request = BatchRequest(("total", key), 1, self._send_total, CHARTS)
        return await self._answers.get(self._total, key, request)

    @property
    def checks(self) -> bool:
        """Whether `check` can tell anything."""
        return self._rule is not None

    async def check(
        self, addresses: Sequence[str], early: Early[Verdict] | None = None
    ) -> list[Timestamped[Verdict] | UpstreamError]:
        """What the source's own check says of addresses, in lower case, in the order asked."""
        return await self._answers.get_many(
            self._verdict, addresses, self._check_request, early=early
        )

    async def report(self, key: ChartKey) -> Timestamped[Report]:
        """The source's own table of what wallets hold; raises UpstreamError."""
        request = BatchRequest(("report", key), 1, self._send_report, REPORTS)
        return await self._answers.get(self._report, key, request)

    async def chains(self) -> Timestamped[tuple[ChainInfo, ...]]:
        """The chains that the source reads; raises UpstreamError."""
        request = BatchRequest(("chains",), 1, self._send_chains, LISTS)
        return await self._answers.get(self._chains, "chains", request)

    @property
    def knows_chains(self) -> bool:
        """Whether the chains that the source reads are at hand, which costs no call."""
        return self._answers.is_fresh(self._chains, "chains")

    async def protocols(self) -> Timestamped[tuple[ProtocolInfo, ...]]:
        """The protocols that the source reads; raises UpstreamError."""
        request = BatchRequest(("protocols",), 1, self._send_protocols, LISTS)
        return await self._answers.get(self._protocols, "protocols", request)

    async def tokens(
        self, keys: Sequence[TokenKey], early: Early[TokenInfo | None] | None = None
    ) -> list[Timestamped[TokenInfo | None] | UpstreamError]:
        """What is known of each token, None for an unknown one, in the order asked.

        On a chain that the source does not have, no token is known. `early` is that of
        `CachedSource.get_many`.
        """
        found: list[Timestamped[TokenInfo | None] | UpstreamError | None]
        found = [self._token_chains.rejection(key.chain_id) for key in keys]
        places = [place for place, known in enumerate(found) if known is None]
        for place, known in enumerate(found):
            if known is not None and early is not None:
                early(place, known)
        answers = await self._answers.get_many(
            self._token,
            [keys[place] for place in places],
            self._token_request,
            early=None if early is None else lambda nth, answer: early(places[nth], answer),
        )
        for place, answer in zip(places, answers, strict=True):
            found[place] = answer
        return cast(list[Timestamped[TokenInfo | None] | UpstreamError], found)

    def join(
        self, key: SnapshotKey, tokens: Snapshot, protocols: Snapshot, *, keep: bool
    ) -> Sequence[Position]:
        """All that a wallet holds, of its two snapshots; see `WholeWallets.join`."""
        return self._whole.join(key, tokens, protocols, keep=keep)

    def state(self) -> SourceState:
        """The gateway's state now."""
        return self._answers.state(is_batching=all(each.is_on for each in self._batching.values()))

    async def mode(self) -> str:
        """LIVE or SANDBOX; the service is asked for its status if it has not answered yet."""
        return await self._origin.settle(self.status)

    async def aclose(self) -> None:
        """Stop all calls under way."""
        await self._answers.aclose()

    def is_fresh(self, key: SnapshotKey) -> bool:
        """Whether a snapshot is at hand that costs no call."""
        return self._answers.is_fresh(self._snapshot, key)

    async def known(self, keys: Sequence[SnapshotKey]) -> set[SnapshotKey]:
        """Those of which a snapshot is at hand, however old, or on its way."""
        return await self._answers.known(self._snapshot, keys)

    def _part(
        self, answer: Timestamped[Snapshot] | UpstreamError, source: SnapshotKey, key: SnapshotKey
    ) -> Timestamped[Snapshot] | UpstreamError:
        """What an answer about `source` says of `key`."""
        if isinstance(answer, UpstreamError):
            return answer.again()
        if source == key:
            return answer
        return answer._replace(value=self._by_chain.part(answer.value, key))

    def _snapshot_request(self, key: SnapshotKey) -> BatchRequest[SnapshotKey, Snapshot]:
        most = self._most if self._batching[key.part].is_on else 1
        send = self._senders[key.part]
        group = ("snapshot", key.part, key.chain_id, key.at)
        if key.address == ZERO:
            # Rows that name it may be of any wallet that shares its call.
            return BatchRequest((*group, ZERO), 1, send)
        return BatchRequest(group, most, send)

    def _token_request(self, key: TokenKey) -> BatchRequest[TokenKey, TokenInfo | None]:
        return BatchRequest(("tokens", key.chain_id), self._most, self._send_tokens)

    async def _send_snapshots(
        self, part: str, keys: list[SnapshotKey]
    ) -> Mapping[SnapshotKey, Snapshot | UpstreamError]:
        wallets = [key.address for key in keys]
        _, chain_id, at, _ = keys[0]
        answer = await self._client.snapshot(wallets, chain_id, at, part)
        if answer.unreadable:
            # The same may come with every call: it is no warning, and names no wallet.
            count, what = len(answer.unreadable), answer.unreadable[0].what
            _log.info("1inch sent rows that cannot be read (%d), the first: %s", count, what)
        dealt = attribute(answer, wallets, chain_id, at, part)
        found = {key: dealt.by_wallet[key.address] for key in keys}
        if dealt.has_unnamed:
            self._ask_apart(part, found)
        if len(keys) > 1:
            self._batching[part].worked()
        return found

    def _ask_apart(
        self, part: str, found: Mapping[SnapshotKey, Snapshot | UpstreamError]
    ) -> NoReturn:
        batching = self._batching[part]
        was_on = batching.is_on
        batching.failed()
        is_on = batching.is_on
        if was_on and not is_on:
            _log.warning(
                "1inch answered for several wallets with rows that name none of them; "
                "for a while it is asked for one wallet at a time"
            )
        # An older answer that lacks nothing is better than a new one that does.
        kept = (key for key in found if self._memory.get((self._snapshot.name, key)) is None)
        raise AskApart({key: found[key] for key in kept}, all_alike=not is_on)

    async def _send_status(self, keys: list[str]) -> Mapping[str, ServiceStatus]:
        status = await self._client.status()
        return dict.fromkeys(keys, status)

    async def _send_chains(self, keys: list[str]) -> Mapping[str, tuple[ChainInfo, ...]]:
        return dict.fromkeys(keys, await self._client.chains())

    async def _send_protocols(self, keys: list[str]) -> Mapping[str, tuple[ProtocolInfo, ...]]:
        return dict.fromkeys(keys, await self._client.protocols())

    async def _send_metrics(self, keys: list[MetricsKey]) -> Mapping[MetricsKey, MetricsAnswer]:
        (key,) = keys
        return {key: await self._client.metrics(*key)}

    async def _send_total(self, keys: list[TotalKey]) -> Mapping[TotalKey, SourceTotal]:
        (key,) = keys
        return {key: await self._client.total(*key)}

    def _check_request(self, address: str) -> BatchRequest[str, Verdict]:
        return BatchRequest(("check",), self._most, self._send_checks, CHECKS)

    async def _send_checks(self, addresses: list[str]) -> Mapping[str, Verdict]:
        if self._rule is None:
            return dict.fromkeys(addresses, Verdict.UNKNOWN)
        body = await self._client.check(addresses)
        return {address: self._rule.verdict(body, address) for address in addresses}

    async def _send_report(self, keys: list[ChartKey]) -> Mapping[ChartKey, Report]:
        (key,) = keys
        return {key: await self._client.report(*key)}

    async def _send_chart(self, keys: list[ChartKey]) -> Mapping[ChartKey, Chart]:
        (key,) = keys
        return {key: await self._client.chart(*key)}

    async def _send_tokens(
        self, keys: list[TokenKey]
    ) -> Mapping[TokenKey, TokenInfo | UpstreamError | None]:
        chain_id = keys[0].chain_id
        try:
            known = await self._client.tokens(chain_id, [key.address for key in keys])
        except UpstreamRejected as error:
            is_unknown = error.status in (400, 404) and self._token_chains.rejects(chain_id)
            if not is_unknown:
                raise
            return dict.fromkeys(keys)
        if known:
            self._token_chains.serves(chain_id)
        return {key: known.get(key.address) for key in keys}


def _without_part(key: SnapshotKey) -> SnapshotKey:
    return key._replace(part="")


def _weight(snapshot: Snapshot) -> int:
    """Bytes, measured: a row with its strings, and each of its tokens."""
    rows = snapshot.rows
    tokens = sum(len(row.underlying_tokens) + len(row.reward_tokens) for row in rows)
    return 200 + 1100 * len(rows) + 700 * tokens


def _is_of(key: SnapshotKey, snapshot: Snapshot) -> bool:
    return all(
        (row.wallet, row.at, row.part) == (key.address, key.at, key.part) for row in snapshot.rows
    )
