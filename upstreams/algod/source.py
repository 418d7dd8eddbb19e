"""`Algorand`: the gateway to algod, which asks for accounts, their assets and the node's state."""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from functools import partial
from typing import NamedTuple, TypeVar

from upstreams.algod.client import Account, Algod, Asset, AssetPage, NodeStatus, Versions
from upstreams.config import UpstreamConfig
from upstreams.errors import UpstreamError
from upstreams.source.batch_queue import BatchRequest
from upstreams.source.cache import CachePolicy, LRUCache
from upstreams.source.cached_source import CachedSource
from upstreams.source.limiter import Limiter
from upstreams.source.mode import SourceMode
from upstreams.source.shared_cache import SharedCache
from upstreams.source.state import SourceState
from upstreams.source.timestamped import Timestamped

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

# For how long an asset's roles, or a node's build, count as fresh: they change seldom, but may.
ROLES_SECONDS = 60.0


class PageKey(NamedTuple):
    """One page of an account's assets: at most `limit` of them with ids above `after`.

    `token` is what the node calls that place, where that is not the asset id.
    """

    address: str
    limit: int
    after: int | None
    token: str = ""


class Algorand:
    """One per process, over one algod node; every method raises UpstreamError.

    What an asset's creator fixed for good (name, unit, url, decimals, total, metadata hash) is
    fresh for `ASSET_TTL_SECONDS`. Its roles (manager, reserve, freeze, clawback), and whether it
    still exists, are fresh for a minute at most; a missing asset stays missing for
    `ALGORAND_TTL_SECONDS`. Both readings share one kept answer: see `asset`.

    An asset that an account holds did exist: missing now, it was destroyed, and no id is given
    twice. Its absence is kept for a minute too, as such holdings stay around: see `held_asset`.
    """

    def __init__(
        self,
        client: Algod,
        config: UpstreamConfig,
        limiter: Limiter,
        memory: LRUCache,
        shared: SharedCache | None = None,
    ) -> None:
        self._client = client
        self._origin = SourceMode(config.mode, client.http)
        self._answers = CachedSource(
            "algorand",
            config,
            limiter,
            memory,
            shared,
            self._origin,
            concurrency=config.algod_concurrency,
        )
        ttl, stale = config.algorand_ttl_seconds, config.stale_seconds
        lasting = config.asset_ttl_seconds
        self._page: CachePolicy[AssetPage] = CachePolicy(
            "algorand.page",
            AssetPage,
            ttl,
            ttl,
            stale,
            lambda page: 300 + 1000 * len(page.holdings),
        )
        self._account: CachePolicy[Account] = CachePolicy(
            "algorand.account",
            Account,
            ttl,
            ttl,
            stale,
            lambda _: 1200,
            lambda address, account: account.address == address,
        )
        self._asset: CachePolicy[Asset | None] = CachePolicy(
            "algorand.asset",
            Asset | None,
            lasting,
            min(ttl, lasting),
            stale,
            lambda _: 1300,
            lambda asset_id, asset: asset is None or asset.asset_id == asset_id,
        )
        roles = min(lasting, ROLES_SECONDS)
        self._held: CachePolicy[Asset | None] = CachePolicy(
            "algorand.held", Asset | None, roles, roles, stale, lambda _: 1300
        )
        self._status: CachePolicy[NodeStatus] = CachePolicy(
            "algorand.status", NodeStatus, ttl, ttl, stale, lambda _: 1500
        )
        self._versions: CachePolicy[Versions] = CachePolicy(
            "algorand.versions", Versions, roles, 0.0, stale, lambda _: 1000
        )
        self._ready: CachePolicy[bool] = CachePolicy(
            "algorand.ready", bool, ttl, ttl, 0.0, lambda _: 100
        )

    async def asset_page(self, key: PageKey) -> Timestamped[AssetPage]:
        """One page of what an account holds."""
        return await self._ask(self._page, key, lambda: self._client.account_assets(*key))

    async def account(self, address: str) -> Timestamped[Account]:
        """An account's balances and counts."""
        return await self._ask(self._account, address, lambda: self._client.account(address))

    async def asset(self, asset_id: int, *, roles: bool = True) -> Timestamped[Asset | None]:
        """An asset by id, None where none exists.

        Without `roles` the reader vouches that it looks at nothing that may change, and may be
        given an answer as old as `ASSET_TTL_SECONDS` as fresh.
        """
        fresh = ROLES_SECONDS if roles else None
        return await self._ask(self._asset, asset_id, lambda: self._client.asset(asset_id), fresh)

    async def held_asset(self, asset_id: int) -> Timestamped[Asset | None]:
        """An asset that is held by someone, None where it was destroyed; a minute old at most."""
        return await self._ask(self._held, asset_id, lambda: self._client.asset(asset_id))

    async def status(self) -> Timestamped[NodeStatus]:
        """The node's rounds and catch-up."""
        return await self._ask(self._status, "status", self._client.status)

    async def versions(self) -> Timestamped[Versions]:
        """The node's network and build."""
        return await self._ask(self._versions, "versions", self._client.versions)

    async def ready(self) -> bool:
        """Whether the node answers and is caught up; never raises."""
        try:
            return (await self._ask(self._ready, "ready", self._client.ready)).value
        except UpstreamError:
            return False

    def state(self) -> SourceState:
        """The gateway's state now."""
        return self._answers.state(is_batching=False)

    async def mode(self) -> str:
        """LIVE or SANDBOX; the node is asked for its build if it has not answered yet."""
        return await self._origin.settle(self.versions)

    async def aclose(self) -> None:
        """Stop all calls under way."""
        await self._answers.aclose()

    async def _ask(
        self,
        policy: CachePolicy[T],
        key: K,
        call: Callable[[], Awaitable[T]],
        fresh: float | None = None,
    ) -> Timestamped[T]:
        # No two items fit in one algod call, so that every call is a group of its own.
        request: BatchRequest[K, T] = BatchRequest((policy.name, key), 1, partial(_send_one, call))
        return await self._answers.get(policy, key, request, fresh)


async def _send_one(call: Callable[[], Awaitable[T]], keys: list[K]) -> Mapping[K, T]:
    return {keys[0]: await call()}
