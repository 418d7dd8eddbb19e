from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstreams.retry_after import parse_retry_after

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0.0),
        ("7", 7.0),
        (" 1.25 ", 1.25),
        ("3600", 3600.0),
        ("86400", 3600.0),
        ("9" * 20, 3600.0),
        ("9" * 50, None),
        ("-1", None),
        ("1e3", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("\u0663", None),
        ("5, 5", None),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Sun, 01 Mar 2026 12:00:30 -0000", 30.0),
        ("Sunday, 01-Mar-26 12:01:00 GMT", 60.0),
        ("Mon, 02 Mar 2026 12:00:00 GMT", 3600.0),
        ("Sun, 99 Mar 2026 12:00:00 GMT", None),
        ("Sun, 01 Mar 99999999999999999999 12:00:00 GMT", None),
        ("x" * 10_000, None),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_both_forms_and_junk(text: str | None, seconds: float | None) -> None:
    assert parse_retry_after(text, NOW.timestamp()) == seconds


@given(st.integers(-100_000, 100_000))
def test_a_date_is_the_seconds_until_it(offset: int) -> None:
    text = format_datetime(NOW + timedelta(seconds=offset), usegmt=True)

    assert parse_retry_after(text, NOW.timestamp()) == min(max(offset, 0), 3600)


@given(st.text(max_size=120) | st.text("MonTueJanFebGMT, 0123456789:+-", max_size=40))
def test_anything_else_is_a_wait_within_bounds_or_none(text: str) -> None:
    seconds = parse_retry_after(text)

    assert seconds is None or 0 <= seconds <= 3600


def test_the_present_is_the_clock_when_none_is_given() -> None:
    assert parse_retry_after("Sun, 01 Mar 2026 12:00:30 GMT") == 0.0
