import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.scalars import parse_decimal, serialize_decimal
from upstreams.decoding.decimals import MOST_DIGITS, bounded, fits, multiply, parse, total, whole

DIGITS = st.integers(-(10**MOST_DIGITS) + 1, 10**MOST_DIGITS - 1)
FIGURES = st.builds(
    lambda digits, power: Decimal(digits).scaleb(power), st.integers(), st.integers(-390, 380)
).filter(fits)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_double_is_taken_as_its_digits_say(number: float) -> None:
    found = parse(json.dumps(number))

    assert found is not None
    assert found == Decimal(json.dumps(number))
    assert float(found) == number


@given(FIGURES)
def test_a_figure_is_printed_and_read_again_exactly(figure: Decimal) -> None:
    text = serialize_decimal(figure)

    assert "E" not in text
    assert not text.startswith("-0") or Decimal(text)
    again, by_client = parse(text), parse_decimal(text)
    assert again is not None
    assert Fraction(again) == Fraction(by_client) == Fraction(figure)
    assert serialize_decimal(again) == text


@given(DIGITS, st.integers(-2000, 400))
def test_as_many_digits_as_are_promised_fit(digits: int, power: int) -> None:
    figure = Decimal(f"{digits}E{power}") if digits else Decimal(0)

    assert fits(figure) == (-400 <= figure.adjusted() <= 400)


@pytest.mark.parametrize("text", ["9" * 402, "1." + "1" * 2000, "1e401", "-1e401", "1e-401"])
def test_what_would_fill_pages_does_not(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    "text",
    [
        *("", " 5", "5 ", "+5", "1_0", "٣", "\uff15", "NaN", "sNaN", "Infinity", "-Infinity"),
        *(
            ".5",
            "5.",
            "05",
            "-05",
            "0x5",
            "5e",
            "5e+",
            "1e1e1",
            "--5",
            "5\n",
            "1e99999999999999999",
        ),
    ],
)
def test_what_is_no_number_of_json_is_none_here(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize("text", ["0e999999", "-0e-999999", "0.0", "-0"])
def test_nothing_is_a_figure_at_any_scale(text: str) -> None:
    assert parse(text) == 0


@given(st.lists(FIGURES, max_size=6), FIGURES, FIGURES)
def test_nothing_is_rounded(figures: list[Decimal], one: Decimal, other: Decimal) -> None:
    assert Fraction(total(figures)) == sum(map(Fraction, figures), Fraction(0))
    assert Fraction(multiply(one, other)) == Fraction(one) * Fraction(other)


@given(DIGITS)
def test_the_longest_figures_are_multiplied_exactly(digits: int) -> None:
    figure = Decimal(digits).scaleb(-1300)
    if fits(figure):
        assert Fraction(multiply(figure, figure)) == Fraction(figure) ** 2


@given(st.integers(-(10**400), 10**400), st.integers(0, 30))
def test_an_integer_may_have_a_fraction_of_zero_alone(number: int, zeros: int) -> None:
    assert whole(Decimal(f"{number}.{'0' * zeros}") if zeros else Decimal(number)) == number
    assert whole(Decimal(f"{number}.{'0' * zeros}1")) is None


@pytest.mark.parametrize("figure", ["NaN", "Infinity", "1e999999999", "1e-999999999"])
def test_no_integer_is_made_of_what_has_too_many_digits(figure: str) -> None:
    assert whole(Decimal(figure)) is None
    assert bounded(Decimal(figure)) is None
