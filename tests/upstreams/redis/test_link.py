"""The link to Redis in every mode that is supported, and with everything that may answer there."""

import asyncio
import logging
import time
from contextlib import suppress
from pathlib import Path

import pytest
from redis import Redis

from tests.graph import running
from tests.redis_fake import playing
from tests.redis_server import RedisServer, binary, redis_cluster, redis_sentinel
from tests.upstreams.certificate import contexts
from tests.upstreams.readers import at_once
from upstreams.redis.link import RedisGone, RedisLink, Script

pytestmark = pytest.mark.slow

ALGORAND = "4EWWI7JNVXSFN4YRYA5DMN53U7NUHYC5YSMF67FAXDNRLDWDIWGM5DQGBA"
QUERY = f"""{{
  a: wallet(address: "0xd470055c6189b921c4d44b3d277ad868f79c0f75") {{ positions {{ totalCount }} }}
  b: wallet(address: "{ALGORAND}") {{ algo {{ status }} }}
}}"""
ECHO = Script.of("return {KEYS[1], ARGV[1]}")

ODD_REPLIES = [
    b"-ERR unknown command\r\n",
    b"-CLUSTERDOWN The cluster is down\r\n",
    b"-MOVED 1234 127.0.0.1:1\r\n",
    b"-MOVED nonsense\r\n",
    b"-ASK 1234 127.0.0.1:1\r\n",
    b"-CROSSSLOT Keys in request don't hash to the same slot\r\n",
    b"-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
    b"-OOM command not allowed when used memory > 'maxmemory'.\r\n",
    b"-NOAUTH Authentication required.\r\n",
    b"-NOPERM this user has no permissions to run the command\r\n",
    b"-LOADING Redis is loading the dataset in memory\r\n",
    b"-READONLY You can't write against a read only replica.\r\n",
    b"-MASTERDOWN Link with MASTER is down\r\n",
    b"-MISCONF Redis is configured to save RDB snapshots\r\n",
    b"-BUSY Redis is busy running a script.\r\n",
    b"-NOSCRIPT No matching script.\r\n",
    b"-TRYAGAIN Multiple keys request during rehashing of slot\r\n",
    b"-\r\n",
    b"+OK\r\n",
    b":7\r\n",
    b"$-1\r\n",
    b"*-1\r\n",
    b"*0\r\n",
    b"*3\r\n$1\r\nx\r\n:1\r\n:-2\r\n",
    b"*3\r\n$2\r\n\xff\xfe\r\n$1\r\nx\r\n$1\r\ny\r\n",
    b"*7\r\n" + 7 * b"$3\r\nabc\r\n",
    b"$-7\r\n",
    b"$99999999999\r\n",
    b":" + b"9" * 5_000 + b"\r\n",
    b"*1\r\n" * 20_000,
    b"HTTP/1.1 400 Bad Request\r\n\r\n",
    b"\x00\xff\r\n",
    b"",
]


@pytest.fixture(autouse=True)
def _at_ease(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time for Redis even where tests crowd the processors."""
    monkeypatch.setattr("upstreams.redis.link.BUDGET_SECONDS", 0.5)


@pytest.mark.parametrize("odd", ODD_REPLIES, ids=lambda odd: repr(odd[:14]))
@pytest.mark.parametrize("greets", [True, False])
async def test_whatever_redis_says_the_graph_answers_as_without_it(
    odd: bytes, greets: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("upstreams.redis.link.BUDGET_SECONDS", 0.05)
    monkeypatch.setattr("upstreams.redis.link.CONNECT_SECONDS", 0.1)

    def replies(command: list[bytes]) -> bytes:
        return b"+PONG\r\n" if greets and command == [b"PING"] else odd

    async with running() as graph:
        right = await graph.data(QUERY)
    async with playing(replies) as port:
        url = f"redis://127.0.0.1:{port}"
        async with running(settings={"REDIS_URL": url}) as graph:
            for _ in range(3):
                assert await graph.data(QUERY) == right


@pytest.mark.parametrize("odd", ODD_REPLIES, ids=lambda odd: repr(odd[:14]))
async def test_a_link_raises_one_error_alone(odd: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("upstreams.redis.link.CONNECT_SECONDS", 0.1)
    async with playing(lambda command: odd) as port:
        link = RedisLink(f"redis://127.0.0.1:{port}", time.monotonic)
        with suppress(RedisGone):
            await link.script(ECHO, ["k"], "a")
        link.post("SET", "a", "b")
        await link.aclose()


async def test_a_wrong_reply_to_one_command_costs_that_command_alone(
    redis_server: RedisServer,
) -> None:
    redis_server.command("LPUSH", "list", "x")
    link = RedisLink(redis_server.url, time.monotonic)
    commands = [link.run("GET", "list"), link.run("GET", "none")]
    wrong, right = await asyncio.gather(*commands, return_exceptions=True)
    assert (str(wrong), right) == ("it answers WRONGTYPE", None)
    assert link.failures == 1
    assert await link.run("LLEN", "list") == 1
    assert link.problem is None
    await link.aclose()


async def test_a_script_is_sent_once_and_again_after_redis_forgot_it(
    redis_server: RedisServer,
) -> None:
    link = RedisLink(redis_server.url, time.monotonic)
    for _ in range(2):
        assert await link.script(ECHO, ["k"], "a") == [b"k", b"a"]
    redis_server.command("SCRIPT", "FLUSH")
    assert await link.script(ECHO, ["k"], "a") == [b"k", b"a"]
    assert (link.failures, link.problem) == (0, None)
    await link.aclose()


async def test_what_fails_is_logged_once_a_minute_and_says_no_secret(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    now = 1_000.0
    redis_server.command("CONFIG", "SET", "requirepass", "canary")
    try:
        link = RedisLink(redis_server.url.replace("//", "//:wrong-canary@"), lambda: now, "pace")
        for _ in range(20):
            with pytest.raises(RedisGone):
                await link.run("GET", "x")
            now += 2.1
        assert link.failures == 20
        assert [record.getMessage() for record in caplog.records] == [
            "Redis (pace) cannot be used: it wants another user or password. "
            "This replica goes on by itself and keeps trying"
        ]
        assert await link.open() == "it wants another user or password"
        await link.aclose()
    finally:
        with Redis(port=redis_server.port, password="canary") as client:
            client.config_set("requirepass", "wrong-canary")
    with caplog.at_level(logging.INFO):
        now += 60
        assert await link.open() is None
    assert caplog.records[-1].getMessage() == "Redis (pace) works again"
    assert "canary" not in caplog.text
    await link.aclose()


async def test_opening_says_why_redis_cannot_be_used(redis_server: RedisServer) -> None:
    async def problem(url: str = redis_server.url) -> str | None:
        link = RedisLink(url, time.monotonic)
        try:
            return await link.open()
        finally:
            await link.aclose()

    assert await problem() is None
    redis_server.command("CONFIG", "SET", "maxmemory", "1")
    assert await problem() == "it is full"
    redis_server.command("CONFIG", "SET", "maxmemory", "0")
    redis_server.command("REPLICAOF", "127.0.0.1", "1")
    assert await problem() == "it is read-only"
    redis_server.command("REPLICAOF", "NO", "ONE")
    redis_server.command("ACL", "SETUSER", "reader", "on", ">secret", "+get", "+ping", "~*")
    reader = redis_server.url.replace("//", "//reader:secret@")
    assert await problem(reader) == "this user may not run scripts or write walletgraph:*"
    redis_server.kill()
    assert await problem() == "there is no connection"


async def test_a_user_with_a_password_is_known(redis_server: RedisServer) -> None:
    rights = ["+@read", "+@write", "+@scripting", "+ping", "+time", "+select", "~walletgraph:*"]
    redis_server.command("ACL", "SETUSER", "graph", "on", ">p@ss#[1", *rights)
    url = redis_server.url.replace("//", "//graph:p%40ss%23%5B1@")
    link = RedisLink(url, time.monotonic)
    assert await link.open() is None
    await link.aclose()
    async with running(settings={"REDIS_URL": url.removesuffix("0") + "3"}) as graph:
        assert (await graph.data(QUERY))["b"] == {"algo": {"status": "Online"}}
        metrics = (await graph.http.get("/metrics")).text
    assert 'walletgraph_redis_failures_total{link="cache"} 0.0' in metrics
    assert 'walletgraph_redis_failures_total{link="pace"} 0.0' in metrics


async def test_a_slow_handshake_is_waited_for_and_delays_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("upstreams.redis.link.BUDGET_SECONDS", 0.05)

    greets = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await greets.wait()
        while await reader.readline():
            # One reply for each line is enough for a PING.
            if (await reader.readline()) and (await reader.readline()):
                writer.write(b"+PONG\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    link = RedisLink(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}", time.monotonic)
    with pytest.raises(RedisGone):
        await link.run("PING")
    with pytest.raises(RedisGone):
        await at_once(link.run("PING"))
    greets.set()
    while not link.is_up:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    assert link.failures == 0
    await link.aclose()
    server.close()


@pytest.mark.parametrize("nodes", [1, 3])
async def test_a_cluster_is_found_out_and_shared(
    tmp_path: Path, nodes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with redis_cluster(tmp_path, nodes) as servers:
        url = servers[0].url.removesuffix("/0")
        async with running(settings={"REDIS_URL": url, "REPLICAS": "2"}) as one:
            answers = [await one.data(QUERY) for _ in range(2)]
            async with running(settings={"REDIS_URL": url, "REPLICAS": "2"}, box=one.box) as other:
                one.forget()
                answers.append(await other.data(QUERY))
                assert one.calls() == {}
        assert answers[0] == answers[1] == answers[2]
        link = RedisLink(url, time.monotonic)
        assert await link.open() is None
        found = await asyncio.gather(
            *[link.script(ECHO, [f"walletgraph:{{{number}}}"], number) for number in range(200)]
        )
        await link.aclose()
    assert [argument for _, argument in found] == [str(each).encode() for each in range(200)]


async def test_sentinels_say_where_the_master_is(tmp_path: Path, redis_server: RedisServer) -> None:
    with redis_sentinel(tmp_path, redis_server) as port:
        hosts = f"127.0.0.1:1,127.0.0.1:{port}"
        link = RedisLink(f"redis+sentinel://{hosts}/graph/3", time.monotonic)
        assert await link.open() is None
        await link.run("SET", "walletgraph:x", "1")
        await link.aclose()
        unknown = RedisLink(f"redis+sentinel://{hosts}/other", time.monotonic)
        assert await unknown.open() == "no Sentinel knows a master of that name"
        await unknown.aclose()
    with Redis(port=redis_server.port, db=3) as client:
        assert client.get("walletgraph:x") == b"1"


async def test_tls_is_checked_against_the_authority_named(tmp_path: Path) -> None:
    contexts(tmp_path, "localhost")
    pem = tmp_path / "server.pem"
    server = RedisServer(
        binary(),
        *("--tls-port", "0", "--tls-cert-file", str(pem), "--tls-key-file", str(pem)),
        *("--tls-ca-cert-file", str(pem), "--tls-auth-clients", "no"),
    )
    server.start()
    try:
        with Redis(port=server.port) as client:
            client.config_set("tls-port", tls := server.port + 10_000)
        problems = []
        for query in (f"?ssl_ca_certs={pem}", "?ssl_cert_reqs=none", ""):
            link = RedisLink(f"rediss://localhost:{tls}/0{query}", time.monotonic)
            problems.append(await link.open())
            await link.aclose()
    finally:
        server.kill()
    assert problems == [None, None, "there is no connection"]
