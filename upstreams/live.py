"""The live wire: GETs over aiohttp's sockets."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from ssl import SSLContext
from urllib.parse import quote_plus

import aiohttp
import httpx
from yarl import URL

from upstreams.wire import Answer, Params

_READ_BYTES = 1 << 20


class Live:
    """A wire of kept connections that trusts the certificates httpx comes with, and no others.

    `base_url` is one that `Http` has checked. ValueError for a header that would not stay one line.
    """

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        *,
        connect_seconds: float,
        keepalive_seconds: float,
    ) -> None:
        if not all(value.isascii() and value.isprintable() for value in headers.values()):
            raise ValueError("an upstream's headers must be printable ASCII")
        self._base_url = base_url
        self._headers = dict(headers)
        self._timeout = aiohttp.ClientTimeout(total=None, connect=connect_seconds)
        self._keepalive_seconds = keepalive_seconds
        self._session: aiohttp.ClientSession | None = None
        self._is_closed = False

    @asynccontextmanager
    async def get(self, path: str, params: Params) -> AsyncIterator[Answer]:
        if self._is_closed:
            raise httpx.CloseError("")
        session = self._session = self._session or self._opened()
        query = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in params)
        # Quoted already: aiohttp would look at each character of it again.
        url = URL(f"{self._base_url}{path}{'?' if query else ''}{query}", encoded=True)
        try:
            async with session.get(url, allow_redirects=False) as response:
                yield Answer(response.status, response.headers, _chunks(response.content))
        except aiohttp.ClientError as error:
            raise _translated(error) from None

    async def aclose(self) -> None:
        self._is_closed = True
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        """Sockets that keep no cookie and know no proxy, made in the event loop that uses them."""
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0,
                keepalive_timeout=self._keepalive_seconds,
                ssl=_tls() if self._base_url.startswith("https:") else False,
            ),
            headers=self._headers,
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            read_bufsize=_READ_BYTES,
        )
        # It would repeat a GET whose connection broke: a call that no budget knows of.
        session._retry_connection = False
        return session


async def _chunks(content: aiohttp.StreamReader) -> AsyncIterator[bytes]:
    try:
        while chunk := await content.readany():
            yield chunk
    except aiohttp.ClientError as error:
        raise _translated(error) from None


def _translated(error: aiohttp.ClientError) -> httpx.TransportError:
    """The same under the names that messages show."""
    if isinstance(error, aiohttp.ServerTimeoutError):
        return httpx.ConnectTimeout("")
    if isinstance(error, aiohttp.ClientConnectorError):
        return httpx.ConnectError("")
    if isinstance(error, aiohttp.ClientConnectionError):
        return httpx.ReadError("")
    return httpx.RemoteProtocolError("")


def _quoted(text: str) -> str:
    return text if text.isalnum() and text.isascii() else quote_plus(text)


@cache
def _tls() -> SSLContext:
    # Reading the certificates takes longer than anything else at start, so all clients share it.
    return httpx.create_ssl_context(trust_env=False)
