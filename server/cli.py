"""The `walletgraph` command: serve, check, print the schema, run the sandbox, explain a query."""

import contextlib
import json
import os
import socket
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import click
import uvicorn
from starlette.applications import Starlette

from compiler import Unexplained
from compiler import explain as explain_query
from sandbox import Sandbox
from schema import build_schema
from server import telemetry
from server.app import create_app, upstream_config
from server.check import check as run_check
from server.command import OneSentence
from server.listener import listen
from server.logs import configure
from server.middleware import Lifecycle
from server.pages import Pages
from server.run import serve as run_serve
from server.settings import Settings, SettingsError
from server.workers import WorkerConfig, Workers
from upstreams.version import VERSION

_MOST_ERRORS = 5
_MOST_LETTERS = 200
_NO_PAGES = (
    "not built, so there is no dashboard and no GraphiQL;"
    " `make run` builds them where Node.js is installed"
)


@click.group(cls=OneSentence, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, message="%(prog)s %(version)s")
def main() -> None:
    """One federated GraphQL graph of what EVM wallets and Algorand accounts hold."""


@main.command()
def serve() -> None:
    """Serve the graph. All settings come from the environment."""
    settings = _settings()
    _log(settings)
    metrics: list[socket.socket | None] = [None] * settings.workers
    if settings.metrics_port is not None:
        # 0 takes a free one for each.
        step = 1 if settings.metrics_port else 0
        wanted = [settings.metrics_port + step * number for number in range(settings.workers)]
        metrics = [_listen(settings.host, port, "METRICS_PORT") for port in wanted]
    ports = [each.getsockname()[1] for each in metrics if each is not None]
    if settings.workers > 1:
        listener = _listen(settings.host, settings.port)
        if not Workers(_work, listener, metrics, ports).run():
            raise SystemExit(1)
        return
    with _exporting():
        lifecycle = Lifecycle()
        app = _app(settings, lifecycle, metrics[0])
        listener = _listen(settings.host, settings.port)
        _serve(app, settings, lifecycle, listener, ports)


def _work(config: WorkerConfig) -> None:
    """One of several workers, in its own process, which answers for its own faults."""
    try:
        settings = _settings()
        _log(settings)
        with _exporting():
            lifecycle = Lifecycle()
            app = _app(settings, lifecycle, config.metrics, config.budgets)
            _serve(app, settings, lifecycle, config.listener, config.ports, is_told=config.is_first)
    except click.ClickException as error:
        error.show()
        raise SystemExit(error.exit_code) from None


def _serve(
    app: Starlette,
    settings: Settings,
    lifecycle: Lifecycle,
    listener: socket.socket,
    ports: Sequence[int],
    *,
    is_told: bool = True,
) -> None:
    def tell(port: int) -> None:
        if is_told:
            click.echo(banner(settings, port, app.state.pages, ports))

    run_serve(app, settings, lifecycle, listener, tell)


@main.command()
def schema() -> None:
    """Print the SDL that supergraphs are composed from."""
    settings = _settings()
    # Bytes, because a schema file is UTF-8 whatever the terminal is.
    click.echo(build_schema(node_field=settings.node_field).sdl.encode())


@main.command()
def check() -> None:
    """Validate the configuration, and ask each upstream once."""
    settings = _settings()
    _log(settings, "ERROR")
    app = _app(settings, Lifecycle())
    is_well = run_check(settings, upstream_config(settings), click.echo)
    if not app.state.pages.has_dashboard:
        click.echo(f"Pages: {_NO_PAGES}.")
    if not is_well:
        raise click.ClickException("not all that is configured works; see above what to do")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=9100,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 takes a free one.",
)
def sandbox(host: str, port: int) -> None:
    """Play both upstreams on one port."""
    listener = _listen(host, port)
    click.echo(f"ONEINCH_URL and ALGOD_URL: {_base(host, listener.getsockname()[1])}")
    config = uvicorn.Config(
        Sandbox().app,
        log_level="warning",
        lifespan="off",
        # Who waits for algod's next block may wait for long.
        timeout_graceful_shutdown=1,
    )
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run([listener])


@main.command()
@click.argument("query", type=click.File("rb"))
@click.option("--operation", metavar="NAME", help="The one meant, where the text has several.")
@click.option(
    "--variables",
    metavar="JSON",
    help="All that the operation needs; @skip and @include go by them.",
)
def explain(query: Any, operation: str | None, variables: str | None) -> None:
    """Print the plan that an operation in the file QUERY, or - for standard input, compiles to."""
    try:
        text = query.read().decode()
        plan = explain_query(build_schema(), text, operation, _variables(variables))
    except UnicodeDecodeError:
        raise click.ClickException(f"{query.name} is not a text in UTF-8") from None
    except Unexplained as refused:
        raise click.ClickException(_said(query.name, refused)) from None
    click.echo(plan.encode(), nl=False)


def banner(settings: Settings, port: int, pages: Pages, metrics_ports: Sequence[int] = ()) -> str:
    """What a newcomer wants to know once the process listens."""
    base = _base(settings.host, port)
    lines = [f"Walletgraph listens on {base}", f"  GraphQL    {base}/graphql"]
    if settings.graphiql and pages.has_graphiql:
        lines.append(f"  GraphiQL   {base}/graphql in a browser")
    if pages.has_dashboard:
        lines.append(f"  Dashboard  {base}/")
    else:
        lines.append(f"  Pages      {_NO_PAGES}")
    lines += [f"  Metrics    {_base(settings.host, each)}/metrics" for each in metrics_ports]
    if settings.is_sandbox:
        lines += [
            "  Mode       SANDBOX: all wallets and balances are made up in this process",
            "  Go live    set ONEINCH_API_KEY (https://portal.1inch.dev) and start again",
        ]
    else:
        key = "" if settings.oneinch_api_key else ", without a 1inch key: only Algorand will answer"
        lines.append(f"  Mode       LIVE: {settings.oneinch_url} and {settings.algod_url}{key}")
    return "\n".join(lines)


def _base(host: str, port: int) -> str:
    named = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host)  # noqa: S104
    return f"http://{named or (f'[{host}]' if ':' in host else host)}:{port}"


def _listen(host: str, port: int, variable: str = "PORT") -> socket.socket:
    try:
        return listen(host, port)
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {host}:{port}: {error.strerror}; choose another HOST or {variable}"
        ) from None


def _settings() -> Settings:
    try:
        return Settings.from_env()
    except SettingsError as error:
        raise _unusable(error) from None


def _log(settings: Settings, level: str | None = None) -> None:
    secrets = [secret.reveal() for secret in settings.secrets]
    secrets += telemetry.secrets(os.environ)
    configure(level or settings.log_level, secrets, settings.log_format)


def _exporting() -> AbstractContextManager[None]:
    try:
        return telemetry.exporting(os.environ)
    except SettingsError as error:
        raise _unusable(error) from None


def _app(
    settings: Settings,
    lifecycle: Lifecycle,
    metrics_listener: socket.socket | None = None,
    budgets: str | None = None,
) -> Starlette:
    try:
        return create_app(
            settings,
            upstreams={"budgets": budgets},
            lifecycle=lifecycle,
            metrics_listener=metrics_listener,
        )
    except SettingsError as error:
        raise _unusable(error) from None


def _unusable(error: SettingsError) -> click.ClickException:
    return click.ClickException("\n  ".join(["unusable configuration:", *error.problems]))


def _variables(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise click.BadParameter("must be a JSON object", param_hint="--variables")
    return found


def _said(name: str, refused: Unexplained) -> str:
    lines = []
    for error in refused.errors[:_MOST_ERRORS]:
        place = "".join(f":{at.line}:{at.column}" for at in (error.locations or ())[:1])
        lines.append(f"{name}{place}: {' '.join(error.message.split())[:_MOST_LETTERS]}")
    if len(lines) == 1:
        return lines[0]
    return "\n  ".join([f"{name}: {refused}", *lines])
