"""What is kept of answers: only what is made again of the very same rows, in bounded memory."""

from resolvers.shelf import Shelves


def test_a_part_is_wanted_the_second_time_and_there_from_then_on() -> None:
    shelves, rows = Shelves(), (1, 2)
    shelf = shelves.shelf(rows, "page")

    assert shelf.get(7) is None
    assert not shelf.wants(7)
    assert shelf.get(7) is None
    assert shelf.wants(7)
    shelf.put(7, "answer", 6)

    assert shelves.shelf(rows, "page").get(7) == "answer"
    assert shelves.shelf(rows, "page").get(8) is None
    assert shelves.shelf(rows, "other page").get(7) is None


def test_other_rows_are_another_matter_even_if_they_are_equal() -> None:
    shelves = Shelves()
    old, new = [1], [1]
    for rows in (old, old):
        shelves.shelf(rows, "page").wants(7)
    shelves.shelf(old, "page").put(7, "old", 3)

    assert shelves.shelf(new, "page").get(7) is None
    assert not shelves.shelf(new, "page").wants(7)
    assert shelves.shelf(new, "page").wants(7)


def test_what_is_kept_is_bounded_in_number_and_bytes() -> None:
    shelves = Shelves(max_parts=10, max_bytes=20_000)
    rows = (1,)
    for number in range(100):
        shelves.shelf(rows, number).wants(1)
    assert len(shelves.memory) == 10

    for number in range(100):
        shelves.shelf(rows, number).put(1, "x" * 1_000, 1_000)

    assert len(shelves.memory) == 5
    assert shelves.memory.bytes == 20_000
    assert shelves.shelf(rows, 99).get(1) == "x" * 1_000
    assert shelves.shelf(rows, 94).get(1) is None

    shelves.shelf(rows, 1).put(1, "too large", 1_000_000)

    assert shelves.shelf(rows, 1).get(1) is None
    assert len(shelves.memory) == 5
