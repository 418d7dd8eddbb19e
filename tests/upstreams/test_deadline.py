import asyncio

import pytest

from upstreams.deadline import deadline, remaining, remaining_wait


async def test_without_a_deadline_there_is_no_end() -> None:
    assert remaining() is None


async def test_the_sooner_of_nested_deadlines_holds_and_ends_with_its_block() -> None:
    with deadline(10):
        with deadline(1):
            assert remaining() == 1
        with deadline(60):
            assert remaining() == 10
        assert remaining() == 10
    assert remaining() is None


async def test_what_is_over_never_goes_below_zero() -> None:
    with deadline(-5):
        assert remaining() == 0.0


async def test_tasks_inherit_it() -> None:
    async def child() -> float | None:
        return remaining()

    with deadline(5):
        task = asyncio.ensure_future(child())
    assert await task == 5
    assert remaining() is None


async def test_it_ends_when_the_block_fails() -> None:
    with pytest.raises(KeyError), deadline(5):
        raise KeyError
    assert remaining() is None


async def test_sources_are_not_waited_for_in_the_time_for_the_answer() -> None:
    with deadline(8, answering=0.25):
        assert (remaining(), remaining_wait()) == (10, 8)
        with deadline(5):
            assert (remaining(), remaining_wait()) == (5, 4)
        with deadline(12, answering=1):
            assert (remaining(), remaining_wait()) == (10, 5)
        await asyncio.sleep(8)
        # What is asked for late has a part of what is left.
        assert (remaining(), remaining_wait()) == (2, 1.6)
    assert remaining_wait() is None
