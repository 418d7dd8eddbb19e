"""What leaves together, and what a close leaves open."""

import asyncio
import struct
from collections.abc import Iterable
from socket import SO_LINGER, SOL_SOCKET
from typing import Any

from server.transport import Flow, Joining


class Transport:
    """Notes what is written in one go, and how it is closed."""

    def __init__(self) -> None:
        self.sent: list[list[bytes]] = []
        self.told: list[str] = []
        self.unsent = 0

    def write(self, data: bytes) -> None:
        self.sent.append([data])

    def writelines(self, parts: Iterable[bytes]) -> None:
        self.sent.append(list(parts))

    def close(self) -> None:
        self.sent.append([])

    def write_eof(self) -> None:
        self.told.append("eof")

    def abort(self) -> None:
        self.told.append("abort")

    def get_extra_info(self, name: str) -> "Transport":
        return self

    def setsockopt(self, level: int, option: int, value: bytes) -> None:
        assert (level, option, value) == (SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        self.told.append("reset")

    def pause_reading(self) -> None:
        self.told.append("pause")

    def resume_reading(self) -> None:
        self.told.append("resume")

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def is_closing(self) -> bool:
        return [] in self.sent or "abort" in self.told


async def test_an_answers_head_is_sent_with_its_body_in_one_go() -> None:
    inner: Any = Transport()
    transport = Joining(inner, asyncio.get_running_loop())
    transport.write(b"HTTP/1.1 200 OK\r\n\r\n")
    transport.write(b"body")
    transport.write(b"more")
    await asyncio.sleep(0)

    assert inner.sent == [[b"HTTP/1.1 200 OK\r\n\r\n", b"body"], [b"more"]]
    assert not transport.is_closing()


async def test_a_head_that_nothing_follows_is_sent_soon_or_before_the_close() -> None:
    inner: Any = Transport()
    transport = Joining(inner, asyncio.get_running_loop())
    transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    await asyncio.sleep(0)
    transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")
    transport.close()
    await asyncio.sleep(0)

    sent = [b"".join(parts) for parts in inner.sent]
    assert sent == [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n", b""]


async def test_a_close_that_lingers_ends_the_answer_and_still_reads() -> None:
    inner: Any = Transport()
    transport = Joining(inner, asyncio.get_running_loop())
    transport.lingers = True
    transport.write(b"HTTP/1.1 413 Content Too Large\r\n\r\n")
    transport.close()
    assert (inner.told, inner.is_closing()) == (["eof"], False)
    transport.cut()
    transport.close()
    assert (inner.told, inner.is_closing()) == (["eof"], True)


async def test_what_is_cut_does_not_wait_for_its_reader() -> None:
    inner: Any = Transport()
    inner.unsent = 1
    Joining(inner, asyncio.get_running_loop()).cut()
    assert inner.told == ["reset", "abort"]


def test_reading_that_is_held_starts_again_only_when_released() -> None:
    inner: Any = Transport()
    flow = Flow(inner)
    flow.hold()
    flow.resume_reading()
    assert inner.told == ["pause"]
    flow.release()
    flow.resume_reading()
    inner.close()
    flow.pause_reading()
    assert inner.told == ["pause", "resume"]
