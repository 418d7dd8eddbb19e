"""An algod that answers what a test says, so that it may say what no real one would."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from tests.upstreams.documents import ADDRESS, CREATOR, VERSIONS
from tests.upstreams.wire import reply

PAGE = f"/v2/accounts/{ADDRESS}/assets"

Answer = object | Callable[[dict[str, str]], object]


class Node(httpx.AsyncBaseTransport):
    """A JSON value (or JSON text, or a whole answer) by path, or a function of the query.

    A path it does not know is a missing asset. `asked` has the queries of each path, in order.
    """

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers: dict[str, Answer] = {"/versions": VERSIONS, **answers}
        self.asked: list[tuple[str, dict[str, str]]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path, query = request.url.path, dict(request.url.params)
        self.asked.append((path, query))
        answer = self.answers.get(path)
        if callable(answer):
            answer = answer(query)
        if isinstance(answer, httpx.Response):
            return answer
        if answer is None:
            return reply('{"message":"asset does not exist"}\n', 404)
        return reply(answer if isinstance(answer, str) else json.dumps(answer))

    def calls(self) -> dict[str, int]:
        """How many calls each path got."""
        return dict(Counter(path for path, _ in self.asked))


def held(asset_id: object, amount: object = 1, **params: object) -> dict[str, Any]:
    """A row of a page, with parameters where some are given."""
    row: dict[str, Any] = {
        "asset-holding": {"amount": amount, "asset-id": asset_id, "is-frozen": False}
    }
    return {**row, "asset-params": asset_params(**params)} if params else row


def asset_params(**more: object) -> dict[str, Any]:
    return {"creator": CREATOR, "decimals": 0, "total": 1, **more}


def page(*rows: object, token: object = None) -> dict[str, Any]:
    return {"asset-holdings": list(rows), "round": 5, **({"next-token": token} if token else {})}
