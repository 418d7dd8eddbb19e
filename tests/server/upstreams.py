"""The upstreams of a server that is a process of its own."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import Receive, Scope, Send

from sandbox import Sandbox
from tests.server.process import wait_for


class Upstreams:
    """Both upstreams on a port; keeps the moment and the headers of every call."""

    def __init__(self) -> None:
        self.box = Sandbox()
        self.headers: list[dict[str, str]] = []
        self.moments: list[float] = []
        self.url = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.moments.append(time.monotonic())
        self.headers.append({name.decode(): value.decode() for name, value in scope["headers"]})
        await self.box.app(scope, receive, send)


@contextmanager
def upstreams() -> Iterator[Upstreams]:
    """Both upstreams, answering in a thread."""
    played = Upstreams()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        played.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(played, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        wait_for(lambda: server.started)
        yield played
        server.should_exit = True
        thread.join(20)
