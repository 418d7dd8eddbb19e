"""`Portfolio`: the gateway to 1inch, which asks for wallets, tokens and the service's state."""

import logging
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from upstreams.answers import Answers, Early
from upstreams.budget import Budget
from upstreams.cache import Kind, Memory
from upstreams.config import UpstreamConfig
from upstreams.dated import Dated
from upstreams.errors import UpstreamError
from upstreams.merge import AskApart, Errand
from upstreams.oneinch import OneInch, Position, ServiceStatus, TokenInfo
from upstreams.origin import Origin
from upstreams.owners import UnownedRow, rows_by_wallet
from upstreams.redis_cache import Shared
from upstreams.state import SourceState

_log = logging.getLogger("walletgraph.upstreams")

Rows = tuple[Position, ...]


class SnapshotKey(NamedTuple):
    """What one wallet held: lower-case address, one chain or all, now or at a Unix second."""

    address: str
    chain_id: int | None
    at: int | None


class TokenKey(NamedTuple):
    """A token contract: chain id and lower-case address."""

    chain_id: int
    address: str


class Portfolio:
    """One per process, over one 1inch account: all its calls share the account's permits.

    Wallets of the same chain and moment travel together, and so do tokens of one chain. A row in
    an answer about several wallets belongs to the wallet it names; if one names none of them, no
    row of that answer is used, the wallets are asked one by one, and this process sends one
    wallet a call until it is restarted.
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
        self._is_batching = True
        ttl, stale = config.portfolio_ttl_seconds, config.stale_seconds
        self._snapshot: Kind[Rows] = Kind(
            "portfolio.snapshot", Rows, ttl, ttl, stale, _weigh_rows, _are_rows_of
        )
        self._status: Kind[ServiceStatus] = Kind(
            "portfolio.status", ServiceStatus, ttl, ttl, stale, lambda _: 500
        )
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
        self, keys: Sequence[SnapshotKey], early: Early[Rows] | None = None
    ) -> list[Dated[Rows] | UpstreamError]:
        """What each wallet held, in the order asked; a failure takes its own key's place.

        `early` is that of `Answers.get_many`.
        """
        return await self._answers.get_many(
            self._snapshot, keys, self._snapshot_errand, early=early
        )

    async def status(self) -> Dated[ServiceStatus]:
        """Whether the service says that it is available; raises UpstreamError."""
        errand = Errand(("status",), 1, self._send_status)
        return await self._answers.get(self._status, "status", errand)

    async def tokens(
        self, keys: Sequence[TokenKey], early: Early[TokenInfo | None] | None = None
    ) -> list[Dated[TokenInfo | None] | UpstreamError]:
        """What is known of each token, None for an unknown one, in the order asked."""
        return await self._answers.get_many(self._token, keys, self._token_errand, early=early)

    def state(self) -> SourceState:
        """The gateway's state now."""
        return self._answers.state(is_batching=self._is_batching)

    async def mode(self) -> str:
        """LIVE or SANDBOX; the service is asked for its status if it has not answered yet."""
        return await self._origin.settle(self.status)

    async def aclose(self) -> None:
        """Stop all calls under way."""
        await self._answers.aclose()

    def _snapshot_errand(self, key: SnapshotKey) -> Errand[SnapshotKey, Rows]:
        most = self._most if self._is_batching else 1
        return Errand(("snapshot", key.chain_id, key.at), most, self._send_snapshots)

    def _token_errand(self, key: TokenKey) -> Errand[TokenKey, TokenInfo | None]:
        return Errand(("tokens", key.chain_id), self._most, self._send_tokens)

    async def _send_snapshots(self, keys: list[SnapshotKey]) -> Mapping[SnapshotKey, Rows]:
        wallets = [key.address for key in keys]
        _, chain_id, at = keys[0]
        rows = await self._client.snapshot(wallets, chain_id, at)
        try:
            owned = rows_by_wallet(rows, wallets, at)
        except UnownedRow:
            self._stop_batching()
            raise AskApart from None
        return {key: owned[key.address] for key in keys}

    async def _send_status(self, keys: list[str]) -> Mapping[str, ServiceStatus]:
        status = await self._client.status()
        return dict.fromkeys(keys, status)

    async def _send_tokens(self, keys: list[TokenKey]) -> Mapping[TokenKey, TokenInfo | None]:
        known = await self._client.tokens(keys[0].chain_id, [key.address for key in keys])
        return {key: known.get(key.address) for key in keys}

    def _stop_batching(self) -> None:
        if self._is_batching:
            self._is_batching = False
            _log.warning(
                "1inch answered for several wallets with a row that names none of them; "
                "from now on it is asked for one wallet at a time"
            )


def _weigh_rows(rows: Rows) -> int:
    """Bytes, measured: a row with its strings, and each of its tokens."""
    tokens = sum(len(row.underlying_tokens) + len(row.reward_tokens) for row in rows)
    return 200 + 1100 * len(rows) + 700 * tokens


def _are_rows_of(key: SnapshotKey, rows: Rows) -> bool:
    return all(row.wallet == key.address and row.at == key.at for row in rows)
