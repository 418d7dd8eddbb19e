from hypothesis import given
from hypothesis import strategies as st

from upstreams.source.cache import ENTRY_BYTES, JITTER, Entry, LRUCache, jittered


def entry(size: int = 1) -> Entry[str]:
    return Entry("value", 0.0, 0.0, 30.0, size)


def test_the_least_recently_used_goes_first() -> None:
    memory = LRUCache(max_bytes=2 * (ENTRY_BYTES + 1))
    kept, gone, new = entry(), entry(), entry()
    memory.put("kept", kept)
    memory.put("gone", gone)
    memory.get("kept")
    memory.put("new", new)
    assert [memory.get(key) for key in ("kept", "gone", "new")] == [kept, None, new]


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 70), st.booleans()), max_size=60),
)
def test_it_stays_within_its_bounds_and_its_count_of_bytes_is_right(
    steps: list[tuple[int, int, bool]],
) -> None:
    memory = LRUCache(max_bytes=5 * ENTRY_BYTES + 100)
    for key, size, is_put in steps:
        if is_put:
            memory.put(key, entry(size))
        else:
            memory.pop(key, None)
        found = [each for number in range(10) if (each := memory.get(number))]
        assert memory.currsize == sum(each.size + ENTRY_BYTES for each in found)
        assert memory.currsize <= 5 * ENTRY_BYTES + 100
        assert len(memory) == len(found) <= 5


def test_what_is_too_large_alone_is_not_kept_and_costs_the_others_nothing() -> None:
    memory = LRUCache(max_bytes=ENTRY_BYTES + 100)
    memory.put("small", entry(60))
    memory.put("large", entry(101))
    assert memory.get("large") is None
    assert memory.get("small") is not None


def test_jitter_only_shortens() -> None:
    assert all((1 - JITTER) * 30 <= jittered(30) <= 30 for _ in range(100))
    assert len({jittered(30) for _ in range(100)}) > 1
    assert all(jittered(30, "one") == jittered(30, "one") <= 30 for _ in range(100))
    assert len({jittered(30, number) for number in range(100)}) > 1
