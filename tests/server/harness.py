"""The endpoint over the small schema, with a client, and what tests look at."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from starlette.types import ASGIApp, Message, Scope

from server.app import create_app
from server.clients import Clients
from server.cors import Cors, Origins
from server.documents import Documents
from server.execute import EXECUTORS, Execute
from server.graphql import Endpoint
from server.guard import Guard
from server.limits import Limits
from server.middleware import CommonHeaders, Gzip, Lifecycle, Refusals
from server.pages import Pages
from server.persisted import Automatic, Operations
from server.settings import Settings
from tests.server.graph import Loaded, make_schema

JSON = {"content-type": "application/json"}
MODERN = {**JSON, "accept": "application/graphql-response+json"}
SCHEMA = make_schema()


class Watched:
    """Remembers what the endpoint told of its answers."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, list[str]]] = []

    def answered(self, status: int, codes: list[str], seconds: float) -> None:
        assert seconds >= 0
        self.answers.append((status, codes))


class Bench:
    """One endpoint and a client; `contexts` are those of all operations so far."""

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        operations: Operations | None = None,
        execute: Execute = EXECUTORS["stock"],
        secrets: Iterable[str] = (),
        signing: Iterable[str] = (),
        origins: Iterable[str] = ("http://localhost:*",),
        pages: Pages | None = None,
        deadline_seconds: float = 5.0,
        most_body_bytes: int = 10_000,
        most_answer_bytes: int = 1_000_000,
        has_entity_tags: bool = False,
        has_introspection: bool = True,
        is_discreet: bool = False,
        most_in_flight: int = 100,
    ) -> None:
        allowed = Origins(list(origins))
        self.begun = asyncio.Event()
        self.contexts: list[Loaded] = []
        self.watched = Watched()
        self.lifecycle = Lifecycle()
        self.documents = Documents(
            SCHEMA,
            limits or Limits(),
            is_discreet=is_discreet,
            has_introspection=has_introspection,
        )
        self.operations = Automatic() if operations is None else operations
        self.endpoint = Endpoint(
            SCHEMA,
            context=self._context,
            finish=_finish,
            documents=self.documents,
            operations=self.operations,
            execute=execute,
            guard=Guard(list(secrets), list(signing)),
            origins=allowed,
            clients=Clients(None),
            watch=self.watched,
            page=pages.graphiql if pages else None,
            deadline_seconds=deadline_seconds,
            most_body_bytes=most_body_bytes,
            most_answer_bytes=most_answer_bytes,
            is_discreet=is_discreet,
            entity_tags=_tags if has_entity_tags else None,
        )
        # As create_app puts them together.
        inner = Refusals(Gzip(self.endpoint, 4_096), self.lifecycle, most_in_flight)
        self.app = CommonHeaders(Cors(inner, allowed), self.lifecycle)
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://test", headers={"accept": ""}
        )

    def _context(self, request: Any = None) -> Loaded:
        self.contexts.append(Loaded(begun=self.begun))
        return self.contexts[-1]

    async def post(
        self, query: str, variables: dict[str, Any] | None = None, **body: Any
    ) -> httpx.Response:
        """A modern client's POST."""
        return await self.http.post(
            "/graphql", json={"query": query, "variables": variables, **body}, headers=MODERN
        )

    async def raw(self, body: bytes, **headers: str) -> httpx.Response:
        """A POST of these very bytes."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post("/graphql", content=body, headers={**JSON, **named})


def _tags(item: object) -> list[str]:
    return [f"Thing:id={item['id']}"] if isinstance(item, dict) and "__typename" in item else []


def _finish(context: Loaded) -> float | None:
    context.is_finished = True
    return context.max_age


def codes(response: httpx.Response) -> list[str]:
    """The codes of the answer's errors."""
    return [error["extensions"]["code"] for error in response.json()["errors"]]


@asynccontextmanager
async def running(
    environ: dict[str, str] | None = None, lifecycle: Lifecycle | None = None, **upstreams: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole application, with these variables set."""
    settings = Settings.from_env(environ or {})
    app = create_app(settings, upstreams=upstreams, lifecycle=lifecycle)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http,
    ):
        yield http


async def leave(app: ASGIApp, body: bytes, begun: asyncio.Event) -> list[Message]:
    """What a client is sent who posts an operation and leaves once it has begun."""
    messages: list[Message] = [{"type": "http.request", "body": body}]
    gone = asyncio.Event()
    sent: list[Message] = []

    async def receive() -> Message:
        if messages:
            return messages.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
        "state": {},
    }
    answering = asyncio.ensure_future(app(scope, receive, send))
    await begun.wait()
    gone.set()
    await answering
    return sent
