"""One deadline for everything an operation does: set it once, and every wait below reads it."""

import asyncio
from contextvars import ContextVar, Token
from typing import ClassVar, NamedTuple


class _Deadline(NamedTuple):
    """When all must be done, in the loop's time, and what share of waiting that adds."""

    end: float
    answering: float


_deadline: ContextVar[_Deadline | None] = ContextVar("deadline", default=None)


class DeadlineExceeded(Exception):
    """The operation has no time left for what it still had to do."""

    extensions: ClassVar[dict[str, object]] = {"code": "DEADLINE_EXCEEDED"}

    def __init__(self) -> None:
        super().__init__("The operation took too long.")


# How much longer than for sources an operation has for the making of its answer: all whom a source
# is too slow for go on at one time, with what there is.
ANSWERING = 0.2


class deadline:  # noqa: N801 - a statement of its own, as `with deadline(2):`
    """Give the code inside `seconds` from now, or what an enclosing deadline leaves if less.

    The seconds are those for which sources may be waited for; the share `answering` of them is
    added for what is made of their answers. It sets the time and interrupts nothing: each wait
    bounds itself by `remaining()` or `remaining_wait()`. Tasks started inside inherit it. Needs a
    running event loop.
    """

    __slots__ = ("_answering", "_seconds", "_token")

    def __init__(self, seconds: float, answering: float = 0.0) -> None:
        self._seconds = seconds
        self._answering = answering
        self._token: Token[_Deadline | None]

    def __enter__(self) -> None:
        answering, outer = self._answering, _deadline.get()
        end = asyncio.get_running_loop().time() + self._seconds * (1 + answering)
        if outer is not None:
            end, answering = min(end, outer.end), max(answering, outer.answering)
        self._token = _deadline.set(_Deadline(end, answering))

    def __exit__(self, *_: object) -> None:
        _deadline.reset(self._token)


def moment() -> float | None:
    """When the deadline is, in the loop's time; None where none was set."""
    found = _deadline.get()
    return None if found is None else found.end


def remaining() -> float | None:
    """Seconds left, never below 0; None where no deadline was set."""
    found = _deadline.get()
    if found is None:
        return None
    return max(0.0, found.end - asyncio.get_running_loop().time())


def remaining_wait() -> float | None:
    """How long a source may be waited for from now on, so that time to answer is left."""
    found, left = _deadline.get(), remaining()
    return left if found is None or left is None else left / (1 + found.answering)
