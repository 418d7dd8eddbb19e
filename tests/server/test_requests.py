"""What is accepted as a request, and the code of every refusal."""

import asyncio
import gzip
import json

import pytest
from starlette.types import Message

from server.errors import Refusal
from server.requests import read_post
from tests.server.harness import Bench, codes

GOOD = b'{"query": "{ hello }"}'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b'"{ hello }"',
        b"1",
        b"true",
        b'{"query": "{ hello }"} trailing',
        b'\xef\xbb\xbf{"query": "{ hello }"}',
        b'{"query": "{ hello }", "extra": NaN}',
        b'{"query": "{ hello }", "extra": -Infinity}',
        b'{"query": "{ hello }", "query": "{ price }"}',
        b'{"query": "{ hello }", "variables": {"a": {"b": 1, "b": 2}}}',
        b'{"query": "{ hello } \xff"}',
        b'{"query": "{ hello } \\ud800"}',
        b'{"query": "{ hello }", "variables": {"a": "\\uDFFF"}}',
        '{"query": "{ hello }"}'.encode("utf-16"),
        b'{"query": 1}',
        b'{"query": ["{ hello }"]}',
        b'{"query": "{ hello }", "variables": []}',
        b'{"query": "{ hello }", "variables": "{}"}',
        b'{"query": "{ hello }", "operationName": 1}',
        b'{"query": "{ hello }", "extensions": "x"}',
        b'{"documentId": 1}',
        b'{"query": "{ hello }", "variables": {"a": ' + b"1" * 5_000 + b"}}",
    ],
)
async def test_what_is_no_request_is_400_with_a_code(body: bytes) -> None:
    response = await Bench().raw(body)
    assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"])
    assert response.headers["cache-control"] == "no-store"


def nested(levels: int, opening: bytes, closing: bytes, inside: bytes = b"") -> bytes:
    """A request of so many levels, its own object the first of them."""
    deeper = levels - 1
    return b'{"query": "{ hello }", "x": %b}' % (opening * deeper + inside + closing * deeper)


@pytest.mark.parametrize(
    ("opening", "closing", "inside"), [(b"[", b"]", b""), (b'{"a":', b"}", b"1")]
)
async def test_json_is_read_to_a_depth_that_no_python_version_moves(
    opening: bytes, closing: bytes, inside: bytes
) -> None:
    bench = Bench(most_body_bytes=1_000_000)
    taken = await bench.raw(nested(100, opening, closing, inside))
    assert taken.json() == {"data": {"hello": "hello world"}}

    for levels in (101, 900, 9_000, 100_000):
        refused = await bench.raw(nested(levels, opening, closing, inside))
        assert (refused.status_code, codes(refused)) == (400, ["BAD_REQUEST"])
        assert refused.json()["errors"][0]["message"] == "Lists and objects nest deeper than 100."


async def test_many_brackets_are_not_depth() -> None:
    wide = b'{"query": "{ hello } # %b", "x": [%b]}' % (b"{[" * 200, b"[{}]," * 200 + b"1")
    assert (await Bench().raw(wide)).json() == {"data": {"hello": "hello world"}}


async def test_lists_and_missing_queries_have_codes_of_their_own() -> None:
    bench = Bench()
    for body in (b"[]", b'[{"query": "{ hello }"}]'):
        assert codes(await bench.raw(body)) == ["BATCHING_NOT_SUPPORTED"]
    for body in (b"{}", b'{"query": null}', b'{"query": ""}', b'{"notquery": "{ hello }"}'):
        response = await bench.raw(body)
        assert (response.status_code, codes(response)) == (400, ["MISSING_QUERY"])


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "text/plain; application/json",
        "application/jsonx",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/graphql",
    ],
)
async def test_only_json_in_utf8_is_taken(kind: str) -> None:
    response = await Bench().raw(GOOD, content_type=kind)
    assert (response.status_code, codes(response)) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


async def test_a_body_without_a_type_is_415() -> None:
    response = await Bench().http.post("/graphql", content=GOOD)
    assert response.status_code == 415


@pytest.mark.parametrize(
    "kind",
    ["application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"', "application/json;"],
)
async def test_json_in_other_spellings_is_taken(kind: str) -> None:
    assert (await Bench().raw(GOOD, content_type=kind)).json() == {"data": {"hello": "hello world"}}


async def test_gzip_is_unpacked_within_bounds() -> None:
    bench = Bench(most_body_bytes=1_000)
    response = await bench.raw(gzip.compress(GOOD), content_encoding="gzip")
    assert response.json() == {"data": {"hello": "hello world"}}
    bomb = gzip.compress(b'{"query": "' + b" " * 1_000_000 + b'{ hello }"}')
    assert len(bomb) < 2_000
    bombed = await Bench(most_body_bytes=100_000).raw(bomb, content_encoding="gzip")
    assert (bombed.status_code, codes(bombed)) == (413, ["BODY_TOO_LARGE"])
    for broken in (b"not gzip", gzip.compress(GOOD)[:-6], gzip.compress(GOOD) + b"x"):
        assert codes(await bench.raw(broken, content_encoding="gzip")) == ["BAD_REQUEST"]
    brotli = await bench.raw(GOOD, content_encoding="br")
    assert (brotli.status_code, codes(brotli)) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


async def test_a_body_over_the_limit_is_refused_by_header_and_by_stream() -> None:
    bench = Bench(most_body_bytes=100)
    by_header = await bench.raw(b" " * 101)
    assert (by_header.status_code, codes(by_header)) == (413, ["BODY_TOO_LARGE"])
    assert by_header.headers["connection"] == "close"
    read = 0

    async def receive() -> Message:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b" " * 60, "more_body": True}

    with pytest.raises(Refusal) as refused:
        await read_post({b"content-type": b"application/json"}, receive, 100)
    assert (refused.value.status, read) == (413, 2)


async def test_one_large_part_is_refused_too() -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": b" " * 101, "more_body": False}

    with pytest.raises(Refusal) as refused:
        await read_post({b"content-type": b"application/json"}, receive, 100)
    assert refused.value.code == "BODY_TOO_LARGE"


async def test_a_body_in_parts_is_put_together() -> None:
    parts = [b'{"query": ', b'"{ hello }"}']

    async def receive() -> Message:
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    asked = await read_post({b"content-type": b"application/json"}, receive, 100)
    assert asked.query == "{ hello }"


async def test_a_body_that_does_not_come_is_408_and_one_that_breaks_off_400() -> None:
    async def never() -> Message:
        await asyncio.sleep(30)
        raise AssertionError

    with pytest.raises(Refusal) as refused:
        await read_post({b"content-type": b"application/json"}, never, 100, seconds=0.01)
    assert (refused.value.status, refused.value.code) == (408, "BODY_TIMEOUT")

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    with pytest.raises(Refusal) as refused:
        await read_post({b"content-type": b"application/json"}, gone, 100)
    assert (refused.value.status, refused.value.code) == (400, "BAD_REQUEST")


async def test_get_runs_queries_for_clients_that_cannot_be_tricked() -> None:
    bench = Bench()
    asked = {
        "query": "query Q($name: String!) { hello(name: $name) }",
        "variables": json.dumps({"name": "GET"}),
        "operationName": "Q",
        "extensions": "",
    }
    response = await bench.http.get(
        "/graphql", params=asked, headers={"apollo-require-preflight": "1"}
    )
    assert response.json() == {"data": {"hello": "hello GET"}}


APP = "https://app.example"
# What urql and other clients send by default, from Node.js and from a page.
CLIENT = {
    "accept": "application/graphql-response+json, application/graphql+json, application/json,"
    " text/event-stream, multipart/mixed"
}


@pytest.mark.parametrize(
    ("headers", "is_answered"),
    [
        ({"apollo-require-preflight": "1"}, True),
        ({"x-apollo-operation-name": "Q"}, True),
        ({"content-type": "application/json"}, True),
        ({"content-type": "Application/JSON; charset=utf-8"}, True),
        ({**CLIENT, "sec-fetch-mode": "cors"}, True),
        ({**CLIENT, "sec-fetch-mode": "cors", "sec-fetch-site": "same-origin"}, True),
        ({**CLIENT, "sec-fetch-mode": "cors", "sec-fetch-site": "cross-site", "origin": APP}, True),
        ({**CLIENT, "origin": APP}, True),
        (CLIENT, False),
        ({}, False),
        ({"apollo-require-preflight": ""}, False),
        ({"content-type": "text/plain"}, False),
        ({"content-type": "text/plain; application/json"}, False),
        ({"content-type": "application/x-www-form-urlencoded"}, False),
        ({"content-type": "application/foo"}, False),
        ({**CLIENT, "origin": "https://evil.example"}, False),
        ({**CLIENT, "origin": "null", "sec-fetch-mode": "cors"}, False),
        ({**CLIENT, "sec-fetch-mode": "no-cors", "sec-fetch-site": "cross-site"}, False),
        ({**CLIENT, "sec-fetch-mode": "no-cors", "sec-fetch-site": "same-origin"}, False),
        ({**CLIENT, "sec-fetch-mode": "navigate", "sec-fetch-site": "none"}, False),
        ({**CLIENT, "sec-fetch-mode": "navigate", "origin": APP}, False),
        ({**CLIENT, "sec-fetch-mode": "cors", "sec-fetch-site": "cross-site"}, False),
        ({**CLIENT, "sec-fetch-site": "same-origin"}, False),
    ],
)
async def test_a_get_that_any_page_could_cause_is_refused(
    headers: dict[str, str], is_answered: bool
) -> None:
    bench = Bench(origins=[APP])
    response = await bench.http.get("/graphql", params={"query": "{ hello }"}, headers=headers)
    if is_answered:
        assert response.json() == {"data": {"hello": "hello world"}}
    else:
        assert (response.status_code, codes(response)) == (400, ["CSRF_PREVENTED"])


@pytest.mark.parametrize(
    "query_string",
    [
        "query={hello}&query={price}",
        "query=%ff",
        "query={hello}&variables={",
        "query={hello}&variables=[]",
        "query={hello}&extensions=1",
        "&".join(f"a{number}=1" for number in range(30)),
    ],
)
async def test_a_get_that_is_no_request_is_400(query_string: str) -> None:
    response = await Bench().http.get(
        f"/graphql?{query_string}", headers={"apollo-require-preflight": "1"}
    )
    assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"])


async def test_an_empty_operation_name_means_none() -> None:
    bench = Bench()
    response = await bench.http.get(
        "/graphql?query={hello}&operationName=", headers={"apollo-require-preflight": "1"}
    )
    posted = await bench.post("{ hello }", operationName="")
    assert response.json() == posted.json() == {"data": {"hello": "hello world"}}
