"""Walletgraph as routers meet it: a port, in a thread, over a sandbox that the test holds."""

import asyncio
import json
import socket
import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox import Sandbox
from server.app import create_app
from server.settings import Settings
from tests.graph import FAST

SECRET = "known-to-the-router-and-to-this-test-alone"
SIGNING = "signs-what-the-router-sends-and-opens-nothing"
# What `supergraph/compose.yaml` sets.
SHIPPED = {"PROFILE": "supergraph", "NODE_FIELD": "on", "ROUTER_SECRET": SECRET}


class Walletgraph:
    """One port for all tests; `restart` puts a process with nothing remembered behind it.

    `asked`: the bodies of GraphQL requests, in order. `box`: the upstreams. Use `close` at the end.
    """

    def __init__(self) -> None:
        self.box = Sandbox()
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self._app: ASGIApp | None = None
        self._running: tuple[asyncio.Event, asyncio.Task[None]] | None = None
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/graphql"
        config = uvicorn.Config(
            self._forward,
            interface="asgi3",
            lifespan="off",
            ws="none",
            log_level="warning",
            proxy_headers=False,
            timeout_keep_alive=60,
        )
        self._server = uvicorn.Server(config)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="walletgraph", daemon=True)
        self._thread.start()

    def restart(self, settings: Mapping[str, str] | None = None, **upstreams: Any) -> None:
        """A fresh application on a fresh sandbox; the arguments are those of `create_app`."""
        self.box = Sandbox()
        app = create_app(
            Settings.from_env({**SHIPPED, **(settings or {})}),
            upstreams={
                **FAST,
                "oneinch_transport": httpx.ASGITransport(self.box.oneinch),
                "algod_transport": httpx.ASGITransport(self.box.algod),
                **upstreams,
            },
        )
        self._call(self._replace(app))
        self.asked.clear()
        self.headers.clear()

    def entity_calls(self) -> list[int]:
        """How many representations each `_entities` request carried, in order of arrival."""
        return [
            sum(len(value) for value in asked.get("variables", {}).values() if _is_many(value))
            for asked in self.asked
            if "_entities" in asked.get("query", "")
        ]

    def upstream_calls(self) -> dict[str, int]:
        """How many calls each upstream path got."""
        return dict(Counter(call.path for call in self.box.calls))

    def close(self) -> None:
        self._call(self._stop())
        self._server.should_exit = True
        self._thread.join(timeout=10)
        assert not self._thread.is_alive()
        self._socket.close()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._server.serve([self._socket]))
        finally:
            self._loop.close()

    def _call(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=20)

    async def _replace(self, app: Starlette) -> None:
        await self._stop()
        ready, stop = asyncio.Event(), asyncio.Event()

        async def live() -> None:
            async with app.router.lifespan_context(app):
                ready.set()
                await stop.wait()

        self._running = (stop, asyncio.create_task(live()))
        await ready.wait()
        self._app = app

    async def _stop(self) -> None:
        if self._running is not None:
            stop, task = self._running
            stop.set()
            await task
            self._running = None

    async def _forward(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._app is not None
        body = b""
        self.headers.append({name.decode(): value.decode() for name, value in scope["headers"]})

        async def overheard() -> Message:
            nonlocal body
            message = await receive()
            body += message.get("body", b"")
            if message["type"] == "http.request" and not message.get("more_body") and body:
                self.asked.append(json.loads(body))
                body = b""
            return message

        await self._app(scope, overheard, send)


def _is_many(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, dict) and "__typename" in item for item in value
    )
