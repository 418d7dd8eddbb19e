"""Faults a sandbox plays on request: what to answer instead, or how to spoil the right answer."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from gzip import compress
from typing import Self

from sandbox import edits
from sandbox.edits import Edit
from sandbox.replies import Headers, Reply

NGINX = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
PLAIN_429 = "The limit of requests per second has been exceeded"


class SandboxReset(ConnectionResetError):
    """Raised inside the application in the middle of a body by `Fault.reset`.

    A server (uvicorn) then closes the connection before the promised length was sent. Under
    `httpx.ASGITransport` there is no connection: the exception itself reaches the caller, as an
    OSError, unless the transport was made with `raise_app_exceptions=False`, which gives a body
    that stops in the middle.
    """


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong. Made by the class methods below; add it to `Sandbox.faults`.

    `reply`: answered instead of asking the API. `edit`: applied to the body of the right answer.
    `wait`: seconds before the answer. `drip`: seconds between single bytes of the body.
    `cut`: the connection breaks in the middle of the body.
    """

    reply: Reply | None = None
    edit: Edit | None = None
    content_type: str | None = None
    wait: float = 0.0
    drip: float | None = None
    cut: bool = False

    def after(self, seconds: float) -> Self:
        """The same fault, but only after so many seconds."""
        return replace(self, wait=seconds)

    @classmethod
    def slow(cls, seconds: float) -> Self:
        """The right answer, late."""
        return cls(wait=seconds)

    @classmethod
    def slow_drip(cls, seconds: float = 1.0) -> Self:
        """The right answer, a byte at a time, so many seconds apart."""
        return cls(drip=seconds)

    @classmethod
    def reset(cls) -> Self:
        """Half of the right answer, then `SandboxReset`."""
        return cls(cut=True)

    @classmethod
    def status(
        cls,
        code: int,
        body: bytes | str = b"",
        content_type: str | None = "application/json",
        headers: Headers = (),
    ) -> Self:
        """Any answer at all."""
        raw = body.encode() if isinstance(body, str) else body
        return cls(Reply(code, raw, content_type, headers))

    @classmethod
    def rate_limited(cls, retry_after: int | datetime | None = None, *, html: bool = False) -> Self:
        """429, as the 1inch gateway's plain text or as a proxy's page.

        `retry_after`: seconds, or the moment (aware), sent in the form HTTP has for it.
        """
        headers: Headers = ()
        if isinstance(retry_after, datetime):
            moment = format_datetime(retry_after.astimezone(UTC), usegmt=True)
            headers = (("retry-after", moment),)
        elif retry_after is not None:
            headers = (("retry-after", str(retry_after)),)
        if html:
            return cls.status(429, NGINX.format("429 Too Many Requests"), "text/html", headers)
        return cls.status(429, PLAIN_429, "text/plain", headers)

    @classmethod
    def server_error(cls) -> Self:
        """500 with algod's sentence for it."""
        return cls._message(500, "failed to retrieve information from the ledger")

    @classmethod
    def unavailable(cls) -> Self:
        """503, a proxy's page."""
        page = NGINX.format("503 Service Temporarily Unavailable")
        return cls.status(503, page, "text/html")

    @classmethod
    def bad_request(cls) -> Self:
        """400."""
        return cls._message(400, "incorrect parameter")

    @classmethod
    def unauthorized(cls) -> Self:
        """401."""
        return cls._message(401, "Invalid API Token")

    @classmethod
    def forbidden(cls) -> Self:
        """403, which public Algorand nodes send when a quota is used up."""
        return cls._message(403, "quota exceeded")

    @classmethod
    def route_missing(cls) -> Self:
        """404 as algod says it of a path it does not have."""
        return cls._message(404, "Not Found")

    @classmethod
    def unprocessable(cls) -> Self:
        """422 in the form of FastAPI."""
        body = (
            b'{"detail":[{"type":"missing","loc":["query","addresses"],"msg":"Field required",'
            b'"input":null}]}'
        )
        return cls.status(422, body)

    @classmethod
    def html(cls) -> Self:
        """200 with a web page."""
        return cls.status(200, "<!doctype html><title>Welcome</title><p>Hello", "text/html")

    @classmethod
    def no_content(cls) -> Self:
        """204 without a body."""
        return cls.status(204, content_type=None)

    @classmethod
    def redirect(cls, location: str = "/elsewhere") -> Self:
        """302 to another place."""
        return cls.status(302, headers=(("location", location),))

    @classmethod
    def oversized(cls, size: int) -> Self:
        """200 with a JSON text of that many bytes."""
        return cls.status(200, b'["' + b"x" * (size - 4) + b'"]')

    @classmethod
    def gzip_bomb(cls, size: int) -> Self:
        """200 with a small gzip body that inflates to that many bytes of JSON."""
        body = compress(b'["' + b"x" * (size - 4) + b'"]', mtime=0)
        return cls.status(200, body, headers=(("content-encoding", "gzip"),))

    @classmethod
    def wrong_type(cls, content_type: str = "text/plain") -> Self:
        """The right body under another content type."""
        return cls(content_type=content_type)

    @classmethod
    def truncated(cls) -> Self:
        """The first half of the right body, as if it were all."""
        return cls(edit=edits.truncate)

    @classmethod
    def bad_utf8(cls) -> Self:
        """The right body with a byte that is not UTF-8."""
        return cls(edit=edits.bad_utf8)

    @classmethod
    def zero_owner(cls) -> Self:
        """tokens/snapshot: every row names the zero address as its owner."""
        return cls(edit=edits.zero_owner)

    @classmethod
    def stuck_next(cls) -> Self:
        """algod pages: the next token never increases."""
        return cls(edit=edits.stuck_next)

    @classmethod
    def no_holdings(cls) -> Self:
        """algod pages without `asset-holdings`, as an indexer at the same path would send."""
        return cls.missing_key("asset-holdings")

    @classmethod
    def missing_key(cls, key: str) -> Self:
        """The right body, that key removed from every object."""
        return cls(edit=edits.without(key))

    @classmethod
    def not_a_number(cls, key: str | None = None) -> Self:
        """NaN, which is not JSON, as the first value of the key, or as the first number."""
        return cls(edit=edits.replaced(key, "NaN"))

    @classmethod
    def out_of_range(cls, key: str | None = None, value: str = "1e999") -> Self:
        """A number no field can take, in the place `not_a_number` would use."""
        return cls(edit=edits.replaced(key, value))

    @classmethod
    def wrong_value(cls, key: str, json_text: str) -> Self:
        """The first value of the key becomes that JSON text, such as `"abc"` or `null`."""
        return cls(edit=edits.replaced(key, json_text))

    @classmethod
    def duplicate_key(cls, key: str | None = None) -> Self:
        """An object in which a key comes twice, with two values."""
        return cls(edit=edits.doubled(key))

    @classmethod
    def _message(cls, code: int, message: str) -> Self:
        return cls.status(code, f'{{"message":"{message}"}}\n')


@dataclass(slots=True)
class _Planned:
    prefix: str
    fault: Fault
    left: int | None


class Faults:
    """The faults to play, oldest first: several on one path are played one after the other."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []

    def add(self, path_prefix: str, fault: Fault, times: int | None = None) -> None:
        """Play a fault on every path that begins so, that many times (None: until cleared)."""
        self._planned.append(_Planned(path_prefix, fault, times))

    def clear(self) -> None:
        """Answer rightly again."""
        self._planned.clear()

    def take(self, path: str) -> Fault | None:
        """The fault to play now on a path, counted as played."""
        for planned in self._planned:
            if path.startswith(planned.prefix) and planned.left != 0:
                if planned.left is not None:
                    planned.left -= 1
                return planned.fault
        return None
