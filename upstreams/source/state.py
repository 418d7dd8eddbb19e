"""`SourceState`: what one upstream's gateway tells about itself to operators and clients."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceState:
    """A snapshot of one gateway.

    `limit` is in calls a second; `permits_left` is how many calls could leave this instant;
    `merges` counts the calls that others' wallets rode along in, so that they needed none of
    their own; `oldest_served_seconds` is the greatest age of any answer handed out since the
    start; `last_error` is the last failure's `UPSTREAM_*` code; `concurrency` is the most calls
    that may be under way together, None where nothing bounds them; `budget_failures` counts how
    often the budget of calls itself failed.
    """

    name: str
    mode: str
    limit: float
    permits_left: float
    queue_length: int
    breaker: str
    calls: int
    merges: int
    oldest_served_seconds: float
    last_error: str | None
    is_batching: bool
    concurrency: int | None
    budget_failures: int = 0
