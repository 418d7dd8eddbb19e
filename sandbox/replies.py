"""A whole HTTP answer as a value, and how it is sent."""

from dataclasses import dataclass

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ENCODER = msgspec.json.Encoder(decimal_format="number")

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, body and headers, `content-length` excepted."""

    status: int
    body: bytes = b""
    content_type: str | None = "application/json"
    headers: Headers = ()

    async def send(self, send: Send) -> None:
        """Send it whole."""
        await send(self.start())
        await send({"type": "http.response.body", "body": self.body})

    def start(self) -> Message:
        """The ASGI message that opens the answer."""
        headers = [(name.encode(), value.encode("latin-1")) for name, value in self.headers]
        if self.content_type is not None:
            headers.append((b"content-type", self.content_type.encode()))
        if self.status != 204:
            headers.append((b"content-length", str(len(self.body)).encode()))
        return {"type": "http.response.start", "status": self.status, "headers": headers}


def json_bytes(value: object) -> bytes:
    """JSON text; every Decimal becomes a number with exactly its digits."""
    return _ENCODER.encode(value)


async def captured(app: ASGIApp, scope: Scope, receive: Receive) -> Reply:
    """What an application would have answered."""
    status, headers, body = 500, [], bytearray()

    async def keep(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], message["headers"]
        else:
            body.extend(message["body"])

    await app(scope, receive, keep)
    named = {name.decode(): value.decode("latin-1") for name, value in headers}
    named.pop("content-length", None)
    content_type = named.pop("content-type", None)
    return Reply(status, bytes(body), content_type, tuple(named.items()))
