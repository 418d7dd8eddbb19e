import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from upstreams.decoding.split_json import NotCut, fields, items, pairs

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(alphabet='[]{},":\\ aé😀'),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=10,
)
SPACES = st.sampled_from([None, 0, 1, "\t"])


@given(st.lists(VALUES, max_size=5), SPACES)
def test_an_array_is_cut_into_its_items(values: list[object], indent: object) -> None:
    text = json.dumps(values, indent=indent)  # type: ignore[arg-type]

    assert list(map(repr, map(json.loads, items(text.encode())))) == list(map(repr, values))


@given(st.lists(st.tuples(st.text(max_size=4), VALUES), max_size=5))
def test_an_object_is_cut_into_its_pairs_and_keeps_keys_that_come_twice(
    values: list[tuple[str, object]],
) -> None:
    text = "{" + ", ".join(f"{json.dumps(key)} :{json.dumps(one)}" for key, one in values) + " }"

    found = pairs(text.encode())

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
        items(text.encode())


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{1:1}", '{"a"}', '{"a" 1}', '{"a":}', '{"a":1,}', '{"a":1 "b":1}', "{} {}"],
)
def test_what_is_no_object_is_not_cut(text: str) -> None:
    with pytest.raises(NotCut):
        pairs(text.encode())


def test_numbers_of_any_length_are_items() -> None:
    assert items(f"[{'9' * 9_000}, 1e999999999]".encode()) == [b"9" * 9_000, b"1e999999999"]


@given(st.lists(st.tuples(st.text(max_size=4), VALUES), max_size=5, unique_by=lambda pair: pair[0]))
@example([("", "")])
@example([("name", "name"), ("symbol", "x")])
def test_an_object_has_its_fields(values: list[tuple[str, object]]) -> None:
    found = fields(json.dumps(dict(values), ensure_ascii=False).encode())

    assert repr({key: json.loads(one) for key, one in found.items()}) == repr(dict(values))


@pytest.mark.parametrize(
    "text", ['{"a":1,"a":1}', '{"a":1,"b":[],"\\u0061":[]}', '{"a":NaN,"a":1}', "[]"]
)
def test_a_field_that_comes_twice_is_refused(text: str) -> None:
    with pytest.raises(NotCut):
        fields(text.encode())


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (r'"a\ud83d"', b'"a\xff\xff\xff\xff\xff\xff"'),
        (r'"\uDE00b"', b'"\xff\xff\xff\xff\xff\xffb"'),
        (r'"\ude00\ud83d"', b'"' + b"\xff" * 12 + b'"'),
        (r'"\ud83d\ud83d\ude00"', b'"' + b"\xff" * 6 + rb'\ud83d\ude00"'),
        (r'"\ud83d\ude00"', rb'"\ud83d\ude00"'),
        (r'"\\ud83d"', rb'"\\ud83d"'),
        (r'"\\\ud83d"', rb'"\\' + b"\xff" * 6 + b'"'),
        (r'"\"\ud83d\n"', rb'"\"' + b"\xff" * 6 + rb'\n"'),
    ],
)
def test_half_a_surrogate_pair_stays_in_its_item_as_bytes_of_no_text(
    text: str, left: bytes
) -> None:
    assert items(f'[1, {text},"\u00e9"]'.encode()) == [b"1", left, '"\u00e9"'.encode()]


@pytest.mark.parametrize("odd", [b"NaN", b'"\xff"', b'{"a":-Infinity}', b'"a\x7f"'])
def test_what_is_no_text_stays_in_its_item(odd: bytes) -> None:
    assert items(b"[1, %b ,2]" % odd) == [b"1", odd, b"2"]
