"""GraphQL over HTTP, the answering half: the ASGI endpoint at /graphql."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
from graphql import ExecutionResult, GraphQLError, OperationDefinitionNode, OperationType
from starlette.types import Receive, Scope, Send
from strawberry import Schema

from server.caching import NO_STORE, Tags, cache_control, tags_of
from server.clients import Clients
from server.cors import Cors, Pairs
from server.documents import Documents, Prepared, Refused
from server.errors import Refusal, formatted
from server.execute import Execute
from server.guard import Guard
from server.negotiation import HTML, RESPONSE, Offer, negotiate
from server.persisted import Operations
from server.requests import Headers, Parameters, read_get, read_post
from upstreams.client import asking_for
from upstreams.deadline import deadline

logger = logging.getLogger("walletgraph.graphql")

# Waits below end at the deadline with a code of their own and the rest of the answer intact; this
# is for what does not wait but work.
_GRACE_SECONDS = 1.0
_ALLOW = "GET, POST, OPTIONS"
_VARY = (b"vary", b"Accept, Origin")
_TYPES = {
    "application/json": (b"content-type", b"application/json; charset=utf-8"),
    "application/graphql-response+json": (
        b"content-type",
        b"application/graphql-response+json; charset=utf-8",
    ),
}
_encode = msgspec.json.Encoder(decimal_format="string").encode


class Watch(Protocol):
    """Hears of every answer: the codes in it, and the seconds it took."""

    def answered(self, status: int, codes: list[str], seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request is answered: status, headers beside the fixed ones, and the JSON value."""

    status: int
    payload: Mapping[str, Any]
    headers: Pairs


class Endpoint:
    """Any Strawberry schema behind one URL; every refusal is JSON with a code.

    `context` makes the context of one operation; `finish` ends it, however it ended, and says for
    how many seconds the answer stays fresh (None: not at all). `page` is the GraphiQL page, if one
    is served; `entity_tags` makes the cache tags of a representation, if they are sent.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        context: Callable[[], object],
        finish: Callable[[Any], float | None],
        documents: Documents,
        operations: Operations,
        execute: Execute,
        guard: Guard,
        cors: Cors,
        clients: Clients,
        watch: Watch,
        page: Callable[[Scope, Receive, Send], Any] | None,
        deadline_seconds: float,
        most_body_bytes: int,
        entity_tags: Tags | None,
    ) -> None:
        self.schema = schema
        self.context = context
        self.finish = finish
        self.documents = documents
        self.operations = operations
        self.execute = execute
        self.guard = guard
        self.cors = cors
        self.clients = clients
        self.watch = watch
        self.page = page
        self.deadline_seconds = deadline_seconds
        self.most_body_bytes = most_body_bytes
        self.entity_tags = entity_tags

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        headers: Headers = dict(scope["headers"])
        offer: Offer = negotiate(headers.get(b"accept", b"")) or "application/json"
        try:
            if offer == HTML and self._is_page(scope):
                self.guard.check_header(headers)
                if self.page is not None:
                    await self.page(scope, receive, send)
                    return
            if scope["method"] == "OPTIONS":
                await self._send_options(headers, send)
                return
            answer = await self._answer(scope, headers, receive, offer)
        except Refusal as refusal:
            answer = Answer(refusal.status, refusal.payload, refusal.headers)
        except asyncio.CancelledError:
            if not scope.get("walletgraph.left"):
                raise
            return  # nobody is there to read an answer
        await self._send(answer, headers, offer, send)
        codes = [error["extensions"]["code"] for error in answer.payload.get("errors", ())]
        self.watch.answered(answer.status, codes, time.perf_counter() - started)

    def _is_page(self, scope: Scope) -> bool:
        return scope["method"] == "GET" and b"extensions=" not in scope["query_string"]

    async def _answer(
        self, scope: Scope, headers: Headers, receive: Receive, offer: Offer
    ) -> Answer:
        method = scope["method"]
        if method not in ("GET", "POST"):
            raise Refusal(405, "METHOD_NOT_ALLOWED", "Use GET or POST.", [("allow", _ALLOW)])
        is_trusted = self.guard.check_header(headers)
        if negotiate(headers.get(b"accept", b"")) in (None, HTML):
            raise Refusal(406, "NOT_ACCEPTABLE", "Accept must allow application/json.")
        if method == "POST":
            asked = await read_post(headers, receive, self.most_body_bytes)
        else:
            asked = read_get(scope, headers)
        if not is_trusted:
            self.guard.check_signature(asked)
        text = await self.operations.text(asked)
        try:
            prepared, operation = self.documents.prepare(
                text, asked.operation_name, asked.variables
            )
            _check_kind(operation, method)
        except Refused as refused:
            return _failed(list(refused.errors), offer, "BAD_REQUEST")
        await self.operations.executed(asked, text)
        # Read before execution: a resolver may change the variables it is given.
        tags = self.entity_tags and tags_of(operation, asked.variables, self.entity_tags)
        context = self.context()
        try:
            with asking_for(self.clients.of(scope, headers)):
                result = await self._executed(prepared, asked, context, scope, receive)
        finally:
            # Also where the client has left or time is up: what is still asked for is given up.
            max_age = self.finish(context)
        return self._completed(result, tags, max_age, offer)

    async def _executed(
        self,
        prepared: Prepared,
        asked: Parameters,
        context: object,
        scope: Scope,
        receive: Receive,
    ) -> ExecutionResult:
        """The result, within the deadline; given up when the client leaves."""
        with deadline(self.deadline_seconds):
            result = self.execute(
                self.schema, prepared.document, asked.variables, asked.operation_name, context
            )
            if isinstance(result, ExecutionResult):
                return result
            task = asyncio.current_task()
            assert task is not None  # noqa: S101
            watcher = asyncio.create_task(_cancel_when_gone(receive, scope, task))
            try:
                async with asyncio.timeout(self.deadline_seconds + _GRACE_SECONDS):
                    return await result
            except TimeoutError:
                raise Refusal(504, "DEADLINE_EXCEEDED", "The operation took too long.") from None
            finally:
                watcher.cancel()

    def _completed(
        self,
        result: ExecutionResult,
        tags: list[list[str]] | None,
        max_age: float | None,
        offer: Offer,
    ) -> Answer:
        errors = result.errors
        if errors and result.data is None and all(error.path is None for error in errors):
            return _failed(errors, offer, "BAD_USER_INPUT")
        payload: dict[str, Any] = {"data": result.data}
        if errors:
            payload["errors"] = formatted(errors, "INTERNAL")
        if tags is not None:
            payload["extensions"] = {"apolloEntityCacheTags": tags}
        control = cache_control(max_age, has_failed=bool(errors))
        return Answer(200, payload, [(b"cache-control", control)])

    async def _send(self, answer: Answer, headers: Headers, offer: Offer, send: Send) -> None:
        body = _encode(answer.payload)
        pairs = [
            _TYPES.get(offer, _TYPES["application/json"]),
            (b"content-length", b"%d" % len(body)),
            _VARY,
            *answer.headers,
        ]
        if answer.status >= 400:
            pairs.append((b"cache-control", NO_STORE))
        origin = headers.get(b"origin")
        if origin is not None:
            pairs += self.cors.of(origin)
        await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
        await send({"type": "http.response.body", "body": body})

    async def _send_options(self, headers: Headers, send: Send) -> None:
        pairs = [
            (b"allow", _ALLOW.encode()),
            (b"content-length", b"0"),
            (b"vary", b"Origin"),
            *self.cors.preflight(headers),
        ]
        await send({"type": "http.response.start", "status": 204, "headers": pairs})
        await send({"type": "http.response.body", "body": b""})


def _check_kind(operation: OperationDefinitionNode, method: str) -> None:
    if operation.operation is OperationType.SUBSCRIPTION:
        raise Refusal(400, "OPERATION_NOT_SUPPORTED", "Subscriptions are not served.")
    if method == "GET" and operation.operation is not OperationType.QUERY:
        raise Refusal(405, "METHOD_NOT_ALLOWED", "Send mutations with POST.", [("allow", "POST")])


def _failed(errors: list[GraphQLError], offer: Offer, default: str) -> Answer:
    """The answer to an operation that was not executed: no data, and a status the type allows."""
    return Answer(
        400 if offer == RESPONSE else 200,
        {"errors": formatted(errors, default)},
        [] if offer == RESPONSE else [(b"cache-control", NO_STORE)],
    )


async def _cancel_when_gone(receive: Receive, scope: Scope, task: "asyncio.Task[Any]") -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope["walletgraph.left"] = True
    task.cancel()
