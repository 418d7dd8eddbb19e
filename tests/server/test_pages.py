"""What browsers get: the built files and nothing else, under policies that hold."""

import gzip
import html
import json
import mimetypes
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from server import pages
from server.app import create_app
from server.settings import Settings, SettingsError

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
SCRIPT = "console.log('dashboard');" * 100


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """A build as Vite and the GraphiQL script leave it."""
    files = {
        "index.html": "<!doctype html><title>Dashboard</title>",
        "icon.svg": "<svg/>",
        "assets/index-B7aXq3_Z.js": SCRIPT,
        "assets/index-C1d2e3F4.css": "body{}",
        "assets/font-A1b2C3d4.woff2": "font",
        "graphiql/react.production.min.js": "react",
        "graphiql/react-dom.production.min.js": "dom",
        "graphiql/graphiql.min.js": "graphiql",
        "graphiql/graphiql.min.css": "css",
        "graphiql/walletgraph-graphiql.js": "ours",
        "graphiql/walletgraph-graphiql.css": "ours",
    }
    for name, text in files.items():
        path = tmp_path / "dist" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "secret.txt").write_text("secret")
    return tmp_path / "dist"


@asynccontextmanager
async def browsing(dist: Path | None, **environ: str) -> AsyncIterator[httpx.AsyncClient]:
    web = {"WEB_DIST": str(dist)} if dist else {}
    app = create_app(Settings.from_env({**web, **environ}))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers=BROWSER
    ) as http:
        yield http


async def test_the_dashboard_runs_only_what_is_our_own(dist: Path) -> None:
    async with browsing(dist) as http:
        page = await http.get("/")
        assert page.text == "<!doctype html><title>Dashboard</title>"
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["cache-control"] == "no-cache"
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
        assert "unsafe" not in policy
        head = await http.head("/")
        assert (head.status_code, head.content) == (200, b"")


async def test_pictures_come_from_a_gateway_only_where_one_is_set(dist: Path) -> None:
    (dist / "index.html").write_text("<!doctype html><head></head>")
    async with browsing(dist) as http:
        plain = await http.get("/")
    async with browsing(dist, IPFS_GATEWAY="https://ipfs.example:8443/at/") as http:
        page = await http.get("/")

    assert plain.text == "<!doctype html><head></head>"
    line = '<meta name="ipfs-gateway" content="https://ipfs.example:8443/at">'
    assert page.text == f"<!doctype html><head>{line}</head>"
    assert page.headers["etag"] != plain.headers["etag"]
    policy = page.headers["content-security-policy"]
    assert "img-src 'self' data: https: https://ipfs.example:8443;" in policy
    assert "connect-src 'self' https://ipfs.example:8443;" in policy
    assert "connect-src 'self';" in plain.headers["content-security-policy"]


async def test_files_have_their_types_and_hashed_names_are_kept_for_ever(dist: Path) -> None:
    async with browsing(dist) as http:
        script = await http.get("/assets/index-B7aXq3_Z.js")
        assert script.text == SCRIPT
        assert script.headers["content-type"] == "text/javascript; charset=utf-8"
        assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert script.headers["content-encoding"] == "gzip"
        assert int(script.headers["content-length"]) < len(SCRIPT) / 5
        plain = await http.get("/assets/index-B7aXq3_Z.js", headers={"accept-encoding": ""})
        assert "content-encoding" not in plain.headers
        icon = await http.get("/icon.svg")
        assert icon.headers["content-type"] == "image/svg+xml"
        assert icon.headers["cache-control"] == "no-cache"
        font = await http.get("/assets/font-A1b2C3d4.woff2")
        assert font.headers["content-type"] == "font/woff2"
        assert "content-encoding" not in font.headers
        again = await http.get("/icon.svg", headers={"if-none-match": icon.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert gzip.decompress(gzip.compress(icon.content)) == icon.content


@pytest.mark.parametrize(
    "path",
    [
        "/secret.txt",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/../../secret.txt",
        "/assets",
        "/index.html",
    ],
)
async def test_nothing_but_the_build_is_served(dist: Path, path: str) -> None:
    async with browsing(dist) as http:
        assert (await http.get(path)).status_code == 404


async def test_graphiql_is_made_of_our_own_files(dist: Path) -> None:
    async with browsing(dist) as http:
        page = await http.get("/graphql?query={__typename}")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["vary"] == "Accept, Origin"
        assert "script-src 'self';" in page.headers["content-security-policy"]
        linked = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert linked == [
            "/icon.svg",
            "/graphiql/graphiql.min.css",
            "/graphiql/walletgraph-graphiql.css",
            "/graphiql/react.production.min.js",
            "/graphiql/react-dom.production.min.js",
            "/graphiql/graphiql.min.js",
            "/graphiql/walletgraph-graphiql.js",
        ]
        for path in linked:
            assert (await http.get(path)).status_code == 200
        assert not re.search(r"<script[^>]*>[^<]", page.text)
        found = re.search(r'data-config="([^"]+)"', page.text)
        assert found
        assert json.loads(html.unescape(found[1])) == {"endpoint": "/graphql", "sandbox": True}


async def test_live_mode_is_not_called_a_sandbox(dist: Path) -> None:
    async with browsing(dist, UPSTREAMS="live") as http:
        assert "&quot;sandbox&quot;: false" in (await http.get("/graphql")).text


@pytest.fixture
def unbuilt(monkeypatch: pytest.MonkeyPatch) -> None:
    """A source tree in which no pages were built."""
    monkeypatch.setattr(pages, "_BUILT", ())


@pytest.mark.usefixtures("unbuilt")
async def test_without_a_build_the_pages_say_so_and_ask_nobody_else() -> None:
    async with browsing(None) as http:
        for path, what in (("/", "the dashboard"), ("/graphql", "GraphiQL")):
            page = await http.get(path)
            assert (page.status_code, f"{what} has not been built" in page.text) == (200, True)
            assert not re.search(r"src=|href=|<script|<style|//", page.text)
            assert page.headers["content-security-policy"] == pages.DASHBOARD_POLICY


async def test_a_build_without_graphiql_says_that_it_lacks_it(dist: Path) -> None:
    (dist / "graphiql" / "graphiql.min.js").unlink()
    async with browsing(dist) as http:
        assert "<title>Dashboard</title>" in (await http.get("/")).text
        assert "GraphiQL has not been built" in (await http.get("/graphql")).text


def test_the_wheels_pages_come_before_those_of_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel, source = tmp_path / "wheel", tmp_path / "source"
    monkeypatch.setattr(pages, "_BUILT", (wheel, source))
    for folder in (source, wheel):
        folder.mkdir()
        assert pages.built_pages() in (None, source)
        (folder / "index.html").touch()
        assert pages.built_pages() == folder


@pytest.fixture
def odd_machine() -> Iterator[None]:
    """A machine whose own table gives other types, as files of the system can."""
    for suffix in (".js", ".css", ".woff2"):
        mimetypes.add_type("text/plain", suffix)
    yield
    mimetypes.init()


@pytest.mark.usefixtures("odd_machine")
async def test_types_do_not_depend_on_the_machine(dist: Path) -> None:
    async with browsing(dist) as http:
        found = {
            path.rsplit(".", 1)[1]: (await http.get(path)).headers["content-type"].split(";")[0]
            for path in (
                "/assets/index-B7aXq3_Z.js",
                "/assets/index-C1d2e3F4.css",
                "/assets/font-A1b2C3d4.woff2",
            )
        }
    assert found == {"js": "text/javascript", "css": "text/css", "woff2": "font/woff2"}


@pytest.mark.parametrize("what", ["nowhere", "a file", "an empty folder", "a folder of others"])
def test_a_directory_without_pages_stops_the_boot_by_name(what: str, tmp_path: Path) -> None:
    place = tmp_path / "place"
    if what == "a file":
        place.write_text("<!doctype html>")
    elif what != "nowhere":
        place.mkdir()
    if what == "a folder of others":
        (place / "index.html").mkdir()

    with pytest.raises(SettingsError) as refused:
        Settings.from_env({"WEB_DIST": str(place), "PORT": "x"})

    assert [problem.split(", got ")[0] for problem in refused.value.problems] == [
        "PORT must be a whole number from 0 to 65535",
        "WEB_DIST must be a directory of built pages, with index.html in it",
    ]


def test_pages_that_cannot_be_read_stop_the_boot_by_name(
    dist: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(SettingsError, match=r"^WEB_DIST cannot be read: Permission denied, got '"):
        create_app(Settings.from_env({"WEB_DIST": str(dist)}))


async def test_a_page_is_shown_only_to_who_asks_for_one(dist: Path) -> None:
    async with browsing(dist) as http:
        for accept in ("*/*", "application/json"):
            response = await http.get("/graphql", headers={"accept": accept})
            assert response.headers["content-type"].startswith("application/json")
        hashed = await http.get("/graphql?extensions={}")
        assert hashed.headers["content-type"].startswith("application/json")
    async with browsing(dist, GRAPHIQL="off") as http:
        assert (await http.get("/graphql")).status_code == 400
        page_alone = await http.get("/graphql", headers={"accept": "text/html"})
        assert page_alone.status_code == 406
