"""`Timestamped`: an upstream's answer together with how old it is."""

from datetime import UTC, datetime
from typing import Generic, NamedTuple, TypeVar

T_co = TypeVar("T_co", covariant=True)


class Timestamped(NamedTuple, Generic[T_co]):
    """One answer and its age.

    `as_of` is when the upstream gave it (UTC), `max_age` how many more seconds it counts as
    fresh (0 when stale), `is_stale` whether it has outlived the time it was meant to be kept.
    `age` is the seconds since, by a clock that nobody sets.
    """

    value: T_co
    as_of: datetime
    is_stale: bool
    max_age: float
    age: float = 0.0


def moment(seconds: float) -> datetime:
    """The UTC datetime of a Unix time in seconds."""
    return datetime.fromtimestamp(seconds, UTC)
