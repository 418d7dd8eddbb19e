"""`create_app` wires settings, upstreams, schema and routes into one Starlette application."""

import asyncio
import math
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeAlias

import httpx
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from strawberry.extensions import SchemaExtension

from resolvers.cost import Bounds
from resolvers.loaders import Loaders
from resolvers.result_cache import ResultCache
from sandbox import Sandbox
from schema import Context, build_schema
from server import tracing
from server.clients import Clients
from server.cors import Cors, Origins
from server.documents import Documents
from server.errors import Refusal
from server.execute import EXECUTORS, EXTENDED
from server.export import Export
from server.graphql import Endpoint
from server.guard import Guard
from server.metrics import Metrics
from server.metrics_port import metrics_served
from server.middleware import ENDPOINTS, EXPORTS, CommonHeaders, Gzip, Lifecycle, Refusals
from server.pages import Pages, built_pages
from server.persisted import AllowList, Automatic, Operations, load_manifest
from server.request_log import RequestLog
from server.requests import headers_of
from server.settings import Settings, SettingsError
from server.values import Secret
from upstreams.open import UpstreamConfig, Upstreams, open_upstreams
from upstreams.redis.link import RedisLink
from upstreams.source.state import SourceState
from upstreams.version import VERSION

_STATUS = {404: ("NOT_FOUND", "There is nothing at this address.")}
# Of the requests at once; the rest is for answers that need no call.
_CALLS_SHARE = 0.8
_Handler = Callable[[Request], Awaitable[Response]]
Extensions: TypeAlias = Sequence[type[SchemaExtension] | Callable[[], SchemaExtension]]


def create_app(
    settings: Settings | None = None,
    *,
    upstreams: Mapping[str, Any] | None = None,
    lifecycle: Lifecycle | None = None,
    metrics_listener: socket.socket | None = None,
    extensions: Extensions = (),
) -> Starlette:
    """The application; without settings, those of the environment (SettingsError if unusable).

    `upstreams` replaces fields of the UpstreamConfig. With `metrics_listener` the metrics are
    served there and nowhere else. `extensions` are Strawberry's: with any, operations are executed
    through `Schema.execute`. The schema is built here; the clients live as long as the
    application's lifespan.
    """
    settings = settings or Settings.from_env()
    app = _App(settings, upstreams or {}, lifecycle or Lifecycle(), metrics_listener, extensions)
    return app.starlette()


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
        prices_transport=httpx.ASGITransport(box.prices),
    )


class _App:
    """One application's parts, and the few handlers that are not GraphQL."""

    def __init__(
        self,
        settings: Settings,
        upstreams: Mapping[str, Any],
        lifecycle: Lifecycle,
        metrics_listener: socket.socket | None,
        extensions: Extensions,
    ) -> None:
        self.settings = settings
        self.lifecycle = lifecycle
        self.metrics_listener = metrics_listener
        self.extensions = extensions
        self.metrics = Metrics(lifecycle, self.states, self.links)
        told = {"observer": self.metrics, "is_pressed": self.is_pressed}
        self.config = replace(upstream_config(settings), **{**told, **upstreams})
        self.opened: Upstreams | None = None
        self.result_cache = ResultCache()
        self.bounds = Bounds(
            settings.max_rows,
            settings.max_oneinch_calls,
            settings.max_algod_calls,
            settings.max_price_calls,
            settings.oneinch_max_batch,
        )
        self.operations = _operations(settings)
        self.origins = Origins(settings.allowed_origins)
        self.guard = Guard(
            [secret.reveal() for secret in settings.router_secret],
            [secret.reveal() for secret in settings.router_hmac_secret],
        )
        self.clients = Clients(settings.client_header)
        self.pages = _pages(settings)

    def starlette(self) -> Starlette:
        settings = self.settings
        endpoint = self.endpoint()
        export = Export(
            lambda: self.context().loaders,
            self.clients,
            self.origins,
            settings.request_deadline_seconds,
        )
        middleware = [
            Middleware(CommonHeaders, lifecycle=self.lifecycle),
            Middleware(Cors, origins=self.origins),
            Middleware(Refusals, lifecycle=self.lifecycle, most_in_flight=settings.max_in_flight),
        ]
        if settings.gzip_min_bytes:
            middleware.append(Middleware(Gzip, minimum_size=settings.gzip_min_bytes))
        routes = [
            *(Route(path, endpoint) for path in sorted(ENDPOINTS)),
            Route(EXPORTS[0], self.guarded(export.csv)),
            Route(EXPORTS[1], self.guarded(export.jsonl)),
            Route(EXPORTS[2], self.guarded(export.report)),
            Route("/health/live", self.live),
            Route("/health/ready", self.ready),
            Route("/", self.guarded(self.pages.dashboard)),
            *(Route(path, self.guarded(self.pages.file)) for path in self.pages.paths),
        ]
        # Of several workers the one that takes the request would tell its own figures.
        if self.metrics_listener is None and self.config.budgets is None:
            routes.append(Route("/metrics", self.guarded(self.show_metrics, or_bearer=True)))
        paths = frozenset(route.path for route in routes)
        middleware.insert(0, Middleware(RequestLog, paths=paths))
        if tracing.is_on():
            middleware.insert(0, Middleware(tracing.Tracing, paths=paths))
        app = Starlette(
            routes=routes,
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
        schema = build_schema(
            node_field=settings.node_field,
            extensions=self.extensions,
            executor=EXTENDED[settings.executor],
        )
        self.metrics.built(VERSION, schema.sdl)
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
            clients=self.clients,
            watch=self.metrics,
            page=self.pages.graphiql if settings.graphiql else None,
            deadline_seconds=settings.request_deadline_seconds,
            most_body_bytes=settings.max_body_bytes,
            most_answer_bytes=settings.max_answer_bytes,
            is_discreet=is_discreet,
            entity_tags=schema.entity_tags if settings.entity_cache_tags else None,
            is_traced=tracing.is_on(),
        )

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            self.opened = await stack.enter_async_context(open_upstreams(self.config))
            app.state.upstreams = self.opened
            if self.metrics_listener is not None:
                served = metrics_served(self.metrics_listener, self.metrics.text)
                await stack.enter_async_context(served)
            lag = asyncio.create_task(self.metrics.watch_loop())
            stack.callback(lag.cancel)
            self.lifecycle.is_ready = True
            try:
                yield
            finally:
                self.lifecycle.is_ready = False
                await self.operations.aclose()

    def is_pressed(self) -> bool:
        """Whether requests that need a call must make room for those that need none."""
        return self.lifecycle.in_flight > math.ceil(_CALLS_SHARE * self.settings.max_in_flight)

    def context(self, request: Request | None = None) -> Context:
        assert self.opened is not None  # noqa: S101  (no request comes before the lifespan began)
        return Context(Loaders(self.opened, self.result_cache, self.bounds), request)

    def states(self) -> Iterable[SourceState]:
        if self.opened is None:
            return ()
        return self.opened.states()

    def links(self) -> Iterable[RedisLink]:
        if self.opened is None:
            return ()
        own = self.operations.link
        return self.opened.links if own is None else (*self.opened.links, own)

    async def live(self, request: Request) -> Response:
        return JSONResponse({"status": "live", "version": VERSION})

    async def ready(self, request: Request) -> Response:
        """Says whether to send requests here. It asks no upstream: their calls are counted."""
        is_ready = self.lifecycle.is_ready and not self.lifecycle.is_draining
        return JSONResponse(
            {"status": "ready" if is_ready else "draining", "version": VERSION},
            status_code=200 if is_ready else 503,
        )

    async def show_metrics(self, request: Request) -> Response:
        return Response(self.metrics.text(), headers={"content-type": CONTENT_TYPE_LATEST})


def _pages(settings: Settings) -> Pages:
    root = Path(settings.web_dist) if settings.web_dist else built_pages()
    try:
        return Pages(root, is_sandbox=settings.is_sandbox, ipfs_gateway=settings.ipfs_gateway)
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
