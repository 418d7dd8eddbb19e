import asyncio

import pytest

from upstreams.deadline import deadline, remaining


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
