"""What is kept of answers: only what is made again of the very same rows, in bounded memory."""

from resolvers.result_cache import ResultCache


def test_a_part_is_wanted_the_second_time_and_there_from_then_on() -> None:
    result_cache, rows = ResultCache(), (1, 2)
    list_cache = result_cache.of(rows, "page")

    assert list_cache.get(7) is None
    assert not list_cache.wants(7)
    assert list_cache.get(7) is None
    assert list_cache.wants(7)
    list_cache.put(7, "answer", 6)

    assert result_cache.of(rows, "page").get(7) == "answer"
    assert result_cache.of(rows, "page").get(8) is None
    assert result_cache.of(rows, "other page").get(7) is None


def test_other_rows_are_another_matter_even_if_they_are_equal() -> None:
    result_cache = ResultCache()
    old, new = [1], [1]
    for rows in (old, old):
        result_cache.of(rows, "page").wants(7)
    result_cache.of(old, "page").put(7, "old", 3)

    assert result_cache.of(new, "page").get(7) is None
    assert not result_cache.of(new, "page").wants(7)
    assert result_cache.of(new, "page").wants(7)


def test_what_is_kept_is_bounded_in_bytes() -> None:
    result_cache = ResultCache(max_bytes=20_000)
    rows = (1,)
    for number in range(100):
        result_cache.of(rows, number).wants(1)
    assert len(result_cache.memory) == 20

    for number in range(100):
        result_cache.of(rows, number).put(1, "x" * 1_000, 1_000)

    assert len(result_cache.memory) == 5
    assert result_cache.memory.currsize == 20_000
    assert result_cache.of(rows, 99).get(1) == "x" * 1_000
    assert result_cache.of(rows, 94).get(1) is None

    result_cache.of(rows, 1).put(1, "too large", 1_000_000)

    assert result_cache.of(rows, 1).get(1) is None
    assert len(result_cache.memory) == 5
