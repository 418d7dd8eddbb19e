"""Calls of one upstream in virtual time: whose trouble a refusal is, and what comes after one."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from tests.upstreams.stage import Stage, gateways, key, wallet
from tests.upstreams.wire import reply
from upstreams.errors import (
    UpstreamContract,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamRejected,
    UpstreamUnavailable,
)
from upstreams.open import Upstreams
from upstreams.requester import asking_for
from upstreams.source.cache import REJECTED_SECONDS
from upstreams.source.limiter import LocalLimiter, NoPermitInTime
from upstreams.source.retry import CLOSED_SECONDS
from upstreams.source.timestamped import Timestamped

PACE = 1.1
Refusal = Callable[[], httpx.Response]
REFUSALS: dict[str, tuple[Refusal, type[UpstreamError]]] = {
    "rejected": (lambda: reply("{}", 422), UpstreamRejected),
    "too long": (lambda: reply("", 414), UpstreamRejected),
    "no text": (lambda: reply(b'"\xff"'), UpstreamContract),
    "no JSON": (lambda: reply("<p>"), UpstreamContract),
}


@asynccontextmanager
async def paced(stage: Stage, **config: Any) -> AsyncIterator[Upstreams]:
    clock = asyncio.get_running_loop().time
    async with gateways(stage, oneinch_rps=1, algod_rps=40, clock=clock, **config) as upstreams:
        yield upstreams


async def ask(upstreams: Upstreams, *numbers: int) -> list[Any]:
    """The answers for wallets on all chains, as the wallets they are of or the errors' classes."""
    answers = await upstreams.portfolio.snapshots([key(number, None) for number in numbers])
    return [
        int(each.value.rows[0].wallet, 16) if isinstance(each, Timestamped) else type(each)
        for each in answers
    ]


async def answered(upstreams: Upstreams, number: int) -> float:
    """The seconds till a wallet is answered that is asked for once a second."""
    began = asyncio.get_running_loop().time()
    for _ in range(1_000):
        if await ask(upstreams, number) == [number]:
            break
        await asyncio.sleep(1)
    return asyncio.get_running_loop().time() - began


def spoilt_by(stage: Stage, refusal: Refusal, *bad: int) -> None:
    names = {wallet(number) for number in bad}
    stage.script = lambda call: refusal() if names & set(call.wallets) else None


def asked(stage: Stage) -> list[list[int]]:
    return [[int(each, 16) for each in call.wallets] for call in stage.calls]


@pytest.mark.parametrize(("refusal", "kind"), REFUSALS.values(), ids=list(REFUSALS))
class TestWhoseTroubleItIs:
    async def test_one_wallet_spoils_no_others_answer(
        self, refusal: Refusal, kind: type[UpstreamError]
    ) -> None:
        stage = Stage()
        spoilt_by(stage, refusal, 3)
        async with paced(stage) as upstreams:
            assert await ask(upstreams, 1, 2, 3, 4) == [1, 2, kind, 4]
            assert asked(stage) == [[1, 2, 3, 4], [1, 2], [3, 4], [3], [4]]

    async def test_two_of_four_spoil_no_others_answer(
        self, refusal: Refusal, kind: type[UpstreamError]
    ) -> None:
        stage = Stage()
        spoilt_by(stage, refusal, 1, 4)
        async with paced(stage, request_deadline_seconds=20) as upstreams:
            assert await ask(upstreams, 1, 2, 3, 4) == [kind, 2, 3, kind]

    async def test_one_of_fifty_is_found_in_a_dozen_calls(
        self, refusal: Refusal, kind: type[UpstreamError]
    ) -> None:
        stage = Stage()
        spoilt_by(stage, refusal, 17)
        async with paced(stage, request_deadline_seconds=60) as upstreams:
            answers = await ask(upstreams, *range(1, 51))
        assert answers == [kind if number == 17 else number for number in range(1, 51)]
        assert len(stage.calls) <= 13

    async def test_where_all_are_refused_it_is_the_kind_of_call_and_soon_given_up(
        self, refusal: Refusal, kind: type[UpstreamError]
    ) -> None:
        stage = Stage()
        stage.script = lambda call: refusal()
        async with paced(stage) as upstreams:
            assert await ask(upstreams, *range(1, 51)) == [kind] * 50
            assert len(stage.calls) == 5
            assert await ask(upstreams, *range(51, 101)) == [kind] * 50
            assert len(stage.calls) == 6

    async def test_who_spoilt_a_call_is_asked_apart_from_then_on(
        self, refusal: Refusal, kind: type[UpstreamError]
    ) -> None:
        stage = Stage()
        spoilt_by(stage, refusal, 1)
        async with paced(stage) as upstreams:
            assert await ask(upstreams, 1, 2) == [kind, 2]
            stage.calls.clear()
            await asyncio.sleep(REJECTED_SECONDS)
            assert await ask(upstreams, 1, 3, 4) == [kind, 3, 4]
            assert sorted(asked(stage)) == [[1], [3, 4]]

    async def test_the_trouble_of_one_client_costs_another_a_few_calls_of_time(
        self, refusal: Refusal, kind: type[UpstreamError]
    ) -> None:
        stage = Stage()
        spoilt_by(stage, refusal, *range(1, 51))
        loop = asyncio.get_running_loop()
        async with paced(stage) as upstreams:
            await ask(upstreams, 99)
            with asking_for("troubled"):
                troubled = asyncio.create_task(ask(upstreams, *range(1, 50)))
            await asyncio.sleep(0.1)
            began = loop.time()
            with asking_for("other"):
                assert await ask(upstreams, 100) == [100]
            assert loop.time() - began <= 5 * PACE
            await troubled


class TestAfterA429:
    @pytest.mark.parametrize("wait", ["999999999", "86400", "9" * 400])
    async def test_one_call_a_minute_finds_out_whether_calls_are_let_in_again(
        self, wait: str
    ) -> None:
        stage = Stage()
        stage.script = lambda call: reply("", 429, {"Retry-After": wait})
        loop = asyncio.get_running_loop()
        async with paced(stage) as upstreams:
            began = loop.time()
            for number in range(300):
                assert await ask(upstreams, number) == [UpstreamRateLimited]
                await asyncio.sleep(1)
            assert len(stage.calls) == 1 + (loop.time() - began) // CLOSED_SECONDS

            stage.script = lambda call: None
            assert await answered(upstreams, 1000) <= CLOSED_SECONDS

    async def test_a_probe_goes_alone_however_many_calls_are_allowed(self) -> None:
        stage = Stage()
        stage.seconds = 0.5
        limited = True
        stage.script = lambda call: (
            reply("", 429, {"Retry-After": "9999"}) if limited else reply("{}", 404)
        )
        async with paced(stage) as upstreams:
            with pytest.raises(UpstreamRateLimited):
                await upstreams.algorand.asset(1)
            await asyncio.sleep(CLOSED_SECONDS)
            first = await asyncio.gather(
                *[upstreams.algorand.asset(number) for number in range(2, 22)],
                return_exceptions=True,
            )
            assert [type(each) for each in first] == [UpstreamRateLimited] * 20
            assert len(stage.calls) == 2

            limited = False
            await asyncio.sleep(CLOSED_SECONDS)
            second = await asyncio.gather(
                *[upstreams.algorand.asset(number) for number in range(2, 22)],
                return_exceptions=True,
            )
        assert [type(each) for each in second] == [UpstreamRejected] * 20
        assert len(stage.calls) == 22

    async def test_a_short_wait_is_kept_to_the_second(self) -> None:
        stage = Stage()
        stage.script = lambda call: (
            reply("", 429, {"Retry-After": "40"}) if len(stage.calls) == 1 else None
        )
        async with paced(stage) as upstreams:
            assert await ask(upstreams, 1) == [UpstreamRateLimited]
            assert 40 <= await answered(upstreams, 2) < 41.2
        assert len(stage.calls) == 2


class Broken(LocalLimiter):
    """A budget that fails where it is told to, and counts how often it was asked."""

    def __init__(self, *where: str) -> None:
        super().__init__(1, asyncio.get_running_loop().time)
        self.where = set(where)
        self.asked = 0

    def _fail(self, name: str) -> None:
        self.asked += 1
        if name in self.where:
            raise ZeroDivisionError(name)

    def take(self) -> bool:
        self._fail("take")
        return super().take()

    async def permit(self, within: float) -> None:
        self._fail("permit")
        await super().permit(within)

    def wait(self, ahead: int = 0) -> float:
        if "wait" in self.where:
            raise ZeroDivisionError("wait")
        return super().wait(ahead)

    def permits_left(self) -> float:
        if "permits_left" in self.where:
            raise ZeroDivisionError("permits_left")
        return super().permits_left()


class TestABrokenBudget:
    @pytest.mark.parametrize("where", [("take", "permit"), ("take", "permit", "wait")])
    async def test_it_is_asked_ever_more_seldom_and_fails_who_waits_with_a_code(
        self, where: tuple[str, ...], caplog: pytest.LogCaptureFixture
    ) -> None:
        stage, loop = Stage(), asyncio.get_running_loop()
        async with paced(stage) as upstreams:
            limiter = upstreams.portfolio._answers.queue.limiter.limiter = Broken(*where)
            began = loop.time()
            with caplog.at_level(logging.ERROR, "walletgraph.upstreams"):
                while loop.time() - began < 50:
                    assert await ask(upstreams, 1, 2) == [UpstreamUnavailable] * 2
            state = upstreams.portfolio.state()
            assert limiter.asked < 40
            assert state.budget_failures >= 10
            assert len(caplog.records) == 1
            assert caplog.records[0].exc_info is not None
            assert stage.calls == []

            limiter.where.clear()
            assert await ask(upstreams, 1, 2) == [1, 2]

    async def test_an_old_answer_stands_in(self) -> None:
        stage = Stage()
        async with paced(stage) as upstreams:
            await ask(upstreams, 1)
            upstreams.portfolio._answers.queue.limiter.limiter = Broken("take", "permit")
            await asyncio.sleep(600)
            assert await ask(upstreams, 1) == [1]
            [answer] = await upstreams.portfolio.snapshots([key(1, None)])
            assert isinstance(answer, Timestamped)
            assert answer.is_stale

    async def test_what_it_says_of_itself_fails_nobody(self) -> None:
        async with paced(Stage()) as upstreams:
            upstreams.portfolio._answers.queue.limiter.limiter = Broken("wait", "permits_left")
            assert await ask(upstreams, 1) == [1]
            assert upstreams.portfolio.state().permits_left == 0.0

    async def test_one_that_contradicts_itself_holds_up_nobody(self) -> None:
        class Fickle(Broken):
            """Foretells a permit at once, and then has none in time."""

            async def permit(self, within: float) -> None:
                self._fail("permit")
                raise NoPermitInTime(0.0)

        async with paced(Stage()) as upstreams:
            fickle = upstreams.portfolio._answers.queue.limiter.limiter = Fickle("take")
            assert await ask(upstreams, 1, 2) == [UpstreamRateLimited] * 2
            assert fickle.asked <= 3
