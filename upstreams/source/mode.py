"""`SourceMode`: whether a source is the real service or a sandbox, as its own answers say."""

import asyncio
from collections.abc import Awaitable, Callable

from upstreams.errors import UpstreamError
from upstreams.http.client import HttpClient

SANDBOX = "SANDBOX"

# How long the question may keep its asker waiting when the source has said nothing so far.
PATIENCE_SECONDS = 2.0


class SourceMode:
    """Where one source's answers come from.

    A server in live mode may have been pointed at a sandbox that runs elsewhere: every answer of a
    sandbox says that it is one, and what it said once counts until the restart, as its figures may
    still be kept.
    """

    def __init__(self, mode: str, http: HttpClient) -> None:
        self._mode = mode
        self._http = http
        self._has_asked = False

    @property
    def mode(self) -> str:
        """As far as is known now."""
        return SANDBOX if self._http.is_sandbox else self._mode

    async def settle(self, ask: Callable[[], Awaitable[object]]) -> str:
        """The same, after one call by `ask` if the source has not answered anything so far.

        If that fails it is not repeated: the next answer of any kind will tell.
        """
        if self._mode != SANDBOX and self._http.is_sandbox is None and not self._has_asked:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await ask()
            except (UpstreamError, TimeoutError):
                pass
            self._has_asked = True
        return self.mode
