"""Something on a port that speaks Redis's protocol, or not, as a test has it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

Replies = Callable[[list[bytes]], bytes]


async def _command(reader: asyncio.StreamReader) -> list[bytes]:
    words = int((await reader.readline())[1:])
    command = []
    for _ in range(words):
        size = int((await reader.readline())[1:])
        command.append((await reader.readexactly(size + 2))[:-2])
    return command


@asynccontextmanager
async def playing(replies: Replies) -> AsyncIterator[int]:
    """A port where every command gets the bytes that `replies` makes of it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                writer.write(replies(await _command(reader)))
                await writer.drain()
        except (OSError, ValueError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
