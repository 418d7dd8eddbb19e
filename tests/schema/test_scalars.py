"""The scalars' laws: what goes out comes back, and nothing passes through a float."""

import math
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from graphql import GraphQLError, parse_value
from hypothesis import given
from hypothesis import strategies as st

from schema.scalars import (
    SCALARS,
    BigInt,
    parse_big_int,
    parse_date_time,
    parse_decimal,
    serialize_big_int,
    serialize_date_time,
    serialize_decimal,
)

INTEGERS = st.integers(-(10**78) + 1, 10**78 - 1)
DECIMALS = st.decimals(
    allow_nan=False, allow_infinity=False, places=30, min_value=-(10**30), max_value=10**30
)
MOMENTS = st.datetimes(timezones=st.just(UTC))


@given(INTEGERS)
def test_a_big_int_comes_back_as_it_went(value: int) -> None:
    assert serialize_big_int(value) == str(value)
    assert parse_big_int(str(value)) == parse_big_int(value) == value


@given(DECIMALS)
def test_a_decimal_comes_back_digit_by_digit(value: Decimal) -> None:
    text = serialize_decimal(value)
    assert "E" not in text.upper()
    assert parse_decimal(text).as_tuple() == value.as_tuple()


@given(MOMENTS)
def test_a_moment_comes_back_as_it_went(value: datetime) -> None:
    text = serialize_date_time(value)
    assert text.endswith("Z")
    assert parse_date_time(text) == value


def test_exponents_are_written_out() -> None:
    assert serialize_decimal(Decimal("1E+3")) == "1000"
    assert serialize_decimal(Decimal("1e-20")) == "0.00000000000000000001"
    assert parse_decimal("2.5e3") == 2500


def test_another_time_zone_is_answered_in_utc() -> None:
    tokyo = datetime(2025, 7, 1, 9, tzinfo=timezone(timedelta(hours=9)))
    assert serialize_date_time(tokyo) == "2025-07-01T00:00:00Z"


@pytest.mark.parametrize(
    "value", [1.0, math.nan, True, None, "", "1.0", "1e3", "0x1", "٣", "1" * 79]
)
def test_what_is_not_an_integer_is_refused(value: object) -> None:
    with pytest.raises(GraphQLError, match="BigInt takes an integer"):
        parse_big_int(value)


@pytest.mark.parametrize(
    "value", [1.5, math.nan, True, None, "", "NaN", "Infinity", ".5", "1e999", "1,5"]
)
def test_what_is_not_an_exact_decimal_is_refused(value: object) -> None:
    with pytest.raises(GraphQLError, match="Decimal takes a number as a string"):
        parse_decimal(value)


@pytest.mark.parametrize(
    "value",
    [
        0,
        "",
        "2025-07-01",
        "2025-07-01T00:00:00",
        "2025-13-01T00:00:00Z",
        "0001-01-01T00:00:00+23:59",
    ],
)
def test_what_is_not_a_moment_is_refused(value: object) -> None:
    with pytest.raises(GraphQLError, match="DateTime takes an RFC 3339 moment"):
        parse_date_time(value)


@pytest.mark.parametrize("value", [True, 1.0, "1"])
def test_only_integers_leave_as_a_big_int(value: object) -> None:
    with pytest.raises(GraphQLError):
        serialize_big_int(value)


@pytest.mark.parametrize("value", [1, 1.0, Decimal("NaN"), Decimal("Infinity")])
def test_only_finite_decimals_leave_as_a_decimal(value: object) -> None:
    with pytest.raises(GraphQLError):
        serialize_decimal(value)


@pytest.mark.parametrize("value", [datetime(2025, 1, 1), 0])
def test_only_moments_leave_as_a_date_time(value: object) -> None:
    with pytest.raises(GraphQLError):
        serialize_date_time(value)


@pytest.mark.parametrize(
    ("scalar", "literal", "value"),
    [
        (BigInt, "18446744073709551615", 18446744073709551615),
        (BigInt, '"18446744073709551615"', 18446744073709551615),
        (
            Decimal,
            "0.1234567890123456789012345678901",
            Decimal("0.1234567890123456789012345678901"),
        ),
        (Decimal, "3", Decimal(3)),
        (Decimal, '"3.50"', Decimal("3.50")),
        (datetime, '"2025-07-01T00:00:00.5Z"', datetime(2025, 7, 1, 0, 0, 0, 500_000, UTC)),
    ],
)
def test_a_literal_keeps_its_digits(scalar: object, literal: str, value: object) -> None:
    parse_literal = SCALARS[scalar].parse_literal
    assert parse_literal is not None
    assert parse_literal(parse_value(literal), None) == value


@pytest.mark.parametrize(
    ("scalar", "literal"),
    [
        *((BigInt, text) for text in ("1.5", "true", "{ a: 1 }", '"x"')),
        *((Decimal, text) for text in ("true", "NaN", "[1]", "1e100")),
        *((datetime, text) for text in ("5", '"2024-13-01T00:00:00Z"')),
    ],
)
def test_a_literal_of_another_kind_is_refused_at_its_place(scalar: object, literal: str) -> None:
    definition = SCALARS[scalar]
    assert definition.parse_literal is not None
    with pytest.raises(GraphQLError, match=f"^{definition.name} takes ") as refused:
        definition.parse_literal(parse_value(literal), None)
    assert refused.value.locations == [(1, 1)]
