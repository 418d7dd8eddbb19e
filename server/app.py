"""`create_app` wires settings, upstreams, schema and routes into one Starlette application."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import httpx
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from resolvers.loaders import Loaders
from resolvers.shelf import Shelves
from resolvers.spent import Bounds
from sandbox import Sandbox
from schema import Context, build_schema
from server.clients import Clients
from server.cors import Cors, Origins
from server.documents import Documents
from server.errors import Refusal
from server.execute import EXECUTORS
from server.graphql import Endpoint
from server.guard import Guard
from server.metrics import Metrics
from server.pages import Pages, built_pages
from server.persisted import AllowList, Automatic, Operations, load_manifest
from server.requests import headers_of
from server.settings import Secret, Settings, SettingsError
from server.shell import ENDPOINTS, CommonHeaders, Gzip, Lifecycle, Refusals
from upstreams.assemble import UpstreamConfig, Upstreams, open_upstreams
from upstreams.redis_link import RedisLink
from upstreams.state import SourceState

_STATUS = {404: ("NOT_FOUND", "There is nothing at this address.")}
_Handler = Callable[[Request], Awaitable[Response]]


def create_app(
    settings: Settings | None = None,
    *,
    upstreams: Mapping[str, Any] | None = None,
    lifecycle: Lifecycle | None = None,
) -> Starlette:
    """The application; without settings, those of the environment (SettingsError if unusable).

    `upstreams` replaces fields of the UpstreamConfig, for tests. The schema is built here; the
    clients live as long as the application's lifespan.
    """
    settings = settings or Settings.from_env()
    return _App(settings, upstreams or {}, lifecycle or Lifecycle()).starlette()


def upstream_config(settings: Settings) -> UpstreamConfig:
    """The settings that upstreams read; in sandbox mode, with the sandbox plugged in."""
    values: dict[str, Any] = {}
    for item in fields(UpstreamConfig):
        if hasattr(settings, item.name):
            value = getattr(settings, item.name)
            values[item.name] = value.reveal() if isinstance(value, Secret) else value
    config = UpstreamConfig(**values, sandbox=settings.is_sandbox)
    if not settings.is_sandbox:
        return config
    box = Sandbox()
    return replace(
        config,
        oneinch_transport=httpx.ASGITransport(box.oneinch),
        algod_transport=httpx.ASGITransport(box.algod),
    )


class _App:
    """One application's parts, and the few handlers that are not GraphQL."""

    def __init__(
        self, settings: Settings, upstreams: Mapping[str, Any], lifecycle: Lifecycle
    ) -> None:
        self.settings = settings
        self.lifecycle = lifecycle
        self.config = replace(upstream_config(settings), **upstreams)
        self.opened: Upstreams | None = None
        self.shelves = Shelves()
        self.bounds = Bounds(
            settings.max_rows,
            settings.max_oneinch_calls,
            settings.max_algod_calls,
            settings.oneinch_max_batch,
        )
        self.operations = _operations(settings)
        self.origins = Origins(settings.allowed_origins)
        self.guard = Guard(
            [secret.reveal() for secret in settings.router_secret],
            [secret.reveal() for secret in settings.router_hmac_secret],
        )
        self.metrics = Metrics(lifecycle, self.states, self.links)
        self.pages = _pages(settings)

    def starlette(self) -> Starlette:
        settings = self.settings
        endpoint = self.endpoint()
        middleware = [
            Middleware(CommonHeaders, lifecycle=self.lifecycle),
            Middleware(Cors, origins=self.origins),
            Middleware(Refusals, lifecycle=self.lifecycle, most_in_flight=settings.max_in_flight),
        ]
        if settings.gzip_min_bytes:
            middleware.append(Middleware(Gzip, minimum_size=settings.gzip_min_bytes))
        app = Starlette(
            routes=[
                *(Route(path, endpoint) for path in sorted(ENDPOINTS)),
                Route("/health/live", self.live),
                Route("/health/ready", self.ready),
                Route("/metrics", self.guarded(self.show_metrics, or_bearer=True)),
                Route("/", self.guarded(self.pages.dashboard)),
                *(Route(path, self.guarded(self.pages.file)) for path in self.pages.paths),
            ],
            middleware=middleware,
            exception_handlers={HTTPException: _as_json, Refusal: _as_refused},
            lifespan=self.lifespan,
        )
        app.router.redirect_slashes = False
        app.state.pages = self.pages
        return app

    def guarded(self, handler: _Handler, *, or_bearer: bool = False) -> _Handler:
        """The handler, for those who hold the secret where one is set."""

        async def check_and_handle(request: Request) -> Response:
            self.guard.check_secret(headers_of(request.scope), or_bearer=or_bearer)
            response = await handler(request)
            control = response.headers.get("cache-control", "")
            if control.startswith("public") and not self.guard.is_open:
                response.headers["cache-control"] = control.replace("public", "private", 1)
            return response

        return check_and_handle

    def endpoint(self) -> Endpoint:
        settings = self.settings
        schema = build_schema(node_field=settings.node_field)
        is_supergraph = settings.profile == "supergraph"
        is_discreet = is_supergraph or not settings.introspection
        return Endpoint(
            schema,
            context=self.context,
            finish=_finish,
            documents=Documents(
                schema,
                settings.limits,
                is_discreet=is_discreet,
                has_introspection=settings.introspection,
                has_sdl=settings.introspection or is_supergraph or not self.guard.is_open,
            ),
            operations=self.operations,
            execute=EXECUTORS[settings.executor],
            guard=self.guard,
            origins=self.origins,
            clients=Clients(settings.client_header),
            watch=self.metrics,
            page=self.pages.graphiql if settings.graphiql else None,
            deadline_seconds=settings.request_deadline_seconds,
            most_body_bytes=settings.max_body_bytes,
            most_answer_bytes=settings.max_answer_bytes,
            is_discreet=is_discreet,
            entity_tags=schema.entity_tags if settings.entity_cache_tags else None,
        )

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        async with open_upstreams(self.config) as self.opened:
            app.state.upstreams = self.opened
            self.lifecycle.is_ready = True
            try:
                yield
            finally:
                self.lifecycle.is_ready = False
                await self.operations.aclose()

    def context(self) -> Context:
        assert self.opened is not None  # noqa: S101  (no request comes before the lifespan began)
        return Context(Loaders(self.opened, self.shelves, self.bounds))

    def states(self) -> Iterable[SourceState]:
        if self.opened is None:
            return ()
        return (self.opened.portfolio.state(), self.opened.algorand.state())

    def links(self) -> Iterable[RedisLink]:
        if self.opened is None:
            return ()
        own = self.operations.link
        return self.opened.links if own is None else (*self.opened.links, own)

    async def live(self, request: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def ready(self, request: Request) -> Response:
        """Says whether to send requests here. It asks no upstream: their calls are counted."""
        is_ready = self.lifecycle.is_ready and not self.lifecycle.is_draining
        return JSONResponse(
            {"status": "ready" if is_ready else "draining"},
            status_code=200 if is_ready else 503,
        )

    async def show_metrics(self, request: Request) -> Response:
        return Response(self.metrics.text(), headers={"content-type": CONTENT_TYPE_LATEST})


def _pages(settings: Settings) -> Pages:
    root = Path(settings.web_dist) if settings.web_dist else built_pages()
    try:
        return Pages(root, is_sandbox=settings.is_sandbox)
    except OSError as error:
        raise SettingsError(
            [f"WEB_DIST cannot be read: {error.strerror}, got {str(root)!r}"]
        ) from None


def _operations(settings: Settings) -> Operations:
    if settings.persisted_operations is None:
        url = settings.redis_url
        if url is None:
            return Automatic()
        return Automatic(RedisLink(url.reveal(), time.monotonic, "operations"))
    try:
        return AllowList(load_manifest(settings.persisted_operations))
    except ValueError as error:
        raise SettingsError(
            [f"PERSISTED_OPERATIONS {error}, got {settings.persisted_operations!r}"]
        ) from None


def _finish(context: Context) -> float | None:
    freshness = context.loaders.freshness
    context.loaders.close()
    return 0.0 if freshness.is_stale else freshness.max_age


async def _as_json(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    default = ("METHOD_NOT_ALLOWED", "This address is only read.")
    code, message = _STATUS.get(error.status_code, default)
    return JSONResponse(
        {"errors": [{"message": message, "extensions": {"code": code}}]},
        status_code=error.status_code,
        headers=error.headers,
    )


async def _as_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101
    headers = {name.decode(): value.decode() for name, value in error.headers}
    return JSONResponse(error.payload, status_code=error.status, headers=headers)
