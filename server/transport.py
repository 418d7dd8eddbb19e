"""How answers leave: an answer's head together with its body, and a close that loses neither."""

import asyncio
import socket
import struct
from typing import Any

from uvicorn.protocols.http.flow_control import FlowControl

_RESET = struct.pack("ii", 1, 0)


class Joining:
    """A transport that sends an answer's head with what follows it, in one call to the system.

    A head that nothing follows goes in the next turn of the loop. With `lingers` set, a close says
    the end to the client and leaves the connection open to read from: closing what a client still
    sends to resets it, and takes the answer from a client that reads when it has sent all.
    """

    lingers = False

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""

    def write(self, data: bytes) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.writelines((head, data))
        elif data[:9] == b"HTTP/1.1 ":
            self._head = data
            self._loop.call_soon(self._flush)
        else:
            self._transport.write(data)

    def close(self) -> None:
        if self._transport.is_closing():
            return
        self._flush()
        if self.lingers:
            self._transport.write_eof()
        else:
            self._transport.close()

    def cut(self) -> None:
        """Close for good: what is not sent by now never is."""
        if self._head or self._transport.get_write_buffer_size():
            # The system would keep what it has taken over until the client reads it.
            connection = self._transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._transport.abort()
        else:
            self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def _flush(self) -> None:
        if self._head:
            self.write(b"")


class Flow(FlowControl):
    """uvicorn's flow control, with a hold on reading that its own resuming does not end."""

    is_held = False

    def pause_reading(self) -> None:
        if not self._transport.is_closing():
            super().pause_reading()

    def resume_reading(self) -> None:
        if not (self.is_held or self._transport.is_closing()):
            super().resume_reading()

    def hold(self) -> None:
        self.pause_reading()
        self.is_held = True

    def release(self) -> None:
        self.is_held = False
