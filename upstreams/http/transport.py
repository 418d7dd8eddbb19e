"""What `httpx.AsyncClient` sends its requests over: aiohttp's sockets, with our bounds."""

from functools import cache
from ssl import SSLContext

import aiohttp
import httpx
from aiohttp.http_exceptions import LineTooLong
from httpx_aiohttp import AiohttpTransport

# Bytes of a status line or of one header, and headers of an answer. Security policies and
# cookies alone come to more than aiohttp's own 8190.
MAX_LINE = 64 << 10
MAX_HEADERS = 512
_READ_BYTES = 1 << 20


class HeadTooLarge(httpx.RemoteProtocolError):
    """An answer's status line or headers exceed our bounds; it would come so again."""


class Sockets(AiohttpTransport):
    """A transport of kept connections; it trusts the certificates httpx comes with, and no others.

    All that fails is an httpx.TransportError or an OSError. A request is sent once and never
    again, whatever becomes of it.
    """

    def __init__(
        self, *, max_connections: int, keepalive_seconds: float, proxy: str | None = None
    ) -> None:
        """`proxy` is the URL of an HTTP proxy, perhaps with a user and a password."""
        super().__init__(verify=_tls(), client=self._open, proxy=_between(proxy))
        self._max_connections = max_connections
        self._keepalive_seconds = keepalive_seconds

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await super().handle_async_request(request)
        except aiohttp.ClientResponseError as error:
            # The transport lets these through as they are.
            raise (HeadTooLarge if _is_size(error) else httpx.RemoteProtocolError)("") from None
        except httpx.ConnectTimeout as error:
            # Its name for whatever happens to a connection.
            cause = error.__cause__
            if isinstance(cause, aiohttp.ServerTimeoutError):
                raise
            is_unmade = isinstance(cause, aiohttp.ClientConnectorError)
            raise (httpx.ConnectError if is_unmade else httpx.ReadError)("") from None

    def _open(self) -> aiohttp.ClientSession:
        """Made in the event loop that uses it; keeps no cookie, asks no environment for a proxy."""
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=self._max_connections,
                keepalive_timeout=self._keepalive_seconds,
                ssl=_tls(),
            ),
            timeout=aiohttp.ClientTimeout(total=None),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            read_bufsize=_READ_BYTES,
            max_line_size=MAX_LINE,
            max_field_size=MAX_LINE,
            max_headers=MAX_HEADERS,
        )
        # It would repeat a GET whose connection broke: a call that no budget knows of.
        session._retry_connection = False
        return session


def _between(url: str | None) -> httpx.Proxy | None:
    """The proxy, with its user and password as a header, which aiohttp takes without a warning."""
    if url is None:
        return None
    parts = httpx.URL(url)
    headers = {}
    if parts.username:
        # aiohttp moves this to Proxy-Authorization, as it does with what it makes of a BasicAuth.
        headers["Authorization"] = aiohttp.encode_basic_auth(parts.username, parts.password)
    return httpx.Proxy(parts.copy_with(username=None, password=None), headers=headers)


def _is_size(error: BaseException | None) -> bool:
    """Whether a bound on an answer's head is what made this error."""
    while error is not None:
        if isinstance(error, LineTooLong) or "Too many headers" in str(error):
            return True
        error = error.__cause__
    return False


@cache
def _tls() -> SSLContext:
    # Reading the certificates takes longer than anything else at start, so all clients share it.
    return httpx.create_ssl_context(trust_env=False)
