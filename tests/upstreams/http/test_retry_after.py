from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstreams.http.retry_after import parse_retry_after

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NOW_HTTP = format_datetime(NOW, usegmt=True)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0.0),
        ("7", 7.0),
        (" 1.25 ", 1.25),
        ("300", 300.0),
        ("86400", 300.0),
        ("999999999", 300.0),
        ("9" * 400, 300.0),
        ("-1", None),
        ("1e3", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("\u0663", None),
        ("5, 7", 7.0),
        ("5,, soon", 5.0),
        ("-1, 2", None),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Sun, 01 Mar 2026 12:00:30 -0000", 30.0),
        ("Sunday, 01-Mar-26 12:01:00 GMT", 60.0),
        ("Mon, 02 Mar 2026 12:00:00 GMT", 300.0),
        ("Sun, 99 Mar 2026 12:00:00 GMT", None),
        ("Sun, 01 Mar 99999999999999999999 12:00:00 GMT", None),
        ("x" * 10_000, None),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_both_forms_and_junk(text: str | None, seconds: float | None) -> None:
    assert parse_retry_after([] if text is None else [text], NOW_HTTP) == seconds


@given(st.integers(-100_000, 100_000))
def test_a_date_is_the_seconds_until_it(offset: int) -> None:
    text = format_datetime(NOW + timedelta(seconds=offset), usegmt=True)

    assert parse_retry_after([text], NOW_HTTP) == min(max(offset, 0), 300)


@given(st.text(max_size=120) | st.text("MonTueJanFebGMT, 0123456789:+-", max_size=40))
def test_anything_else_is_a_wait_within_bounds_or_none(text: str) -> None:
    seconds = parse_retry_after([text], text)

    assert seconds is None or 0 <= seconds <= 300


def test_of_several_headers_the_longest_counts() -> None:
    assert parse_retry_after(["3", "Sun, 01 Mar 2026 12:00:30 GMT", "never", "7"], NOW_HTTP) == 30


@pytest.mark.parametrize("date", [None, "", "yesterday"])
def test_the_present_is_the_clock_when_the_answer_gives_no_date(date: str | None) -> None:
    assert parse_retry_after(["Sun, 01 Mar 2026 12:00:30 GMT"], date) == 0.0
    assert parse_retry_after(["Fri, 01 Mar 2126 12:00:30 GMT"], date) == 300.0
