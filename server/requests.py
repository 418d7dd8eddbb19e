"""GraphQL over HTTP, the asking half: from headers and body to one operation's parameters."""

import asyncio
import json
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import msgspec
from starlette.types import Receive, Scope

from server.cors import Origins
from server.errors import Refusal
from upstreams.pace import pace

BODY_SECONDS = 5.0
_LONG_BYTES = 50_000
_PREFLIGHT = (b"apollo-require-preflight", b"x-apollo-operation-name")
_GZIP = 31  # zlib's window size with the gzip header asked for
_MOST_NESTED = 100


class Parameters(NamedTuple):
    """One operation as it was asked for. `document_id` names a persisted one.

    `source` is the JSON that the variables were read from, under their name.
    """

    query: str | None
    operation_name: str | None
    variables: dict[str, Any]
    extensions: dict[str, Any]
    document_id: str | None
    source: bytes = b"{}"


Headers = Mapping[bytes, bytes]


def headers_of(scope: Scope) -> Headers:
    """The request's headers; lines of one name are one list, as HTTP has it."""
    lines = scope["headers"]
    found: dict[bytes, bytes] = dict(lines)
    if len(found) < len(lines):
        found = {}
        for name, value in lines:
            found[name] = found[name] + b", " + value if name in found else value
    return found


async def read_post(
    headers: Headers, receive: Receive, most_bytes: int, seconds: float = BODY_SECONDS
) -> Parameters:
    """The parameters of a POST, or a Refusal with 400, 408, 413 or 415."""
    kind = headers.get(b"content-type", b"")
    if kind != b"application/json":
        _check_media_type(kind)
    encoding = headers.get(b"content-encoding", b"identity").strip().lower()
    if encoding not in (b"identity", b"gzip"):
        raise Refusal(415, "UNSUPPORTED_MEDIA_TYPE", "Send the body plain or with gzip.")
    length = headers.get(b"content-length")
    if length is not None and length.isdigit() and int(length[:20]) > most_bytes:
        raise _too_large(most_bytes)
    try:
        async with asyncio.timeout(seconds):
            body = await _read(receive, most_bytes)
    except TimeoutError:
        raise Refusal(
            408, "BODY_TIMEOUT", "The body did not arrive in time.", [("connection", "close")]
        ) from None
    turns = pace()
    if (encoding == b"gzip" or len(body) > _LONG_BYTES) and turns.is_due():
        # A long one takes a tenth of a second to read: several that arrive at once take turns.
        await turns.turn()
    if encoding == b"gzip":
        body = _unpacked(body, most_bytes)
    return _parameters(_parsed(body))._replace(source=body)


def read_get(scope: Scope, headers: Headers, origins: Origins) -> Parameters:
    """The parameters of a GET, unless any site could have made a browser send it."""
    if not (_is_preflighted(headers) or _is_readable(headers, origins)):
        raise Refusal(
            400,
            "CSRF_PREVENTED",
            "Any site could have made a browser send this GET: add the header"
            " Apollo-Require-Preflight, X-Apollo-Operation-Name or Content-Type:"
            " application/json, or use POST.",
        )
    try:
        pairs = parse_qsl(
            scope["query_string"].decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=20,
        )
    except ValueError:
        raise _bad("The query string is not a URL-encoded form in UTF-8.") from None
    found: dict[str, Any] = dict(pairs)
    if len(found) < len(pairs):
        raise _bad("A parameter came twice.")
    source = b'{"variables":%b}' % (found.get("variables") or "null").encode()
    for name in ("variables", "extensions"):
        if name in found:
            text = found[name]
            found[name] = _parsed(text.encode()) if text else None
    return _parameters(found)._replace(source=source)


def _check_media_type(kind: bytes) -> None:
    name, _, rest = kind.decode("latin-1").lower().partition(";")
    charset = "utf-8"
    for parameter in rest.split(";"):
        key, _, value = parameter.partition("=")
        if key.strip() == "charset":
            charset = value.strip().strip('"')
    if name.strip() != "application/json" or charset not in ("utf-8", "utf8"):
        raise Refusal(415, "UNSUPPORTED_MEDIA_TYPE", "Send the body as application/json, in UTF-8.")


def _is_preflighted(headers: Headers) -> bool:
    """Whether a browser sends this to another site only after that site has agreed to it."""
    if any(headers.get(name) for name in _PREFLIGHT):
        return True
    # Of other types browsers have been found that let them pass unasked.
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    return kind == b"application/json"


def check_download(headers: Headers, origins: Origins) -> None:
    """Refusal of a GET for a file that a page of another site makes a browser send unasked.

    It could not read the file, but spend calls. Where somebody follows a link, no matter where it
    stands, browsers say so.
    """
    origin = headers.get(b"origin")
    if origin is not None:
        is_wanted = origins.allow(origin.decode("latin-1"))
    else:
        is_followed = headers.get(b"sec-fetch-user") == b"?1"
        site = headers.get(b"sec-fetch-site", b"none")
        is_wanted = is_followed or site in (b"none", b"same-origin")
    if not is_wanted:
        raise Refusal(400, "CSRF_PREVENTED", "A page of another site made a browser send this GET.")


def _is_readable(headers: Headers, origins: Origins) -> bool:
    """Whether it comes from a page that may read the answer, or from no browser.

    No page can forge these headers. A GET carries Origin only where the page wants to read what
    comes; those that images, scripts, links and forms cause do not, and say so in Sec-Fetch-Mode.
    """
    mode = headers.get(b"sec-fetch-mode")
    if mode not in (None, b"cors", b"same-origin"):
        return False
    origin = headers.get(b"origin")
    if origin is not None:
        return origins.allow(origin.decode("latin-1"))
    site = headers.get(b"sec-fetch-site", b"none")
    return mode is not None and site in (b"none", b"same-origin")


async def _read(receive: Receive, most_bytes: int) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body", False):
        parts = [body]
        size = len(body)
        while message.get("more_body", False):
            message = await receive()
            part = message.get("body", b"")
            size += len(part)
            if size > most_bytes:
                raise _too_large(most_bytes)
            parts.append(part)
        body = b"".join(parts)
    if message["type"] == "http.disconnect":
        raise _bad("The body broke off, or is not what HTTP/1.1 describes.")
    if len(body) > most_bytes:
        raise _too_large(most_bytes)
    return body


def _unpacked(body: bytes, most_bytes: int) -> bytes:
    unpacker = zlib.decompressobj(_GZIP)
    try:
        plain = unpacker.decompress(body, most_bytes + 1)
    except zlib.error:
        raise _bad("The body is not gzip.") from None
    if len(plain) > most_bytes:
        raise _too_large(most_bytes)
    if not unpacker.eof or unpacker.unused_data:
        raise _bad("The body is not one complete gzip stream.")
    return plain


def _parsed(body: bytes) -> Any:
    """The JSON value; strict where the standard library is not."""
    try:
        text = body.decode()
        value = _decode(text)
        # Where Python itself gives up differs from one version to the next.
        if text.count("[") + text.count("{") > _MOST_NESTED and _is_deep(value):
            raise RecursionError
        if "\\ud" in text or "\\uD" in text:
            msgspec.json.encode(value)  # half a surrogate pair is no character
    except RecursionError:
        raise _bad(f"Lists and objects nest deeper than {_MOST_NESTED}.") from None
    except ValueError:
        raise _bad(
            "This is not JSON in UTF-8, or it repeats a key,"
            " or has a number or a character that is out of range."
        ) from None
    return value


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_MOST_NESTED):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return False
    return True


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _constant(name: str) -> float:
    raise ValueError(name)


_decode = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant).decode


def _parameters(body: Any) -> Parameters:
    if isinstance(body, list):
        raise Refusal(400, "BATCHING_NOT_SUPPORTED", "Send one operation a request.")
    if not isinstance(body, dict):
        raise _bad("The body must be a JSON object.")
    query = body.get("query")
    name = body.get("operationName")
    variables = body.get("variables")
    extensions = body.get("extensions")
    document_id = body.get("documentId")
    if query is not None and not isinstance(query, str):
        raise _bad("query must be a string.")
    if name is not None and not isinstance(name, str):
        raise _bad("operationName must be a string or null.")
    if variables is not None and not isinstance(variables, dict):
        raise _bad("variables must be an object or null.")
    if extensions is not None and not isinstance(extensions, dict):
        raise _bad("extensions must be an object or null.")
    if document_id is not None and not isinstance(document_id, str):
        raise _bad("documentId must be a string or null.")
    return Parameters(query or None, name or None, variables or {}, extensions or {}, document_id)


def _bad(message: str) -> Refusal:
    return Refusal(400, "BAD_REQUEST", message)


def _too_large(most_bytes: int) -> Refusal:
    # The rest of the body is not read, so the connection cannot be used again.
    return Refusal(
        413,
        "BODY_TOO_LARGE",
        f"The body is longer than {most_bytes} bytes.",
        [("connection", "close")],
    )
