"""Serve the application: uvicorn with uvloop and httptools, and a stop that loses no request."""

import asyncio
import logging
import math
import resource
import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from server.connections import Connections
from server.listener import deafen
from server.middleware import Lifecycle
from server.protocol import HttpProtocol
from server.settings import Settings
from server.workers import supervisor_end
from upstreams.deadline import ANSWERING

logger = logging.getLogger("walletgraph.run")

_KEEP_ALIVE_SECONDS = 65
_OTHER_FILES = 500
_GRACE_SECONDS = 2
_LAST_CALL_SECONDS = 0.25


class DrainingServer(uvicorn.Server):
    """Stops in two steps: first it drains, then it closes.

    While draining it is not ready, closes each connection after its answer, and goes on accepting,
    so that balancers and clients with open connections leave by themselves. A second signal skips
    what is left of it.
    """

    def __init__(
        self,
        app: Starlette,
        settings: Settings,
        lifecycle: Lifecycle,
        listener: socket.socket,
        on_start: Callable[[int], None],
    ) -> None:
        """`on_start` is called with the port once requests are accepted."""
        most = room_for(settings.max_connections)

        class Protocol(HttpProtocol):
            registry = Connections(most, settings.max_unsent_bytes)

        seconds = (1 + ANSWERING) * settings.request_deadline_seconds
        grace_seconds = math.ceil(seconds) + _GRACE_SECONDS
        config = uvicorn.Config(
            app,
            loop="uvloop",
            http=Protocol,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=grace_seconds,
        )
        super().__init__(config)
        self.lifecycle = lifecycle
        self.drain_seconds = settings.drain_seconds
        self.listener = listener
        self.on_start = on_start
        self.loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.loop = asyncio.get_running_loop()
        supervisor = supervisor_end()
        if supervisor is not None:
            self.loop.add_reader(supervisor, self._orphaned, supervisor)
        self.on_start(self.listener.getsockname()[1])

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal came: drain, or stop now if it is the second or nothing has started."""
        if self.loop is None or self.lifecycle.is_draining:
            self.should_exit = True
            return
        self.lifecycle.is_draining = True
        logger.info("Draining for %g s; a second signal stops at once", self.drain_seconds)
        # A signal's handler may run anywhere, so it hands over to the loop.
        self.loop.call_soon_threadsafe(self._drain)

    def _orphaned(self, supervisor: int) -> None:
        assert self.loop is not None  # noqa: S101
        self.loop.remove_reader(supervisor)
        logger.error("The supervisor is gone: this worker stops, too")
        self.handle_exit(signal.SIGTERM, None)

    def _drain(self) -> None:
        assert self.loop is not None  # noqa: S101
        self.loop.call_later(self.drain_seconds, deafen, self.listener)
        self.loop.call_later(self.drain_seconds + _LAST_CALL_SECONDS, self._exit)

    def _exit(self) -> None:
        self.should_exit = True


def room_for(connections: int) -> int:
    """As many connections as the system lets this process have open, that many at most."""
    needed = connections + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return connections
    soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft < needed:
        connections = max(1, soft - _OTHER_FILES)
        logger.warning(
            "At most %d connections: the system lets a process have %d files open",
            connections,
            soft,
        )
    return connections


def serve(
    app: Starlette,
    settings: Settings,
    lifecycle: Lifecycle,
    listener: socket.socket,
    on_start: Callable[[int], None],
) -> None:
    """Serve on the listening socket until told to stop; SystemExit if the lifespan fails."""
    with listener:
        DrainingServer(app, settings, lifecycle, listener, on_start).run([listener])
