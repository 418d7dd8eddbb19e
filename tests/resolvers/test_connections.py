"""Relay's laws, over integers: a page is a slice, pages follow each other without gap or repeat."""

import base64

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.connections import (
    PageArguments,
    Slice,
    decode_cursor,
    encode_cursor,
    page_arguments,
    slice_of,
)
from resolvers.errors import BadCursor, BadPageSize


class At(msgspec.Struct, frozen=True, array_like=True, tag="at"):
    place: int


ROWS = st.lists(st.integers(-50, 50), unique=True, max_size=40).map(sorted)
SIZE = st.integers(0, 10)


def cursor(place: int) -> str:
    return encode_cursor(At(place))


def page_of(rows: list[int], page: PageArguments) -> list[int]:
    part = slice_of(rows, page, lambda row: row, lambda text: decode_cursor(text, At).place)
    return rows[part.start : part.stop]


@given(ROWS, st.integers(1, 10))
def test_pages_forward_cover_all_rows_once(rows: list[int], size: int) -> None:
    seen: list[int] = []
    after = None
    while page := page_of(rows, page_arguments(first=size, after=after)):
        seen += page
        after = cursor(page[-1])
    assert seen == rows


@given(ROWS, st.integers(1, 10))
def test_pages_backward_cover_all_rows_once(rows: list[int], size: int) -> None:
    seen: list[int] = []
    before = None
    while page := page_of(rows, page_arguments(last=size, before=before)):
        seen = page + seen
        before = cursor(page[0])
    assert seen == rows


@given(ROWS, st.integers(-60, 60), SIZE)
def test_after_marks_a_place_even_where_no_row_stands(rows: list[int], at: int, size: int) -> None:
    page = page_of(rows, page_arguments(first=size, after=cursor(at)))
    assert page == [row for row in rows if row > at][:size]


@given(ROWS, st.integers(-60, 60), SIZE)
def test_before_marks_a_place_even_where_no_row_stands(rows: list[int], at: int, size: int) -> None:
    page = page_of(rows, page_arguments(last=size, before=cursor(at)))
    kept = [row for row in rows if row < at]
    assert page == kept[max(0, len(kept) - size) :]


@given(ROWS, st.integers(-60, 60), st.integers(-60, 60), SIZE)
def test_after_and_before_together_keep_what_lies_between(
    rows: list[int], after: int, before: int, size: int
) -> None:
    page = page_of(rows, page_arguments(first=size, after=cursor(after), before=cursor(before)))
    assert page == [row for row in rows if after < row < before][:size]


def test_fifty_rows_where_no_size_is_given() -> None:
    assert page_arguments() == PageArguments(50, None, None, None)
    assert page_arguments(after="x") == PageArguments(50, "x", None, None)


def test_nothing_is_asked_of_an_empty_list() -> None:
    page = page_arguments(first=5)
    assert slice_of([], page, lambda row: row, lambda text: text) == Slice(0, 0)


@pytest.mark.parametrize("size", [-1, 1001, 2**31 - 1])
@pytest.mark.parametrize("name", ["first", "last"])
def test_a_size_out_of_range_is_refused_by_name(name: str, size: int) -> None:
    with pytest.raises(BadPageSize) as caught:
        page_arguments(first=size) if name == "first" else page_arguments(last=size)
    assert str(caught.value) == f"{name} must be from 0 to 1000, not {size}"


def test_both_ends_at_once_are_refused() -> None:
    with pytest.raises(BadPageSize, match="Give first or last, not both"):
        page_arguments(first=1, last=1)


@given(st.integers())
def test_a_cursor_decodes_to_what_it_was_made_of(place: int) -> None:
    assert decode_cursor(cursor(place), At) == At(place)


@given(
    st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: base64.b64encode(raw).decode())
)
def test_any_text_is_a_cursor_of_ours_or_refused(text: str) -> None:
    try:
        found = decode_cursor(text, At)
    except BadCursor:
        return
    assert encode_cursor(found) == text


@pytest.mark.parametrize("text", ["", "====", "é", "A" * 2000, encode_cursor(At(1)) + "="])
def test_garbage_is_a_bad_cursor(text: str) -> None:
    with pytest.raises(BadCursor, match="is not a cursor of this connection"):
        decode_cursor(text, At)


def test_another_connections_cursor_is_a_bad_cursor() -> None:
    class Other(msgspec.Struct, frozen=True, array_like=True, tag="other"):
        place: int

    with pytest.raises(BadCursor):
        decode_cursor(encode_cursor(Other(1)), At)
