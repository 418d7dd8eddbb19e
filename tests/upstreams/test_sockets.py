import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.upstreams.certificate import contexts
from tests.upstreams.faults import FAULTS, playing
from tests.upstreams.peer import peer
from upstreams import sockets
from upstreams.errors import UpstreamContract, UpstreamTimeout, UpstreamUnavailable
from upstreams.http import Http, Limits
from upstreams.sockets import Sockets, query

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"
CLOSING = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n[]"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
HANG = [b"HTTP/1.1 200 OK\r\n", b"Content-Length: 2000000\r\n\r\n["]
Found = list[tuple[int, int, int, str, tuple[str, int]]]
FULL = next(fault for fault in FAULTS if fault.play == "full")


@pytest.fixture(autouse=True)
async def nothing_is_left() -> AsyncIterator[None]:
    sockets_before = _open_sockets()
    yield
    # A socket closes in the loop's next round.
    await asyncio.sleep(0.01)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert _open_sockets() == sockets_before


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
async def http(url: str, **limits: float) -> AsyncIterator[Http]:
    seconds = {"total_seconds": 5.0, **limits}
    client = Http(url, source="portfolio", limits=Limits(**seconds))  # type: ignore[arg-type]
    yield client
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

    @pytest.mark.parametrize("after", [b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n", b"x", OK])
    async def test_one_that_says_more_than_was_asked_is_closed(self, after: bytes) -> None:
        async with peer(OK + after, [OK, after], OK) as upstream, http(upstream.url) as client:
            for connection in (1, 2):
                assert (await client.fetch("/x")).body == b"[]"
                await upstream.lost(connection)
            assert (await client.fetch("/x")).body == b"[]"
        assert [len(heads) for heads in upstream.heads] == [1, 1, 1]

    async def test_a_body_that_is_given_up_closes_it(self) -> None:
        refusal = b"HTTP/1.1 500 No\r\nContent-Length: 20000000\r\n\r\n" + b" " * 100_000
        announced = b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n"
        async with peer(refusal, announced) as upstream, http(upstream.url) as client:
            assert (await client.fetch("/x")).status == 500
            await upstream.lost(1)
            with pytest.raises(UpstreamContract):
                await client.fetch("/x")
            await upstream.lost(2)

    async def test_a_call_cancelled_or_out_of_time_closes_it(self) -> None:
        async with peer(HANG) as upstream, http(upstream.url, total_seconds=0.1) as client:
            with pytest.raises(UpstreamTimeout):
                await client.fetch("/x")
            await upstream.lost(1)
            call = asyncio.ensure_future(client.fetch("/x"))
            await asyncio.sleep(0.03)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            await upstream.lost(2)

    async def test_a_call_cut_by_the_close_of_the_client_says_so(self) -> None:
        async with peer(HANG) as upstream, http(upstream.url) as client:
            call = asyncio.ensure_future(client.fetch("/x"))
            await asyncio.sleep(0.03)
            await client.aclose()
            with pytest.raises(UpstreamUnavailable):
                await call

    async def test_an_address_that_does_not_answer_is_not_waited_for(self) -> None:
        kind = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
        async with playing(FULL, "portfolio") as deaf, peer(OK) as upstream:
            ports = (int(deaf.url.rsplit(":", 1)[1]), upstream.port)
            wire = Sockets("http://two.test", {}, connect_seconds=2, keepalive_seconds=1)
            loop = asyncio.get_running_loop()

            async def resolve(loop: object, host: str, port: int, **options: object) -> Found:
                places = [("127.0.0.1", each) for each in ports]
                return [(*kind, at) for at in (places if host == "two.test" else [(host, port)])]

            with patch.object(type(loop), "getaddrinfo", resolve):
                started = loop.time()
                async with wire.get("/x", ()) as answer:
                    assert answer.status == 200
            assert loop.time() - started < 1
            await wire.aclose()
        assert upstream.heads[0][0].startswith("GET /x HTTP/1.1\r\nhost: two.test\r\n")


class TestNothingIsSentTwice:
    async def test_a_connection_closed_while_idle_costs_no_call(self) -> None:
        async with peer(OK) as upstream, http(upstream.url) as client:
            await client.fetch("/x")
            upstream.writers[0].transport.abort()
            await upstream.lost(1)
            assert (await client.fetch("/x")).body == b"[]"
        assert [len(heads) for heads in upstream.heads] == [1, 1]

    async def test_a_connection_that_is_just_closing_is_not_taken(self) -> None:
        async with peer(OK) as upstream:
            wire = Sockets(upstream.url, {}, connect_seconds=1, keepalive_seconds=1)
            for _ in range(2):
                async with wire.get("/x", ()) as answer:
                    assert [chunk async for chunk in answer.chunks] == [b"[]"]
                for connection in wire._idle:
                    connection.abort()
            await wire.aclose()
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
            pytest.param([OK[i : i + 1] for i in range(len(OK))], id="byte by byte"),
            pytest.param(CHUNKED + b"2\r\n[]\r\n0\r\n\r\n", id="chunked"),
            pytest.param([CHUNKED, b"1;a=b\r\n[\r\n1\r\n", b"]\r\n0\r\nA: b\r\n\r\n"], id="pieces"),
            pytest.param(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[]", id="until the end"),
            pytest.param([b"HTTP/1.0 200 OK\r\nX: Connection: close\r\n\r\n[", b"]"], id="1.0"),
            pytest.param(b"HTTP/1.1 103 Early\r\nContent-Type: a\r\n\r\n" + OK, id="interim"),
            pytest.param([b"HTTP/1.1 100 Continue\r\n\r\n", OK], id="interim alone"),
            pytest.param(
                OK.replace(b"\r\n", b"\r\nUpgrade: h2\r\nConnection: Upgrade\r\n", 1), id="h2"
            ),
        ],
    )
    async def test_each_way_to_send_a_body(self, answer: bytes | list[bytes]) -> None:
        assert await answer_to(answer) == (200, b"[]")

    async def test_one_without_a_body(self) -> None:
        assert await answer_to(b"HTTP/1.1 204 No Content\r\n\r\n") == (204, b"")

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(b"HTTP/1.1 101 Go\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", id="101"),
            pytest.param(OK.replace(b"\r\n", b"\r\nContent-Length: 2\r\n", 1), id="two lengths"),
            pytest.param(OK.replace(b"\r\n", b"\r\nTransfer-Encoding: chunked\r\n", 1), id="both"),
            pytest.param(b"HTTP/2 200 OK\r\n\r\n", id="version"),
            pytest.param(b"SSH-2.0-OpenSSH\r\n", id="not HTTP"),
            pytest.param(CHUNKED + b"z\r\n", id="chunk"),
            pytest.param(
                [b"HTTP/1.1 200 OK\r\n", *[b"a: " + b"b" * 9_000 + b"\r\n"] * 99], id="headers"
            ),
            pytest.param([b"HTTP/1.1 200 OK\r\na:", *[b"b" * 9_000] * 99], id="header"),
            pytest.param([CHUNKED, b"1\r\n[\r\n0\r\na:", *[b"b" * 9_000] * 99], id="trailers"),
            pytest.param([b"HTTP/1.1 102 Wait\r\n\r\n" * 500] * 99, id="nothing but interim"),
        ],
    )
    async def test_what_is_not_http_is_unavailable(self, answer: bytes | list[bytes]) -> None:
        with pytest.raises(UpstreamUnavailable, match="RemoteProtocolError"):
            await answer_to(answer)

    async def test_many_small_chunks_become_few(self) -> None:
        body = b"1\r\nx\r\n" * 20_000
        async with peer([CHUNKED + body, b"0\r\n\r\n"]) as upstream:
            wire = Sockets(upstream.url, {}, connect_seconds=1, keepalive_seconds=1)
            async with wire.get("/x", ()) as answer:
                pieces = [chunk async for chunk in answer.chunks]
            await wire.aclose()
        assert b"".join(pieces) == b"x" * 20_000
        assert len(pieces) < 100

    async def test_headers_are_found_in_lower_case_and_repeated_ones_joined(self) -> None:
        lines = b"\r\nX-One: 1\r\nCONTENT-ENCODING: gzip\r\nContent-Encoding:  br \r\nX-L: \xe9\r\n"
        async with peer(OK.replace(b"\r\n", lines, 1)) as upstream:
            wire = Sockets(upstream.url, {}, connect_seconds=1, keepalive_seconds=1)
            async with wire.get("/x", ()) as answer:
                assert dict(answer.headers) == {
                    "x-one": "1",
                    "content-encoding": "gzip, br",
                    "x-l": "é",
                    "content-length": "2",
                }
            await wire.aclose()

    async def test_what_follows_the_body_is_no_header(self) -> None:
        async with peer(CHUNKED + b"2\r\n[]\r\n0\r\nRetry-After: 9\r\n\r\n") as upstream:
            wire = Sockets(upstream.url, {}, connect_seconds=1, keepalive_seconds=1)
            async with wire.get("/x", ()) as answer:
                assert [chunk async for chunk in answer.chunks] == [b"[]"]
                assert dict(answer.headers) == {"transfer-encoding": "chunked"}
            await wire.aclose()


class TestRequests:
    async def test_the_bytes_of_a_request(self) -> None:
        async with peer(OK) as upstream, http(f"{upstream.url}/base/") as client:
            await client.fetch("/x", [("a", "1 &"), ("a", "é"), ("next", "a+/=")])
            await client.fetch("/%2Fy")
        rest = (
            f" HTTP/1.1\r\nhost: 127.0.0.1:{upstream.port}\r\naccept: application/json\r\n"
            "accept-encoding: gzip\r\nuser-agent: walletgraph\r\n\r\n"
        )
        assert upstream.heads == [
            [f"GET /base/x?a=1+%26&a=%C3%A9&next=a%2B%2F%3D{rest}", f"GET /base/%2Fy{rest}"]
        ]

    @pytest.mark.parametrize("value", ["a\r\nb: c", "a\nb", "\0", "é"])
    def test_a_header_that_would_not_stay_one_line_is_refused(self, value: str) -> None:
        with pytest.raises(ValueError, match="printable ASCII") as caught:
            Http("http://upstream.test", source="portfolio", headers={"X-Key": value})
        assert value not in str(caught.value)


@given(st.lists(st.tuples(st.text(max_size=9), st.text(max_size=9)), max_size=4))
def test_a_query_is_quoted_as_urllib_quotes_it(params: list[tuple[str, str]]) -> None:
    assert query(params) == urlencode(params)


class TestTls:
    async def test_a_certificate_nobody_vouches_for_is_refused_before_anything_is_sent(
        self, tmp_path: Path
    ) -> None:
        tls, _ = contexts(tmp_path, "localhost")
        async with (
            peer(OK, tls=tls) as upstream,
            http(f"https://localhost:{upstream.port}") as client,
        ):
            started = asyncio.get_running_loop().time()
            with pytest.raises(UpstreamUnavailable, match="ConnectError"):
                await client.fetch("/x")
            assert asyncio.get_running_loop().time() - started < 1
        assert upstream.heads == []

    @pytest.mark.parametrize(("host", "is_right"), [("localhost", True), ("127.0.0.1", False)])
    async def test_a_certificate_counts_for_its_name_alone(
        self, tmp_path: Path, host: str, is_right: bool
    ) -> None:
        tls, pem = contexts(tmp_path, "localhost")
        trusting = ssl.create_default_context(cadata=pem)
        with patch.object(sockets, "_tls", return_value=trusting):
            async with (
                peer(OK, tls=tls) as upstream,
                http(f"https://{host}:{upstream.port}") as client,
            ):
                if is_right:
                    assert (await client.fetch("/x")).body == b"[]"
                    assert (await client.fetch("/x")).body == b"[]"
                else:
                    with pytest.raises(UpstreamUnavailable, match="ConnectError"):
                        await client.fetch("/x")
        assert [len(heads) for heads in upstream.heads] == ([2] if is_right else [])

    async def test_a_handshake_that_never_ends_is_no_connection(self) -> None:
        async with peer(OK) as upstream:
            url = f"https://127.0.0.1:{upstream.port}"
            async with http(url, connect_seconds=0.1) as client:
                with pytest.raises(UpstreamUnavailable, match="ConnectTimeout"):
                    await client.fetch("/x")
                await upstream.lost(1)

    async def test_the_roots_come_with_the_code(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
        monkeypatch.setenv("SSL_CERT_DIR", "/nowhere")
        context = sockets._tls.__wrapped__()

        assert context.cert_store_stats()["x509_ca"] > 100
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
