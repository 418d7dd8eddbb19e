"""One line a request, and the id that it has here, at the router before and in the answer."""

import hashlib
import logging
import re
import secrets
import time
from contextvars import ContextVar
from typing import Any

from graphql import OperationDefinitionNode
from opentelemetry import trace
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger("walletgraph.requests")

OPERATION = "walletgraph.operation"
"""Where in the scope what is executed is noted: the operation, and the document's text."""
CODES = "walletgraph.codes"
"""Where the codes of the errors in the answer are noted."""
_MOST_NAME = 100
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
"""Those that are told by name; a client may make up others."""
UNTOLD = frozenset({"/health/live", "/health/ready", "/metrics"})
"""What machines ask every few seconds."""
_ID = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")
_TRACE = re.compile(rb"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}.*")
_tally: ContextVar[dict[str, int] | None] = ContextVar("tally", default=None)


def request_tally() -> dict[str, int] | None:
    """How many answers the request had fresh, stale, or not at all from the cache; None outside."""
    return _tally.get()


class RequestLog:
    """ASGI middleware: gives every request an id, and writes a line when it is answered.

    An id that came in `X-Request-Id` is kept if it is a word, and sent back. Of the address only
    the path is told, where it is one of ours: what clients make up may be somebody's address.
    """

    def __init__(self, app: ASGIApp, paths: frozenset[str]) -> None:
        self.app = app
        self.paths = paths - UNTOLD

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = trace_id = None
        for name, value in scope["headers"]:
            if name == b"x-request-id" and _ID.fullmatch(value):
                request_id = value
            elif name == b"traceparent" and (found := _TRACE.fullmatch(value)):
                trace_id = found[1].decode()
        if request_id is None:
            request_id = secrets.token_hex(16).encode()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id)]
            await send(message)

        is_told = logger.isEnabledFor(logging.INFO)
        span = trace.get_current_span().get_span_context()
        if scope["path"] in UNTOLD or not (is_told or span.is_valid):
            await self.app(scope, receive, send_with_id)
            return
        ids = {"request_id": request_id.decode()}
        if span.is_valid:
            ids["trace_id"] = f"{span.trace_id:032x}"
            ids["span_id"] = f"{span.span_id:016x}"
        elif trace_id is not None:
            ids["trace_id"] = trace_id
        tally: dict[str, int] = {}
        token = _tally.set(tally)
        try:
            await self.app(scope, receive, send_with_id)
        finally:
            _tally.reset(token)
            if is_told:
                self._tell(scope, ids, status, time.perf_counter() - started, tally)

    def _tell(
        self,
        scope: Scope,
        ids: dict[str, str],
        status: int,
        seconds: float,
        tally: dict[str, int],
    ) -> None:
        fields: dict[str, Any] = {
            **ids,
            "method": scope["method"] if scope["method"] in METHODS else "other",
            "path": scope["path"] if scope["path"] in self.paths else "other",
            # Without an answer the client had left before there was one.
            "status": status or 499,
            "duration_ms": round(seconds * 1000, 3),
        }
        if (operation := scope.get(OPERATION)) is not None:
            fields |= _named(*operation)
        if codes := scope.get(CODES):
            fields["codes"] = list(dict.fromkeys(codes))
        if tally:
            fields["cache"] = tally
        # Not `logger.info`: looking for the caller's line takes a third of all this takes.
        record = logging.LogRecord(logger.name, logging.INFO, "", 0, "request", None, None)
        record.__dict__["fields"] = fields
        logger.handle(record)


def operation_hash(text: str) -> str:
    """The SHA-256 of a document, as persisted operations name it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _named(operation: OperationDefinitionNode, text: str) -> dict[str, str]:
    """What is told of an operation: never its text, which may hold an address."""
    named = {"operation_type": operation.operation.value, "operation_hash": operation_hash(text)}
    if operation.name is not None:
        named["operation_name"] = operation.name.value[:_MOST_NAME]
    return named
