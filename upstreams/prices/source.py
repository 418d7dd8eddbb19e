"""`Prices`: the gateway to the chosen provider of prices of Algorand's assets."""

from collections.abc import Callable, Mapping, Sequence

from upstreams.config import UpstreamConfig
from upstreams.errors import UpstreamError
from upstreams.http.client import HttpClient, Limits
from upstreams.prices import defillama, pera, vestige
from upstreams.prices.quotes import Provider, Quote, Verification
from upstreams.source.batch_queue import BatchRequest
from upstreams.source.cache import CachePolicy, LRUCache
from upstreams.source.cached_source import CachedSource, Early
from upstreams.source.limiter import Limiter
from upstreams.source.mode import SourceMode
from upstreams.source.shared_cache import SharedCache
from upstreams.source.state import SourceState
from upstreams.source.timestamped import Timestamped

_PROVIDERS: Mapping[str, tuple[Callable[[HttpClient], Provider], str]] = {
    "vestige": (vestige.Vestige, vestige.URL),
    "defillama": (defillama.DefiLlama, defillama.URL),
    "pera": (pera.Pera, pera.URL),
}


def prices_url(config: UpstreamConfig) -> str:
    """Where the chosen provider is asked."""
    return config.algorand_prices_url or _PROVIDERS[config.algorand_prices][1]


def open_provider(config: UpstreamConfig, limits: Limits) -> Provider:
    """The provider that the configuration names."""
    provider, _ = _PROVIDERS[config.algorand_prices]
    return provider(
        HttpClient(
            prices_url(config), source="prices", transport=config.prices_transport, limits=limits
        )
    )


class Prices:
    """One per process, over one provider; as many assets share a call as it takes.

    All quotes expire together: an account's value is made of many, and one that is of another
    moment than the rest would only cost a call more.
    """

    def __init__(
        self,
        provider: Provider,
        config: UpstreamConfig,
        limiter: Limiter,
        memory: LRUCache,
        shared: SharedCache | None = None,
    ) -> None:
        self._provider = provider
        self._least_liquidity = config.algorand_min_liquidity_usd
        self._least_confidence = config.algorand_min_confidence
        self._origin = SourceMode(config.mode, provider.http)
        self._answers = CachedSource("prices", config, limiter, memory, shared, self._origin)
        ttl = config.algorand_prices_ttl_seconds
        self._quote: CachePolicy[Quote | None] = CachePolicy(
            "prices.quote",
            Quote | None,
            *(ttl, ttl),
            config.stale_seconds,
            lambda _: 900,
            lambda asset_id, quote: quote is None or quote.asset_id == asset_id,
            lambda _: "prices",
        )

    @property
    def provider(self) -> str:
        """What the provider is called."""
        return self._provider.name

    @property
    def attribution(self) -> str:
        """What the provider wants said where its figures are shown."""
        return self._provider.attribution

    @property
    def shared(self) -> int:
        """How many assets share a call."""
        return self._provider.most

    async def quotes(
        self, asset_ids: Sequence[int], early: Early[Quote | None] | None = None
    ) -> list[Timestamped[Quote | None] | UpstreamError]:
        """What the provider says of each asset, None where it knows nothing, in the order asked."""
        return await self._answers.get_many(self._quote, asset_ids, self._request, early=early)

    def counts(self, quote: Quote) -> bool:
        """Whether a price may be relied on.

        That of an asset known for a fraud may not; nor one made by too little money, or of which
        the provider is not sure. Where it says neither, it must have verified the asset.
        """
        if quote.usd is None or quote.verification is Verification.SUSPICIOUS:
            return False
        if quote.liquidity_usd is not None:
            return quote.liquidity_usd >= self._least_liquidity
        if quote.confidence is not None:
            return quote.confidence >= self._least_confidence
        return quote.verification is Verification.VERIFIED

    def state(self) -> SourceState:
        """The gateway's state now."""
        return self._answers.state(is_batching=self.shared > 1)

    async def mode(self) -> str:
        """LIVE or SANDBOX, as far as is known: nothing is asked for it alone."""
        return self._origin.mode

    async def aclose(self) -> None:
        """Stop all calls under way."""
        await self._answers.aclose()

    def _request(self, asset_id: int) -> BatchRequest[int, Quote | None]:
        return BatchRequest(("quotes",), self.shared, self._send)

    async def _send(self, asset_ids: list[int]) -> Mapping[int, Quote | None]:
        found = await self._provider.quotes(asset_ids)
        return {asset_id: found.get(asset_id) for asset_id in asset_ids}
