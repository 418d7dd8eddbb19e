from hypothesis import given
from hypothesis import strategies as st

from upstreams.retry import RetryBudget


@given(st.lists(st.booleans(), max_size=400))
def test_retries_never_exceed_a_tenth_of_the_calls_and_a_floor_of_three(
    wishes: list[bool],
) -> None:
    budget = RetryBudget()
    retries = 0
    for calls, wants_retry in enumerate(wishes, start=1):
        budget.deposit()
        retries += wants_retry and budget.spend()
        assert retries <= 3 + calls / 10


def test_quiet_times_do_not_save_up_more_than_ten() -> None:
    budget = RetryBudget()
    for _ in range(1000):
        budget.deposit()
    assert sum(budget.spend() for _ in range(100)) == 10


def test_ten_tenths_make_one() -> None:
    budget = RetryBudget(floor=0.0)
    for _ in range(10):
        budget.deposit()
    assert (budget.spend(), budget.spend()) == (True, False)
