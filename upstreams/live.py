"""The live wire: GETs over reqwest, the HTTP client written in Rust, on a thread of its own."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache
from typing import cast

import certifi
import httpx
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import (
    ConnectError,
    ConnectTimeoutError,
    PyreqwestError,
    RequestTimeoutError,
)
from pyreqwest.http import HeaderMap
from pyreqwest.response import ResponseBodyReader

from upstreams.wire import Answer, Params

# The first that an error is one of, under the names that messages show.
_KINDS: tuple[tuple[type[PyreqwestError], type[httpx.TransportError]], ...] = (
    (ConnectTimeoutError, httpx.ConnectTimeout),
    (RequestTimeoutError, httpx.ReadTimeout),
    (ConnectError, httpx.ConnectError),
    (PyreqwestError, httpx.RemoteProtocolError),
)
_LATER_SECONDS = 0.25


class Live:
    """A wire of kept connections; it trusts the system's certificates and those that come along.

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
        sent = HeaderMap()
        for name, value in headers.items():
            sent.insert(name, value, is_sensitive=True)
        self._base_url = base_url
        self._calls: set[asyncio.Timeout] = set()
        self._client: Client | None = (
            ClientBuilder()
            .default_headers(sent)
            .connect_timeout(timedelta(seconds=connect_seconds))
            .pool_idle_timeout(timedelta(seconds=keepalive_seconds))
            .add_root_certificate_pem(_roots())
            .http1_only()
            .no_proxy()
            .follow_redirects(False)
            .referer(False)
            .gzip(False)
            .brotli(False)
            .zstd(False)
            .deflate(False)
            .build()
        )

    @asynccontextmanager
    async def get(self, path: str, params: Params, seconds: float) -> AsyncIterator[Answer]:
        if self._client is None:
            raise httpx.CloseError("")
        request = (
            self._client.get(f"{self._base_url}{path}")
            .query(params)
            # A call that is given up before its answer begins goes on in the library's thread until
            # then; later than ours, as the end of time is the caller's to tell.
            .timeout(timedelta(seconds=seconds + _LATER_SECONDS))
            # Any other would hold the head back until so much of the body is there.
            .streamed_read_buffer_limit(0)
            .build_streamed()
        )
        try:
            async with asyncio.timeout(None) as call:
                self._calls.add(call)
                async with request as response:
                    yield Answer(response.status, response.headers, _Chunks(response.body_reader))
        except PyreqwestError as error:
            raise _translated(error) from None
        except TimeoutError:
            if call.expired():
                raise httpx.CloseError("") from None
            raise
        finally:
            self._calls.discard(call)

    async def aclose(self) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        # The library would leave those alone whose body is being read.
        for call in self._calls:
            call.reschedule(asyncio.get_running_loop().time())
        await client.close()


class _Chunks:
    """The body as it comes."""

    def __init__(self, reader: ResponseBodyReader) -> None:
        self._reader = reader

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            chunk = await self._reader.read_chunk()
        except PyreqwestError as error:
            raise _translated(error) from None
        if chunk is None:
            raise StopAsyncIteration
        # Bytes but for the name: they lie in the library's memory, and are read from there.
        return cast(bytes, chunk)


def _translated(error: PyreqwestError) -> httpx.TransportError:
    return next(kind for theirs, kind in _KINDS if isinstance(error, theirs))("")


@cache
def _roots() -> bytes:
    return certifi.contents().encode()
