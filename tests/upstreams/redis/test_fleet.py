"""The laws of a shared budget, in played time: the limit holds whatever happens; calls go on."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.redis_server import RedisServer
from tests.upstreams.fleet import Fleet, play
from upstreams.redis.limiter import CONFIRM, RedisLimiter
from upstreams.source.limiter import NoPermitInTime, window_of

Step = tuple[str, float, int]

# What happens, for how many seconds things then stay as they are, and to which replica.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "freeze",
                "thaw",
                "kill",
                "start",
                "empty",
                "restart redis",
                "slow",
                "quick",
                "readonly",
                "writable",
                "cut",
                "join",
                "crash",
                "restart",
                "stop",
                "idle",
                "busy",
                "nothing",
            ]
        ),
        st.floats(0.01, 6),
        st.integers(0, 3),
    ),
    max_size=25,
)
FLEETS = st.sampled_from([(1.0, 2), (1.0, 1), (2.0, 3), (3.0, 2), (5.0, 2), (0.5, 2), (12.0, 4)])
anything = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
few = settings(anything, max_examples=15)


def span(limit: float) -> float:
    """Seconds in which enough calls are made to compare them with the limit."""
    return 10 + 20 / limit


async def do(fleet: Fleet, command: str, number: int) -> None:
    server = fleet.server
    member = fleet.members[number % fleet.replicas]
    simple: dict[str, Callable[[], None]] = {
        "freeze": server.freeze,
        "thaw": server.thaw,
        "kill": server.kill,
        "start": server.start,
        "empty": server.empty,
        "crash": member.crash,
    }
    if command in simple:
        simple[command]()
    elif command in ("slow", "quick"):
        server.slowest = 0.06 if command == "slow" else 0.002
    elif command in ("readonly", "writable"):
        server.is_readonly = command == "readonly"
    elif command in ("cut", "join"):
        member.link.is_cut = command == "cut"
    elif command in ("idle", "busy"):
        member.is_idle = command == "idle"
    elif command == "stop":
        await member.stop()
    elif command == "restart redis":
        await server.restart(lost=fleet.chance.uniform(0, 1), away=fleet.chance.uniform(0.2, 3))
    elif command == "restart" and not member.is_alive:
        member.start()


def playing(steps: list[Step], settle: float = 3.0) -> Callable[[Fleet], Awaitable[None]]:
    async def act(fleet: Fleet) -> None:
        for member in fleet.members:
            member.start()
            await asyncio.sleep(fleet.chance.uniform(0, 1))
        await asyncio.sleep(settle)
        for command, seconds, number in steps:
            await do(fleet, command, number)
            await asyncio.sleep(seconds)

    return act


@anything
@given(FLEETS, STEPS, st.booleans(), st.integers(0, 2**32))
def test_no_second_has_more_calls_than_the_limit_whatever_happens(
    redis_server: RedisServer,
    kind: tuple[float, int],
    steps: list[Step],
    one_machine: bool,
    seed: int,
) -> None:
    limit, replicas = kind
    fleet = play(
        redis_server,
        playing(steps),
        limit=limit,
        replicas=replicas,
        one_machine=one_machine,
        seed=seed,
    )
    assert fleet.most_in_a_second() <= max(1, int(limit))


async def begin(fleet: Fleet) -> None:
    for member in fleet.members:
        member.start()
        await asyncio.sleep(0.3)
    await asyncio.sleep(8 - fleet.loop.time())


async def mend(fleet: Fleet) -> None:
    for command in ("thaw", "start", "quick", "writable"):
        await do(fleet, command, 0)
    for number in range(fleet.replicas):
        for command in ("join", "restart", "busy"):
            await do(fleet, command, number)


@few
@given(FLEETS, STEPS, st.booleans(), st.integers(0, 2**32))
def test_whatever_happened_all_calls_are_made_ten_seconds_after_it_is_over(
    redis_server: RedisServer,
    kind: tuple[float, int],
    steps: list[Step],
    one_machine: bool,
    seed: int,
) -> None:
    limit, replicas = kind
    over = 0.0

    async def act(fleet: Fleet) -> None:
        nonlocal over
        await playing(steps)(fleet)
        await mend(fleet)
        over = fleet.loop.time()
        await asyncio.sleep(10 + span(limit))

    fleet = play(
        redis_server,
        act,
        limit=limit,
        replicas=replicas,
        one_machine=one_machine,
        seed=seed,
    )
    assert fleet.share_of_limit(over + 10, over + 10 + span(limit)) >= 0.75


@few
@given(FLEETS, st.data(), st.integers(0, 2**32))
def test_five_seconds_after_crashes_all_calls_are_made_again(
    redis_server: RedisServer, kind: tuple[float, int], data: st.DataObject, seed: int
) -> None:
    """Whoever crashed and was started again a second later, on this machine or on others."""
    limit, replicas = kind
    crashed = data.draw(st.sets(st.integers(0, replicas - 1), min_size=1))
    again = data.draw(st.sampled_from([crashed, set()]))
    # On other machines nobody knows that a process is dead until another takes its place.
    one_machine = not again or data.draw(st.booleans())

    async def act(fleet: Fleet) -> None:
        await begin(fleet)
        for number in crashed:
            fleet.members[number].crash()
        await asyncio.sleep(1)
        for number in again:
            fleet.members[number].start()
        await asyncio.sleep(4 + span(limit))

    fleet = play(
        redis_server, act, limit=limit, replicas=replicas, one_machine=one_machine, seed=seed
    )
    is_anybody_left = again or len(crashed) < replicas
    seconds = max(5.0, 3 * replicas / limit)
    made = fleet.share_of_limit(8 + seconds, 8 + 5 + span(limit))
    assert made >= 0.75 if is_anybody_left else made == 0
    assert fleet.most_in_a_second() <= max(1, int(limit))


@few
@given(FLEETS, st.integers(0, 2**32))
def test_replicas_that_never_saw_redis_share_the_limit_by_the_locks_of_their_machine(
    redis_server: RedisServer, kind: tuple[float, int], seed: int
) -> None:
    limit, replicas = kind

    async def act(fleet: Fleet) -> None:
        fleet.server.kill()
        await begin(fleet)
        await asyncio.sleep(10 + span(limit))

    fleet = play(redis_server, act, limit=limit, replicas=replicas, seed=seed)
    assert fleet.most_in_a_second() <= max(1, int(limit))
    # What the limit has beyond whole shares is not used.
    share = limit // replicas * replicas / limit if limit >= replicas else 1
    end = fleet.loop.time()
    assert fleet.share_of_limit(end - span(limit), end) >= 0.85 * share


@few
@given(FLEETS, st.floats(0.3, 8), st.floats(0.3, 8), st.integers(0, 2**32))
def test_a_redis_that_comes_and_goes_costs_little(
    redis_server: RedisServer, kind: tuple[float, int], up: float, down: float, seed: int
) -> None:
    limit, replicas = kind

    async def act(fleet: Fleet) -> None:
        await begin(fleet)
        while fleet.loop.time() < 120:
            fleet.server.kill()
            await asyncio.sleep(down)
            fleet.server.start()
            await asyncio.sleep(up)

    fleet = play(redis_server, act, limit=limit, replicas=replicas, seed=seed)
    assert fleet.share_of_limit(40, 120) >= 0.75
    assert fleet.most_in_a_second() <= max(1, int(limit))


@few
@given(
    FLEETS,
    st.lists(st.tuples(st.floats(-5_000, 5_000), st.floats(0.05, 5)), min_size=1, max_size=6),
    st.integers(0, 2**32),
)
def test_a_redis_whose_clock_is_set_costs_a_moment(
    redis_server: RedisServer,
    kind: tuple[float, int],
    steps: list[tuple[float, float]],
    seed: int,
) -> None:
    limit, replicas = kind

    async def act(fleet: Fleet) -> None:
        await begin(fleet)
        for seconds, pause in steps:
            fleet.server.ahead += seconds
            await asyncio.sleep(pause)
        await asyncio.sleep(80 + span(limit))

    fleet = play(redis_server, act, limit=limit, replicas=replicas, seed=seed)
    end = fleet.loop.time()
    assert fleet.share_of_limit(end - span(limit), end) >= 0.75
    assert fleet.most_in_a_second() <= max(1, int(limit))


async def one_that_waits_to_be_told(fleet: Fleet) -> RedisLimiter:
    """The limiter of the first replica, over a Redis that answers at once."""
    fleet.server.slowest = 0.0
    fleet.members[0].is_idle = True
    fleet.members[0].start()
    await asyncio.sleep(10)
    return fleet.members[0].limiter


def exactly(*moments: float) -> object:
    """To the milliseconds in which Redis counts."""
    return pytest.approx(moments, abs=0.003)


def test_permits_come_as_soon_as_the_limit_allows_and_are_foretold(
    redis_server: RedisServer,
) -> None:
    moments: list[float] = []
    waits: list[tuple[float, float, float]] = []

    async def act(fleet: Fleet) -> None:
        mine = await one_that_waits_to_be_told(fleet)
        assert mine.permits_left() == 2
        for _ in range(6):
            await mine.permit(5)
            moments.append(fleet.loop.time())
            waits.append((mine.wait(0), mine.wait(1), mine.wait(2)))

    play(redis_server, act, limit=2, replicas=1)

    _, window = window_of(2)
    assert moments == exactly(*(10 + pair * window for pair in (0, 0, 1, 1, 2, 2)))
    # Of pairs that leave together the waits foretold are the mean.
    each = window / 2
    for after_one, after_two in zip(waits[::2], waits[1::2], strict=True):
        assert after_one == exactly(0, each, 2 * each)
        assert after_two == exactly(each, 2 * each, 3 * each)


def test_what_would_come_too_late_is_refused_at_once(redis_server: RedisServer) -> None:
    async def act(fleet: Fleet) -> None:
        mine = await one_that_waits_to_be_told(fleet)
        await mine.permit(5)
        began = fleet.loop.time()
        with pytest.raises(NoPermitInTime) as late:
            await mine.permit(0.2)
        assert (fleet.loop.time() - began, late.value.wait) == exactly(0, window_of(1)[1])

    play(redis_server, act, limit=1, replicas=1)


def test_an_emptied_redis_gives_nothing_until_all_it_gave_is_used(
    redis_server: RedisServer,
) -> None:
    async def act(fleet: Fleet) -> None:
        mine = await one_that_waits_to_be_told(fleet)
        fleet.server.empty()
        await mine.permit(5)
        assert (fleet.loop.time() - 10,) == exactly(CONFIRM + window_of(1)[1])

    play(redis_server, act, limit=1, replicas=1)


def test_closing_closes_for_every_replica(redis_server: RedisServer) -> None:
    async def act(fleet: Fleet) -> None:
        one = await one_that_waits_to_be_told(fleet)
        fleet.members[1].is_idle = True
        fleet.members[1].start()
        await asyncio.sleep(3)
        other = fleet.members[1].limiter
        one.pause(20)
        await asyncio.sleep(0)
        assert (one.permits_left(), one.wait()) == exactly(0, 20)
        with pytest.raises(NoPermitInTime) as late:
            await other.permit(5)
        # It would look again when its moment is near.
        assert (late.value.wait,) == exactly(20 - window_of(5)[1] / 5)

    play(redis_server, act, limit=5, replicas=2)


def test_one_that_lost_redis_and_one_that_did_not_stay_within_the_limit(
    redis_server: RedisServer,
) -> None:
    async def act(fleet: Fleet) -> None:
        await begin(fleet)
        fleet.members[0].link.is_cut = True
        await asyncio.sleep(20)
        assert fleet.members[0].limiter.permits_left() == 0
        fleet.members[0].link.is_cut = False
        await asyncio.sleep(10)

    fleet = play(redis_server, act, limit=1, replicas=2)
    assert fleet.most_in_a_second() == 1
    assert fleet.share_of_limit(12, 28) > 0.4


def test_one_that_never_saw_redis_takes_its_share_and_foretells_it(
    redis_server: RedisServer,
) -> None:
    moments: list[float] = []

    async def act(fleet: Fleet) -> None:
        fleet.server.kill()
        mine = await one_that_waits_to_be_told(fleet)
        assert (mine.permits_left(), mine.wait()) == (0, 0)
        for _ in range(6):
            await mine.permit(5)
            moments.append(fleet.loop.time())

    play(redis_server, act, limit=4, replicas=2)

    _, window = window_of(2)
    assert moments == exactly(*(10 + pair * window for pair in (0, 0, 1, 1, 2, 2)))


def test_no_moment_is_used_twice_or_too_soon_though_timers_come_early(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleep = asyncio.sleep
    moments: list[float] = []

    async def act(fleet: Fleet) -> None:
        mine = await one_that_waits_to_be_told(fleet)
        monkeypatch.setattr(asyncio, "sleep", lambda seconds: sleep(0.98 * seconds))
        fleet.server.kill()
        for _ in range(40):
            await mine.permit(6)
            moments.append(fleet.loop.time())

    play(redis_server, act, limit=10, replicas=2)
    gaps = [late - soon for soon, late in pairwise(moments)]
    assert gaps == exactly(*[2 * window_of(10)[1] / 10] * 39)
