"""How generated code says that a value must be awaited: by raising, so that the rest is free."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any


class Raw(Exception):
    """A resolver or a list item gave an awaitable where a plain value was expected."""

    def __init__(self, awaitable: Awaitable[Any]) -> None:
        super().__init__()
        self.awaitable = awaitable


class Pending(Exception):
    """A value below is being completed and will be there when the awaitable is."""

    def __init__(self, awaitable: Awaitable[Any]) -> None:
        super().__init__()
        self.awaitable = awaitable
