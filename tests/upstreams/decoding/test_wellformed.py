from decimal import Decimal

import msgspec
import pytest

from upstreams.decoding.wellformed import is_sound


class Record(msgspec.Struct):
    amount: Decimal
    rest: object = None


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        True,
        2**256 - 1,
        1.5,
        Decimal("5e-324"),
        Decimal("1.7976931348623157e308"),
        (Record(Decimal("0.1"), [1, {"a": Decimal(0)}]),),
    ],
)
def test_what_upstreams_document_is_sound(value: object) -> None:
    assert is_sound(value)


@pytest.mark.parametrize(
    "value",
    [
        10**400,
        float("nan"),
        float("-inf"),
        Decimal("NaN"),
        Decimal("Infinity"),
        Decimal("1E-999999999"),
        Decimal("1E+999999999"),
        Decimal("9" * 1_000),
    ],
)
def test_what_prints_as_pages_is_not_wherever_it_stands(value: object) -> None:
    assert not is_sound(value)
    assert not is_sound((Record(Decimal(1), [{"a": value}]),))
    assert not is_sound([{value: 1}])
