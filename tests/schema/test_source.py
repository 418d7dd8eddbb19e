"""Whether a source is called real: its own answers decide, wherever they come from."""

from typing import Any

import httpx
import pytest

from sandbox import Sandbox
from tests.graph import SNAPSHOT, STATUS, running

MODES = "{ sources { name mode } }"
LIVE = {"UPSTREAMS": "live", "ONEINCH_API_KEY": "x"}
POSITIONS = (
    '{ wallet(address: "0xd470055c6189b921c4d44b3d277ad868f79c0f75") { positions { totalCount } } }'
)


class Unlabelled(httpx.AsyncBaseTransport):
    """An upstream whose answers do not say that they are invented, as the real ones' do not."""

    def __init__(self, app: Any) -> None:
        self._inner = httpx.ASGITransport(app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        del answer.headers["x-sandbox"]
        return answer


class Gone(httpx.AsyncBaseTransport):
    """An upstream that nothing reaches until `then` takes its place."""

    then: httpx.AsyncBaseTransport | None = None
    asked = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.then is not None:
            return await self.then.handle_async_request(request)
        self.asked += 1
        raise httpx.ConnectError("refused")


def modes(portfolio: str, algorand: str) -> dict[str, Any]:
    return {
        "sources": [
            {"name": "portfolio", "mode": portfolio},
            {"name": "algorand", "mode": algorand},
        ]
    }


async def test_a_sandbox_of_its_own_asked_in_live_mode_is_called_one_from_the_first() -> None:
    async with running(settings=LIVE) as graph:
        assert await graph.data(MODES) == modes("SANDBOX", "SANDBOX")
        assert graph.calls() == {STATUS: 1, "/versions": 1}
        assert await graph.data(MODES) == modes("SANDBOX", "SANDBOX")
        assert graph.calls() == {STATUS: 1, "/versions": 1}


async def test_an_answer_that_came_has_said_it_and_no_call_is_made_for_the_mode() -> None:
    async with running(settings=LIVE) as graph:
        await graph.data(POSITIONS)
        graph.forget()
        assert await graph.data(MODES) == modes("SANDBOX", "SANDBOX")
        assert graph.calls() == {"/versions": 1}


@pytest.mark.parametrize("portfolio_is_real", [True, False])
async def test_each_source_is_called_what_its_own_answers_say(portfolio_is_real: bool) -> None:
    box = Sandbox()
    real = Unlabelled(box.oneinch if portfolio_is_real else box.algod)
    transport = {"oneinch_transport" if portfolio_is_real else "algod_transport": real}
    async with running(box, LIVE, **transport) as graph:
        expected = ("LIVE", "SANDBOX") if portfolio_is_real else ("SANDBOX", "LIVE")
        assert await graph.data(MODES) == modes(*expected)
        await graph.data(POSITIONS)
        assert await graph.data(MODES) == modes(*expected)


async def test_a_source_that_cannot_be_reached_is_not_asked_again_and_says_so_later() -> None:
    box, gone = Sandbox(), Gone()
    async with running(box, LIVE, oneinch_transport=gone) as graph:
        assert await graph.data(MODES) == modes("LIVE", "SANDBOX")
        asked = gone.asked
        assert asked > 0
        assert await graph.data(MODES) == modes("LIVE", "SANDBOX")
        assert gone.asked == asked
        gone.then = httpx.ASGITransport(box.oneinch)
        await graph.data(POSITIONS)
        assert graph.calls()[SNAPSHOT] == 1
        assert await graph.data(MODES) == modes("SANDBOX", "SANDBOX")


async def test_nothing_is_asked_where_the_mode_is_not() -> None:
    async with running(settings=LIVE) as graph:
        await graph.data("{ sources { name calls breaker } }")
        assert graph.calls() == {}
