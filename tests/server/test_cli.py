"""The command line, as someone at a terminal meets it."""

import asyncio
import logging
import socket
import subprocess
import tomllib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from schema import build_schema
from server.check import check
from server.cli import banner, main
from server.pages import GRAPHIQL_FILES, Pages
from server.settings import Settings
from server.values import Secret
from tests.graph import FAST
from tests.redis_server import RedisServer
from tests.server.process import COMMAND
from upstreams.open import UpstreamConfig

CANARY = "canary-key-1234567890-abcdefghijklmnop"


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """Commands set logging up for their process; here that is the tests' own."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def run(*arguments: str, **environ: str) -> Result:
    names = {"ONEINCH_API_KEY", "UPSTREAMS", "PROFILE", "PORT"}
    env: dict[str, str | None] = dict.fromkeys(names)
    return CliRunner().invoke(main, list(arguments), env={**env, **environ})


def test_help_names_every_command() -> None:
    result = run("--help")
    assert result.exit_code == 0
    for name in ("serve", "schema", "check", "sandbox", "explain"):
        assert f"\n  {name} " in result.output


def test_schema_prints_the_sdl() -> None:
    assert run("schema").output == build_schema().sdl + "\n"
    assert "node(" not in run("schema", PROFILE="supergraph").output


def test_check_says_in_plain_words_what_it_found() -> None:
    result = run("check")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[:2] == [
        "Configuration: usable, sandbox mode.",
        "1inch Portfolio API: is available.",
    ]
    assert lines[2].startswith("algod: answers, network ")


def test_check_names_what_is_wrong_and_no_key() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        result = run("check", ONEINCH_API_KEY=CANARY, ONEINCH_URL=url, ALGOD_URL=url)
    assert result.exit_code == 1
    assert "live mode" in result.output
    assert "key set (***)" in result.output
    assert "1inch Portfolio API: UPSTREAM_UNAVAILABLE. " in result.output
    assert "algod: UPSTREAM_UNAVAILABLE. " in result.output
    assert CANARY not in result.output
    assert result.stderr == "Error: not all that is configured works; see above what to do\n"
    unusable = run("check", PORT="x", PERSISTED_OPERATIONS="/nowhere")
    assert unusable.exit_code == 1
    assert "PORT must be a whole number" in unusable.output
    assert (
        "PERSISTED_OPERATIONS cannot be read"
        in run("check", PERSISTED_OPERATIONS="/nowhere").output
    )


def test_check_asks_redis_where_one_is_named(redis_server: RedisServer) -> None:
    well = run("check", REDIS_URL=redis_server.url)
    assert well.exit_code == 0
    assert "Redis: answers, and takes writes." in well.output.splitlines()
    url = redis_server.url.replace("//", "//:canary@")
    redis_server.command("CONFIG", "SET", "requirepass", "another")
    wrong = run("check", REDIS_URL=url)
    redis_server.kill()
    away = run("check", REDIS_URL=url)
    for result, problem in (
        (wrong, "it wants another user or password"),
        (away, "there is no connection"),
    ):
        assert result.exit_code == 1
        assert f"Redis at REDIS_URL cannot be used: {problem}." in result.output.splitlines()
        assert "canary" not in result.output
        assert "  Next: see that REDIS_URL is right;" in result.output


@pytest.mark.parametrize(
    "url", ["redis://:pa[canary@h", "redis://:pa#canary@h", "redis://:canary@h:99999", "x://canary"]
)
def test_a_redis_url_that_cannot_be_read_stops_the_start_in_a_sentence(url: str) -> None:
    for command in ("serve", "check"):
        result = run(command, REDIS_URL=url)
        assert result.exit_code == 1
        assert isinstance(result.exception, SystemExit)
        [first, second] = result.output.splitlines()
        assert first == "Error: unusable configuration:"
        assert second.startswith("  REDIS_URL ")
        assert "canary" not in result.output


Answer = Callable[[Request], Awaitable[Response]]
OPEN_KEY = Secret(CANARY)


def answers(status: int, body: object = None, **headers: str) -> Answer:
    """An upstream that says the same to everything."""

    async def answer(request: Request) -> Response:
        return JSONResponse(body, status_code=status, headers=headers)

    return answer


async def unreachable(request: Request) -> Response:
    raise httpx.ConnectError("nobody is there")


async def endless(request: Request) -> Response:
    await asyncio.sleep(60)
    raise AssertionError


def checked(answer: Answer, **settings: Any) -> tuple[bool, list[str]]:
    """Whether `check` found all well, and what it said of each upstream."""
    seconds = 0.2 if answer is endless else 5.0
    said: list[str] = []
    transport = httpx.ASGITransport(Starlette(routes=[Route("/{path:path}", answer)]))
    config = UpstreamConfig(
        **FAST,
        oneinch_transport=transport,
        algod_transport=transport,
        request_deadline_seconds=seconds,
    )
    live = Settings(upstreams="live", request_deadline_seconds=seconds, **settings)
    is_well = check(live, config, said.append)
    return is_well, said[2:]


SEE_URLS = (
    "see that ONEINCH_URL is right, and that this machine reaches it directly: proxies named in the"
    " environment are not used",
    "see that ALGOD_URL is right, and that this machine reaches it directly: proxies named in the"
    " environment are not used",
)
OTHERS = (
    "something other than this API seems to answer: see that ONEINCH_URL is its base URL",
    "something other than this API seems to answer: see that ALGOD_URL is its base URL",
)


@pytest.mark.parametrize(
    ("answer", "settings", "code", "steps"),
    [
        (unreachable, {}, "UPSTREAM_UNAVAILABLE", SEE_URLS),
        (
            endless,
            {},
            "UPSTREAM_TIMEOUT",
            (
                "see that ONEINCH_URL is right and near; REQUEST_DEADLINE_SECONDS is how long an"
                " answer may take",
                "see that ALGOD_URL is right and near; REQUEST_DEADLINE_SECONDS is how long an"
                " answer may take",
            ),
        ),
        (
            answers(503),
            {},
            "UPSTREAM_UNAVAILABLE",
            ("it answered with HTTP 503, so the fault is its own: try again later",) * 2,
        ),
        (
            answers(401),
            {},
            "UPSTREAM_UNAUTHORIZED",
            (
                "set ONEINCH_API_KEY to one from https://portal.1inch.dev, or UPSTREAMS=sandbox to"
                " try everything without one",
                "set ALGOD_TOKEN to the one of that node",
            ),
        ),
        (
            answers(401),
            {"oneinch_api_key": OPEN_KEY, "algod_token": OPEN_KEY},
            "UPSTREAM_UNAUTHORIZED",
            (
                "see that ONEINCH_API_KEY is whole, still valid and for this address",
                "see that ALGOD_TOKEN is whole, still valid and for this address",
            ),
        ),
        (
            answers(429, **{"retry-after": "7"}),
            {},
            "UPSTREAM_RATE_LIMITED",
            (
                "wait 7 s and try again; ONEINCH_RPS and REPLICAS must fit what you are allowed,"
                " and others may be using the same key",
                "wait 7 s and try again; ALGOD_RPS and REPLICAS must fit what you are allowed,"
                " and others may be using the same key",
            ),
        ),
        (answers(404), {}, "UPSTREAM_REJECTED", OTHERS),
        (answers(200, "hello"), {}, "UPSTREAM_CONTRACT", OTHERS),
    ],
)
def test_check_says_what_to_do_next(
    answer: Answer, settings: dict[str, Any], code: str, steps: tuple[str, str]
) -> None:
    is_well, said = checked(answer, **settings)

    assert not is_well
    assert [line.split(". ")[0] for line in said[::2]] == [
        f"1inch Portfolio API: {code}",
        f"algod: {code}",
    ]
    assert said[1::2] == [f"  Next: {step}." for step in steps]


def test_a_service_that_says_it_is_down_is_reported_so() -> None:
    is_well, said = checked(answers(200, {"result": {"is_available": False}}))
    assert not is_well
    assert said[:2] == [
        "1inch Portfolio API: answers, but says that it is not available.",
        "  Next: try again in a few minutes; until then answers may be old or missing.",
    ]


WHO = 'query Who { wallet(address: "0x0") { address } }'


def test_explain_prints_a_plan(tmp_path: Path) -> None:
    query = tmp_path / "query.graphql"
    query.write_text(f"{WHO} query What($a: Boolean!) {{ sources {{ name @skip(if: $a) }} }}")
    chosen = run("explain", str(query), "--operation", "Who")
    assert (chosen.exit_code, chosen.stderr) == (0, "")
    assert chosen.stdout.startswith("query Who\n")
    decided = run("explain", str(query), "--operation=What", '--variables={"a": false}')
    assert (decided.exit_code, decided.stderr) == (0, "")
    assert "name: String!" in decided.stdout


def test_explain_reads_standard_input() -> None:
    result = CliRunner().invoke(main, ["explain", "-"], input=WHO)
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "query Who")


INVALID = """\
Error: query.graphql: it is not valid
  query.graphql:1:3: Cannot query field 'xyzzy' on type 'Query'.
  query.graphql:1:9: Cannot query field 'plugh' on type 'Query'.
"""
SEVERAL = "Error: query.graphql: it has several operations, A, B, and none was chosen\n"


@pytest.mark.parametrize(
    ("text", "arguments", "code", "sentence"),
    [
        (b"query {", [], 1, "query.graphql:1:8: Syntax Error: Expected Name, found <EOF>."),
        (b"", [], 1, "query.graphql:1:1: Syntax Error: Unexpected <EOF>."),
        (b"{ me }", [], 1, "query.graphql:1:3: Cannot query field 'me' on type 'Query'."),
        (b"{ xyzzy plugh }", [], 1, INVALID),
        (b"subscription { wallet }", [], 1, None),
        (b"query A { __typename } query B { __typename }", [], 1, SEVERAL),
        (b"{ sources { name } }", ["--operation", "A"], 1, None),
        (b"query($a: Boolean!) { __typename @skip(if: $a) }", [], 1, None),
        (b"{ \xff }", [], 1, "query.graphql is not a text in UTF-8"),
        (b"{" * 100_000, [], 1, None),
        (b"{ __typename }", ["--variables", "[]"], 2, None),
        (b"{ __typename }", ["--variables", "{"], 2, None),
        (b"{ __typename }", ["--variables", "[" * 100_000], 2, None),
        (None, [], 2, None),
    ],
)
def test_explain_fails_with_a_sentence_and_the_place(
    text: bytes | None,
    arguments: list[str],
    code: int,
    sentence: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    if text is not None:
        Path("query.graphql").write_bytes(text)
    result = run("explain", "query.graphql", *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith("Error: ")
    assert len(result.stderr) < 500
    if sentence is None:
        assert result.stderr.count("\n") == 1
    else:
        assert result.stderr == (sentence if sentence.endswith("\n") else f"Error: {sentence}\n")


def test_a_folder_is_no_query(tmp_path: Path) -> None:
    result = run("explain", str(tmp_path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"Error: Invalid value for 'QUERY': '{tmp_path}': Is a directory."
        " See `main explain --help`.\n"
    )


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    done = subprocess.run([COMMAND, "--version"], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == (f"walletgraph {project['version']}\n", "")


def test_the_sandbox_serves_both_upstreams_on_one_port() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [COMMAND, "sandbox", "--port", str(port)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line == f"ONEINCH_URL and ALGOD_URL: http://127.0.0.1:{port}\n"
        transport = httpx.HTTPTransport(retries=5)
        with httpx.Client(transport=transport, base_url=f"http://127.0.0.1:{port}") as http:
            assert http.get("/versions").status_code == 200
            status = http.get("/portfolio/portfolio/v5.0/general/status")
            assert status.status_code == 200
    finally:
        process.terminate()
        process.communicate()


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    """Pages of which all that matters is that they are there."""
    for name in ("index.html", *(f"graphiql/{name}" for name in GRAPHIQL_FILES)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return Pages(tmp_path, is_sandbox=True)


NO_PAGES = Pages(None, is_sandbox=True)
UNBUILT = (
    "  Pages      not built, so there is no dashboard and no GraphiQL;"
    " `make run` builds them where Node.js is installed"
)


def test_the_banner_says_where_what_and_how_to_go_live(pages: Pages) -> None:
    assert banner(Settings(host="0.0.0.0"), 8000, pages).splitlines() == [
        "Walletgraph listens on http://127.0.0.1:8000",
        "  GraphQL    http://127.0.0.1:8000/graphql",
        "  GraphiQL   http://127.0.0.1:8000/graphql in a browser",
        "  Dashboard  http://127.0.0.1:8000/",
        "  Mode       SANDBOX: all wallets and balances are made up in this process",
        "  Go live    set ONEINCH_API_KEY (https://portal.1inch.dev) and start again",
    ]
    settings = Settings.from_env({"ONEINCH_API_KEY": CANARY, "GRAPHIQL": "off", "HOST": "::1"})
    assert banner(settings, 9, pages).splitlines() == [
        "Walletgraph listens on http://[::1]:9",
        "  GraphQL    http://[::1]:9/graphql",
        "  Dashboard  http://[::1]:9/",
        "  Mode       LIVE: https://api.1inch.dev and https://mainnet-api.4160.nodely.dev",
    ]
    keyless = banner(Settings(upstreams="live"), 9, pages)
    assert keyless.endswith(", without a 1inch key: only Algorand will answer")


def test_the_banner_announces_no_page_that_is_not_there() -> None:
    lines = banner(Settings(), 8000, NO_PAGES).splitlines()
    assert lines[2:4] == [
        UNBUILT,
        "  Mode       SANDBOX: all wallets and balances are made up in this process",
    ]


def test_an_address_in_use_is_said_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = run("serve", PORT=port)
    assert result.exit_code == 1
    assert (result.stdout, result.stderr) == (
        "",
        f"Error: cannot listen on 127.0.0.1:{port}: Address already in use;"
        " choose another HOST or PORT\n",
    )
