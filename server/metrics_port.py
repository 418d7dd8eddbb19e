"""/metrics on a port of its own, which whoever serves the graph to the world need not open."""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST


@asynccontextmanager
async def metrics_served(listener: socket.socket, text: Callable[[], bytes]) -> AsyncIterator[None]:
    """While inside, answer `GET /metrics` on the listening socket with the text of the moment."""

    async def show(_: web.Request) -> web.Response:
        return web.Response(body=text(), headers={"content-type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.router.add_get("/metrics", show)
    runner = web.AppRunner(app, handle_signals=False, access_log=None)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        yield
    finally:
        await runner.cleanup()
