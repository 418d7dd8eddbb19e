import asyncio
import gzip
import logging
import ssl
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from operator import itemgetter
from pathlib import Path
from unittest.mock import patch
from urllib.parse import parse_qsl, quote, unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.upstreams.certificate import contexts
from tests.upstreams.peer import peer
from upstreams.errors import UpstreamContract, UpstreamTimeout, UpstreamUnavailable
from upstreams.http import transport
from upstreams.http.client import HttpClient, Limits
from upstreams.version import VERSION

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"
CLOSING = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n[]"
VIA_OK = b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n["proxy"]'
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
HANG = [b"HTTP/1.1 200 OK\r\n", b"Content-Length: 2000000\r\n\r\n["]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
# No segment of ours is one that a path is shortened by.
PATH = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9).filter(
    lambda part: part.strip(".")
)

# Each loop tries the law anew, and so does the fixture below.
LOOPS = [HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]


@pytest.fixture(autouse=True)
async def nothing_is_left() -> AsyncIterator[None]:
    sockets_before = _open_sockets()
    yield
    assert asyncio.all_tasks() == {asyncio.current_task()}
    # The library closes in the turns of the loop that follow.
    while _open_sockets() != sockets_before:  # noqa: ASYNC110
        await asyncio.sleep(0.005)


def _open_sockets() -> set[str]:
    """Those of TCP; a loop has others of its own."""
    links = set()
    for each in Path("/proc/self/fd").iterdir():
        # The folder was open itself while it was listed.
        with suppress(FileNotFoundError):
            links.add(str(each.readlink()))
    lines = Path("/proc/self/net/tcp").read_text().splitlines()[1:]
    return links & {f"socket:[{line.split()[9]}]" for line in lines}


@asynccontextmanager
async def http(url: str, **limits: float) -> AsyncIterator[HttpClient]:
    seconds = {"total_seconds": 5.0, **limits}
    client = HttpClient(url, source="portfolio", limits=Limits(**seconds))  # type: ignore[arg-type]
    try:
        yield client
    finally:
        await client.aclose()


async def answer_to(*answers: bytes | list[bytes]) -> tuple[int, bytes]:
    async with peer(*answers) as upstream, http(upstream.url) as client:
        reply = await client.fetch("/x")
        return reply.status, reply.body


class TestConnections:
    async def test_calls_one_after_another_share_a_connection(self) -> None:
        async with peer(OK) as upstream, http(upstream.url) as client:
            for _ in range(3):
                assert (await client.fetch("/x")).body == b"[]"
        assert [len(heads) for heads in upstream.heads] == [3]

    async def test_calls_at_a_time_have_one_each_and_no_more_than_allowed(self) -> None:
        async with peer(OK) as upstream, http(upstream.url, max_connections=3) as client:
            await asyncio.gather(*(client.fetch("/x") for _ in range(12)))
        assert len(upstream.heads) <= 3
        assert sum(map(len, upstream.heads)) == 12

    async def test_one_that_the_answer_ends_is_not_used_again(self) -> None:
        async with peer(CLOSING, OK) as upstream, http(upstream.url) as client:
            await client.fetch("/x")
            await client.fetch("/x")
        assert [len(heads) for heads in upstream.heads] == [1, 1]

    async def test_one_idle_for_too_long_is_closed(self) -> None:
        async with peer(OK) as upstream, http(upstream.url, keepalive_seconds=0.05) as client:
            await client.fetch("/x")
            await upstream.lost(1)
            await client.fetch("/x")
        assert [len(heads) for heads in upstream.heads] == [1, 1]

    async def test_one_in_use_is_not_closed_for_having_been_idle(self) -> None:
        slow = [OK[:20], *[OK[i : i + 1] for i in range(20, len(OK))]]
        async with peer(OK, slow) as upstream, http(upstream.url, keepalive_seconds=0.02) as client:
            await client.fetch("/x")
            assert (await client.fetch("/x")).body == b"[]"
        assert [len(heads) for heads in upstream.heads] == [2]

    async def test_a_body_that_is_given_up_closes_it(self) -> None:
        refusal = b"HTTP/1.1 500 No\r\nContent-Length: 20000000\r\n\r\n" + b" " * 100_000
        announced = b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n"
        async with peer(refusal, announced) as upstream, http(upstream.url) as client:
            assert (await client.fetch("/x")).status == 500
            await upstream.lost(1)
            with pytest.raises(UpstreamContract):
                await client.fetch("/x")
            await upstream.lost(2)

    @pytest.mark.parametrize("answer", [HANG, [OK[:20]]], ids=["in its body", "in its head"])
    async def test_a_call_cancelled_or_out_of_time_closes_it(self, answer: list[bytes]) -> None:
        async with peer(answer) as upstream, http(upstream.url, total_seconds=0.1) as client:
            with pytest.raises(UpstreamTimeout):
                await client.fetch("/x")
            await upstream.lost(1)
            call = asyncio.ensure_future(client.fetch("/x"))
            await asyncio.sleep(0.03)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            await upstream.lost(2)
        assert [len(heads) for heads in upstream.heads] == [1, 1]


class TestNothingIsSentTwice:
    async def test_a_connection_closed_while_idle_costs_no_call(self) -> None:
        async with peer(OK) as upstream, http(upstream.url) as client:
            await client.fetch("/x")
            upstream.writers[0].transport.abort()
            await upstream.lost(1)
            assert (await client.fetch("/x")).body == b"[]"
        assert [len(heads) for heads in upstream.heads] == [1, 1]

    @pytest.mark.parametrize("broken", [[b""], [OK[:-1], b""], [OK[:20], b""]])
    async def test_a_call_whose_connection_breaks_fails(self, broken: list[bytes]) -> None:
        async with peer(OK, broken, OK) as upstream, http(upstream.url) as client:
            await client.fetch("/x")
            with pytest.raises(UpstreamUnavailable) as caught:
                await client.fetch("/x")
            assert caught.value.is_transient
            assert (await client.fetch("/x")).body == b"[]"
        assert [len(heads) for heads in upstream.heads] == [2, 1]

    async def test_a_close_on_its_way_fails_one_call_at_most(self) -> None:
        async with peer(OK) as upstream, http(upstream.url) as client:
            for _ in range(30):
                await client.fetch("/x")
                before = sum(map(len, upstream.heads))
                upstream.writers[-1].transport.abort()
                try:
                    await client.fetch("/x")
                except UpstreamUnavailable:
                    await client.fetch("/x")
                assert sum(map(len, upstream.heads)) - before == 1


class TestAnswers:
    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(OK, id="length"),
            pytest.param([CHUNKED, b"1\r\n[\r\n1\r\n", b"]\r\n0\r\n\r\n"], id="chunked"),
            pytest.param(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[]", id="until the end"),
        ],
    )
    async def test_each_way_to_send_a_body(self, answer: bytes | list[bytes]) -> None:
        assert await answer_to(answer) == (200, b"[]")

    async def test_one_without_a_body(self) -> None:
        assert await answer_to(b"HTTP/1.1 204 No Content\r\n\r\n") == (204, b"")

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(b"SSH-2.0-OpenSSH\r\n\r\n", id="not HTTP"),
            pytest.param(CHUNKED + b"z\r\n", id="chunk"),
        ],
    )
    async def test_what_is_not_http_is_unavailable(self, answer: bytes | list[bytes]) -> None:
        with pytest.raises(UpstreamUnavailable) as caught:
            await answer_to(answer)
        assert caught.value.is_transient

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param([b"HTTP/1.1 200 OK\r\na:", *[b"b" * 9_000] * 99], id="endless header"),
            pytest.param([b"HTTP/1.1 200 OK\r\n", *[b"b" * 9_000] * 99], id="endless name"),
            pytest.param([b"HTTP/1.1 200 ", *[b"b" * 9_000] * 99], id="endless status line"),
            pytest.param([b"HTTP/1.1 200 OK\r\n", *[b"a: b\r\n" * 99] * 99], id="endless headers"),
        ],
    )
    async def test_a_head_beyond_all_bounds_is_refused_once_and_for_all(
        self, answer: list[bytes]
    ) -> None:
        with pytest.raises(UpstreamContract, match="headers that are too large") as caught:
            await answer_to(answer)
        assert not caught.value.is_transient

    @pytest.mark.parametrize(
        "head",
        [
            pytest.param(b"a: " + b"b" * 60_000 + b"\r\n", id="a long header"),
            pytest.param(b"a" * 60_000 + b": b\r\n", id="a long name"),
            pytest.param(b"a: b\r\n" * 400, id="many headers"),
            pytest.param(b"Set-Cookie: " + b"c=d; " * 9_000 + b"\r\n", id="cookies"),
            pytest.param(b"a: b\r\n c\r\n", id="a folded header"),
            pytest.param(b"a: \xe9\xff\r\n", id="bytes that are no text"),
            pytest.param(b"a:\r\n", id="an empty header"),
            pytest.param(b"Content-Encoding: \r\n", id="no encoding"),
            pytest.param(b"Content-Encoding: identity\r\n", id="the plain encoding"),
            pytest.param(b"Link: </x>; rel=a, </y>; rel=b\r\nLink: </z>\r\n", id="links"),
        ],
    )
    async def test_any_headers_within_bounds_are_read_past(self, head: bytes) -> None:
        answer = b"HTTP/1.1 200 OK\r\n" + head + b"Content-Length: 2\r\n\r\n[]"
        assert await answer_to(answer) == (200, b"[]")

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(b"HTTP/1.1 200 " + b"b" * 60_000 + OK[15:], id="a long reason"),
            pytest.param(b"HTTP/1.1 200" + OK[15:], id="no reason"),
            pytest.param(b"HTTP/1.0" + OK[8:], id="HTTP/1.0"),
            pytest.param(b"HTTP/1.0 200 OK\r\n\r\n[]", id="HTTP/1.0 until the end"),
            pytest.param(OK.replace(b"\r\n", b"\n"), id="bare line feeds"),
            pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" + OK, id="100 before it"),
            pytest.param(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 3 + OK, id="103s"),
            pytest.param(CHUNKED + b"2;a=b\r\n[]\r\n0\r\n\r\n", id="a chunk's extension"),
            pytest.param(CHUNKED + b"2 \r\n[]\r\n0\r\n\r\n", id="a space after a chunk's size"),
            pytest.param(CHUNKED + b"0002\r\n[]\r\n000\r\n\r\n", id="zeros before a size"),
            pytest.param(CHUNKED + b"2\r\n[]\r\n0\r\nA: b\r\nC: d\r\n\r\n", id="trailers"),
        ],
    )
    async def test_whatever_http_allows_is_read(self, answer: bytes) -> None:
        async with peer([answer, b""]) as upstream, http(upstream.url) as client:
            reply = await client.fetch("/x")
        assert (reply.status, reply.body) == (200, b"[]")
        assert [len(heads) for heads in upstream.heads] == [1]

    async def test_a_refusal_counts_before_its_body_is_there(self) -> None:
        slow = [b"HTTP/1.1 503 No\r\nRetry-After: 7\r\nContent-Length: 9\r\n\r\n["]
        async with peer(slow) as upstream, http(upstream.url, total_seconds=0.6) as client:
            reply = await client.fetch("/x")
        assert (reply.status, reply.retry_after, reply.body) == (503, 7, b"")

    async def test_a_packed_body_is_unpacked_once(self) -> None:
        packed = gzip.compress(b"[]")
        head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
        assert await answer_to(head % len(packed) + packed) == (200, b"[]")

    @pytest.mark.parametrize("place", [b"/y", b"http://[", b"ftp://x/", b"\xff", b"//"])
    async def test_a_redirect_is_not_followed_and_a_cookie_not_kept(self, place: bytes) -> None:
        lines = (
            b"HTTP/1.1 302 Found\r\nLocation: %s\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"
        )
        async with peer(lines % place) as upstream, http(upstream.url) as client:
            assert [(await client.fetch("/x")).status for _ in range(2)] == [302, 302]
        first, second = upstream.heads[0]
        assert first == second
        assert first.startswith("GET /x ")


class TestRequests:
    async def test_the_bytes_of_a_request(self) -> None:
        async with peer(OK) as upstream, http(f"{upstream.url}/base/") as client:
            await client.fetch("/x", [("a", "1 &"), ("a", "é"), ("next", "a+/=")])
            await client.fetch("/%2Fy")
        rest = (
            f" HTTP/1.1\r\nhost: 127.0.0.1:{upstream.port}\r\nconnection: keep-alive\r\n"
            "accept: application/json\r\naccept-encoding: gzip\r\n"
            f"user-agent: walletgraph/{VERSION}\r\n\r\n"
        )
        assert upstream.heads == [
            [f"GET /base/x?a=1+%26&a=%C3%A9&next=a%2B/%3D{rest}", f"GET /base/%2Fy{rest}"]
        ]

    @pytest.mark.parametrize("value", ["a\r\nb: c", "a\nb", "\0", "é"])
    def test_a_header_that_would_not_stay_one_line_is_refused(self, value: str) -> None:
        with pytest.raises(ValueError, match="printable ASCII") as caught:
            HttpClient("http://upstream.test", source="portfolio", headers={"X-Key": value})
        assert value not in str(caught.value)

    async def test_a_key_is_sent_and_shown_nowhere_else(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.NOTSET)
        key = {"X-Key": "key-canary"}
        async with peer(OK, b"not HTTP\r\n\r\n") as upstream:
            client = HttpClient(upstream.url, source="portfolio", headers=key)
            await client.fetch("/x")
            with pytest.raises(UpstreamUnavailable) as caught:
                await client.fetch("/x")
            await client.aclose()

        assert "x-key: key-canary\r\n" in upstream.heads[0][0]
        shown = [repr(vars(client)), *traceback.format_exception(caught.value), caplog.text]
        assert "key-canary" not in "".join(shown)

    async def test_one_after_the_close_is_not_sent(self) -> None:
        async with peer(OK) as upstream, http(upstream.url) as client:
            await client.aclose()
            with pytest.raises(UpstreamUnavailable, match="stopping"):
                await client.fetch("/x")
        assert upstream.heads == []

    @settings(suppress_health_check=LOOPS, deadline=None)
    @given(st.lists(st.tuples(TEXT, TEXT), max_size=4), st.lists(PATH, min_size=1, max_size=3))
    async def test_a_target_says_what_it_was_given(
        self, params: list[tuple[str, str]], parts: list[str]
    ) -> None:
        path = "".join(f"/{quote(part, safe='')}" for part in parts)
        async with peer(OK) as upstream, http(f"{upstream.url}/base") as client:
            await client.fetch(path, params)
        target, _, query = upstream.heads[0][0].split(" ", 2)[1].partition("?")
        assert [unquote(part) for part in target.split("/")] == ["", "base", *parts]
        # The order among parameters of one name counts, that of names does not.
        sent = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(params))
        assert sorted(sent, key=itemgetter(0)) == sorted(params, key=itemgetter(0))


class TestTls:
    async def test_a_certificate_nobody_vouches_for_is_refused_before_anything_is_sent(
        self, tmp_path: Path
    ) -> None:
        tls, _ = contexts(tmp_path, "localhost")
        async with (
            peer(OK, tls=tls) as upstream,
            # If it waited for anything, it would wait for good.
            http(f"https://localhost:{upstream.port}", total_seconds=3600) as client,
        ):
            with pytest.raises(UpstreamUnavailable, match="could not be reached"):
                await client.fetch("/x")
        assert upstream.heads == []

    @pytest.mark.parametrize(("host", "is_right"), [("localhost", True), ("127.0.0.1", False)])
    async def test_a_certificate_counts_for_its_name_alone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, is_right: bool
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
        monkeypatch.setenv("SSL_CERT_DIR", "/nowhere")
        tls, pem = contexts(tmp_path, "localhost")
        with patch.object(transport, "_tls", return_value=ssl.create_default_context(cadata=pem)):
            async with (
                peer(OK, tls=tls) as upstream,
                http(f"https://{host}:{upstream.port}") as client,
            ):
                if is_right:
                    assert (await client.fetch("/x")).body == b"[]"
                    assert (await client.fetch("/x")).body == b"[]"
                else:
                    with pytest.raises(UpstreamUnavailable, match="could not be reached"):
                        await client.fetch("/x")
        assert [len(heads) for heads in upstream.heads] == ([2] if is_right else [])

    async def test_a_handshake_that_never_ends_is_no_connection(self) -> None:
        async with peer(OK) as upstream:
            url = f"https://127.0.0.1:{upstream.port}"
            async with http(url, connect_seconds=0.1) as client:
                with pytest.raises(UpstreamUnavailable, match="could not be reached"):
                    await client.fetch("/x")
                await upstream.lost(1)

    async def test_the_roots_come_with_the_code(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
        monkeypatch.setenv("SSL_CERT_DIR", "/nowhere")
        async with http("https://127.0.0.1:1") as client:
            with pytest.raises(UpstreamUnavailable, match="could not be reached"):
                await client.fetch("/x")
        assert transport._tls().cert_store_stats()["x509_ca"] > 100


async def test_the_environment_names_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with peer(OK) as upstream, http(upstream.url) as client:
        assert (await client.fetch("/direct")).body == b"[]"
    [[head]] = upstream.heads
    assert head.startswith("GET /direct HTTP/1.1\r\n")


async def test_a_proxy_is_asked_in_place_of_the_upstream_and_shown_its_password() -> None:
    async with peer(VIA_OK) as between:
        proxy = f"http://user:pass%40word@127.0.0.1:{between.port}"
        http = HttpClient("http://upstream.example", source="x", limits=Limits(proxy=proxy))
        try:
            assert (await http.fetch("/a")).body == b'["proxy"]'
        finally:
            await http.aclose()

    [[head]] = between.heads
    assert head.startswith("GET http://upstream.example/a HTTP/1.1\r\n")
    assert "\r\nProxy-Authorization: Basic dXNlcjpwYXNzQHdvcmQ=\r\n" in head


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n", b""], ids=["407", "gone"]
)
async def test_a_proxy_that_fails_is_an_upstream_that_cannot_be_reached(answer: bytes) -> None:
    async with peer(answer) as between:
        proxy = f"http://user:canary@127.0.0.1:{between.port}"
        http = HttpClient("https://upstream.example", source="x", limits=Limits(proxy=proxy))
        try:
            with pytest.raises(UpstreamUnavailable) as caught:
                await http.get("/a", (), lambda body: body)
        finally:
            await http.aclose()

    assert "canary" not in "".join(traceback.format_exception(caught.value))
    assert between.heads[0][0].startswith("CONNECT upstream.example:443 HTTP/1.1\r\n")
