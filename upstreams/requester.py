"""Whose operation is asking: set once by the server, read where calls queue."""

from contextvars import ContextVar, Token

_client: ContextVar[str] = ContextVar("client", default="")


class asking_for:  # noqa: N801 - a statement of its own, as `with asking_for("192.0.2.1"):`
    """Let all that the code inside asks for count as this client's, also in tasks it starts."""

    __slots__ = ("_name", "_token")

    def __init__(self, name: str) -> None:
        self._name = name
        self._token: Token[str]

    def __enter__(self) -> None:
        self._token = _client.set(self._name)

    def __exit__(self, *_: object) -> None:
        _client.reset(self._token)


def client() -> str:
    """The client that asks; empty where nobody said."""
    return _client.get()
