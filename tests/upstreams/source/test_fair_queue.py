"""The order in which calls leave: by turns among clients, shared where that costs nobody."""

from collections import Counter, defaultdict
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from upstreams.source.fair_queue import Batch, BatchRequest, FairQueue, PendingItem, RefusedCall
from upstreams.source.single_flight import Fetch


class BatchQueue:
    """Whoever gives out items; nobody asks it here."""

    def wait_of(self, pending: PendingItem) -> float:
        raise AssertionError

    def leave(self, pending: PendingItem) -> None:
        raise AssertionError

    def hasten(self, pending: PendingItem, client: str) -> None:
        raise AssertionError


async def send(items: list[Any]) -> dict[Any, Any]:
    raise AssertionError


def request(group: object = "all", most: int = 2) -> BatchRequest[Any, Any]:
    return BatchRequest(group, most, send)


def add(
    queue: FairQueue, client: str, item: str, kind: BatchRequest[Any, Any] | None = None
) -> PendingItem:
    fetch: Fetch[Any] = Fetch(item, 0.0, 10.0, False)
    pending = PendingItem(BatchQueue(), item, client, fetch, lambda _: None)
    queue.add(kind or request(), pending)
    return pending


def items(batch: Batch) -> list[Any]:
    return list(batch.items)


def drain(queue: FairQueue) -> list[list[Any]]:
    return [items(queue.pop()) for _ in range(100) if queue]


def test_one_client_is_served_in_his_order() -> None:
    queue = FairQueue()
    for item in "abcde":
        add(queue, "one", item)
    assert drain(queue) == [["a", "b"], ["c", "d"], ["e"]]


def test_who_has_much_waiting_waits_behind_his_own() -> None:
    queue = FairQueue()
    for number in range(5):
        add(queue, "greedy", f"g{number}", request(number))
    assert items(queue.pop()) == ["g0"]
    add(queue, "modest", "m0", request("m"))
    add(queue, "other", "o0", request("o"))
    assert drain(queue) == [["g1"], ["m0"], ["o0"], ["g2"], ["g3"], ["g4"]]


def test_the_items_of_a_full_call_are_shared_out_evenly() -> None:
    queue = FairQueue()
    for number in range(9):
        add(queue, "greedy", f"g{number}", request(most=4))
    assert items(queue.pop()) == ["g0", "g1", "g2", "g3"]
    add(queue, "modest", "m", request(most=4))
    assert drain(queue) == [["g4", "g5", "g6", "m"], ["g8", "g7"]]


def test_who_fills_up_the_call_of_another_makes_room_for_him() -> None:
    queue = FairQueue()
    add(queue, "modest", "m0", request(most=4))
    for number in range(8):
        add(queue, "greedy", f"g{number}", request(most=4))
    for number in range(1, 3):
        add(queue, "modest", f"m{number}", request(most=4))
    add(queue, "other", "o", request(most=4))
    first = items(queue.pop())
    assert {client: sum(item[0] == client for item in first) for client in "mgo"} == {
        "m": 2,
        "g": 1,
        "o": 1,
    }
    left = [item for call in drain(queue) for item in call]
    assert sorted(first + left) == sorted([f"g{n}" for n in range(8)] + ["m0", "m1", "m2", "o"])


def test_a_call_of_ones_own_leaves_before_a_shared_one_of_a_later_turn() -> None:
    queue = FairQueue()
    for number in range(3):
        add(queue, "greedy", f"other{number}", request(number))
    add(queue, "greedy", "g", request("all"))
    assert queue.ahead(request("all"), "modest") == 1
    add(queue, "modest", "m", request("all"))
    assert drain(queue) == [["other0"], ["m", "g"], ["other1"], ["other2"]]


def test_what_several_want_leaves_with_who_is_served_first() -> None:
    queue = FairQueue()
    items = [add(queue, "greedy", f"g{number}", request(number)) for number in range(6)]
    queue.hasten(items[5], "modest")
    queue.hasten(items[0], "modest")
    assert drain(queue) == [["g0"], ["g5"], ["g1"], ["g2"], ["g3"], ["g4"]]


def test_what_is_given_up_is_not_counted_against_its_client() -> None:
    queue = FairQueue()
    items = [add(queue, "one", f"g{number}", request(number)) for number in range(3)]
    for pending in reversed(items):
        queue.remove(pending)
    add(queue, "other", "o", request("o"))
    add(queue, "one", "a", request("a"))
    add(queue, "one", "b", request("b"))
    add(queue, "other", "p", request("p"))
    assert drain(queue) == [["o"], ["a"], ["b"], ["p"]]


def test_parts_of_a_failed_call_leave_by_themselves_and_in_turn() -> None:
    queue = FairQueue()
    for client, item in [("one", "a"), ("one", "b"), ("two", "c")]:
        add(queue, client, item, request(most=3))
    whole = queue.pop()
    add(queue, "three", "d", request(most=3))
    items = list(whole.items.values())
    queue.add_parts([(whole, [pending]) for pending in items], RefusedCall())
    add(queue, "three", "e", request(most=3))
    assert drain(queue) == [["a"], ["c"], ["d", "e"], ["b"]]


def test_an_item_may_be_asked_apart() -> None:
    queue = FairQueue()
    add(queue, "one", "a", request(most=9))
    fetch: Fetch[Any] = Fetch("b", 0.0, 10.0, False)
    queue.add(
        request(most=9), PendingItem(BatchQueue(), "b", "one", fetch, lambda _: None), is_apart=True
    )
    add(queue, "one", "c", request(most=9))
    assert drain(queue) == [["a", "c"], ["b"]]


clients = st.sampled_from(["a", "b", "c", "d"])
arrivals = st.lists(
    st.tuples(clients, st.integers(0, 2), st.integers(0, 400)) | st.none(), max_size=60
)


@given(arrivals, st.integers(1, 3))
def test_every_item_leaves_once_as_foretold_or_sooner(
    steps: list[tuple[str, int, int] | None], most: int
) -> None:
    queue = FairQueue()
    calls = 0
    foretold: dict[str, int] = {}
    left: dict[str, int] = {}
    given_up: set[str] = set()
    waiting: dict[str, PendingItem] = {}

    def leave() -> None:
        nonlocal calls
        batch = queue.pop()
        assert 1 <= len(batch.items) <= most
        assert len({pending.item[0] for pending in batch.items.values()}) == 1  # type: ignore[index]
        for item in items(batch):
            assert item not in left
            left[item] = calls
            waiting.pop(item)
        calls += 1

    for number, command in enumerate(steps):
        if command is None:
            if queue:
                leave()
            continue
        client, group, chance = command
        item = f"{group}{client}{number}"
        kind = request(group, most)
        foretold[item] = calls + queue.ahead(kind, client)
        waiting[item] = add(queue, client, item, kind)
        assert queue.index(waiting[item].batch) + calls == foretold[item]
        if chance < 40:
            queue.remove(waiting.pop(item))
            given_up.add(item)
    alone = not any(command is None for command in steps) and len({d[0] for d in steps if d}) == 1
    while queue:
        leave()

    assert set(left) == set(foretold) - given_up
    assert len(queue) == queue.clients == 0
    if alone:
        assert all(left[item] <= foretold[item] for item in left)


@given(st.lists(clients, min_size=1, max_size=80))
def test_between_two_calls_of_one_client_another_has_two_at_most(names: list[str]) -> None:
    queue = FairQueue()
    for number, name in enumerate(names):
        add(queue, name, f"{name}{number}", request(number, 1))
    left = Counter(names)
    since: dict[str, Counter[str]] = defaultdict(Counter)
    while queue:
        [item] = items(queue.pop())
        name = item[0]
        for other in list(since):
            since[other][name] += 1
            assert since[other][name] <= 2 or not left[other] or other == name
        left[name] -= 1
        since[name] = Counter()


def test_clients_with_nothing_in_the_queue_are_forgotten() -> None:
    queue = FairQueue()
    add(queue, "first", "x", request("x", 1))
    for number in range(5_000):
        name = f"client {number}"
        for part in range(2):
            queue.remove(add(queue, name, f"{number}.{part}", request((number, part), 1)))
        add(queue, "first", str(number), request(number, 1))
        queue.pop()
        assert queue.clients <= 1_100
    assert len(queue) == 1
    queue.pop()
    assert queue.clients == 0


def test_calls_of_a_lower_rank_leave_first_whoever_asks() -> None:
    queue = FairQueue()
    ahead = []
    for rank, client, item in (
        (2, "a", "v"),
        (1, "b", "w"),
        (2, "b", "x"),
        (0, "a", "y"),
        (0, "a", "z"),
    ):
        kind = BatchRequest((rank, item), 1, send, rank)
        ahead.append(queue.ahead(kind, client))
        add(queue, client, item, kind)

    assert ahead == [0, 0, 2, 0, 1]
    assert drain(queue) == [["y"], ["z"], ["w"], ["v"], ["x"]]
