import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest
from redis import Redis

from tests.redis_server import RedisServer
from tests.upstreams.readers import ask, at_once, good
from tests.upstreams.stage import Clock, Running, Stage, gateways, key, row, wallet
from tests.upstreams.wire import reply
from upstreams.deadline import deadline
from upstreams.errors import UpstreamRateLimited, UpstreamUnavailable
from upstreams.oneinch.attribution import Snapshot
from upstreams.open import Upstreams
from upstreams.redis import cache, limiter
from upstreams.redis.link import RedisGone, RedisLink
from upstreams.source.timestamped import Timestamped, moment

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _at_ease(monkeypatch: pytest.MonkeyPatch) -> None:
    """No wait for older replicas, and time for Redis even where tests crowd the processors."""
    monkeypatch.setattr(limiter, "GRACE", 0.0)
    monkeypatch.setattr("upstreams.redis.link.BUDGET_SECONDS", 1.0)


@pytest.fixture
def never_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for another replica's answer waits for good."""
    monkeypatch.setattr(cache, "POLL_SECONDS", 3600.0)


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.rows = lambda wallet: [
        row(wallet, value=len(stage.calls), token_id=2**255, underlying_tokens=[])
    ]
    return stage


@asynccontextmanager
async def replicas(
    count: int, stage: Stage, redis: RedisServer, **config: Any
) -> AsyncIterator[list[Upstreams]]:
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                gateways(stage, redis_url=redis.url, replicas=count, **config)
            )
            for _ in range(count)
        ]


async def settled() -> None:
    await asyncio.sleep(0.05)


async def test_what_one_replica_fetched_another_has(
    stage: Stage, redis_server: RedisServer
) -> None:
    wall = Clock()
    async with replicas(2, stage, redis_server, wall=wall) as (one, other):
        first = await good(one)
        await settled()
        wall.now += 10
        redis_server.pass_time(10)
        second = await good(other)
        third = await good(other)
    assert first.value == second.value == third.value
    assert second.value.rows[0].token_id == 2**255
    assert second.value.rows[0].value_usd == Decimal(1)
    assert (second.as_of, second.is_stale) == (moment(1_000.0), False)
    assert 15 < second.max_age <= 20
    assert len(stage.calls) == 1


async def test_what_a_replica_knows_of_all_chains_serves_one_chain_in_another(
    stage: Stage, redis_server: RedisServer
) -> None:
    stage.rows = lambda wallet: [row(wallet), row(wallet, "0x02", chain_id=137)]
    async with replicas(3, stage, redis_server) as (one, other, third):
        await one.portfolio.snapshots([key(1, None)])
        await settled()
        [kept] = await other.portfolio.snapshots([key(1, 137)])
        stage.seconds = 0.2
        asking = asyncio.create_task(one.portfolio.snapshots([key(2, None)]))
        await asyncio.sleep(0.1)
        [shared] = await third.portfolio.snapshots([key(2, 137)])
        await asking
    for answer in (kept, shared):
        assert isinstance(answer, Timestamped)
        assert [each.chain_id for each in answer.value.rows] == [137]
    assert len(stage.calls) == 2


async def test_a_hundred_readers_in_four_replicas_take_one_call(
    stage: Stage, redis_server: RedisServer
) -> None:
    stage.seconds = 0.2
    async with replicas(4, stage, redis_server) as all_four:
        answers = await asyncio.gather(*[good(one) for one in all_four for _ in range(25)])
    assert len(stage.calls) == 1
    assert all(answer.value == answers[0].value for answer in answers)


async def test_a_lease_whose_holder_died_holds_nobody_for_long(
    stage: Stage, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "LEASE_SECONDS", 3600.0)
    async with replicas(2, stage, redis_server) as (one, other):
        await good(one, 2)
        await good(other, 2)
        stage.gate = asyncio.Event()
        dying = asyncio.create_task(good(one))
        await settled()
        monkeypatch.setattr(one.portfolio._answers._shared._link, "post", lambda *_: None)  # type: ignore[union-attr]
        dying.cancel()
        stage.gate = None
        waiting = asyncio.create_task(good(other))
        await settled()
        assert (waiting.done(), len(stage.calls)) == (False, 2)
        redis_server.pass_time(3600)
        await waiting
    assert len(stage.calls) == 3


async def test_a_lease_without_an_end_holds_nobody(
    stage: Stage, redis_server: RedisServer, never_waiting: None
) -> None:
    async with replicas(4, stage, redis_server) as (one, *others):
        await good(one)
        await settled()
        name = await _only_key(redis_server)
        foreign = (("SET", "x"), ("SET", "x", "PX", "86400000"), ("LPUSH", "x"))
        for other, lease in zip(others, foreign, strict=True):
            redis_server.command("DEL", name)
            redis_server.command(lease[0], f"{name}:lease", *lease[1:])
            await good(other)
            await settled()
            assert redis_server.command("EXISTS", f"{name}:lease") == b":0"
    assert len(stage.calls) == 4


async def test_a_lease_is_given_back_by_its_holder_alone(
    stage: Stage, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replica that froze over its lease comes back when another one holds it."""
    async with replicas(3, stage, redis_server) as (slow, quick, third):
        for each in (slow, quick, third):
            await good(each, 2)
        monkeypatch.setattr(cache, "LEASE_SECONDS", 0.3)
        stage.gate = asyncio.Event()
        with monkeypatch.context() as patch:
            patch.setattr(cache._Lease, "_renew", lambda _: None)
            frozen = asyncio.create_task(good(slow))
            await asyncio.sleep(0.5)
        second = asyncio.create_task(good(quick))
        await asyncio.sleep(0.1)
        assert len(stage.calls) == 3
        frozen.cancel()
        await asyncio.wait([frozen])
        waiting = asyncio.create_task(good(third))
        await asyncio.sleep(0.5)
        stage.gate.set()
        assert (await waiting).value == (await second).value
    assert len(stage.calls) == 3


@pytest.mark.parametrize("ahead", [3_600.0, 3.0, -3_600.0])
async def test_a_wrong_clock_makes_no_answer_younger_or_older_elsewhere(
    stage: Stage, redis_server: RedisServer, ahead: float
) -> None:
    wrong, right, clock = Clock(10_000.0 + ahead), Clock(10_000.0), Running()
    both = {"redis_url": redis_server.url, "replicas": 2}
    async with (
        gateways(stage, wall=wrong, **both) as one,
        gateways(stage, wall=right, clock=clock, **both) as other,
    ):
        await good(one)
        await settled()

        async def later(seconds: float) -> Timestamped[Snapshot]:
            right.now += seconds
            clock.now += seconds
            redis_server.pass_time(seconds)
            return await good(other)

        seen = await later(20)
        assert seen.as_of.timestamp() == pytest.approx(10_000, abs=1)
        assert (5 < seen.max_age <= 10, len(stage.calls)) == (True, 1)
        assert (await later(11)).is_stale
        while (await good(other)).is_stale:
            await settled()
    assert len(stage.calls) == 2


async def test_a_lease_lasts_as_long_as_its_holder_asks(
    stage: Stage, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "LEASE_SECONDS", 0.2)
    async with replicas(2, stage, redis_server) as (one, other):
        await good(one, 2)
        await good(other, 2)
        stage.gate = asyncio.Event()
        asking = asyncio.create_task(good(one))
        await settled()
        waiting = asyncio.create_task(good(other))
        await asyncio.sleep(0.7)
        stage.gate.set()
        assert (await waiting).value == (await asking).value
    assert len(stage.calls) == 2


async def test_a_restarted_process_has_the_last_answers_when_the_upstream_is_away(
    stage: Stage, redis_server: RedisServer
) -> None:
    wall = Clock()
    async with replicas(1, stage, redis_server, wall=wall) as [before]:
        await good(before)
        await settled()
    stage.script = lambda call: reply("", 500)
    wall.now += 600
    redis_server.pass_time(600)
    async with replicas(1, stage, redis_server, wall=wall) as [after]:
        answer = await good(after)
    assert (answer.is_stale, answer.as_of) == (True, moment(1_000.0))


@pytest.mark.parametrize("foreign", ["", "null", "{", '{"fetched": 1}', '{"fetched":1,"value":7}'])
async def test_what_is_not_ours_is_a_miss(
    stage: Stage, redis_server: RedisServer, foreign: str
) -> None:
    async with replicas(3, stage, redis_server) as (one, other, another):
        await good(one)
        await settled()
        name = await _only_key(redis_server)
        redis_server.command("SET", name, foreign)
        assert (await good(other)).value.rows[0].value_usd == 2
        await settled()
        redis_server.command("DEL", name)
        redis_server.command("LPUSH", name, "list")
        assert (await good(another)).value.rows[0].value_usd == 3
        await settled()
        assert redis_server.command("TYPE", name) == b"+string"


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b'"value_usd":"1"', b'"value_usd":"1E-999999999"'),
        (b'"value_usd":"1"', b'"value_usd":"2"'),
        (b'"age":0', b'"age":1'),
        (b"000000001", b"000000002"),
    ],
)
async def test_what_was_changed_in_redis_is_a_miss(
    stage: Stage, redis_server: RedisServer, was: bytes, becomes: bytes
) -> None:
    wall = Clock()
    async with replicas(2, stage, redis_server, wall=wall) as (one, other):
        await good(one)
        await settled()
        name = await _only_key(redis_server)
        with Redis(port=redis_server.port) as client:
            kept = client.get(name)
            assert was in kept
            client.set(name, kept.replace(was, becomes), keepttl=True)
        assert (await good(other)).value.rows[0].value_usd == 2


async def test_what_was_kept_for_another_wallet_is_a_miss(
    stage: Stage, redis_server: RedisServer
) -> None:
    async with replicas(2, stage, redis_server) as (one, other):
        await good(one, 1)
        await settled()
        name = await _only_key(redis_server)
        elsewhere = name.replace(wallet(1), wallet(2))
        with Redis(port=redis_server.port) as client:
            assert client.copy(name, elsewhere)
        assert (await good(other, 2)).value.rows[0].wallet == wallet(2)
    assert len(stage.calls) == 2


@pytest.mark.parametrize(
    ("forged", "is_right"),
    [
        ({"value_usd": "7"}, True),
        ({"value_usd": "1E-999999999"}, False),
        ({"value_usd": "1E+999999999"}, False),
        ({"value_usd": "NaN"}, False),
        ({"value_usd": "7", "token_id": 10**400}, False),
        ({"value_usd": "7", "@wallet": wallet(2)}, False),
        ({"value_usd": "7", "@at": 5}, False),
    ],
)
async def test_what_another_with_our_keys_wrote_is_checked_as_what_upstreams_send(
    stage: Stage, redis_server: RedisServer, forged: dict[str, Any], is_right: bool
) -> None:
    async with replicas(2, stage, redis_server) as (one, other):
        await good(one)
        await settled()
        name = await _only_key(redis_server)
        shared: Any = other.portfolio._answers._shared
        with Redis(port=redis_server.port) as client:
            kept = json.loads(client.get(name))
            kept["value"]["rows"][0] |= forged
            raw = json.dumps(kept["value"], separators=(",", ":")).encode()
            kept["seal"] = shared._seal(name, kept["fetched"], kept["age"], kept["life"], raw)
            client.set(name, json.dumps(kept, separators=(",", ":")), keepttl=True)
        assert (await good(other)).value.rows[0].value_usd == (7 if is_right else 2)


async def test_what_redis_keeps_names_no_key_of_an_account(
    stage: Stage, redis_server: RedisServer
) -> None:
    async with replicas(1, stage, redis_server, oneinch_api_key="canary-key") as [one]:
        await good(one)
        await settled()
        name = await _only_key(redis_server)
        link = RedisLink(redis_server.url, time.monotonic)
        kept = await link.run("GET", name)
        lifetime = await link.run("TTL", name)
        await link.aclose()
    assert b"canary" not in kept
    assert "canary" not in name
    assert json.loads(kept)["value"]["rows"][0]["value_usd"] == "1"
    assert 3_600 < lifetime <= 3_630


async def test_answers_of_other_upstreams_and_modes_are_kept_apart(
    stage: Stage, redis_server: RedisServer
) -> None:
    async with (
        gateways(stage, redis_url=redis_server.url) as live,
        gateways(stage, redis_url=redis_server.url, sandbox=True) as sandbox,
        gateways(stage, redis_url=redis_server.url, oneinch_url="http://other.test") as other,
    ):
        for one in (live, sandbox, other):
            await good(one)
            await settled()
    assert len(stage.calls) == 3


async def test_without_redis_everything_answers_and_it_comes_back_by_itself(
    stage: Stage, redis_server: RedisServer
) -> None:
    async with replicas(2, stage, redis_server) as (one, other):
        await good(one, 1)
        await settled()
        redis_server.kill()
        await at_once(good(one, 1))
        await good(one, 2)
        await good(other, 2)
        assert len(stage.calls) == 3

        redis_server.start()
        await asyncio.sleep(2.1)
        await good(one, 3)
        await settled()
        await good(other, 3)
    assert len(stage.calls) == 4


async def test_a_frozen_redis_costs_its_budget_once(redis_server: RedisServer) -> None:
    clock = Clock()
    link = RedisLink(redis_server.url, clock)
    assert await link.run("PING") in (b"PONG", "PONG", True)
    redis_server.freeze()
    try:
        waiting = asyncio.create_task(link.run("PING"))
        await settled()
        assert not waiting.done()
        with pytest.raises(RedisGone):
            await waiting
        while link.is_up:
            await settled()
        with pytest.raises(RedisGone):
            await at_once(link.run("PING"))
    finally:
        redis_server.thaw()
    clock.now += 2
    assert await link.run("PING") in (b"PONG", "PONG", True)
    await link.aclose()


async def test_a_full_redis_still_answers(stage: Stage, redis_server: RedisServer) -> None:
    redis_server.command("CONFIG", "SET", "maxmemory", "1")
    try:
        async with replicas(1, stage, redis_server, oneinch_rps=1e6) as [one]:
            answer = await good(one)
            assert (await good(one)).value == answer.value
    finally:
        redis_server.command("CONFIG", "SET", "maxmemory", "0")
    assert len(stage.calls) == 1


async def test_an_answer_too_large_to_share_is_kept_here_alone(
    stage: Stage, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_MOST_BYTES", 10)
    async with replicas(2, stage, redis_server) as (one, other):
        await good(one)
        await good(one)
        await settled()
        await good(other)
    assert len(stage.calls) == 2


async def test_something_else_on_redis_port_is_no_redis() -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    link = RedisLink(f"redis://127.0.0.1:{port}", time.monotonic)
    with pytest.raises(RedisGone):
        await link.run("PING")
    await link.aclose()
    server.close()
    await server.wait_closed()


async def test_commands_of_one_moment_travel_together(redis_server: RedisServer) -> None:
    link = RedisLink(redis_server.url, time.monotonic)
    link.post("SET", "n", "0")
    found = await asyncio.gather(*[link.run("INCR", "n") for _ in range(250)])
    await link.aclose()
    assert found == list(range(1, 251))


async def test_an_upstream_error_is_not_shared(stage: Stage, redis_server: RedisServer) -> None:
    stage.script = lambda call: reply("", 500)
    async with replicas(2, stage, redis_server) as (one, other):
        for each in (one, other):
            [answer] = await each.portfolio.snapshots([key(1)])
            assert isinstance(answer, UpstreamUnavailable)
            await settled()
    assert len(stage.calls) == 2


async def test_what_this_replica_may_not_ask_for_another_may_have(
    stage: Stage, redis_server: RedisServer
) -> None:
    async with replicas(2, stage, redis_server) as (one, other):
        await good(one, 1)
        await settled()
        stage.script = lambda call: reply("", 500)
        for number in range(2, 7):
            await other.portfolio.snapshots([key(number)])
        assert other.portfolio.state().breaker == "OPEN"
        calls = len(stage.calls)

        shared = await good(other, 1)
        [cold] = await other.portfolio.snapshots([key(7)])

    assert (shared.is_stale, shared.value.rows[0].value_usd) == (False, Decimal(1))
    assert isinstance(cold, UpstreamUnavailable)
    assert len(stage.calls) == calls


async def test_with_redis_too_a_wallet_that_must_wait_too_long_is_refused_at_once(
    stage: Stage, redis_server: RedisServer
) -> None:
    async with replicas(1, stage, redis_server, oneinch_rps=1) as [one]:
        await good(one, 1)
        stage.script = lambda call: reply("", 429, {"Retry-After": "300"})
        assert isinstance(await ask(one, 2), UpstreamRateLimited)
        # If it waited for a permit or for its deadline, it would wait for good.
        with deadline(290):
            late = await ask(one, 3)
    assert isinstance(late, UpstreamRateLimited)
    assert len(stage.calls) == 2


async def test_a_moment_that_another_replica_took_refuses_whoever_cannot_wait(
    stage: Stage, redis_server: RedisServer
) -> None:
    async with replicas(2, stage, redis_server, oneinch_rps=1) as (one, other):
        await good(one, 1)
        await asyncio.sleep(1.3)
        await good(one, 2)
        with deadline(0.4):
            [late] = await other.portfolio.snapshots([key(3)])
        assert (await good(other, 4)).value.rows[0].value_usd == 3
    assert isinstance(late, UpstreamRateLimited)
    assert len(stage.calls) == 3


async def test_with_redis_too_a_defect_is_not_passed_off_as_an_upstream_error(
    stage: Stage,
    redis_server: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
    never_waiting: None,
) -> None:
    async def defect(*_: object) -> None:
        raise ZeroDivisionError

    async with replicas(1, stage, redis_server) as [one]:
        with monkeypatch.context() as patch:
            patch.setattr(one.portfolio._client, "snapshot", defect)
            with pytest.raises(ZeroDivisionError):
                await good(one)
        # The lease went back: nobody waits for it now.
        await good(one)
    assert len(stage.calls) == 1


async def test_with_redis_too_who_leaves_gives_up_the_pending_and_the_lease(
    stage: Stage, redis_server: RedisServer, never_waiting: None
) -> None:
    async with replicas(2, stage, redis_server) as (one, other):
        await good(one, 2)
        await good(other, 2)
        stage.gate = asyncio.Event()
        leaving = asyncio.create_task(good(one))
        await settled()
        leaving.cancel()
        await settled()
        assert stage.cancelled == 1
        stage.gate = None
        await good(other)
    assert len(stage.calls) == 3


async def test_with_redis_too_closing_ends_every_wait(
    stage: Stage, redis_server: RedisServer
) -> None:
    stage.gate = asyncio.Event()
    async with replicas(1, stage, redis_server) as [one]:
        waiting = asyncio.create_task(one.portfolio.snapshots([key(1), key(2)]))
        await settled()
    assert [str(each) for each in await waiting] == ["The service is stopping."] * 2
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def _only_key(redis: RedisServer) -> str:
    link = RedisLink(redis.url, time.monotonic)
    names = await link.run("KEYS", "walletgraph:2:*")
    await link.aclose()
    [name] = [each.decode() for each in names if not each.endswith(b":lease")]
    return str(name)
