"""The `walletgraph` command: serve, check, print the schema, run the sandbox, explain a query."""

# ruff: noqa: E402
import gc

# Collecting while modules load finds nothing and takes a fifth of the time until the first answer.
gc.disable()

import sys
from pathlib import Path

import click
import uvicorn
from graphql import GraphQLError
from starlette.applications import Starlette

from compiler import explain as explain_query
from sandbox import Sandbox
from schema import build_schema
from server.app import create_app, upstream_config
from server.check import check as run_check
from server.logs import configure
from server.run import serve as run_serve
from server.settings import Settings, SettingsError
from server.shell import Lifecycle

gc.enable()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """One federated GraphQL graph of what EVM wallets and Algorand accounts hold."""


@main.command()
def serve() -> None:
    """Serve the graph. All settings come from the environment."""
    settings = _settings()
    configure(settings.log_level, [secret.reveal() for secret in settings.secrets])
    lifecycle = Lifecycle()
    app = _app(settings, lifecycle)
    try:
        run_serve(app, settings, lifecycle, lambda port: click.echo(banner(settings, port)))
    except OSError as error:
        address = f"{settings.host}:{settings.port}"
        raise click.ClickException(f"cannot listen on {address}: {error.strerror}") from None


@main.command()
def schema() -> None:
    """Print the SDL that supergraphs are composed from."""
    settings = _settings()
    click.echo(build_schema(node_field=settings.node_field).sdl)


@main.command()
def check() -> None:
    """Validate the configuration and ask both upstreams once."""
    settings = _settings()
    configure("ERROR", [secret.reveal() for secret in settings.secrets])
    _app(settings, Lifecycle())
    if not run_check(settings, upstream_config(settings), click.echo):
        sys.exit(1)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=9100, show_default=True, type=click.IntRange(0, 65535))
def sandbox(host: str, port: int) -> None:
    """Play both upstreams on one port."""
    config = uvicorn.Config(
        Sandbox().app,
        host=host,
        port=port,
        log_level="warning",
        lifespan="off",
        # Who waits for algod's next block may wait for long.
        timeout_graceful_shutdown=1,
    )
    listening = config.bind_socket()
    # From the line below on connections are taken, though they may wait for the server.
    listening.listen(config.backlog)
    click.echo(f"ONEINCH_URL and ALGOD_URL: http://{host}:{listening.getsockname()[1]}")
    uvicorn.Server(config).run(sockets=[listening])


@main.command()
@click.argument("query", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def explain(query: Path) -> None:
    """Print the plan a query's operation is compiled to."""
    try:
        plan = explain_query(build_schema(), query.read_text())
    except (GraphQLError, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(plan, nl=False)


def banner(settings: Settings, port: int) -> str:
    """What a newcomer wants to know once the process listens."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
    base = f"http://{host}:{port}"
    lines = [f"Walletgraph listens on {base}", f"  GraphQL    {base}/graphql"]
    if settings.graphiql:
        lines.append(f"  In a browser that address shows GraphiQL; the dashboard is {base}/")
    if settings.is_sandbox:
        lines += [
            "  Mode       SANDBOX: all wallets and balances are made up in this process",
            "  Go live    set ONEINCH_API_KEY (https://portal.1inch.dev) and start again",
        ]
    else:
        key = "" if settings.oneinch_api_key else ", without a 1inch key: only Algorand will answer"
        lines.append(f"  Mode       LIVE: {settings.oneinch_url} and {settings.algod_url}{key}")
    return "\n".join(lines)


def _settings() -> Settings:
    try:
        return Settings.from_env()
    except SettingsError as error:
        raise _unusable(error) from None


def _app(settings: Settings, lifecycle: Lifecycle) -> Starlette:
    try:
        return create_app(settings, lifecycle=lifecycle)
    except SettingsError as error:
        raise _unusable(error) from None


def _unusable(error: SettingsError) -> click.ClickException:
    return click.ClickException("\n  ".join(["unusable configuration:", *error.problems]))
