"""One deadline for everything an operation does: set it once, and every wait below reads it."""

import asyncio
from contextvars import ContextVar, Token
from typing import ClassVar

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


class DeadlineExceeded(Exception):
    """The operation has no time left for what it still had to do."""

    extensions: ClassVar[dict[str, object]] = {"code": "DEADLINE_EXCEEDED"}

    def __init__(self) -> None:
        super().__init__("The operation took too long.")


class deadline:  # noqa: N801 - a statement of its own, as `with deadline(2):`
    """Give the code inside `seconds` from now, or what an enclosing deadline leaves if less.

    It sets the time and interrupts nothing: each wait bounds itself by `remaining()`. Tasks
    started inside inherit it. Needs a running event loop.
    """

    __slots__ = ("_seconds", "_token")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._token: Token[float | None]

    def __enter__(self) -> None:
        until = asyncio.get_running_loop().time() + self._seconds
        outer = _deadline.get()
        self._token = _deadline.set(until if outer is None or until < outer else outer)

    def __exit__(self, *_: object) -> None:
        _deadline.reset(self._token)


def moment() -> float | None:
    """When the deadline is, in the loop's time; None where none was set."""
    return _deadline.get()


def remaining() -> float | None:
    """Seconds left, never below 0; None where no deadline was set."""
    until = _deadline.get()
    if until is None:
        return None
    return max(0.0, until - asyncio.get_running_loop().time())
