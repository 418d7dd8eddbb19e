"""GraphQL over HTTP, the answering half: the ASGI endpoint at /graphql."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias

import msgspec
from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLFormattedError,
    OperationDefinitionNode,
    OperationType,
)
from starlette.requests import Request
from starlette.types import Receive, Scope, Send
from strawberry import Schema

from server.caching import Tags, cache_control, tags_of
from server.clients import Clients
from server.cors import Origins
from server.documents import Documents, Prepared, Refused
from server.errors import Refusal, formatted
from server.execute import AnswerTooLarge, Execute
from server.extended import wants_trace
from server.guard import Guard
from server.negotiation import HTML, JSON, RESPONSE, Offer, negotiate
from server.persisted import AllowList, Operations
from server.request_log import CODES, OPERATION
from server.requests import Headers, Parameters, headers_of, read_get, read_post
from server.tracing import note_answer, operation_span
from upstreams.deadline import ANSWERING, deadline
from upstreams.pace import pace
from upstreams.requester import asking_for

logger = logging.getLogger("walletgraph.graphql")

# Waits below end at the deadline with a code of their own and the rest of the answer intact; this
# is for what does not wait but work.
_GRACE_SECONDS = 1.0
_ALLOW = "GET, HEAD, POST, OPTIONS"
_VARY = (b"vary", b"Accept, Accept-Encoding")
_TYPES = {
    offer: (b"content-type", f"{JSON if offer == HTML else offer}; charset=utf-8".encode())
    for offer in (JSON, RESPONSE, HTML)
}
_encode = msgspec.json.Encoder(decimal_format="string").encode


Pairs: TypeAlias = list[tuple[bytes, bytes]]


class Watch(Protocol):
    """Hears of every answer: the codes in it, and the seconds it took."""

    def answered(self, status: int, codes: list[str], seconds: float) -> None: ...


class Answer:
    """What one request is answered: status, headers beside the fixed ones, body, codes of errors.

    Only the bytes are kept: what they were made of need not wait until a slow client has read them.
    """

    __slots__ = ("body", "codes", "headers", "status")

    def __init__(self, status: int, payload: Mapping[str, Any], headers: Pairs) -> None:
        self.status = status
        self.headers = headers
        self.body = _encode(payload)
        self.codes = [error["extensions"]["code"] for error in payload.get("errors", ())]

    def take(self) -> bytes:
        """The body, which is the taker's alone from then on."""
        body, self.body = self.body, b""
        return body


class Endpoint:
    """Any Strawberry schema behind one URL; every refusal is JSON with a code.

    `context` makes the context of one operation, with the request if that is to be traced in its
    answer, for a router that holds the secret; `finish` ends it, however it ended, and says for
    how many seconds the answer stays fresh (None: not at all). `page` is the GraphiQL page, if one
    is served; `entity_tags` makes the cache tags of a representation, if they are sent; with
    `is_traced` every operation has a span.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        context: Callable[[Request | None], object],
        finish: Callable[[Any], float | None],
        documents: Documents,
        operations: Operations,
        execute: Execute,
        guard: Guard,
        origins: Origins,
        clients: Clients,
        watch: Watch,
        page: Callable[[Scope, Receive, Send], Any] | None,
        deadline_seconds: float,
        most_body_bytes: int,
        most_answer_bytes: int,
        is_discreet: bool,
        entity_tags: Tags | None,
        is_traced: bool = False,
    ) -> None:
        self.schema = schema
        self.context = context
        self.finish = finish
        self.documents = documents
        self.operations = operations
        self.execute = execute
        self.guard = guard
        self.origins = origins
        self.clients = clients
        self.watch = watch
        self.page = page
        self.deadline_seconds = deadline_seconds
        self.most_body_bytes = most_body_bytes
        self.most_answer_bytes = most_answer_bytes
        self.is_discreet = is_discreet
        self.entity_tags = entity_tags
        self.is_traced = is_traced

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        headers = headers_of(scope)
        has_page = self.page is not None and _may_be_a_page(scope)
        offer = negotiate(headers.get(b"accept", b""), has_page=has_page)
        try:
            if offer == HTML and self.page is not None:
                self.guard.check_secret(headers)
                await self.page(scope, receive, send)
                return
            if scope["method"] == "OPTIONS":
                await _send_options(send)
                return
            answer = await self._answer(scope, headers, receive, offer)
        except Refusal as refusal:
            answer = Answer(refusal.status, refusal.payload, refusal.headers)
        except asyncio.CancelledError:
            if not scope.get("walletgraph.left"):
                raise
            return  # nobody is there to read an answer
        codes, status = answer.codes, answer.status
        scope[CODES] = codes
        await _send(answer, offer or JSON, send)
        self.watch.answered(status, codes, time.perf_counter() - started)

    async def _answer(
        self, scope: Scope, headers: Headers, receive: Receive, offer: Offer | None
    ) -> Answer:
        method = scope["method"]
        if method not in ("GET", "HEAD", "POST"):
            raise Refusal(405, "METHOD_NOT_ALLOWED", "Use GET or POST.", [("allow", _ALLOW)])
        is_trusted = self.guard.check_header(headers)
        if b"websocket" in headers.get(b"upgrade", b"").lower():
            raise Refusal(
                400, "OPERATION_NOT_SUPPORTED", "WebSockets are not served: use GET or POST."
            )
        if offer is None:
            raise Refusal(406, "NOT_ACCEPTABLE", "Accept must allow application/json.")
        if method == "POST":
            asked = await read_post(headers, receive, self.most_body_bytes)
        else:
            asked = read_get(scope, headers, self.origins)
        if not is_trusted:
            self.guard.check_signature(asked)
        text = await self.operations.text(asked)
        turns = pace()
        if turns.is_due():
            # Many that come at once, each with a document to validate, would keep the loop.
            await turns.turn()
        try:
            prepared, operation = self.documents.prepare(
                text, asked.operation_name, asked.variables
            )
            _check_method(operation, method)
        except Refused as refused:
            return self._failed(list(refused.errors), offer, "BAD_REQUEST")
        if not is_trusted:
            self.guard.check_operations(len(prepared.operations))
        scope[OPERATION] = operation, text
        await self.operations.executed(asked, text)
        if not self.is_traced:
            return await self._operate(prepared, asked, operation, scope, headers, receive, offer)
        has_name = isinstance(self.operations, AllowList)
        with operation_span(operation, text, has_name=has_name) as span:
            answer = await self._operate(prepared, asked, operation, scope, headers, receive, offer)
            note_answer(span, answer.codes)
        return answer

    async def _operate(
        self,
        prepared: Prepared,
        asked: Parameters,
        operation: OperationDefinitionNode,
        scope: Scope,
        headers: Headers,
        receive: Receive,
        offer: Offer,
    ) -> Answer:
        # Read before execution: a resolver may change the variables it is given.
        tags = self.entity_tags and tags_of(operation, asked.variables, self.entity_tags)
        is_asked = not self.guard.is_open and wants_trace(headers)
        context = self.context(Request(scope) if is_asked else None)
        try:
            with asking_for(self.clients.of(scope, headers)):
                result = await self._executed(prepared, asked, context, scope, receive)
        finally:
            # Also where the client has left or time is up: what is still asked for is given up.
            max_age = self.finish(context)
        if result.errors and isinstance(result, ExecutionResult):
            # Strawberry has done so where it executed the operation itself.
            self.schema.process_errors(result.errors)
        return self._completed(result, tags, max_age, offer)

    async def _executed(
        self,
        prepared: Prepared,
        asked: Parameters,
        context: object,
        scope: Scope,
        receive: Receive,
    ) -> Any:
        """The result, within the deadline; given up when the client leaves."""
        seconds = self.deadline_seconds
        with deadline(seconds, answering=ANSWERING):
            result = self.execute(
                self.schema,
                prepared.document,
                asked.variables,
                asked.operation_name,
                context,
                prepared.plans,
                self.most_answer_bytes,
            )
            if isinstance(result, ExecutionResult):
                return result
            task = asyncio.current_task()
            assert task is not None  # noqa: S101
            watcher = asyncio.create_task(_cancel_when_gone(receive, scope, task))
            try:
                async with asyncio.timeout((1 + ANSWERING) * seconds + _GRACE_SECONDS):
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
        if errors and isinstance(errors[0].original_error, AnswerTooLarge):
            return Answer(200, _too_large(self.most_answer_bytes), [])
        if errors and result.data is None and all(error.path is None for error in errors):
            return self._failed(errors, offer, "BAD_USER_INPUT")
        payload: dict[str, Any] = {"data": result.data}
        if errors:
            payload["errors"] = self._formatted(errors, "INTERNAL")
        extensions = dict(result.extensions or {})
        if tags is not None:
            extensions["apolloEntityCacheTags"] = tags
        if extensions:
            payload["extensions"] = extensions
        control = cache_control(max_age, has_failed=bool(errors), is_public=self.guard.is_open)
        answer = Answer(200, payload, [(b"cache-control", control)])
        if len(answer.body) > self.most_answer_bytes:
            return Answer(200, _too_large(self.most_answer_bytes), [])
        return answer

    def _failed(self, errors: list[GraphQLError], offer: Offer, default: str) -> Answer:
        """To an operation that was not executed: no data, and a status that the type allows."""
        payload = {"errors": self._formatted(errors, default)}
        return Answer(400 if offer == RESPONSE else 200, payload, [])

    def _formatted(self, errors: list[GraphQLError], default: str) -> list[GraphQLFormattedError]:
        return formatted(errors, default, is_discreet=self.is_discreet)


async def _send(answer: Answer, offer: Offer, send: Send) -> None:
    pairs = [
        _TYPES[offer],
        (b"content-length", b"%d" % len(answer.body)),
        _VARY,
        *answer.headers,
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
    await send({"type": "http.response.body", "body": answer.take()})


async def _send_options(send: Send) -> None:
    pairs = [(b"allow", _ALLOW.encode()), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 204, "headers": pairs})
    await send({"type": "http.response.body", "body": b""})


def _may_be_a_page(scope: Scope) -> bool:
    return scope["method"] in ("GET", "HEAD") and b"extensions=" not in scope["query_string"]


def _check_method(operation: OperationDefinitionNode, method: str) -> None:
    if method != "POST" and operation.operation is not OperationType.QUERY:
        raise Refusal(405, "METHOD_NOT_ALLOWED", "Send mutations with POST.", [("allow", "POST")])


def _too_large(most_bytes: int) -> dict[str, Any]:
    error = AnswerTooLarge(most_bytes)
    return {"data": None, "errors": [{"message": str(error), "extensions": error.extensions}]}


async def _cancel_when_gone(receive: Receive, scope: Scope, task: "asyncio.Task[Any]") -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope["walletgraph.left"] = True
    task.cancel()
