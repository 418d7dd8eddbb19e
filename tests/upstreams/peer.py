"""A server on a socket that answers with bytes as they are written down, and keeps what it saw."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Peer:
    """What a server saw: the request heads of each connection, in order of arrival."""

    port: int = 0
    heads: list[list[str]] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    closed: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def lost(self, connections: int) -> None:
        """Wait until the clients have closed so many."""
        while self.closed < connections:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@asynccontextmanager
async def peer(
    *answers: bytes | Sequence[bytes], tls: ssl.SSLContext | None = None
) -> AsyncIterator[Peer]:
    """Answer the nth request with the nth of `answers` (the last for ever), perhaps in pieces.

    An empty piece closes the connection, as does an answer that says `Connection: close`.
    """
    seen = Peer()
    asked = 0
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        heads: list[str] = []
        seen.heads.append(heads)
        seen.writers.append(writer)
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                heads.append((await reader.readuntil(b"\r\n\r\n")).decode("ascii"))
                answer = answers[min(asked, len(answers) - 1)]
                asked += 1
                pieces = [answer] if isinstance(answer, bytes) else answer
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0.001)
                if b"" in pieces or b"Connection: close" in pieces[0]:
                    break
        seen.closed += 1
        writer.transport.abort()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.ensure_future(serve(reader, writer)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    seen.port = server.sockets[0].getsockname()[1]
    try:
        yield seen
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in seen.writers:
            writer.transport.abort()
        await server.wait_closed()
