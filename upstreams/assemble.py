"""`open_upstreams`: builds both gateways from the configuration and closes them again."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from upstreams.algod import Algod
from upstreams.algorand import Algorand
from upstreams.budget import Budget, LocalBudget
from upstreams.cache import Memory
from upstreams.config import UpstreamConfig
from upstreams.http import Limits
from upstreams.oneinch import OneInch
from upstreams.portfolio import Portfolio
from upstreams.redis_budget import RedisBudget
from upstreams.redis_cache import Shared
from upstreams.redis_link import RedisLink

__all__ = ["UpstreamConfig", "Upstreams", "open_upstreams"]

# The part of an operation's deadline that one upstream call may use: a call that hangs must end,
# and count as failed, before everybody who waits for it has given up.
_CALL_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Upstreams:
    """The gateways of one process."""

    portfolio: Portfolio
    algorand: Algorand
    links: Sequence[RedisLink] = ()


@asynccontextmanager
async def open_upstreams(config: UpstreamConfig) -> AsyncIterator[Upstreams]:
    """Open what `config` describes; on leaving, nothing of it is left running."""
    seconds = _CALL_SHARE * config.request_deadline_seconds
    memory = Memory()
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

        async def budget_of(name: str, limit: float) -> Budget:
            if pace is None:
                return LocalBudget(limit / config.replicas, config.clock)
            budget = RedisBudget(
                pace, name, limit, config.replicas, clock=config.clock, wall=config.wall
            )
            return await stack.enter_async_context(budget)

        def shared_of(name: str) -> Shared | None:
            if cache is None:
                return None
            return Shared(cache, name, keys, clock=config.clock, wall=config.wall)

        keys = f"{config.oneinch_api_key}\n{config.algod_token}"
        oneinch_name = f"{config.mode} portfolio {config.oneinch_url}"
        algod_name = f"{config.mode} algorand {config.algod_url}"
        oneinch = OneInch.open(
            config.oneinch_url,
            config.oneinch_api_key,
            transport=config.oneinch_transport,
            limits=Limits(total_seconds=seconds),
        )
        stack.push_async_callback(oneinch.aclose)
        algod = Algod.open(
            config.algod_url,
            config.algod_token,
            transport=config.algod_transport,
            limits=Limits(total_seconds=seconds, max_connections=config.algod_concurrency),
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
        yield Upstreams(portfolio, algorand, links)
