"""Algorand addresses: published vectors, and one address for each key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import DEMO_ACCOUNTS
from sandbox.accounts import account
from sandbox.addresses import ZERO_ACCOUNT, encode, problem


@pytest.mark.parametrize(
    ("key", "address"),
    [
        ("00" * 32, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAY5HFKQ"),
        (
            "e12d647d2dade456f311c03a3637bba7db43e05dc4985f7ca0b8db158ec3458c",
            "4EWWI7JNVXSFN4YRYA5DMN53U7NUHYC5YSMF67FAXDNRLDWDIWGM5DQGBA",
        ),
    ],
)
def test_published_vectors(key: str, address: str) -> None:
    assert encode(bytes.fromhex(key)) == address
    assert problem(address) is None


@given(st.binary(min_size=32, max_size=32), st.integers(0, 57), st.sampled_from("ABCXYZ2347"))
def test_one_wrong_letter_is_noticed(key: bytes, place: int, letter: str) -> None:
    address = encode(key)
    changed = address[:place] + letter + address[place + 1 :]

    assert (problem(changed) is None) == (changed == address)


def test_demo_accounts_are_valid_and_hold_what_they_show() -> None:
    counts = {name: len(account(address).holdings) for name, address in DEMO_ACCOUNTS.items()}

    assert {problem(address) for address in (*DEMO_ACCOUNTS.values(), ZERO_ACCOUNT)} == {None}
    assert counts == {"empty": 0, "typical": 20, "collector": 120, "big": 2500, "extremes": 21}


def test_a_crowd_has_accounts_of_all_sizes() -> None:
    crowd = [account(encode(number.to_bytes(32))) for number in range(1, 400)]

    sizes = {len(found.holdings) for found in crowd}
    assert (min(sizes), max(sizes)) == (0, 60)
    assert len(sizes) > 40
    assert {found.status for found in crowd} == {"Offline", "Online"}
    assert 0 in {found.microalgos for found in crowd}
