"""Who makes room when there is none: the longest idle, then the slowest reader."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.connections import Connections


class Link:
    """A connection that can be cut."""

    is_cut = False

    def cut(self) -> None:
        self.is_cut = True


def test_the_longest_idle_makes_room_for_a_new_one() -> None:
    connections = Connections(3, 100)
    links = [Link() for _ in range(5)]
    first, second, _, fourth, fifth = links
    for link in links[:3]:
        assert connections.opened(link)
    connections.busy(first)
    connections.busy(second)
    connections.idle(first)
    assert connections.opened(fourth)
    assert [link.is_cut for link in links[:4]] == [False, False, True, False]
    assert connections.opened(fifth)
    assert [link.is_cut for link in links] == [True, False, True, False, False]
    assert len(connections) == 3


def test_where_all_are_busy_few_more_are_let_in_but_not_to_work() -> None:
    connections = Connections(2, 100)
    links = [Link() for _ in range(120)]
    rooms = []
    for link in links:
        rooms.append(connections.opened(link))
        connections.busy(link)
    assert rooms == [True] * 2 + [False] * 118
    assert [link.is_cut for link in links] == [False] * 102 + [True] * 18
    for link in links[:101]:
        connections.closed(link)
    assert len(connections) == 1
    assert connections.opened(Link())


def test_the_longest_stalled_are_cut_where_all_hold_too_much() -> None:
    connections = Connections(10, 100)
    first, second, third = links = [Link() for _ in range(3)]
    connections.stalled(first, 50)
    connections.stalled(second, 40)
    connections.flowing(first)
    connections.stalled(first, 45)
    connections.stalled(third, 50)
    assert [link.is_cut for link in links] == [False, True, False]
    assert connections.unsent_bytes == 95
    connections.stalled(third, 1_000)
    # The last is not cut for what it alone holds: an answer has a bound of its own.
    assert [link.is_cut for link in links] == [True, True, False]
    connections.closed(third)
    assert connections.unsent_bytes == 0


LINK = st.integers(0, 7)


@given(
    st.lists(
        st.tuples(st.sampled_from(["opened", "idle", "busy", "flowing", "closed", "stalled"]), LINK)
    )
)
@pytest.mark.parametrize("most", [1, 3])
def test_whatever_happens_no_more_is_open_or_held_than_allowed(
    most: int, events: list[tuple[str, int]]
) -> None:
    connections = Connections(most, 100)
    links = [Link() for _ in range(8)]
    is_open: set[int] = set()
    for event, number in events:
        if (number in is_open) == (event == "opened"):
            continue
        if event == "stalled":
            connections.stalled(links[number], 10 * number + 10)
        else:
            getattr(connections, event)(links[number])
        is_open = (is_open | {number}) - {number for number in range(8) if links[number].is_cut}
        if event == "closed":
            is_open.discard(number)
        for link in links:
            link.is_cut = False
        assert len(connections) == len(is_open)
        assert 0 <= connections.unsent_bytes <= 100
