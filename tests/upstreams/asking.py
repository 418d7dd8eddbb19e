"""The client of 1inch with a given answer, and what it makes of that."""

import json
from collections.abc import Mapping
from typing import Any

from tests.upstreams.documents import WALLET
from tests.upstreams.wire import Canned
from upstreams.oneinch.client import Answer, OneInch, Position

URL = "http://portfolio.test"


def without(record: Mapping[str, Any], *names: str, **changes: object) -> dict[str, Any]:
    return {**{key: value for key, value in record.items() if key not in names}, **changes}


async def answer(body: object) -> Answer:
    text = body if isinstance(body, str) else json.dumps(body)
    return await OneInch.open(URL, transport=Canned(text)).snapshot([WALLET])


async def snapshot(body: object) -> tuple[Position, ...]:
    """The rows of an answer all of whose rows can be read."""
    found = await answer(body)
    assert found.unreadable == ()
    return found.rows


async def complaint(body: object) -> str:
    """What is wrong with the one row that cannot be read, whose owner can."""
    (unreadable,) = (await answer(body)).unreadable
    assert unreadable.owner == WALLET
    return unreadable.what
