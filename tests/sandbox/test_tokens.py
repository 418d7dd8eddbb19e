"""The token tables: real addresses for well-known tokens, no clash with the made-up ones."""

from sandbox.tokens import CHAIN_IDS, KNOWN, LONG_TAIL, NATIVE, SPAM, block_at, find, known


def test_well_known_tokens_are_where_they_really_are() -> None:
    assert known(1, "USDC").address == "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
    assert known(1, "stETH").address == "0xae7ab96520de3a18e5e111b5eaab095312d7fe84"
    assert known(8453, "WETH").address == known(10, "WETH").address
    assert known(56, "USDT").decimals == 18
    assert (known(137, "USDT").decimals, known(1, "WBTC").decimals) == (6, 8)


def test_every_listed_token_is_found_and_no_two_clash() -> None:
    listed = [
        *NATIVE.values(),
        *(token for tokens in (*KNOWN.values(), *LONG_TAIL.values()) for token in tokens),
    ]

    assert [find(token.chain_id, token.address) for token in listed] == listed
    assert all(len(token.address) == 42 for token in listed)
    assert {token.address for token in listed} == {token.address.lower() for token in listed}
    assert all(token.price for token in listed)
    assert set(NATIVE) == set(CHAIN_IDS)


def test_spam_is_on_no_list_and_has_no_price() -> None:
    assert [find(token.chain_id, token.address) for token in SPAM] == [None] * len(SPAM)
    assert {token.price for token in SPAM} == {None}


def test_blocks_count_from_the_beginning_of_a_chain() -> None:
    assert block_at(1, 0) == 0
    assert block_at(8453, 1686789347) == 0
    assert block_at(8453, 1686789347 + 20) == 10
