"""OpenTelemetry's spans and durations of requests and operations, without a word of what they ask.

Nothing here runs unless the process has configured OpenTelemetry's SDK; see `server.otlp`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from graphql import OperationDefinitionNode
from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from starlette.middleware.opentelemetry import OpenTelemetryMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.errors import Refusal
from server.request_log import METHODS, UNTOLD, operation_hash, request_tally
from upstreams.durations import durations
from upstreams.version import VERSION

_TRACER = trace.get_tracer("walletgraph", VERSION)
_DURATION = durations("http.server.request.duration", "HTTP server requests")
_ASKED = "walletgraph.asked"
# What the trace's context comes in; all else in a request's head is the client's own word.
_CONTEXT = frozenset({b"traceparent", b"tracestate"})


def is_on() -> bool:
    """Whether the process has configured OpenTelemetry's SDK."""
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


class Tracing:
    """ASGI middleware: Starlette's spans of requests, with what a client chose taken out.

    An address of a wallet may stand in a path, a query, a header, even in a made-up `Host`.
    """

    def __init__(self, app: ASGIApp, paths: frozenset[str]) -> None:
        self.app = app
        self.paths = paths - UNTOLD
        self.traced = OpenTelemetryMiddleware(self._inside)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in UNTOLD:
            await self.app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        path = scope["path"] if scope["path"] in self.paths else "/*"
        shown = {
            **scope,
            "method": method,
            "path": path,
            "query_string": b"",
            "headers": [pair for pair in scope["headers"] if pair[0] in _CONTEXT],
            "client": None,
            _ASKED: scope,
        }
        noted: dict[str, str | int] = {"http.request.method": method, "url.scheme": scope["scheme"]}
        if path in self.paths:
            noted["http.route"] = path

        async def send_noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                noted["http.response.status_code"] = message["status"]
            await send(message)

        started = perf_counter()
        try:
            await self.traced(shown, receive, send_noted)
        finally:
            _DURATION.record(perf_counter() - started, noted)

    async def _inside(self, shown: Scope, receive: Receive, send: Send) -> None:
        scope = shown[_ASKED]
        try:
            await self.app(scope, receive, send)
        finally:
            # Starlette's router notes it where it looks for it, and the span is named after it.
            if "route" in scope:
                shown["route"] = scope["route"]


@contextmanager
def operation_span(
    operation: OperationDefinitionNode, text: str, *, has_name: bool
) -> Iterator[Span]:
    """The span of an operation; its name is told only of listed ones, as clients choose it.

    One that is refused as a whole, as when its time is over, is an error of the span's.
    """
    kind = operation.operation.value
    attributes = {
        "graphql.operation.type": kind,
        "walletgraph.operation.hash": operation_hash(text),
    }
    if has_name and operation.name is not None:
        attributes["graphql.operation.name"] = operation.name.value
    with _TRACER.start_as_current_span(
        kind,
        kind=SpanKind.INTERNAL,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield span
        except Refusal as refusal:
            note_answer(span, [refusal.code])
            span.set_attribute("error.type", refusal.code)
            span.set_status(Status(StatusCode.ERROR))
            raise


def note_answer(span: Span, codes: list[str]) -> None:
    """Tell where an operation's answer came from, and the codes of its errors."""
    for result, number in (request_tally() or {}).items():
        span.set_attribute(f"walletgraph.cache.{result}", number)
    if not codes:
        return
    span.set_attribute("walletgraph.error.codes", list(dict.fromkeys(codes)))
    if "INTERNAL" in codes:
        span.set_attribute("error.type", "INTERNAL")
        span.set_status(Status(StatusCode.ERROR))
