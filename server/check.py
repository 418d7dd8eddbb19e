"""`walletgraph check`: is the configuration usable, and do both upstreams and Redis answer?"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from server.settings import Settings
from upstreams.deadline import deadline
from upstreams.errors import (
    UpstreamError,
    UpstreamRateLimited,
    UpstreamTimeout,
    UpstreamUnauthorized,
    UpstreamUnavailable,
)
from upstreams.open import UpstreamConfig, open_upstreams
from upstreams.redis.link import RedisLink

Say = Callable[[str], None]


class Source(NamedTuple):
    """An upstream in words for the one who configures it: its name and its variables."""

    name: str
    url: str
    key: str
    rate: str
    whence: str


_PORTFOLIO = Source(
    "1inch Portfolio API",
    "ONEINCH_URL",
    "ONEINCH_API_KEY",
    "ONEINCH_RPS",
    "one from https://portal.1inch.dev, or UPSTREAMS=sandbox to try everything without one",
)
_ALGORAND = Source("algod", "ALGOD_URL", "ALGOD_TOKEN", "ALGOD_RPS", "the one of that node")


def check(settings: Settings, config: UpstreamConfig, say: Say) -> bool:
    """Ask each upstream once and say what came in plain words; whether all is well."""
    say(f"Configuration: usable, {'sandbox' if settings.is_sandbox else 'live'} mode.")
    if not settings.is_sandbox:
        key = "set (***)" if settings.oneinch_api_key else "not set"
        say(f"1inch at {settings.oneinch_url}, key {key}; algod at {settings.algod_url}.")
    return asyncio.run(_ask(settings, config, say))


async def _ask(settings: Settings, config: UpstreamConfig, say: Say) -> bool:
    async with open_upstreams(config) as upstreams:

        async def portfolio() -> str | None:
            status = await upstreams.portfolio.status()
            return "is available" if status.value.is_available else None

        async def algorand() -> str:
            versions = await upstreams.algorand.versions()
            return f"answers, network {versions.value.genesis_id}"

        seconds = settings.request_deadline_seconds
        return all(
            [
                *[await _redis(link, say) for link in upstreams.links[:1]],
                await _told(_PORTFOLIO, portfolio, seconds, settings, say),
                await _told(_ALGORAND, algorand, seconds, settings, say),
            ]
        )


async def _redis(link: RedisLink, say: Say) -> bool:
    problem = await link.open()
    if problem is None:
        say("Redis: answers, and takes writes.")
    else:
        say(f"Redis at REDIS_URL cannot be used: {problem}.")
        say("  Next: see that REDIS_URL is right; one process alone works without it.")
    return problem is None


async def _told(
    source: Source,
    ask: Callable[[], Awaitable[str | None]],
    seconds: float,
    settings: Settings,
    say: Say,
) -> bool:
    try:
        with deadline(seconds):
            found = await ask()
    except UpstreamError as error:
        say(f"{source.name}: {error.code}. {error}")
        say(f"  Next: {next_step(source, error, settings)}.")
        return False
    if found is None:
        say(f"{source.name}: answers, but says that it is not available.")
        say("  Next: try again in a few minutes; until then answers may be old or missing.")
        return False
    say(f"{source.name}: {found}.")
    return True


def next_step(source: Source, error: UpstreamError, settings: Settings) -> str:
    """What the one who configures this service can do about an error."""
    if isinstance(error, UpstreamUnauthorized):
        if getattr(settings, source.key.lower()) is None:
            return f"set {source.key} to {source.whence}"
        return f"see that {source.key} is whole, still valid and for this address"
    if isinstance(error, UpstreamRateLimited):
        wait = "a minute" if error.retry_after is None else f"{error.retry_after:.0f} s"
        return (
            f"wait {wait} and try again; {source.rate} and REPLICAS must fit what you are"
            " allowed, and others may be using the same key"
        )
    if isinstance(error, UpstreamUnavailable) and error.status is not None:
        return f"it answered with HTTP {error.status}, so the fault is its own: try again later"
    if isinstance(error, UpstreamUnavailable):
        return (
            f"see that {source.url} is right, and that this machine reaches it directly:"
            " proxies named in the environment are not used"
        )
    if isinstance(error, UpstreamTimeout):
        return (
            f"see that {source.url} is right and near; REQUEST_DEADLINE_SECONDS is how long"
            " an answer may take"
        )
    return f"something other than this API seems to answer: see that {source.url} is its base URL"
