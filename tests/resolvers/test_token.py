"""Tokens: their keys, ids and types, and what a balance of one is worth."""

from decimal import Decimal

import pytest

from resolvers.errors import BadArgument
from resolvers.ids import decode
from resolvers.token import (
    NATIVE,
    balance_value_usd,
    caip19,
    coin_type,
    described,
    token_key,
    token_key_of_id,
)
from upstreams.oneinch.records import TokenBalance
from upstreams.oneinch.source import TokenKey

MOST = 2**31 - 1


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


def test_a_coin_has_the_type_that_slip_44_gives_it_and_no_other_token_has_one() -> None:
    types = {
        chain_id: coin_type(described(chain_id, NATIVE, 18, "X", "X")) for chain_id in range(1, 300)
    }
    others = (324, 8217, 8453, 42161, 43114, 59144, 1313161554)
    types |= {each: coin_type(described(each, NATIVE, 18, "X", "X")) for each in others}
    assert {chain_id: kind for chain_id, kind in types.items() if kind is not None} == {
        **dict.fromkeys((1, 10, 130, 324, 8453, 42161, 59144, 1313161554), 60),
        56: 714,
        100: 700,
        137: 966,
        146: 10007,
        250: 1007,
        8217: 8217,
        43114: 9005,
    }
    assert coin_type(described(1, "0x" + "1" * 40, 18, "X", "X")) is None


@pytest.mark.parametrize(
    ("chain_id", "address", "found"),
    [
        (137, NATIVE, "eip155:137/slip44:966"),
        (999, NATIVE, None),
        (999, "0x" + "aB" * 20, "eip155:999/erc20:0x" + "ab" * 20),
        (1, "native", None),
    ],
)
def test_the_caip_19_id(chain_id: int, address: str, found: str | None) -> None:
    assert caip19(described(chain_id, address, 18, "X", "X")) == found


@pytest.mark.parametrize("length", [255, 256, 257, 5_000])
def test_an_id_is_short_however_long_what_stands_for_an_address(length: int) -> None:
    made = described(1, "a" * length, 18, "X", "X")
    kept = decode(made.id).parts[1]
    assert len(kept) == (length + 1 if length <= 256 else 129)


@pytest.mark.parametrize("chain_id", [1, MOST])
def test_every_chain_id_that_graphql_has_is_one(chain_id: int) -> None:
    key = token_key(chain_id, "0x" + "AB" * 20)
    assert key == TokenKey(chain_id, "0x" + "ab" * 20)
    assert token_key_of_id(described(*key, 18, "X", "X").id) == key


@pytest.mark.parametrize("chain_id", [0, -1, MOST + 1])
def test_no_other_number_is(chain_id: int) -> None:
    with pytest.raises(BadArgument, match=f"chainId must be from 1 to {MOST}, not {chain_id}"):
        token_key(chain_id, "0x" + "ab" * 20)
    if chain_id:
        with pytest.raises(BadArgument):
            token_key_of_id(described(chain_id, "0x" + "ab" * 20, 18, "X", "X").id)
