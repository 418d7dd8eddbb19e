"""What carries a GET to an upstream, and the seam where tests and the sandbox plug in."""

from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import NamedTuple, Protocol, cast

import httpx

Params = Sequence[tuple[str, str]]


class Answer(NamedTuple):
    """An answer whose body is yet to come; `headers` are found by their names in lower case.

    `chunks` are the body as it is on the wire, still packed if it came so.
    """

    status: int
    headers: Mapping[str, str]
    chunks: AsyncIterable[bytes]


class Wire(Protocol):
    """GETs under one base URL, each sent once and never again, whatever becomes of it.

    What fails is an httpx.HTTPError or an OSError; its text may quote anything. Leaving the block
    before the body has ended closes the connection.
    """

    def get(self, path: str, params: Params) -> AbstractAsyncContextManager[Answer]: ...

    async def aclose(self) -> None: ...


class Plugged:
    """A wire over a transport of httpx."""

    def __init__(
        self, transport: httpx.AsyncBaseTransport, base_url: str, headers: Mapping[str, str]
    ) -> None:
        self._transport = transport
        self._base_url = base_url
        self._headers = headers

    @asynccontextmanager
    async def get(self, path: str, params: Params) -> AsyncIterator[Answer]:
        request = httpx.Request(
            "GET", f"{self._base_url}{path}", params=list(params) or None, headers=self._headers
        )
        response = await self._transport.handle_async_request(request)
        try:
            # The stream itself: httpx would cut and unpack it.
            stream = cast(httpx.AsyncByteStream, response.stream)
            yield Answer(response.status_code, response.headers, stream)
        finally:
            await response.aclose()

    async def aclose(self) -> None:
        await self._transport.aclose()
