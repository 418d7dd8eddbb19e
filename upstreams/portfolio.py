"""`Portfolio`: the gateway to 1inch, which asks for wallets, tokens and the service's state."""

import logging
from collections.abc import Mapping, Sequence
from typing import NamedTuple, NoReturn, cast

from upstreams.answers import Answers, Early
from upstreams.batching import Batching
from upstreams.budget import Budget
from upstreams.by_chain import ByChain, SnapshotKey
from upstreams.cache import Kind, Memory
from upstreams.chains import Chains
from upstreams.config import UpstreamConfig
from upstreams.dated import Dated
from upstreams.errors import UpstreamError, UpstreamRejected
from upstreams.merge import AskApart, Errand
from upstreams.oneinch import OneInch, ServiceStatus, TokenInfo
from upstreams.origin import Origin
from upstreams.owners import ZERO, Snapshot, shares
from upstreams.redis_cache import Shared
from upstreams.state import SourceState

__all__ = ["Portfolio", "SnapshotKey", "TokenKey"]

_log = logging.getLogger("walletgraph.upstreams")

# How long a chain that the Token API rejected is not asked about again, at most.
REJECTED_SECONDS = 3_600.0


class TokenKey(NamedTuple):
    """A token contract: chain id and lower-case address."""

    chain_id: int
    address: str


class Portfolio:
    """One per process, over one 1inch account: all its calls share the account's permits.

    Wallets of the same chain and moment travel together, and so do tokens of one chain. Several
    chains of a wallet are one answer about all chains: see `ByChain`. A row in
    an answer about several wallets belongs to the wallet it names. If rows name the zero address,
    the wallets are asked one by one; one for which no call is left gets the rows that name it, and
    those that name nobody are counted as left out. `Batching` says when wallets share calls again.
    """

    def __init__(
        self,
        client: OneInch,
        config: UpstreamConfig,
        budget: Budget,
        memory: Memory,
        shared: Shared | None = None,
    ) -> None:
        self._client = client
        self._origin = Origin(config.mode, client.http)
        self._answers = Answers("portfolio", config, budget, memory, shared, self._origin)
        self._most = config.oneinch_max_batch
        self._batching = Batching(config.clock)
        self._memory = memory
        ttl, stale = config.portfolio_ttl_seconds, config.stale_seconds
        self._snapshot: Kind[Snapshot] = Kind(
            "portfolio.snapshot", Snapshot, ttl, ttl, stale, _weight, _is_of
        )
        self._by_chain = ByChain(self, memory, ttl, config.clock)
        self._status: Kind[ServiceStatus] = Kind(
            "portfolio.status", ServiceStatus, ttl, ttl, stale, lambda _: 500
        )
        seconds = min(config.asset_ttl_seconds, REJECTED_SECONDS)
        self._token_chains = Chains(seconds, config.clock, config.wall)
        # Names and decimals do not change; whether a token is known does.
        self._token: Kind[TokenInfo | None] = Kind(
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
    ) -> list[Dated[Snapshot] | UpstreamError]:
        """What each wallet held, in the order asked; a failure takes its own key's place.

        `early` is that of `Answers.get_many`.
        """
        sources = await self._by_chain.sources(keys)
        if sources == list(keys):
            return await self._answers.get_many(
                self._snapshot, keys, self._snapshot_errand, early=early
            )
        # Several keys may be parts of one answer.
        places: dict[SnapshotKey, list[int]] = {}
        for place, source in enumerate(sources):
            places.setdefault(source, []).append(place)
        asked = list(places)

        def parts_early(nth: int, answer: Dated[Snapshot] | UpstreamError) -> None:
            if early is not None:
                for place in places[asked[nth]]:
                    early(place, self._part(answer, asked[nth], keys[place]))

        answers = await self._answers.get_many(
            self._snapshot, asked, self._snapshot_errand, early=parts_early if early else None
        )
        by_source = dict(zip(asked, answers, strict=True))
        return [
            self._part(by_source[source], source, key)
            for source, key in zip(sources, keys, strict=True)
        ]

    async def status(self) -> Dated[ServiceStatus]:
        """Whether the service says that it is available; raises UpstreamError."""
        errand = Errand(("status",), 1, self._send_status)
        return await self._answers.get(self._status, "status", errand)

    async def tokens(
        self, keys: Sequence[TokenKey], early: Early[TokenInfo | None] | None = None
    ) -> list[Dated[TokenInfo | None] | UpstreamError]:
        """What is known of each token, None for an unknown one, in the order asked.

        On a chain that the source does not have, no token is known. `early` is that of
        `Answers.get_many`.
        """
        found: list[Dated[TokenInfo | None] | UpstreamError | None]
        found = [self._token_chains.rejection(key.chain_id) for key in keys]
        places = [place for place, known in enumerate(found) if known is None]
        for place, known in enumerate(found):
            if known is not None and early is not None:
                early(place, known)
        answers = await self._answers.get_many(
            self._token,
            [keys[place] for place in places],
            self._token_errand,
            early=None if early is None else lambda nth, answer: early(places[nth], answer),
        )
        for place, answer in zip(places, answers, strict=True):
            found[place] = answer
        return cast(list[Dated[TokenInfo | None] | UpstreamError], found)

    def state(self) -> SourceState:
        """The gateway's state now."""
        return self._answers.state(is_batching=self._batching.is_on)

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
        self, answer: Dated[Snapshot] | UpstreamError, source: SnapshotKey, key: SnapshotKey
    ) -> Dated[Snapshot] | UpstreamError:
        """What an answer about `source` says of `key`."""
        if isinstance(answer, UpstreamError):
            return answer.again()
        if source == key:
            return answer
        return answer._replace(value=self._by_chain.part(answer.value, key))

    def _snapshot_errand(self, key: SnapshotKey) -> Errand[SnapshotKey, Snapshot]:
        most = self._most if self._batching.is_on else 1
        group = ("snapshot", key.chain_id, key.at)
        if key.address == ZERO:
            # Rows that name it may be of any wallet that shares its call.
            return Errand((*group, ZERO), 1, self._send_snapshots)
        return Errand(group, most, self._send_snapshots)

    def _token_errand(self, key: TokenKey) -> Errand[TokenKey, TokenInfo | None]:
        return Errand(("tokens", key.chain_id), self._most, self._send_tokens)

    async def _send_snapshots(
        self, keys: list[SnapshotKey]
    ) -> Mapping[SnapshotKey, Snapshot | UpstreamError]:
        wallets = [key.address for key in keys]
        _, chain_id, at = keys[0]
        answer = await self._client.snapshot(wallets, chain_id, at)
        if answer.unreadable:
            # The same may come with every call: it is no warning, and names no wallet.
            count, what = len(answer.unreadable), answer.unreadable[0].what
            _log.info("1inch sent rows that cannot be read (%d), the first: %s", count, what)
        dealt = shares(answer, wallets, chain_id, at)
        found = {key: dealt.by_wallet[key.address] for key in keys}
        if dealt.has_unnamed:
            self._ask_apart(found)
        if len(keys) > 1:
            self._batching.worked()
        return found

    def _ask_apart(self, found: Mapping[SnapshotKey, Snapshot | UpstreamError]) -> NoReturn:
        was_on = self._batching.is_on
        self._batching.failed()
        is_on = self._batching.is_on
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


def _weight(snapshot: Snapshot) -> int:
    """Bytes, measured: a row with its strings, and each of its tokens."""
    rows = snapshot.rows
    tokens = sum(len(row.underlying_tokens) + len(row.reward_tokens) for row in rows)
    return 200 + 1100 * len(rows) + 700 * tokens


def _is_of(key: SnapshotKey, snapshot: Snapshot) -> bool:
    return all(row.wallet == key.address and row.at == key.at for row in snapshot.rows)
