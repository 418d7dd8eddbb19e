"""What an EVM wallet holds, joined from its snapshots; one that cannot be had is a part."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from resolvers.coverage import check_is_read
from resolvers.loaders import Loaders
from resolvers.part import Part, missing, present
from resolvers.wallet import Wallet
from upstreams.errors import UpstreamError, UpstreamRejected
from upstreams.oneinch.attribution import Snapshot
from upstreams.oneinch.client import PROTOCOLS, TOKENS, Position
from upstreams.oneinch.source import SnapshotKey
from upstreams.source.timestamped import Timestamped, moment

PARTS = (TOKENS, PROTOCOLS)
"""The snapshots that a wallet is read from."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a wallet holds, of the snapshots asked for; `is_kept` where the rows are."""

    key: SnapshotKey
    rows: Sequence[Position]
    unreadable_count: int
    parts: tuple[Part, ...]
    is_kept: bool


async def held_by(
    loaders: Loaders, wallet: Wallet, chain_id: int | None, at: int | None, names: Sequence[str]
) -> Held:
    """What is known of those snapshots of an EVM wallet; one that cannot be had is a part."""
    keys = [SnapshotKey(wallet.key, chain_id, at, name) for name in names]
    # All are asked for before one is waited for, so that they leave together.
    coming = [loaders.snapshot.load(key) for key in keys]
    found: dict[str, Timestamped[Snapshot]] = {}
    parts: list[Part] = []
    for name, each in zip(names, coming, strict=True):
        try:
            answer = found[name] = await each
        except UpstreamError as error:
            parts.append(missing(name, wallet, error))
        else:
            as_of = dated(answer.as_of, answer.value.cached_at)
            parts.append(present(name, wallet, as_of, is_stale=answer.is_stale))
    if not found:
        if chain_id is not None and all(map(_is_refused, parts)):
            await check_is_read(loaders, chain_id)
        return Held(keys[0], (), 0, tuple(parts), is_kept=False)
    is_kept = all(answer.max_age > 0 or answer.is_stale for answer in found.values())
    first, *others = found.values()
    rows: Sequence[Position] = first.value.rows
    for other in others:
        portfolio = loaders.upstreams.portfolio
        rows = portfolio.join(keys[0], first.value, other.value, keep=is_kept)
    if chain_id is not None and not rows and loaders.upstreams.portfolio.knows_chains:
        # In an answer about all chains there is nothing of one that is not read, either.
        await check_is_read(loaders, chain_id)
    return Held(
        keys[0]._replace(part=" ".join(found)),
        rows,
        sum(answer.value.left_out for answer in found.values()),
        tuple(parts),
        is_kept,
    )


def _is_refused(part: Part) -> bool:
    """Whether the source called the question itself wrong."""
    return isinstance(part.error, UpstreamRejected) and part.error.is_lasting


def dated(as_of: datetime, cached_at: int | None) -> datetime:
    """When an answer is of: no later than when the source says that it computed it."""
    return as_of if cached_at is None else min(as_of, moment(cached_at))
