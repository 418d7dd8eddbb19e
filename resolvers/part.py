"""The parts an answer is put together of: each may be fresh, stale or missing by itself."""

from datetime import datetime
from enum import Enum

import msgspec

from resolvers.wallet import Ecosystem, Wallet
from upstreams.errors import UpstreamError


class PartState(Enum):
    """Whether a part is there."""

    FRESH = "FRESH"
    STALE = "STALE"
    MISSING = "MISSING"


class Part(msgspec.Struct, frozen=True):
    """What a source gives of some wallets: when it is of, or the code for which it is missing.

    `error` is what its source said, where it was asked.
    """

    source: str
    state: PartState
    wallets: tuple[Wallet, ...]
    as_of: datetime | None = None
    code: str | None = None
    error: UpstreamError | None = None

    @property
    def ecosystem(self) -> Ecosystem:
        return self.wallets[0].ecosystem

    @property
    def retry_after(self) -> float | None:
        return None if self.error is None else self.error.retry_after


def present(source: str, wallet: Wallet, as_of: datetime, *, is_stale: bool = False) -> Part:
    """A part that is there."""
    return Part(source, PartState.STALE if is_stale else PartState.FRESH, (wallet,), as_of)


def missing(source: str, wallet: Wallet, error: UpstreamError) -> Part:
    """A part that could not be had."""
    return Part(source, PartState.MISSING, (wallet,), None, error.code, error)


def are_missing(parts: tuple[Part, ...]) -> bool:
    """Whether nothing at all is there."""
    return all(part.state is PartState.MISSING for part in parts)
