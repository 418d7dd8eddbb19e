"""What a balance is worth where the source gives a price, a value, both or neither."""

from decimal import Decimal

import pytest

from resolvers.token import balance_value_usd
from upstreams.oneinch.records import TokenBalance


@pytest.mark.parametrize(
    ("price", "value", "worth"),
    [
        ("2", "7", "7"),
        ("2", None, "3.0"),
        ("2", "0", "0"),
        ("0", "7", "7"),
        (None, "7", "7"),
        ("0", "0", None),
        (None, "0", None),
        ("0", None, None),
        (None, None, None),
    ],
)
def test_the_value_of_a_balance(price: str | None, value: str | None, worth: str | None) -> None:
    held = TokenBalance(
        address="0x0",
        decimals=18,
        amount=Decimal("1.5"),
        price_usd=None if price is None else Decimal(price),
        value_usd=None if value is None else Decimal(value),
    )
    assert balance_value_usd(held) == (None if worth is None else Decimal(worth))
