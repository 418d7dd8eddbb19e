"""Documents by hash and by id: learned from clients, shared over Redis, or only those listed."""

import asyncio
import contextlib
import hashlib
import json
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from server.errors import Refusal
from server.persisted import AllowList, Automatic, load_manifest
from server.requests import Parameters
from tests.redis_server import RedisServer
from tests.server.harness import Bench, codes
from tests.upstreams.stage import Clock
from upstreams.redis.link import RedisLink
from upstreams.source.cache import ENTRY_BYTES, LRUCache

TEXT = "{ hello }"
HASH = hashlib.sha256(TEXT.encode()).hexdigest()
APQ = {"persistedQuery": {"version": 1, "sha256Hash": HASH}}


async def by_hash(bench: Bench, digest: str = HASH) -> Any:
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    return await bench.http.post("/graphql", json={"extensions": extensions})


async def test_a_hash_is_learned_once_and_serves_post_and_get() -> None:
    bench = Bench()
    unknown = await by_hash(bench)
    assert unknown.status_code == 200
    assert unknown.json() == {
        "errors": [
            {
                "message": "PersistedQueryNotFound",
                "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
            }
        ]
    }
    assert (await bench.post(TEXT, extensions=APQ)).status_code == 200
    assert (await bench.post(TEXT, extensions=APQ)).status_code == 200
    assert (await by_hash(bench)).json() == {"data": {"hello": "hello world"}}
    got = await bench.http.get(
        "/graphql",
        params={"extensions": json.dumps(APQ)},
        headers={"apollo-require-preflight": "1"},
    )
    assert got.json() == {"data": {"hello": "hello world"}}


async def test_a_hash_of_something_else_is_refused_and_nothing_is_kept() -> None:
    bench = Bench(operations=(known := Automatic()))
    for digest in (HASH, 64 * "0", 64 * "f"):
        persisted = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
        response = await bench.post("{ price }", extensions=persisted)
        assert (response.status_code, codes(response)) == (400, ["PERSISTED_QUERY_HASH_MISMATCH"])
    broken = "{ nothing }"
    digest = hashlib.sha256(broken.encode()).hexdigest()
    await bench.post(broken, extensions={"persistedQuery": {"version": 1, "sha256Hash": digest}})
    assert len(known) == 0


@pytest.mark.parametrize(
    "persisted",
    [
        [],
        "x",
        {},
        {"version": 1, "sha256Hash": 1},
        {"version": 2, "sha256Hash": HASH},
        {"version": 0, "sha256Hash": HASH},
        {"version": 1, "sha256Hash": HASH.upper()},
        {"version": 1, "sha256Hash": "x" * 1_000},
    ],
)
async def test_what_is_no_hash_is_400(persisted: object) -> None:
    response = await Bench().http.post(
        "/graphql", json={"extensions": {"persistedQuery": persisted}}
    )
    assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"])


async def test_what_is_learned_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.persisted._MOST_BYTES", 1_800)
    bench = Bench(operations=(known := Automatic()))
    for number in range(10):
        text = f"query Q{number} {{ hello }}"
        digest = hashlib.sha256(text.encode()).hexdigest()
        persisted = {"version": 1, "sha256Hash": digest}
        await bench.post(text, extensions={"persistedQuery": persisted})
    assert len(known) == 3
    assert (await by_hash(bench, digest)).status_code == 200
    assert "errors" not in (await by_hash(bench, digest)).json()


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 60), st.booleans()), max_size=60))
def test_what_is_kept_is_bounded_and_counted_whatever_comes(
    steps: list[tuple[int, int, bool]],
) -> None:
    """Also when several ask for one hash at once, and each of them then brings its text."""

    async def play() -> None:
        known = Automatic()
        known._known = LRUCache(4_000)
        for number, padding, is_executed in steps:
            text = f"query Q{number} {{ hello }}{padding * ' '}"
            if is_executed:
                await known.executed(asked(text), text)
            else:
                with contextlib.suppress(Refusal):
                    await known.text(asked(text)._replace(query=None))
            documents = list(known._known.values())
            assert known._known.currsize == sum(each.size + ENTRY_BYTES for each in documents)
            assert known._known.currsize <= 4_000

    asyncio.run(play())


def asked(text: str) -> Parameters:
    """A request for a text that comes with its hash."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    return Parameters(text, None, {}, extensions, None)


@pytest.fixture
def link_of(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> Callable[[], RedisLink]:
    """Makes links to Redis with time enough."""
    monkeypatch.setattr("upstreams.redis.link.BUDGET_SECONDS", 1.0)
    return lambda: RedisLink(redis_server.url, time.monotonic, "operations")


async def test_replicas_share_what_is_in_use_and_trust_nobody(
    redis_server: RedisServer, link_of: Callable[[], RedisLink]
) -> None:
    one, two = Automatic(link_of()), Automatic(link_of())
    first, second = Bench(operations=one), Bench(operations=two)
    assert codes(await by_hash(first)) == ["PERSISTED_QUERY_NOT_FOUND"]
    await first.post(TEXT, extensions=APQ)
    # Sent once and not used since: nobody else needs to know it.
    assert codes(await by_hash(second)) == ["PERSISTED_QUERY_NOT_FOUND"]
    assert (await by_hash(first)).json() == {"data": {"hello": "hello world"}}
    assert (await by_hash(second)).json() == {"data": {"hello": "hello world"}}
    redis_server.kill()
    assert (await by_hash(second)).json() == {"data": {"hello": "hello world"}}
    redis_server.start()
    for raw, kept in ((b"{ price }", b"{ boom }"), (b"\xff", b"\xff")):
        digest = hashlib.sha256(raw).hexdigest()
        with Redis(port=redis_server.port) as client:
            client.hset("walletgraph:{operations}:texts", digest, kept)
        assert codes(await by_hash(second, digest)) == ["PERSISTED_QUERY_NOT_FOUND"]
    await one.aclose()
    await two.aclose()


async def test_many_who_ask_at_once_leave_one_document(link_of: Callable[[], RedisLink]) -> None:
    """All of them miss here and find it in Redis."""
    one, two = Automatic(link_of()), Automatic(link_of())
    await one.executed(asked(TEXT), TEXT)
    await one.text(asked(TEXT)._replace(query=None))
    await asyncio.sleep(0.05)
    found = await asyncio.gather(*[two.text(asked(TEXT)._replace(query=None)) for _ in range(20)])
    assert found == [TEXT] * 20
    assert (len(two), two._known.currsize) == (1, sys.getsizeof(TEXT) + ENTRY_BYTES)
    await one.aclose()
    await two.aclose()


async def test_a_flood_of_documents_does_not_fill_redis(
    redis_server: RedisServer, link_of: Callable[[], RedisLink], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.persisted._MOST_SHARED", 50)
    known = Automatic(link_of())
    in_use = asked("query InUse { hello }")
    await known.executed(in_use, "query InUse { hello }")
    await known.text(in_use._replace(query=None))
    used = int(redis_server.command("DBSIZE")[1:])
    for number in range(2_000):
        text = f"query Once{number} {{ hello }}" + 8_000 * " "
        await known.executed(asked(text), text)
    await asyncio.sleep(0.05)
    assert int(redis_server.command("DBSIZE")[1:]) <= used + 2
    assert await sizes(redis_server) == (1, 1)
    # Those that are asked for again are shared, and push out the least recently used.
    longest, large = "query Longest { hello }".ljust(16_384), "query Large { hello }".ljust(16_385)
    for text in (*[f"query Again{number} {{ hello }}" for number in range(500)], longest, large):
        await known.executed(asked(text), text)
        await known.text(asked(text)._replace(query=None))
    await asyncio.sleep(0.1)
    assert await sizes(redis_server) == (50, 50)
    other = Automatic(link_of())
    newest = "query Again499 { hello }"
    for text in (newest, longest):
        assert await other.text(asked(text)._replace(query=None)) == text
    with pytest.raises(Refusal):
        await other.text(asked(large)._replace(query=None))
    for key in ("texts", "used"):
        left = int(redis_server.command("TTL", f"walletgraph:{{operations}}:{key}")[1:])
        assert 86_000 < left <= 86_400
    await other.aclose()
    await known.aclose()


async def sizes(redis: RedisServer) -> tuple[int, int]:
    return (
        int(redis.command("HLEN", "walletgraph:{operations}:texts")[1:]),
        int(redis.command("ZCARD", "walletgraph:{operations}:used")[1:]),
    )


async def test_what_redis_evicted_in_part_begins_again(
    redis_server: RedisServer, link_of: Callable[[], RedisLink]
) -> None:
    known = Automatic(link_of())
    for number in range(3):
        text = f"query Q{number} {{ hello }}"
        await known.executed(asked(text), text)
        await known.text(asked(text)._replace(query=None))
        await asyncio.sleep(0.05)
        redis_server.command("DEL", "walletgraph:{operations}:used")
    assert (await sizes(redis_server))[0] <= 1
    await known.aclose()


async def test_what_is_in_use_is_said_to_be_so_once_an_hour(
    redis_server: RedisServer, link_of: Callable[[], RedisLink]
) -> None:
    clock = Clock()
    known = Automatic(link_of(), clock)
    by_its_hash = asked(TEXT)._replace(query=None)
    await known.executed(asked(TEXT), TEXT)
    for seconds, is_written in ((0, True), (3_599, False), (2, True)):
        clock.now += seconds
        redis_server.command("FLUSHALL")
        await known.text(by_its_hash)
        await asyncio.sleep(0.05)
        assert await sizes(redis_server) == (int(is_written), int(is_written))
    await known.aclose()


async def test_redis_away_means_a_miss(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"redis://:canary@127.0.0.1:{closed.getsockname()[1]}/0"
        known = Automatic(RedisLink(url, time.monotonic, "operations"))
        bench = Bench(operations=known)
        assert codes(await by_hash(bench)) == ["PERSISTED_QUERY_NOT_FOUND"]
        assert (await bench.post(TEXT, extensions=APQ)).status_code == 200
        assert (await by_hash(bench)).json() == {"data": {"hello": "hello world"}}
        await known.aclose()
    assert len(caplog.records) == 1
    assert "canary" not in caplog.text


async def test_a_list_serves_what_is_on_it_by_id_or_text() -> None:
    bench = Bench(operations=AllowList({"greet": TEXT, HASH: TEXT}))
    listed = [
        {"documentId": "greet"},
        {"extensions": APQ},
        {"query": TEXT},
        {"query": TEXT, "extensions": APQ},
    ]
    for body in listed:
        response = await bench.http.post("/graphql", json=body)
        assert response.json() == {"data": {"hello": "hello world"}}
    refused: dict[str, list[dict[str, Any]]] = {
        "PERSISTED_QUERY_NOT_IN_LIST": [
            {"documentId": "other"},
            {"documentId": "greet", "query": "{ price }"},
            {"extensions": {"persistedQuery": {"sha256Hash": "x"}}},
        ],
        "QUERY_NOT_IN_SAFELIST": [{"query": "{ price }"}, {"query": TEXT + " "}],
        "MISSING_QUERY": [{}, {"extensions": {"persistedQuery": []}}],
    }
    for code, bodies in refused.items():
        for body in bodies:
            response = await bench.http.post("/graphql", json=body)
            assert (response.status_code, codes(response)) == (400, [code])
    await bench.operations.aclose()


def test_apollos_and_relays_manifests_are_read(tmp_path: Path) -> None:
    apollo = {
        "format": "apollo-persisted-query-manifest",
        "version": 1,
        "operations": [{"id": HASH, "name": "Hello", "type": "query", "body": TEXT}],
    }
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(apollo))
    assert load_manifest(str(path)) == {HASH: TEXT}
    path.write_text(json.dumps({"a": TEXT}))
    assert load_manifest(str(path)) == {"a": TEXT}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "is not JSON"),
        ("[]", "is neither an Apollo manifest nor a map from id to text"),
        ("{}", "is neither an Apollo manifest nor a map from id to text"),
        ('{"a": 1}', "is neither an Apollo manifest nor a map from id to text"),
        (
            '{"format": "apollo-persisted-query-manifest", "operations": [{}]}',
            "is neither an Apollo manifest nor a map from id to text",
        ),
        (
            '{"format": "apollo-persisted-query-manifest"}',
            "is neither an Apollo manifest nor a map from id to text",
        ),
    ],
)
def test_what_is_no_manifest_is_refused(tmp_path: Path, content: str, problem: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=f"^{problem}$"):
        load_manifest(str(path))
    with pytest.raises(ValueError, match=r"^cannot be read: No such file or directory$"):
        load_manifest(str(tmp_path / "nowhere.json"))


def test_a_folder_is_a_manifest_by_name_and_by_hash(tmp_path: Path) -> None:
    (tmp_path / "one.graphql").write_text(TEXT)
    (tmp_path / "notes.md").write_text("no operation")

    assert load_manifest(str(tmp_path)) == {"one": TEXT, HASH: TEXT}


def test_a_folder_that_is_none_is_told_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^is a folder without a \.graphql file$"):
        load_manifest(str(tmp_path))
    (tmp_path / "one.graphql").write_bytes(b"\xff")
    with pytest.raises(ValueError, match=r"^has a file that is not text in UTF-8$"):
        load_manifest(str(tmp_path))
