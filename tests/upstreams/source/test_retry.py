from hypothesis import given
from hypothesis import strategies as st

from upstreams.source.retry import RetryBudget


@given(st.lists(st.booleans(), max_size=400))
def test_retries_never_exceed_a_tenth_of_the_calls_and_a_floor_of_three(
    loads: list[bool],
) -> None:
    limiter = RetryBudget()
    retries = 0
    for calls, wants_retry in enumerate(loads, start=1):
        limiter.deposit()
        retries += wants_retry and limiter.spend()
        assert retries <= 3 + calls / 10


def test_quiet_times_do_not_save_up_more_than_ten() -> None:
    limiter = RetryBudget()
    for _ in range(1000):
        limiter.deposit()
    assert sum(limiter.spend() for _ in range(100)) == 10


def test_ten_tenths_make_one() -> None:
    limiter = RetryBudget(floor=0.0)
    for _ in range(10):
        limiter.deposit()
    assert (limiter.spend(), limiter.spend()) == (True, False)
