from hypothesis import given
from hypothesis import strategies as st

from tests.upstreams.stage import Clock
from upstreams.redis.clock import RedisClock

trips = st.lists(
    st.tuples(st.floats(0, 0.1), st.floats(0, 0.1), st.floats(0, 60)), min_size=1, max_size=20
)


@given(trips, st.floats(-1e6, 1e9), st.floats(-0.0001, 0.0001))
def test_the_bounds_hold_whatever_the_way_took_and_however_clocks_drift(
    exchanges: list[tuple[float, float, float]], ahead: float, drift: float
) -> None:
    clock = Clock(0.0)

    def theirs() -> float:
        return 1e9 + ahead + clock.now * (1 + drift)

    found = RedisClock(clock, clock)
    for there, back, pause in exchanges:
        before = clock.now
        clock.now += there
        told = int(1000 * theirs())
        clock.now += back
        assert found.learn(told, before)
        # A clock drifts within an exchange, too: by 10 us at most here.
        assert clock.now + found.low <= theirs() + 2e-5
        assert clock.now + found.high >= theirs() - 2e-5
        assert found.high - found.low <= there + back + 0.0011
        assert found.latest(1.0) >= int(1000 * (theirs() + 1.0))
        clock.now += pause


@given(st.floats(0.11, 1e6) | st.floats(-1e6, -0.11))
def test_a_clock_that_was_set_is_found_out_and_learnt_anew(step: float) -> None:
    clock = Clock(1_000.0)
    found = RedisClock(clock, clock)
    assert not found.is_known
    assert (found.low, found.high) == (0.0, 0.0)
    assert found.learn(int(1000 * (2e6 + clock.now)), clock.now)
    clock.now += 1
    assert not found.learn(int(1000 * (2e6 + clock.now + step)), clock.now)
    clock.now += 1
    assert found.learn(int(1000 * (2e6 + clock.now + step)), clock.now)
    assert found.low <= 2e6 + step <= found.high
