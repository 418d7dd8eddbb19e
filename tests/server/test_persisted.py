"""Documents by hash and by id: learned from clients, shared over Redis, or only those listed."""

import asyncio
import hashlib
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.persisted import AllowList, Automatic, load_manifest
from tests.server.harness import Bench, codes

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
    response = await bench.post("{ price }", extensions=APQ)
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
    monkeypatch.setattr("server.persisted._MOST_DOCUMENTS", 3)
    bench = Bench(operations=(known := Automatic()))
    for number in range(10):
        text = f"query Q{number} {{ hello }}"
        digest = hashlib.sha256(text.encode()).hexdigest()
        persisted = {"version": 1, "sha256Hash": digest}
        await bench.post(text, extensions={"persistedQuery": persisted})
    assert len(known) == 3
    assert (await by_hash(bench, digest)).status_code == 200
    assert "errors" not in (await by_hash(bench, digest)).json()


@pytest.fixture
def redis_port() -> Iterator[int]:
    """A Redis server of this test's own."""
    program = shutil.which("redis-server")
    assert program, "install redis-server"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    process = subprocess.Popen(
        [program, "--port", str(port), "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield port
    finally:
        process.kill()
        process.wait()


async def test_replicas_share_hashes_over_redis_and_trust_none(
    redis_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.persisted._REDIS_SECONDS", 2)
    url = f"redis://127.0.0.1:{redis_port}/0"
    one, two = Automatic(url), Automatic(url)
    first, second = Bench(operations=one), Bench(operations=two)
    assert codes(await by_hash(first)) == ["PERSISTED_QUERY_NOT_FOUND"]
    await first.post(TEXT, extensions=APQ)
    assert (await by_hash(second)).json() == {"data": {"hello": "hello world"}}
    assert one._redis is not None
    forged = hashlib.sha256(b"{ price }").hexdigest()
    await one._redis.set(f"walletgraph:apq:{forged}", "{ boom }")
    assert codes(await by_hash(second, forged)) == ["PERSISTED_QUERY_NOT_FOUND"]
    await one.aclose()
    await two.aclose()


async def test_redis_away_means_a_miss(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        known = Automatic(f"redis://:canary@127.0.0.1:{closed.getsockname()[1]}/0")
        bench = Bench(operations=known)
        assert codes(await by_hash(bench)) == ["PERSISTED_QUERY_NOT_FOUND"]
        assert (await bench.post(TEXT, extensions=APQ)).status_code == 200
        assert (await by_hash(bench)).json() == {"data": {"hello": "hello world"}}
        await known.aclose()
    assert len(caplog.records) == 2
    assert "canary" not in caplog.text
    await asyncio.sleep(0)


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
