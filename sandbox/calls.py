"""The calls a sandbox was sent, in order, for tests to count."""

from typing import NamedTuple
from urllib.parse import parse_qsl

from starlette.types import Scope


class Call(NamedTuple):
    """One request. `query` keeps the order and the repetition of its parameters."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, scope: Scope) -> "Call":
        """The call an ASGI scope describes."""
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        return cls(scope["method"], scope["path"], tuple(query))

    def values(self, name: str) -> list[str]:
        """Every value of one query parameter."""
        return [value for key, value in self.query if key == name]


class Calls(list[Call]):
    """The newest calls; `total` counts those too that were dropped to bound the memory."""

    def __init__(self, keep: int = 10_000) -> None:
        super().__init__()
        self.keep = keep
        self.total = 0

    def record(self, call: Call) -> None:
        """Append a call, and forget the older half when there are too many."""
        self.total += 1
        if len(self) >= self.keep:
            del self[: self.keep // 2]
        self.append(call)
