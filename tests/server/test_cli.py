"""The command line, as someone at a terminal meets it."""

import logging
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

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
from server.settings import Settings
from tests.redis_server import RedisServer
from tests.server.process import COMMAND
from upstreams.assemble import UpstreamConfig

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


def test_a_service_that_says_it_is_down_is_reported_so() -> None:
    async def down(request: Request) -> Response:
        if request.url.path.endswith("status"):
            return JSONResponse({"result": {"is_available": False}})
        return Response(status_code=503)

    said: list[str] = []
    transport = httpx.ASGITransport(Starlette(routes=[Route("/{path:path}", down)]))
    config = UpstreamConfig(oneinch_transport=transport, algod_transport=transport)
    assert not check(Settings(upstreams="live"), config, said.append)
    assert "key not set" in said[1]
    assert said[2] == "1inch Portfolio API: answers, but is not available."
    assert said[3].startswith("algod: UPSTREAM_UNAVAILABLE. ")


def test_explain_prints_a_plan_or_says_what_is_wrong(tmp_path: Path) -> None:
    query = tmp_path / "query.graphql"
    query.write_text('query Who { wallet(address: "0x0") { address } }')
    result = run("explain", str(query))
    assert result.exit_code == 0
    assert result.output.startswith("query Who\n")
    query.write_text("query {")
    wrong = run("explain", str(query))
    assert wrong.exit_code == 1
    assert "Syntax Error" in wrong.output
    assert run("explain", "/nowhere").exit_code == 2


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


def test_the_banner_says_where_what_and_how_to_go_live() -> None:
    assert banner(Settings(host="0.0.0.0"), 8000).splitlines() == [
        "Walletgraph listens on http://127.0.0.1:8000",
        "  GraphQL    http://127.0.0.1:8000/graphql",
        "  In a browser that address shows GraphiQL; the dashboard is http://127.0.0.1:8000/",
        "  Mode       SANDBOX: all wallets and balances are made up in this process",
        "  Go live    set ONEINCH_API_KEY (https://portal.1inch.dev) and start again",
    ]
    live = banner(Settings.from_env({"ONEINCH_API_KEY": CANARY, "GRAPHIQL": "off"}), 9).splitlines()
    assert live[-1] == (
        "  Mode       LIVE: https://api.1inch.dev and https://mainnet-api.4160.nodely.dev"
    )
    assert len(live) == 3
    keyless = banner(Settings(upstreams="live"), 9)
    assert keyless.endswith(", without a 1inch key: only Algorand will answer")


def test_an_address_in_use_is_said_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = run("serve", PORT=port)
    assert result.exit_code == 1
    assert result.output == f"Error: cannot listen on 127.0.0.1:{port}: Address already in use\n"
