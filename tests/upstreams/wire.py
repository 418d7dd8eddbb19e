"""A transport that answers from a list, and writers of JSON that may repeat its keys."""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

import httpx

Pairs = list[tuple[str, object]]


class Canned(httpx.AsyncBaseTransport):
    """Answers each request with the next of `answers` (the last for ever), and keeps the requests.

    An answer is a body, or a function of the request.
    """

    def __init__(self, *answers: bytes | str | Callable[[httpx.Request], httpx.Response]) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.is_closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = self.answers[min(len(self.requests), len(self.answers) - 1)]
        self.requests.append(request)
        return reply(answer) if isinstance(answer, bytes | str) else answer(request)

    async def aclose(self) -> None:
        self.is_closed = True


class Chunks(httpx.AsyncByteStream):
    """A body in pieces."""

    def __init__(self, chunks: Sequence[bytes]) -> None:
        self.chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            yield chunk


def reply(
    body: bytes | str = b"",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    content_type: str = "application/json",
) -> httpx.Response:
    """An answer whose body arrives in three pieces."""
    raw = body.encode() if isinstance(body, str) else body
    third = len(raw) // 3 + 1
    pieces = [raw[at : at + third] for at in range(0, len(raw), third)]
    return httpx.Response(
        status,
        headers={"Content-Type": content_type, **(headers or {})},
        stream=Chunks(pieces),
    )


def write(value: object, colon: str = ":", comma: str = ",") -> str:
    """JSON text of a value; a list of pairs becomes an object as it is, repeated keys and all."""
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        pairs = comma.join(
            f"{json.dumps(key)}{colon}{write(item, colon, comma)}" for key, item in value
        )
        return f"{{{pairs}}}"
    if isinstance(value, list):
        return f"[{comma.join(write(item, colon, comma) for item in value)}]"
    return json.dumps(value)
