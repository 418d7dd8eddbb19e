"""One deadline for everything an operation does: set it once, and every wait below reads it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Give the code inside `seconds` from now, or what an enclosing deadline leaves if less.

    It sets the time and interrupts nothing: each wait bounds itself by `remaining()`. Tasks
    started inside inherit it. Needs a running event loop.
    """
    moment = asyncio.get_running_loop().time() + seconds
    outer = _deadline.get()
    token = _deadline.set(moment if outer is None else min(outer, moment))
    try:
        yield
    finally:
        _deadline.reset(token)


def remaining() -> float | None:
    """Seconds left, never below 0; None where no deadline was set."""
    moment = _deadline.get()
    if moment is None:
        return None
    return max(0.0, moment - asyncio.get_running_loop().time())
