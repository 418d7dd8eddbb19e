"""What browsers get: the dashboard's files, the GraphiQL page, and the policies they run under."""

import gzip
import hashlib
import html
import json
import mimetypes
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from server.negotiation import takes_gzip

_HASHED = re.compile(r"-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$")
_FOREVER = "public, max-age=31536000, immutable"
_TEXTUAL = ("text/", "application/json", "application/javascript", "image/svg+xml")
GRAPHIQL_FILES = (
    "react.production.min.js",
    "react-dom.production.min.js",
    "graphiql.min.js",
    "graphiql.min.css",
    "walletgraph-graphiql.js",
)
_OWN = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

_DASHBOARD = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:{0}; "
    f"font-src 'self'; connect-src 'self'{{0}}; manifest-src 'self'; {_OWN}"
)
# Logos of tokens lie wherever their source says, and are asked for over https alone.
DASHBOARD_POLICY = _DASHBOARD.format("")
# GraphiQL's editor writes style elements; its scripts are all files of our own.
GRAPHIQL_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    f"img-src 'self' data:; font-src 'self' data:; connect-src 'self'; {_OWN}"
)
# A wheel holds the built pages in this package; in the source they lie where they are built.
_BUILT = (Path(__file__).parent / "dist", Path(__file__).parents[1] / "web" / "dist")

# Not the types this system has been told about: browsers run no script under a wrong one.
_KINDS = mimetypes.MimeTypes()
for _kind, _suffix in (
    ("text/javascript", ".js"),
    ("text/javascript", ".mjs"),
    ("font/woff", ".woff"),
    ("font/woff2", ".woff2"),
):
    _KINDS.add_type(_kind, _suffix)

_ABSENT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Walletgraph</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><h1>Walletgraph</h1>
<p>One GraphQL graph of what EVM wallets and Algorand accounts hold.</p>
<p>GraphQL is served at <code>/graphql</code>, but this page is not here: {what} has not been built.
<code>make run</code> builds it where Node.js 20 or later is installed; the wheel and the container
image always hold it.</p></body></html>
"""


def built_pages() -> Path | None:
    """The directory of the built pages; None where they have not been built."""
    return next((place for place in _BUILT if (place / "index.html").is_file()), None)


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

    def __init__(
        self, root: Path | None, *, is_sandbox: bool, ipfs_gateway: str | None = None
    ) -> None:
        """Read all of `root`, None if there are no pages; OSError says what cannot be read.

        `ipfs_gateway` is where browsers may fetch pictures that assets keep in IPFS.
        """
        self._files = {} if root is None else _read_all(root)
        self._policy = DASHBOARD_POLICY
        if ipfs_gateway is not None and "/index.html" in self._files:
            self._policy = _DASHBOARD.format(f" {_origin(ipfs_gateway)}")
            self._files["/index.html"] = _with_gateway(self._files["/index.html"], ipfs_gateway)
        self._is_sandbox = is_sandbox
        self.has_dashboard = "/index.html" in self._files
        self.has_graphiql = all(f"/graphiql/{name}" in self._files for name in GRAPHIQL_FILES)

    async def dashboard(self, request: Request) -> Response:
        """`/`: the built dashboard, or a plain page that says it is not built."""
        index = self._files.get("/index.html")
        if index is None:
            page = _ABSENT.format(what="the dashboard")
            return HTMLResponse(page, headers=_page_headers(DASHBOARD_POLICY))
        response = _response(index, request)
        response.headers.update(_page_headers(self._policy))
        return response

    @property
    def paths(self) -> list[str]:
        """Where the other files of the directory are served."""
        return [path for path in self._files if path != "/index.html"]

    async def file(self, request: Request) -> Response:
        """One of the other files, at its path."""
        return _response(self._files[request.scope["path"]], request)

    async def graphiql(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The GraphiQL page, made of our own files, or a plain page that says it is not built."""
        page, policy = _ABSENT.format(what="GraphiQL"), DASHBOARD_POLICY
        if self.has_graphiql:
            page, policy = self._own_graphiql(), GRAPHIQL_POLICY
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
            for name in GRAPHIQL_FILES
            if name.endswith(".js")
        ]
        icon = '<link rel="icon" href="/icon.svg" type="image/svg+xml">'
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            f"<title>Walletgraph GraphiQL</title>{icon if '/icon.svg' in self._files else ''}"
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"{''.join(styles)}{''.join(scripts)}</head>"
            f'<body><div id="graphiql" data-config="{config}">Loading GraphiQL</div>'
            "</body></html>\n"
        )


def _read_all(root: Path) -> dict[str, _File]:
    return {
        "/" + path.relative_to(root).as_posix(): _read(path)
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def _read(path: Path) -> _File:
    body = path.read_bytes()
    kind = _KINDS.guess_type(path.name)[0] or "application/octet-stream"
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    return _File(body, kind, etag, bool(_HASHED.search(path.name)))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _with_gateway(index: _File, gateway: str) -> _File:
    """The page with a line in it that names the gateway to its script."""
    line = f'<meta name="ipfs-gateway" content="{html.escape(gateway)}"></head>'
    body = index.body.replace(b"</head>", line.encode(), 1)
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    return _File(body, index.kind, etag, is_hashed=False)


def _response(found: _File, request: Request) -> Response:
    headers = {
        "etag": found.etag,
        "cache-control": _FOREVER if found.is_hashed else "no-cache",
        "vary": "Accept-Encoding",
    }
    if request.headers.get("if-none-match") == found.etag:
        return Response(status_code=304, headers=headers)
    body = found.body
    encodings = request.headers.get("accept-encoding", "").encode("latin-1")
    if takes_gzip(encodings) and found.kind.startswith(_TEXTUAL):
        body = found.gzip()
        headers["content-encoding"] = "gzip"
    return Response(body, headers=headers, media_type=found.kind)


def _page_headers(policy: str) -> dict[str, str]:
    return {"content-security-policy": policy, "cache-control": "no-cache"}
