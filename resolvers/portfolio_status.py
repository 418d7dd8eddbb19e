"""What the portfolio source says of itself."""

from dataclasses import dataclass
from datetime import datetime

from resolvers.loaders import Loaders
from resolvers.snapshots import dated
from upstreams.oneinch.client import ServiceStatus
from upstreams.oneinch.envelope import TIMINGS
from upstreams.source.timestamped import moment


@dataclass(frozen=True, slots=True)
class DatedStatus:
    """The portfolio source's word on itself, dated."""

    status: ServiceStatus
    as_of: datetime
    is_stale: bool

    @property
    def is_available(self) -> bool:
        return self.status.is_available

    @property
    def cached_at(self) -> datetime | None:
        seconds = self.status.cached_at
        return None if seconds is None else moment(seconds)

    @property
    def timings(self) -> ServiceStatus | None:
        """The record itself, where the source sent timings at all."""
        has_some = any(getattr(self.status, name) is not None for name in TIMINGS)
        return self.status if has_some else None


async def service_status(loaders: Loaders) -> DatedStatus:
    found = await loaders.service_status()
    return DatedStatus(found.value, dated(found.as_of, found.value.cached_at), found.is_stale)
