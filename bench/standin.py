"""The upstream stand-in: `python -m bench.standin` answers both APIs for next to nothing.

It reads no more of a request than its first line, and remembers the answers it has put together.
"""

import asyncio
from collections import OrderedDict
from typing import cast

import click
import uvloop

from bench.bodies import answer

_REMEMBERED_BYTES = 64 << 20


class Memory:
    """Answers by target, the longest unused forgotten beyond a number of bytes."""

    def __init__(self) -> None:
        self._held: OrderedDict[bytes, bytes] = OrderedDict()
        self._bytes = 0

    def answer(self, target: bytes) -> bytes:
        """The HTTP answer to a GET of the target."""
        found = self._held.get(target)
        if found is not None:
            self._held.move_to_end(target)
            return found
        found = self._held[target] = answer(target)
        self._bytes += len(found)
        while self._bytes > _REMEMBERED_BYTES:
            self._bytes -= len(self._held.popitem(last=False)[1])
        return found


class Protocol(asyncio.Protocol):
    """One connection: GET requests without bodies, answered in order."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        *requests, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for request in requests:
            self._transport.write(self._memory.answer(request.split(b" ", 2)[1]))


async def serve(host: str, port: int) -> asyncio.Server:
    """Listen; port 0 takes a free one."""
    memory = Memory()
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Protocol(memory), host, port)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=9100, show_default=True, type=click.IntRange(0, 65535))
def main(host: str, port: int) -> None:
    """Answer both snapshots and algod's account endpoints."""

    async def run() -> None:
        server = await serve(host, port)
        click.echo(f"http://{host}:{server.sockets[0].getsockname()[1]}")
        await server.serve_forever()

    uvloop.run(run())


if __name__ == "__main__":
    main()
