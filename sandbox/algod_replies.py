"""How algod answers: JSON that ends in a line break, msgpack on request, errors as a message."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from sandbox.chain import msgpack
from sandbox.params import go_json

LEDGER_FAILED = "failed to retrieve information from the ledger"


def answer(body: object, status: int = 200) -> Response:
    return Response(go_json(body) + b"\n", status, media_type="application/json")


def in_format(format_: str, body: object, ledger_form: object) -> Response:
    """The body as JSON, or its other form in msgpack."""
    if format_ == "json":
        return answer(body)
    return Response(msgpack(ledger_form), media_type="application/msgpack")


async def refused(request: Request, exc: Exception) -> Response:
    """An error as algod words it."""
    assert isinstance(exc, HTTPException)  # noqa: S101  (Starlette hands over what it was told to)
    return answer({"message": exc.detail}, exc.status_code)
