"""`open_upstreams`: builds the gateways from the configuration and closes them again."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from upstreams.algod.client import Algod
from upstreams.algod.source import Algorand
from upstreams.compliance import Verdict, read_list
from upstreams.config import UpstreamConfig
from upstreams.http.client import Limits
from upstreams.oneinch.client import OneInch
from upstreams.oneinch.source import Portfolio
from upstreams.prices.source import Prices, open_provider, prices_url
from upstreams.redis.cache import RedisCache
from upstreams.redis.limiter import RedisLimiter
from upstreams.redis.link import RedisLink
from upstreams.source.cache import LRUCache
from upstreams.source.limiter import Limiter, LocalLimiter
from upstreams.source.shared_limiter import SharedLimiter
from upstreams.source.state import SourceState

__all__ = ["UpstreamConfig", "Upstreams", "open_upstreams"]

# The part of an operation's deadline that one upstream call may use: a call that hangs must end,
# and count as failed, before everybody who waits for it has given up.
_CALL_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Upstreams:
    """The gateways of one process; `prices` are those of Algorand's assets, and `listed` the
    operator's verdicts on addresses, if any are wanted.
    """

    portfolio: Portfolio
    algorand: Algorand
    prices: Prices | None = None
    links: Sequence[RedisLink] = ()
    listed: Mapping[str, Verdict] | None = None

    def states(self) -> list[SourceState]:
        """The state of every gateway now."""
        return [each.state() for each in self._gateways()]

    def named(self, name: str) -> Portfolio | Algorand | Prices:
        """The gateway whose state has that name."""
        return next(each for each in self._gateways() if each.state().name == name)

    def _gateways(self) -> list[Portfolio | Algorand | Prices]:
        return [each for each in (self.portfolio, self.algorand, self.prices) if each is not None]


@asynccontextmanager
async def open_upstreams(config: UpstreamConfig) -> AsyncIterator[Upstreams]:
    """Open what `config` describes; on leaving, nothing of it is left running."""
    seconds = _CALL_SHARE * config.request_deadline_seconds
    limits = Limits(total_seconds=seconds, proxy=config.upstream_proxy)
    memory = LRUCache()
    async with AsyncExitStack() as stack:
        links: list[RedisLink] = []
        if config.redis_url is not None:
            # Two: a large answer on its way must not make a reservation look lost.
            links = [RedisLink(config.redis_url, config.clock, each) for each in ("cache", "pace")]
        cache, pace = links or (None, None)
        for link in links:
            stack.push_async_callback(link.aclose)
        # Whoever starts without Redis reads so at once.
        await asyncio.gather(*[link.open() for link in links])

        async def budget_of(name: str, limit: float) -> Limiter:
            if pace is None:
                share = limit / config.replicas
                if config.budgets is None:
                    return LocalLimiter(share, config.clock)
                file = Path(config.budgets) / hashlib.sha256(name.encode()).hexdigest()
                shared = SharedLimiter(file, share, config.clock)
                stack.callback(shared.aclose)
                return shared
            processes = config.replicas * config.workers
            limiter = RedisLimiter(
                pace, name, limit, processes, clock=config.clock, wall=config.wall
            )
            return await stack.enter_async_context(limiter)

        def shared_of(name: str) -> RedisCache | None:
            if cache is None:
                return None
            return RedisCache(cache, name, keys, clock=config.clock, wall=config.wall)

        keys = f"{config.oneinch_api_key}\n{config.algod_token}"
        oneinch_name = f"{config.mode} portfolio {config.oneinch_url}"
        algod_name = f"{config.mode} algorand {config.algod_url}"
        oneinch = OneInch.open(
            config.oneinch_url,
            config.oneinch_api_key,
            transport=config.oneinch_transport,
            limits=limits,
        )
        stack.push_async_callback(oneinch.aclose)
        algod = Algod.open(
            config.algod_url,
            config.algod_token,
            transport=config.algod_transport,
            limits=replace(limits, max_connections=config.algod_concurrency),
        )
        stack.push_async_callback(algod.aclose)
        portfolio = Portfolio(
            oneinch,
            config,
            await budget_of(config.oneinch_url, config.oneinch_rps),
            memory,
            shared_of(oneinch_name),
        )
        stack.push_async_callback(portfolio.aclose)
        algorand = Algorand(
            algod,
            config,
            await budget_of(config.algod_url, config.algod_rps),
            memory,
            shared_of(algod_name),
        )
        stack.push_async_callback(algorand.aclose)
        prices = None
        if config.algorand_prices != "none":
            url = prices_url(config)
            provider = open_provider(config, limits)
            stack.push_async_callback(provider.http.aclose)
            prices = Prices(
                provider,
                config,
                await budget_of(url, config.algorand_prices_rps),
                memory,
                shared_of(f"{config.mode} prices {provider.name} {url}"),
            )
            stack.push_async_callback(prices.aclose)
        listed = None if config.compliance_list is None else read_list(config.compliance_list)
        yield Upstreams(portfolio, algorand, prices, links, listed)
