"""Turns: long work leaves room for others, whoever has little to do is not behind it."""

import asyncio

import pytest

from upstreams.deadline import DeadlineExceeded, deadline
from upstreams.pace import SLICE_SECONDS, Pace, pace

PIECE = SLICE_SECONDS / 4


class Clock:
    """A clock that work moves on; `gaps` are the times for which the loop was kept."""

    def __init__(self) -> None:
        self.now = 0.0
        self.gaps: list[float] = []
        self._last = 0.0

    def __call__(self) -> float:
        return self.now

    def beat(self) -> None:
        """Run once in every round of the loop."""
        self.gaps.append(self.now - self._last)
        self._last = self.now
        asyncio.get_running_loop().call_soon(self.beat)


async def work(pace: Pace, clock: Clock, seconds: float = PIECE) -> None:
    if pace.is_due():
        await pace.turn()
    clock.now += seconds


async def test_what_fits_into_a_slice_does_not_wait() -> None:
    clock = Clock()
    pace = Pace(clock)
    for _ in range(4):
        assert not pace.is_due()
        clock.now += PIECE
    clock.now += 0.001
    assert pace.is_due()


async def test_the_next_round_of_the_loop_begins_anew() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.is_due()
    clock.now += 1.0
    assert pace.is_due()
    await asyncio.sleep(0)
    assert not pace.is_due()


@pytest.mark.parametrize("seconds", [PIECE, PIECE / 100, SLICE_SECONDS / 2])
async def test_thousands_of_pieces_never_keep_the_loop_for_long(seconds: float) -> None:
    clock = Clock()
    pace = Pace(clock)
    clock.beat()

    await asyncio.gather(*(work(pace, clock, seconds) for _ in range(3_000)))

    assert clock.now == pytest.approx(3_000 * seconds)
    assert max(clock.gaps) <= 2 * SLICE_SECONDS
    # Nor do they dawdle: many small pieces share a round.
    assert len(clock.gaps) < 3_000 * seconds / PIECE + 50


async def test_operations_take_turns_and_each_keeps_its_order() -> None:
    clock = Clock()
    pace = Pace(clock)
    done: list[tuple[str, int]] = []

    async def piece(name: str, number: int) -> None:
        await pace.turn()
        clock.now += SLICE_SECONDS
        done.append((name, number))

    async def operation(name: str, count: int, seconds: float) -> None:
        with deadline(seconds):
            await asyncio.gather(*(piece(name, number) for number in range(count)))

    await asyncio.gather(operation("long", 50, 10), operation("short", 3, 11))

    assert [number for name, number in done if name == "long"] == list(range(50))
    assert [number for name, number in done if name == "short"] == list(range(3))
    assert done.index(("short", 2)) <= 8


async def test_a_turn_after_the_deadline_is_refused() -> None:
    clock = Clock()
    pace = Pace(clock)
    with deadline(0), pytest.raises(DeadlineExceeded) as refused:
        await pace.turn()
    assert refused.value.extensions == {"code": "DEADLINE_EXCEEDED"}


async def test_an_operation_that_runs_out_of_time_ends_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    pace = Pace(clock)
    loop = asyncio.get_running_loop()

    async def piece() -> None:
        await pace.turn()
        clock.now += SLICE_SECONDS

    with deadline(10):
        pieces = [asyncio.create_task(piece()) for _ in range(1_000)]
        await asyncio.sleep(0)
    late = loop.time() + 11
    monkeypatch.setattr(loop, "time", lambda: late)
    rounds = 0
    while not all(each.done() for each in pieces):
        await asyncio.sleep(0)
        rounds += 1

    assert rounds < 20
    assert isinstance(pieces[-1].exception(), DeadlineExceeded)


async def test_who_has_left_takes_nobodys_turn() -> None:
    pace = Pace(Clock())
    gone = [asyncio.create_task(pace.turn()) for _ in range(100)]
    await asyncio.sleep(0)
    for task in gone:
        task.cancel()
    await pace.turn()
    assert all(task.cancelled() for task in gone)


def test_each_loop_has_a_pace_of_its_own() -> None:
    async def both() -> tuple[Pace, Pace]:
        return pace(), pace()

    first, again = asyncio.run(both())
    other, _ = asyncio.run(both())
    assert first is again
    assert first is not other
