"""`walletgraph check`: is the configuration usable, and do both upstreams and Redis answer?"""

import asyncio
from collections.abc import Awaitable, Callable

from server.settings import Settings
from upstreams.assemble import UpstreamConfig, open_upstreams
from upstreams.deadline import deadline
from upstreams.errors import UpstreamError
from upstreams.redis_link import RedisLink

Say = Callable[[str], None]


def check(settings: Settings, config: UpstreamConfig, say: Say) -> bool:
    """Ask each upstream once and say what came in plain words; whether all is well."""
    say(f"Configuration: usable, {'sandbox' if settings.is_sandbox else 'live'} mode.")
    if not settings.is_sandbox:
        key = "set (***)" if settings.oneinch_api_key else "not set"
        say(f"1inch at {settings.oneinch_url}, key {key}; algod at {settings.algod_url}.")
    return asyncio.run(_ask(settings, config, say))


async def _ask(settings: Settings, config: UpstreamConfig, say: Say) -> bool:
    async with open_upstreams(config) as upstreams:

        async def portfolio() -> str:
            status = await upstreams.portfolio.status()
            return "is available" if status.value.is_available else "answers, but is not available"

        async def algorand() -> str:
            versions = await upstreams.algorand.versions()
            return f"answers, network {versions.value.genesis_id}"

        with deadline(settings.request_deadline_seconds):
            found = [
                *[await _redis(link, say) for link in upstreams.links[:1]],
                await _told("1inch Portfolio API", portfolio, say),
                await _told("algod", algorand, say),
            ]
    return all(found)


async def _redis(link: RedisLink, say: Say) -> bool:
    problem = await link.open()
    if problem is None:
        say("Redis: answers, and takes writes.")
    else:
        say(f"Redis at REDIS_URL cannot be used: {problem}.")
    return problem is None


async def _told(name: str, ask: Callable[[], Awaitable[str]], say: Say) -> bool:
    try:
        say(f"{name}: {await ask()}.")
    except UpstreamError as error:
        say(f"{name}: {error.code}. {error}")
        return False
    return True
