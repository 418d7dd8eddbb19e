"""What browsers get: the dashboard's files, the GraphiQL page, and the policies they run under."""

import gzip
import hashlib
import html
import json
import mimetypes
import re
from dataclasses import dataclass, field
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send
from strawberry.http.ides import get_graphql_ide_html

_HASHED = re.compile(r"-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$")
_FOREVER = "public, max-age=31536000, immutable"
_TEXTUAL = ("text/", "application/json", "application/javascript", "image/svg+xml")
_GRAPHIQL = (
    "react.production.min.js",
    "react-dom.production.min.js",
    "graphiql.min.js",
    "graphiql.min.css",
    "walletgraph-graphiql.js",
)
_OWN = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

DASHBOARD_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    f"font-src 'self'; connect-src 'self'; manifest-src 'self'; {_OWN}"
)
# GraphiQL's editor writes style elements; its scripts are all files of our own.
GRAPHIQL_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    f"img-src 'self' data:; font-src 'self' data:; connect-src 'self'; {_OWN}"
)
_CDN_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' https://unpkg.com; "
    "style-src 'unsafe-inline' https://unpkg.com; img-src 'self' data:; "
    f"font-src data: https://unpkg.com; connect-src 'self'; {_OWN}"
)

_PLAIN = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Walletgraph</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><h1>Walletgraph</h1>
<p>One GraphQL graph of what EVM wallets and Algorand accounts hold.</p>
<p><a href="/graphql">Explore it in GraphiQL</a></p></body></html>
"""


@dataclass(slots=True)
class _File:
    body: bytes
    kind: str
    etag: str
    is_hashed: bool
    packed: bytes | None = field(default=None, repr=False)

    def gzip(self) -> bytes:
        if self.packed is None:
            self.packed = gzip.compress(self.body, 9, mtime=0)
        return self.packed


class Pages:
    """The files of one directory, read once; only what was there is ever served."""

    def __init__(self, root: Path, *, is_sandbox: bool) -> None:
        self._files = {
            "/" + path.relative_to(root).as_posix(): _read(path)
            for path in sorted(root.rglob("*"))
            if path.is_file()
        }
        self._is_sandbox = is_sandbox

    async def dashboard(self, request: Request) -> Response:
        """`/`: the built dashboard, or a plain page that leads to GraphiQL."""
        index = self._files.get("/index.html")
        if index is None:
            return HTMLResponse(_PLAIN, headers=_page_headers(DASHBOARD_POLICY))
        response = _response(index, request)
        response.headers.update(_page_headers(DASHBOARD_POLICY))
        return response

    async def file(self, request: Request) -> Response:
        """Any other file of the directory."""
        found = self._files.get(request.url.path)
        if found is None or request.url.path == "/index.html":
            raise HTTPException(404)
        return _response(found, request)

    async def graphiql(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The GraphiQL page, from our own files where they were built, else Strawberry's."""
        if all(f"/graphiql/{name}" in self._files for name in _GRAPHIQL):
            page, policy = self._own_graphiql(), GRAPHIQL_POLICY
        else:
            page, policy = get_graphql_ide_html(), _CDN_POLICY
        headers = {**_page_headers(policy), "vary": "Accept"}
        await HTMLResponse(page, headers=headers)(scope, receive, send)

    def _own_graphiql(self) -> str:
        config = html.escape(json.dumps({"endpoint": "/graphql", "sandbox": self._is_sandbox}))
        styles = [
            f'<link rel="stylesheet" href="/graphiql/{name}">'
            for name in ("graphiql.min.css", "walletgraph-graphiql.css")
            if f"/graphiql/{name}" in self._files
        ]
        scripts = [
            f'<script defer src="/graphiql/{name}"></script>'
            for name in _GRAPHIQL
            if name.endswith(".js")
        ]
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            "<title>Walletgraph GraphiQL</title>"
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"{''.join(styles)}{''.join(scripts)}</head>"
            f'<body><div id="graphiql" data-config="{config}">Loading GraphiQL</div>'
            "</body></html>\n"
        )


def _read(path: Path) -> _File:
    body = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    return _File(body, kind, etag, bool(_HASHED.search(path.name)))


def _response(found: _File, request: Request) -> Response:
    headers = {
        "etag": found.etag,
        "cache-control": _FOREVER if found.is_hashed else "no-cache",
        "vary": "Accept-Encoding",
    }
    if request.headers.get("if-none-match") == found.etag:
        return Response(status_code=304, headers=headers)
    body = found.body
    if "gzip" in request.headers.get("accept-encoding", "") and found.kind.startswith(_TEXTUAL):
        body = found.gzip()
        headers["content-encoding"] = "gzip"
    return Response(body, headers=headers, media_type=found.kind)


def _page_headers(policy: str) -> dict[str, str]:
    return {"content-security-policy": policy, "cache-control": "no-cache"}
