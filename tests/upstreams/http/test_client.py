import asyncio
import gzip
import logging
import os
import zlib
from collections.abc import Callable
from functools import partial

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.json import Decoder

from tests.upstreams.wire import Canned, Chunks, reply
from tests.virtual_time import now
from upstreams.deadline import deadline
from upstreams.decoding.strict_json import decode
from upstreams.errors import (
    UpstreamContract,
    UpstreamError,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnauthorized,
    UpstreamUnavailable,
)
from upstreams.http.client import HttpClient, Limits
from upstreams.version import VERSION

URL = "http://upstream.test"
ANY = partial(decode, decoder=Decoder(object))
PACKED = gzip.compress(b"[]")
GZIP = {"Content-Encoding": "gzip"}
Answer = Callable[[httpx.Request], httpx.Response]


def http(*answers: bytes | str | Answer, limits: Limits | None = None) -> HttpClient:
    return HttpClient(URL, source="portfolio", transport=Canned(*answers), limits=limits)


async def body_of(answer: bytes | str | Answer, max_bytes: int = 1000) -> bytes:
    reply = await http(answer, limits=Limits(max_bytes=max_bytes)).fetch("/x")
    return reply.body


async def refused(answer: bytes | str | Answer, max_bytes: int = 1000) -> str:
    with pytest.raises(UpstreamContract) as caught:
        await body_of(answer, max_bytes)
    return str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "upstream.test",
        "ftp://upstream.test",
        "http://",
        "https:///path",
        "http://user:secret@upstream.test",
        "http://upstream.test?apiKey=secret",
        "http://upstream.test#f",
        "http://[::1",
        "http://upstream.test:port",
    ],
)
def test_a_base_url_that_could_not_work_or_would_leak_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="an upstream's URL") as caught:
        HttpClient(url, source="portfolio", transport=Canned())
    assert "secret" not in str(caught.value)


async def test_what_every_request_says_and_nothing_more() -> None:
    transport = Canned(lambda _: reply("[]", headers={"Set-Cookie": "a=b; Path=/"}))
    client = HttpClient(
        f"{URL}/base/", source="portfolio", headers={"X-Key": "k"}, transport=transport
    )

    await client.get("/x", [("a", "1 &"), ("a", "2")], ANY)
    await client.get("/x", (), ANY)

    first, second = transport.requests
    assert str(first.url) == f"{URL}/base/x?a=1+%26&a=2"
    assert str(second.url) == f"{URL}/base/x"
    for request in transport.requests:
        assert dict(request.headers) == {
            "host": "upstream.test",
            "accept": "application/json",
            "accept-encoding": "gzip",
            "connection": "keep-alive",
            "user-agent": f"walletgraph/{VERSION}",
            "x-key": "k",
        }


def test_the_libraries_below_log_nothing() -> None:
    for name in ("httpx", "httpcore", "httpcore.http11", "httpcore.connection"):
        assert not logging.getLogger(name).isEnabledFor(logging.CRITICAL)


@pytest.mark.parametrize("size", [0, 1, 999, 1000])
async def test_a_body_up_to_the_cap_is_read_whole(size: int) -> None:
    body = os.urandom(size)

    assert await body_of(body) == body
    assert await body_of(lambda _: reply(gzip.compress(body), headers=GZIP), 1100) == body


async def test_a_body_beyond_the_cap_is_refused_raw_announced_or_inflated() -> None:
    too_large = "a body of more than 1000 bytes"
    announced = {"Content-Length": "1001"}
    bomb = gzip.compress(bytes(1001))

    assert len(bomb) < 1000
    assert too_large in await refused(b"x" * 1001)
    assert too_large in await refused(lambda _: reply("[]", headers=announced))
    assert too_large in await refused(lambda _: reply(bomb, headers=GZIP))
    assert too_large in await refused(
        lambda _: reply(gzip.compress(os.urandom(2000)), headers=GZIP)
    )


@pytest.mark.parametrize(
    ("body", "what"),
    [
        pytest.param(b"plain", "not the gzip it claims", id="plain"),
        pytest.param(PACKED[:-1], "cut short", id="short"),
        pytest.param(b"", "cut short", id="empty"),
        pytest.param(PACKED + b"x", "cut short", id="trailing letter"),
        pytest.param(PACKED + b"trailing", "not the gzip it claims", id="trailing"),
        pytest.param(PACKED + PACKED[:-1], "cut short", id="second member short"),
        pytest.param(gzip.compress(b"") * 1001, "not the gzip it claims", id="members without end"),
        pytest.param(PACKED[:-8] + bytes(8), "not the gzip it claims", id="checksum"),
    ],
)
async def test_gzip_that_is_broken_is_refused(body: bytes, what: str) -> None:
    assert what in await refused(lambda _: reply(body, headers=GZIP), 50_000)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(PACKED[:] + gzip.compress(b"1"), id="two members"),
        pytest.param(gzip.compress(b"") + PACKED + gzip.compress(b"1"), id="an empty one first"),
        pytest.param(PACKED + bytes(600) + gzip.compress(b"1") + bytes(9), id="zeros between"),
    ],
)
@pytest.mark.parametrize("step", [1, 7, 4000])
async def test_gzip_of_several_members_is_one_body(body: bytes, step: int) -> None:
    chunks = [body[at : at + step] for at in range(0, len(body), step)]
    answer = httpx.Response(200, headers=GZIP, stream=Chunks(chunks))

    assert await body_of(lambda _: answer) == b"[]1"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("", b"[]"),
        ("identity", b"[]"),
        ("Identity, ", b"[]"),
        ("GZip", PACKED),
        ("x-gzip", PACKED),
        ("gzip, identity", PACKED),
        ("deflate", zlib.compress(b"[]")),
        ("deflate", zlib.compress(b"[]")[2:-4]),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)
async def test_every_name_of_an_encoding_that_is_read(encoding: str, body: bytes) -> None:
    answer = reply(body, headers={"Content-Encoding": encoding})

    assert await body_of(lambda _: answer) == b"[]"


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "deflate, gzip", "zstd", "compress"])
async def test_an_encoding_not_asked_for_is_refused(encoding: str) -> None:
    answer = reply("[]", headers={"Content-Encoding": encoding})

    assert "an encoding that was not asked for" in await refused(lambda _: answer)


@given(st.binary(max_size=300), st.integers(1, 40), st.integers(0, 3))
def test_gzip_inflates_however_it_is_cut(part: bytes, step: int, level: int) -> None:
    body = part * 50
    packed = gzip.compress(body, level)
    chunks = [packed[at : at + step] for at in range(0, len(packed), step)]

    def answer(_: httpx.Request) -> httpx.Response:
        headers = {"Content-Type": "application/json", **GZIP}
        return httpx.Response(200, headers=headers, stream=Chunks(chunks))

    assert asyncio.run(body_of(answer, 40_000)) == body


async def test_a_large_compressed_body_is_inflated_in_slices() -> None:
    body = bytes(5 << 20)
    packed = gzip.compress(body)

    assert await body_of(lambda _: reply(packed, headers=GZIP), 6 << 20) == body


@pytest.mark.parametrize(
    ("status", "kind", "is_transient"),
    [
        (201, UpstreamContract, False),
        (204, UpstreamContract, False),
        (206, UpstreamContract, False),
        (301, UpstreamContract, False),
        (307, UpstreamContract, False),
        (400, UpstreamRejected, False),
        (401, UpstreamUnauthorized, False),
        (403, UpstreamUnauthorized, False),
        (404, UpstreamRejected, False),
        (422, UpstreamRejected, False),
        (500, UpstreamUnavailable, False),
        (502, UpstreamUnavailable, True),
        (503, UpstreamUnavailable, True),
        (504, UpstreamUnavailable, True),
        (599, UpstreamUnavailable, False),
    ],
)
async def test_what_each_status_means(
    status: int, kind: type[UpstreamError], is_transient: bool
) -> None:
    client = http(lambda _: reply("canary", status, {"Location": "http://canary.test/"}))

    with pytest.raises(UpstreamError) as caught:
        await client.get("/x", (), ANY, source="tokens")

    error = caught.value
    assert (type(error), error.status, error.source) == (kind, status, "tokens")
    assert error.is_transient is is_transient
    assert "canary" not in str(error)


async def test_a_refusal_too_long_to_read_is_still_that_refusal() -> None:
    client = http(lambda _: reply(b"x" * 100_000, 400))

    assert (await client.fetch("/x"))[0::3] == (400, b"")


async def test_no_call_is_sent_once_the_deadline_is_over() -> None:
    transport = Canned("[]")
    client = HttpClient(URL, source="portfolio", transport=transport)

    with deadline(0), pytest.raises(UpstreamTimeout):
        await client.fetch("/x")
    assert transport.requests == []


@pytest.mark.parametrize(("own", "operation"), [(0.05, 5.0), (5.0, 0.05)])
async def test_the_sooner_of_both_deadlines_ends_the_call(own: float, operation: float) -> None:
    class Slow(Canned):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.sleep(30)
            raise AssertionError

    client = HttpClient(URL, source="portfolio", transport=Slow(), limits=Limits(total_seconds=own))
    started = now()

    with deadline(operation), pytest.raises(UpstreamTimeout) as caught:
        await client.fetch("/x")

    assert now() - started == 0.05
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("cause", "what"),
    [
        (httpx.ConnectError("canary"), "could not be reached"),
        (httpx.ConnectTimeout("canary"), "could not be reached"),
        (httpx.RemoteProtocolError("canary"), "broke off"),
        (httpx.ReadError("canary"), "broke off"),
        (ConnectionResetError("canary"), "broke off"),
    ],
)
async def test_a_broken_connection_is_transient_and_says_nothing_of_its_cause(
    cause: Exception, what: str
) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise cause

    with pytest.raises(UpstreamUnavailable) as caught:
        await http(fail).fetch("/x")

    assert caught.value.is_transient
    assert caught.value.__context__ is None
    assert str(caught.value) == f"The portfolio upstream {what}."


async def test_a_cancelled_call_stays_cancelled() -> None:
    started = asyncio.Event()

    class Slow(Canned):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            started.set()
            await asyncio.sleep(30)
            raise AssertionError

    client = HttpClient(URL, source="portfolio", transport=Slow())
    task = asyncio.ensure_future(client.fetch("/x"))
    await started.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
