import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstreams.slices import NotCut, items, pairs

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(alphabet='[]{},":\\ aé\ud83d'),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=10,
)
SPACES = st.sampled_from([None, 0, 1, "\t"])


@given(st.lists(VALUES, max_size=5), SPACES)
def test_an_array_is_cut_into_its_items(values: list[object], indent: object) -> None:
    text = json.dumps(values, indent=indent)  # type: ignore[arg-type]

    assert list(map(repr, map(json.loads, items(text)))) == list(map(repr, values))


@given(st.lists(st.tuples(st.text(max_size=4), VALUES), max_size=5))
def test_an_object_is_cut_into_its_pairs_and_keeps_keys_that_come_twice(
    values: list[tuple[str, object]],
) -> None:
    text = "{" + ", ".join(f"{json.dumps(key)} :{json.dumps(one)}" for key, one in values) + " }"

    found = pairs(text)

    assert [key for key, _ in found] == [key for key, _ in values]
    assert [repr(json.loads(one)) for _, one in found] == [repr(one) for _, one in values]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "[",
            "]",
            "[1",
            "[1,",
            "[1,]",
            "[,]",
            "[1 2]",
            "[1] 2",
            "1",
            "{}",
            "[01]",
            "[x]",
        ),
        "[" * 100_000,
    ],
    ids=lambda text: text[:9],
)
def test_what_is_no_array_is_not_cut(text: str) -> None:
    with pytest.raises(NotCut):
        items(text)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{1:1}", '{"a"}', '{"a" 1}', '{"a":}', '{"a":1,}', '{"a":1 "b":1}', "{} {}"],
)
def test_what_is_no_object_is_not_cut(text: str) -> None:
    with pytest.raises(NotCut):
        pairs(text)


def test_numbers_of_any_length_are_items() -> None:
    assert items(f"[{'9' * 9_000}, 1e999999999]") == ["9" * 9_000, "1e999999999"]
