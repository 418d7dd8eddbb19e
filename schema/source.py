"""The sources behind the graph, and what stands between them and the next answer."""

from enum import Enum

import strawberry

from resolvers import algorand
from resolvers.loaders import Loaders
from schema.calls import NODE, SERVICE
from schema.context import Info
from schema.directives import INTERNAL
from schema.fields import derived
from schema.scalars import BigInt
from upstreams.source.state import SourceState

PORTFOLIO, PRICES = "portfolio", "prices"


@strawberry.enum(description="Where a source's answers come from.", directives=[INTERNAL])
class SourceMode(Enum):
    LIVE = strawberry.enum_value("LIVE", description="The real service: real money.")
    SANDBOX = strawberry.enum_value(
        "SANDBOX", description="An imitation, in this process or elsewhere: invented figures."
    )


@strawberry.enum(description="Whether calls to a source are let through.", directives=[INTERNAL])
class BreakerState(Enum):
    CLOSED = strawberry.enum_value("CLOSED", description="Calls go through.")
    OPEN = strawberry.enum_value("OPEN", description="It failed too often: no call goes through.")
    HALF_OPEN = strawberry.enum_value("HALF_OPEN", description="One call is trying it again.")


Record = strawberry.Parent[SourceState]


@strawberry.type(
    description="A service this graph reads from, with its budget of calls.", directives=[INTERNAL]
)
class Source:
    name: str = strawberry.field(
        description="`portfolio` (EVM wallets), `algorand`, or `prices` (of Algorand's assets)."
    )
    limit: float = strawberry.field(description="How many calls a second it may get.")
    concurrency: int | None = strawberry.field(
        description="How many calls may be under way at once; null where only the rate is limited."
    )
    permits_left: float = strawberry.field(description="How many calls could leave right now.")
    queue_length: int = strawberry.field(description="How many requests for data wait for a call.")
    calls: BigInt = strawberry.field(description="Calls made since the start.")
    merges: BigInt = strawberry.field(
        description="Requests that needed no call of their own, as another's call brought their "
        "answer, since the start."
    )
    oldest_served_seconds: float = strawberry.field(
        description="The age in seconds of the oldest answer served since the start."
    )
    last_error: str | None = strawberry.field(
        name="lastErrorCode", description="The code of its last failure; null before any."
    )
    is_batching: bool = strawberry.field(
        description="Whether several wallets may share a call now. Where shared answers have rows "
        "that name no wallet it pauses, for longer each time, and is then tried again."
    )

    @derived(
        "Whether it is the real service or a sandbox, by what its answers say. Before the first "
        "answer the source is asked, and taken for the real one if it does not reply."
    )
    @staticmethod
    async def mode(root: Record, info: Info) -> SourceMode:
        gateway = info.context.loaders.upstreams.named(root.name)
        return SourceMode(await gateway.mode())

    @derived(
        "What a provider of prices wants said where its figures are shown; null of other sources."
    )
    @staticmethod
    def attribution(root: Record, info: Info) -> str | None:
        prices = info.context.loaders.upstreams.prices
        return prices.attribution if prices is not None and root.name == PRICES else None

    @derived("Whether calls to it are let through.")
    @staticmethod
    def breaker(root: Record) -> BreakerState:
        return BreakerState(root.breaker)

    @derived(
        "The network it serves: eip155 for all EVM chains, the genesis id for Algorand.",
        calls=NODE,
    )
    @staticmethod
    async def network(root: Record, info: Info) -> str | None:
        if root.name == PORTFOLIO:
            return "eip155"
        return await algorand.network(info.context.loaders)

    @derived(
        "Whether it says it is available. This asks the source, at the price of a call "
        "where the last answer is too old. Null where it has no such question.",
        calls=SERVICE,
    )
    @staticmethod
    async def is_available(root: Record, info: Info) -> bool | None:
        loaders = info.context.loaders
        if root.name == PORTFOLIO:
            return (await loaders.service_status()).value.is_available
        if root.name == PRICES:
            # It has nothing to be asked that costs no call for a price.
            return None
        return await algorand.is_available(loaders)


def states(loaders: Loaders) -> list[SourceState]:
    """The state of every source, now: it has no age, and no answer that tells of it is kept."""
    loaders.freshness.shorten(0)
    return loaders.upstreams.states()
