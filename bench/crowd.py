"""`python -m bench.crowd`: what a crowd costs one upstream, and what failures cost the crowd."""

import asyncio
import itertools
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path

import click
import uvloop

from bench.fit import percentile
from bench.played import (
    Call,
    Client,
    Crowd,
    Redis,
    Replica,
    Shown,
    Upstream,
    ready,
    stopping,
    wallets,
)
from bench.processes import Cores, free_port
from bench.steady import rolling, soak

# Seconds within which an answer's asOf must follow the upstream's own note of the call.
_SLACK = 1.0
_NAMES = ("crowd", "one", "outage", "replicas", "rolling", "soak")
# How a replica says that it could not ask in time, or that the other one had not.
_REFUSALS = {("UPSTREAM_RATE_LIMITED",), ("UPSTREAM_TIMEOUT",)}


async def crowd(folder: Path, *, size: int = 100) -> Shown:
    """As many clients as wallets, all at once, at one upstream call a second."""
    shown, people, cores = Shown(), Crowd(), Cores.found()
    upstream = Upstream(folder / "crowd", free_port(), cores.load, rps=1)
    replica = Replica(upstream.url, cores.servers[0], ONEINCH_RPS=1)
    with stopping(upstream, replica):
        await ready(replica.port)
        seconds = await people.ask_at_once(replica.port, wallets(size))
        calls = upstream.calls()
    sizes = [len(call.wallets) for call in calls]
    shown.found.append(
        f"crowd: {size} concurrent requests for {size} wallets at 1 upstream call a second: "
        f"all answered in {seconds:.2f} s with {len(calls)} upstream calls, of {sizes} wallets"
    )
    # For what is in the wallets and for what they have in protocols, each.
    shown.expect(len(calls) <= 6 and seconds <= 6.0, "more than 6 calls or 6 seconds")
    shown.expect_right(people, size)
    return shown


async def one(folder: Path, *, size: int = 1_000) -> Shown:
    """Many clients that want the same wallet at once."""
    shown, people, cores = Shown(), Crowd(), Cores.found()
    upstream = Upstream(folder / "one", free_port(), cores.load, rps=1)
    replica = Replica(upstream.url, cores.servers[0], ONEINCH_RPS=1)
    with stopping(upstream, replica):
        await ready(replica.port)
        seconds = await people.ask_at_once(replica.port, wallets(1) * size)
        calls = upstream.calls()
    shown.found.append(
        f"one: {size} concurrent requests for one wallet: all answered in {seconds:.2f} s "
        f"with {len(calls)} upstream call{'s' * (len(calls) != 1)}"
    )
    shown.expect(len(calls) == 2, "more than one call for each of the wallet's two parts")
    shown.expect_right(people, size)
    return shown


async def outage(
    folder: Path,
    *,
    seconds: float = 60,
    is_frozen: bool = False,
    count: int = 50,
    rate: float = 300,
    ttl: float = 2,
    rps: float = 50,
) -> Shown:
    """The upstream goes away under load, with everything in the cache, and comes back."""
    shown, people, cores = Shown(), Crowd(), Cores.found()
    how = "frozen" if is_frozen else "killed"
    log, port, names = folder / how, free_port(), wallets(count)
    upstream = Upstream(log, port, cores.load)
    replica = Replica(upstream.url, cores.servers[0], ONEINCH_RPS=rps, PORTFOLIO_TTL_SECONDS=ttl)
    with stopping(upstream, replica):
        await people.ask_at_once(replica.port, names)
        until = time.time() + 2 * ttl + seconds + 5
        load = asyncio.create_task(
            people.ask_steadily(replica.port, itertools.cycle(names), rate, 20, until)
        )
        await asyncio.sleep(2 * ttl)
        gone = time.time()
        if is_frozen:
            upstream.pause()
        else:
            upstream.stop()
        await asyncio.sleep(seconds)
        if is_frozen:
            upstream.resume()
        else:
            upstream = Upstream(log, port, cores.load)
        with stopping(upstream):
            back = await _until_listening(port)
            await load
            calls = upstream.calls()
    _judge_outage(
        shown,
        people,
        calls,
        gone,
        back,
        ttl,
        f"{how} for {seconds:g} s under {rate:g} "
        f"requests a second for {count} wallets (PORTFOLIO_TTL_SECONDS={ttl:g}, "
        f"ONEINCH_RPS={rps:g})",
    )
    return shown


def _dates(calls: Sequence[Call], gone: float) -> list[tuple[float, float]]:
    """From when to when an answer may be that was had of these calls, before the upstream went.

    An answer is as old as the older half of the wallet. The upstream may have been stopped between
    an answer and its note of it: then that half is either as before, or of this call.
    """
    halves: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for part in {call.part for call in calls}:
        mine = [call for call in calls if call.part == part]
        noted = max((call.answered for call in mine if call.answered < gone), default=None)
        if noted is not None:
            halves[part].append((noted, noted))
        halves[part] += [
            (call.arrived + _SLACK, gone) for call in mine if call.arrived < gone <= call.answered
        ]
    return [
        (min(first for first, _ in each), min(last for _, last in each))
        for each in itertools.product(*halves.values())
    ]


def _judge_outage(
    shown: Shown,
    people: Crowd,
    calls: Sequence[Call],
    gone: float,
    back: float,
    ttl: float,
    what: str,
) -> None:
    by_wallet: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        for wallet in call.wallets:
            by_wallet[wallet].append(call)
    right = [each for each in people.seen if not each.answer.errors]
    away = [each for each in right if gone < each.sent and each.at < back]
    old = [each for each in away if each.sent - each.answer.as_of > ttl]
    undated = [
        each
        for each in right
        if not any(
            call.arrived <= each.answer.as_of <= call.answered + _SLACK
            for call in by_wallet[each.wallet]
        )
    ]
    dates = {wallet: _dates(mine, gone) for wallet, mine in by_wallet.items()}
    misdated = [
        each
        for each in old
        if not any(
            first - _SLACK <= each.answer.as_of <= last + _SLACK
            for first, last in dates[each.wallet]
        )
    ]
    unlabelled = [each for each in old if not each.answer.is_stale]
    mislabelled = [
        each for each in right if each.answer.is_stale and each.at - each.answer.as_of < 0.9 * ttl
    ]
    fresh: dict[str, float] = {}
    for each in right:
        if each.sent > back and not each.answer.is_stale:
            fresh[each.wallet] = min(each.at, fresh.get(each.wallet, each.at))
    again = max(fresh.values(), default=back) - back
    waits = [each.at - each.sent for each in away]
    errors = len(people.seen) - len(right)
    shown.found += [
        f"outage: upstream {what}: {len(right)} answers, {errors} errors; of {len(away)} while it "
        f"was away {len(old)} were older than {ttl:g} s: {len(old) - len(unlabelled)} of them "
        f"labelled stale, {len(old) - len(misdated)} with the asOf of their wallet's older half",
        f"  half of the answers while it was away within {percentile(waits, 0.5) * 1e3:.1f} ms, "
        f"99 % within {percentile(waits, 0.99) * 1e3:.1f} ms, the slowest "
        f"{max(waits) * 1e3:.0f} ms; oldest answer {max(e.at - e.answer.as_of for e in away):.1f}"
        f" s; {sum(gone < call.arrived < back for call in calls)} calls arrived meanwhile",
        f"  all {len(fresh)} wallets fresh again {again:.2f} s after its return",
    ]
    shown.expect(not errors, f"{errors} errors")
    shown.expect(not unlabelled, f"{len(unlabelled)} old answers not labelled stale")
    shown.expect(not mislabelled, f"{len(mislabelled)} new answers labelled stale")
    shown.expect(not misdated, f"{len(misdated)} answers of another asOf than their older half")
    shown.expect(not undated, f"{len(undated)} answers of an asOf at which there was no call")
    shown.expect(len(fresh) == len(by_wallet) and again <= 2.0, "not fresh within 2 s")
    shown.expect_right(people, len(people.seen))


async def replicas(folder: Path, *, seconds: float = 60, rate: float = 10) -> Shown:
    """Two replicas share one call a second through Redis, which is killed and comes back."""
    shown, people, cores = Shown(), Crowd(), Cores.found(2)
    kill, revive = seconds / 3, seconds / 2
    upstream = Upstream(folder / "replicas", free_port(), cores.load)
    redis_port = free_port()
    redis = Redis(redis_port, cores.load)
    both = [
        Replica(upstream.url, core, REPLICAS=2, REDIS_URL=redis.url, ONEINCH_RPS=1)
        for core in cores.servers
    ]
    with stopping(upstream, redis, *both):
        for replica in both:
            await ready(replica.port)
        started = time.time()
        loads = [
            # Each replica is asked for wallets of its own, and for each of them a second time
            # the other one, five seconds later, that may have it from Redis.
            people.ask_steadily(
                replica.port, _names(number, rate), 2 * rate, 400, started + seconds
            )
            for number, replica in enumerate(both)
        ]
        load = asyncio.gather(*loads)
        await asyncio.sleep(kill)
        redis.stop()
        await asyncio.sleep(revive - kill)
        redis = Redis(redis_port, cores.load)
        with stopping(redis):
            await load
            calls = upstream.calls()
    gaps = [later.arrived - sooner.arrived for sooner, later in itertools.pairwise(calls)]
    errors = Counter(each.answer.errors for each in people.seen if each.answer.errors)
    refused = sum(errors.pop(codes, 0) for codes in _REFUSALS)
    waits = [each.at - each.sent for each in people.seen]
    asked = sum(len(call.wallets) for call in calls)
    away = sum(kill <= call.arrived - started < revive for call in calls)
    shown.found += [
        f"replicas: 2 on one Redis, 1 upstream call a second, {seconds:g} s of {4 * rate:g} "
        f"requests a second for {2 * rate:g} new wallets a second, Redis killed (-9) at "
        f"{kill:g} s and back at {revive:g} s: {len(calls)} upstream calls ({away} while Redis "
        f"was away) for {asked} wallets, never closer than {min(gaps):.3f} s",
        f"  {len(people.seen) - refused - errors.total()} answers, {refused} refusals for "
        f"want of a permit in time, {errors.total()} other errors, {len(people.wrong)} wrong "
        f"answers; half within {percentile(waits, 0.5):.2f} s, the slowest {max(waits):.2f} s",
    ]
    shown.expect(min(gaps) >= 1.0, f"2 calls within {min(gaps):.3f} s")
    shown.expect(not errors, f"errors {dict(errors)}")
    shown.expect_right(people, len(people.seen))
    return shown


def _names(number: int, rate: float) -> Iterator[str]:
    """Wallets of one replica's own and, from five seconds on, by turns the other one's."""
    late = int(5 * rate)
    for serial in itertools.count():
        yield wallets(1, 1_000_000 * (1 + number) + serial)[0]
        owner, place = (2 - number, serial - late) if serial >= late else (1 + number, serial)
        yield wallets(1, 1_000_000 * owner + place)[0]


async def _until_listening(port: int) -> float:
    """The Unix time from which connections are taken."""
    client = Client(port)
    while True:
        try:
            await client.connect()
        except OSError:
            await asyncio.sleep(0.005)
        else:
            client.close()
            return time.time()


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("show", default="all", type=click.Choice([*_NAMES, "all"]))
@click.option("--seconds", default=60.0, show_default=True, help="Length of outage and replicas.")
@click.option("--rounds", default=3, show_default=True, help="Rounds of rolling.")
@click.option("--minutes", default=10.0, show_default=True, help="Length of soak.")
def main(show: str, seconds: float, rounds: int, minutes: float) -> None:
    """Show what one upstream call a second is enough for, and what failures cost.

    Everything runs for real on this machine: replicas, Redis, the sandbox as the upstream. Every
    answer is compared with the upstream's rows; the exit code is 1 if one was wrong or a target
    was missed.
    """
    is_right = True
    with (
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        tempfile.TemporaryDirectory() as name,
    ):
        folder = Path(name)
        shows: dict[str, list[Callable[[], Coroutine[None, None, Shown]]]] = {
            "crowd": [lambda: crowd(folder)],
            "one": [lambda: one(folder)],
            "outage": [
                lambda: outage(folder, seconds=seconds),
                lambda: outage(folder, seconds=seconds, is_frozen=True),
            ],
            "replicas": [lambda: replicas(folder, seconds=seconds)],
            "rolling": [lambda: rolling(folder, rounds=rounds)],
            "soak": [lambda: soak(minutes=minutes)],
        }
        for run in itertools.chain.from_iterable(
            shows[name] for name in (_NAMES if show == "all" else (show,))
        ):
            shown = runner.run(run())
            for line in shown.found:
                click.echo(line)
            for line in shown.wrong:
                click.echo(f"WRONG: {line}")
            is_right = is_right and not shown.wrong
    sys.exit(0 if is_right else 1)


if __name__ == "__main__":
    main()
