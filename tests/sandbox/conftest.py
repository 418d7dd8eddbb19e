"""A sandbox and a client of it, without a network between them."""

import json
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from sandbox import Sandbox

TESTS = Path(__file__).parent.parent
SNAPSHOT = "/portfolio/portfolio/v5.0/tokens/snapshot"
PROTOCOLS = "/portfolio/portfolio/v5.0/protocols/snapshot"
STATUS = "/portfolio/portfolio/v5.0/general/status"


def client_of(box: Sandbox) -> httpx.AsyncClient:
    """A client whose every host is the sandbox."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(box.app), base_url="http://sandbox")


def exact(text: str | bytes) -> Any:
    """JSON with its numbers as they are written."""
    return json.loads(text, parse_float=Decimal)


def sample(path: str) -> Any:
    """A sample answer, its numbers as they are written."""
    return exact((TESTS / "samples" / path).read_text())


def validator(name: str) -> Callable[[Any], None]:
    """A function that raises where a value breaks the documented schema of that name."""
    schema = json.loads((TESTS / "contracts" / f"{name}.schema.json").read_text())
    return jsonschema.Draft202012Validator(schema).validate


@pytest.fixture
def box() -> Sandbox:
    return Sandbox()


@pytest.fixture
async def client(box: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(box) as client:
        yield client
