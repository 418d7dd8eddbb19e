"""`SharedCache`: what a source asks of a cache that replicas share."""

from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, NamedTuple, Protocol, TypeVar

from upstreams.errors import UpstreamError
from upstreams.source.cache import CachePolicy, Entry

T = TypeVar("T")


class Kept(NamedTuple, Generic[T]):
    """What another replica fetched: when, as Unix time on our clock, and how many seconds ago."""

    fetched: float
    age: float
    value: T


class SharedCache(Protocol):
    """A cache beyond this process; away, or with content it cannot read, it is simply empty."""

    async def fetch(
        self,
        policy: CachePolicy[T],
        key: Hashable,
        adopt: Callable[[Kept[T]], Entry[T] | None],
        ask: Callable[[], Awaitable[Entry[T] | UpstreamError]],
    ) -> Entry[T] | UpstreamError:
        """What is kept, if `adopt` makes a fresh entry of it, else what `ask` gets.

        One replica asks; the others wait for its answer, unless it dies over it.
        """

    async def holds(
        self, policy: CachePolicy[T], key: Hashable, adopt: Callable[[Kept[T]], Entry[T] | None]
    ) -> bool:
        """Whether an answer is kept, which `adopt` then gets, or a replica is asking for it."""
