"""What HTTP allows an upstream to send, as a client of the graph sees it: nothing is lost."""

import gzip
import json
import zlib
from typing import Any

import pytest

from sandbox import DEMO_ACCOUNTS
from tests.graph import running
from tests.upstreams.peer import peer
from tests.upstreams.stage import row, wallet

ROWS = json.dumps([row(wallet(1))]).encode()
PAGE = b'{"asset-holdings": [], "round": 7}'
QUERIES = {
    "oneinch": f'{{ wallet(address: "{wallet(1)}") {{ positions(filter: {{'
    "categories: [NATIVE, TOKEN]}) { totalCount } } }",
    "algod": f'{{ wallet(address: "{DEMO_ACCOUNTS["typical"]}") '
    "{ algorandAssets { nodes { id } } } }",
}
DATA = {
    "oneinch": {"wallet": {"positions": {"totalCount": 1}}},
    "algod": {"wallet": {"algorandAssets": {"nodes": []}}},
}

# The status line, the media type, further headers, and how the body is packed.
Form = tuple[str, str, str, str]
FORMS: dict[str, Form] = {
    "plain": ("1.1 200 OK", "application/json", "", ""),
    "a long header": ("1.1 200 OK", "application/json", f"A: {'b' * 9_000}\r\n", ""),
    "many headers": ("1.1 200 OK", "application/json", "A: b\r\n" * 300, ""),
    "a long reason": (f"1.1 200 {'b' * 9_000}", "application/json", "", ""),
    "HTTP/1.0": ("1.0 200 OK", "application/json", "", ""),
    "a parameter": ("1.1 200 OK", "application/json; charset=utf-8; profile=x", "", ""),
    "other case": ("1.1 200 OK", 'Application/JSON;Charset="UTF-8"', "", ""),
    "gzip": ("1.1 200 OK", "application/json", "Content-Encoding: gzip\r\n", "gzip"),
    "x-gzip": ("1.1 200 OK", "application/json", "Content-Encoding: X-GZIP\r\n", "gzip"),
    "two members": ("1.1 200 OK", "application/json", "Content-Encoding: gzip\r\n", "members"),
    "deflate": ("1.1 200 OK", "application/json", "Content-Encoding: deflate\r\n", "deflate"),
    "identity": ("1.1 200 OK", "application/json", "Content-Encoding: identity\r\n", ""),
    "no encoding": ("1.1 200 OK", "application/json", "Content-Encoding:\r\n", ""),
    "chunks": ("1.1 200 OK", "application/json", "Transfer-Encoding: chunked\r\n", "chunks"),
    "an early hint": (
        "1.1 103 Early Hints\r\nA: b\r\n\r\nHTTP/1.1 200 OK",
        "application/json",
        "",
        "",
    ),
}


def sent(form: Form, body: bytes) -> bytes:
    status, media_type, headers, packing = form
    half = len(body) // 2
    match packing:
        case "gzip":
            body = gzip.compress(body)
        case "members":
            body = gzip.compress(body[:half]) + gzip.compress(body[half:])
        case "deflate":
            body = zlib.compress(body)
        case "chunks":
            body = b"".join(
                b"%x;a=b\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:])
            )
            body += b"0\r\nTrailer: c\r\n\r\n"
    length = "" if packing == "chunks" else f"Content-Length: {len(body)}\r\n"
    head = f"HTTP/{status}\r\nContent-Type: {media_type}\r\n{headers}{length}\r\n"
    return head.encode() + body


@pytest.mark.parametrize(("source", "body"), [("oneinch", ROWS), ("algod", PAGE)])
@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
async def test_an_answer_in_any_form_is_read_at_the_first_call(
    form: Form, source: str, body: bytes
) -> None:
    async with peer([sent(form, body), b""]) as upstream:
        config: dict[str, Any] = {f"{source}_url": upstream.url, f"{source}_transport": None}
        async with running(**config) as graph:
            assert await graph.data(QUERIES[source]) == DATA[source]
    assert sum(map(len, upstream.heads)) == 1
