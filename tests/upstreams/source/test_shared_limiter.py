"""One budget in a file: it is a LocalLimiter that several processes have."""

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstreams.source.limiter import LocalLimiter, NoPermitInTime
from upstreams.source.shared_limiter import SharedLimiter

STEPS = st.lists(
    st.tuples(
        st.floats(0, 2),
        st.integers(0, 2),
        st.sampled_from(["take", "wait", "left", "close"]),
    ),
    max_size=60,
)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@given(steps=STEPS, limit=st.sampled_from([0.5, 1.0, 3.0]))
def test_several_are_as_one(
    steps: list[tuple[float, int, str]],
    limit: float,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    clock = Clock()
    path = tmp_path_factory.mktemp("budget") / "one"
    shared = [SharedLimiter(path, limit, clock) for _ in range(3)]
    local = LocalLimiter(limit, clock)

    for seconds, place, step in steps:
        clock.now += seconds
        one = shared[place]
        if step == "take":
            assert one.take() == local.take()
        elif step == "wait":
            assert one.wait(place) == local.wait(place)
        elif step == "left":
            assert one.permits_left() == local.permits_left()
        else:
            one.pause(seconds)
            local.pause(seconds)
    for each in shared:
        each.aclose()


_PROCESS = """
import asyncio, sys, time
from pathlib import Path
from upstreams.source.limiter import NoPermitInTime
from upstreams.source.shared_limiter import SharedLimiter

asked = []

def clock():
    asked.append(time.monotonic())
    return asked[-1]

async def main():
    limiter = SharedLimiter(Path(sys.argv[1]), 5, clock)
    until = float(sys.argv[2])
    while (left := until - time.monotonic()) > 0:
        try:
            await limiter.permit(left)
        except NoPermitInTime:
            return
        # The clock was last asked for the moment that the permit is for.
        print(asked[-1])

asyncio.run(main())
"""


def test_no_second_of_several_processes_has_too_many_calls(tmp_path: Path) -> None:
    until = time.monotonic() + 6
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _PROCESS, str(tmp_path / "budget"), str(until)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    printed = [process.communicate(timeout=60)[0].split() for process in processes]

    moments = sorted(float(each) for lines in printed for each in lines)
    assert len(moments) > 10
    worst = max(sum(start <= each < start + 1 for each in moments) for start in moments)
    assert worst <= 5


async def test_a_file_that_another_holds_costs_its_own_moment(tmp_path: Path) -> None:
    clock = Clock()
    limiter = SharedLimiter(tmp_path / "budget", 1, clock)
    assert limiter.take()
    other = os.open(tmp_path / "budget", os.O_RDWR)
    fcntl.flock(other, fcntl.LOCK_EX)
    clock.now += 5

    assert not limiter.take()
    assert limiter.wait() == 0.0
    assert limiter.permits_left() == 1.0
    with pytest.raises(NoPermitInTime):
        await limiter.permit(0.0)
    limiter.pause(10)
    fcntl.flock(other, fcntl.LOCK_UN)
    os.close(other)

    assert not limiter.take()
    assert limiter.wait() == 10.0
    limiter.aclose()


def test_what_closes_it_closes_it_for_all(tmp_path: Path) -> None:
    clock = Clock()
    one, other = (SharedLimiter(tmp_path / "budget", 1, clock) for _ in range(2))

    one.pause(30)

    assert (other.take(), other.wait(), other.permits_left()) == (False, 30.0, 0.0)
    clock.now += 30
    assert other.take()
    one.aclose()
    other.aclose()
