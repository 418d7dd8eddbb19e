"""No key that comes twice slips by the quick count, whatever else an answer has or lacks."""

import asyncio
from random import Random
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.upstreams.documents import ADDRESS, CREATOR, PARAMS, ROW, USDC, WALLET
from tests.upstreams.wire import Canned, Pairs, write
from upstreams.algod.client import Algod, AssetPage
from upstreams.errors import UpstreamContract
from upstreams.oneinch.client import Answer, OneInch

# Strings that look like the punctuation between a key and its value.
AWKWARD = ['":', ' :"', ":", '\\":', "plain", "", "é :", '":null,"', None]
NUMBERS = [0, 1, 2.5, "3.5"]


class Draws(Random):
    """An answer of random shape: a seed is drawn and not each part, which would take seconds."""

    def some(self, pairs: Pairs) -> Pairs:
        return [pair for pair in pairs if self.random() < 0.5]

    def token(self) -> Pairs:
        optional: Pairs = [
            ("symbol", self.choice(AWKWARD)),
            ("name", self.choice(AWKWARD)),
            ("amount", self.choice(NUMBERS)),
            ("price_usd", self.choice([None, *NUMBERS])),
            ("value_usd", self.choice([None, *NUMBERS])),
            ("extra", self.choice(AWKWARD)),
        ]
        required: Pairs = [
            (self.choice(["chain", "chain_id"]), 1),
            ("address", USDC),
            ("decimals", 6),
        ]
        return required + self.some(optional)

    def tokens(self) -> list[Pairs]:
        return [self.token() for _ in range(self.randrange(3))]

    def row(self) -> Pairs:
        optional: Pairs = [
            ("block_number", self.choice([None, 5])),
            ("timestamp", self.choice([None, 5])),
            ("protocol_sub_group_id", self.choice(AWKWARD)),
            ("protocol_sub_group_name", self.choice(AWKWARD)),
            ("status", self.choice([-1, 0, 1])),
            ("underlying_tokens", self.tokens()),
            ("reward_tokens", self.tokens()),
            ("locked", self.choice([True, False])),
        ]
        extras: list[Pairs] = [[], [], [("extra", [[("a", 1)]])], [("@ordinal", 3)], [("@at", 1)]]
        names = {name for name, _ in optional} | {"chain_id"}
        pairs: Pairs = [(name, value) for name, value in ROW.items() if name not in names]
        pairs.append((self.choice(["chain", "chain_id"]), 1))
        pairs += self.some(optional) + self.choice(extras)
        self.shuffle(pairs)
        return pairs

    def answer(self) -> list[Pairs] | Pairs:
        rows = [self.row() for _ in range(self.randint(1, 3))]
        if self.random() < 0.5:
            return rows
        meta: Pairs = [("cached_at", None), ("system", [("click_time", 0), ("node_time", 1)])]
        choices: list[Pairs] = [[], [("meta", None)], [("meta", meta)]]
        return [("result", rows), *self.choice(choices)]

    def spelling(self) -> tuple[str, str]:
        return self.choice([(":", ","), (":", ","), (": ", ", "), (" :", ","), ("\n:\t", "\n,")])


def drawn_page(draws: Random) -> Pairs:
    """A page of random shape."""
    holdings: list[Pairs] = []
    # algod sends no null, and each one hides a missing key from the quick count.
    empty = None if draws.random() < 0.2 else ""
    for asset_id in range(1, draws.randint(2, 4)):
        own: Pairs = [("amount", 1), ("asset-id", asset_id), ("is-frozen", False)]
        optional: Pairs = [
            (name, draws.choice([value, empty]))
            for name, value in PARAMS.items()
            if name not in ("creator", "decimals", "total", "default-frozen")
        ]
        creator = draws.choice([CREATOR, CREATOR, 'C":'])
        params: Pairs = [("creator", creator), ("decimals", 0), ("total", 0)]
        params += [pair for pair in optional if draws.random() < 0.5]
        if draws.random() < 0.5:
            params.append(("default-frozen", draws.choice([True, False])))
        holding: Pairs = [("asset-holding", own)]
        if draws.random() < 0.7:
            holding.append(("asset-params", params if empty == "" else None))
        holdings.append(holding)
    pairs: Pairs = [("asset-holdings", holdings), ("round", 9)]
    if draws.random() < 0.5:
        pairs.append(("next-token", str(len(holdings))))
    draws.shuffle(pairs)
    return pairs


def objects(value: object) -> list[Pairs]:
    if not isinstance(value, list):
        return []
    if value and isinstance(value[0], tuple):
        return [value, *(found for _, item in value for found in objects(item))]
    return [found for item in value for found in objects(item)]


def snapshot(text: str) -> Answer:
    oneinch = OneInch.open("http://portfolio.test", transport=Canned(text))
    return asyncio.run(oneinch.snapshot([WALLET]))


def page(text: str) -> AssetPage:
    algod = Algod.open("http://algod.test", transport=Canned(text))
    return asyncio.run(algod.account_assets(ADDRESS, 5))


@given(st.integers(0, 2**64))
def test_whatever_is_right_decodes(seed: int) -> None:
    draws = Draws(seed)

    assert len(snapshot(write(draws.answer(), *draws.spelling()))) > 0


@settings(max_examples=300)
@given(st.integers(0, 2**64))
def test_a_key_that_comes_twice_in_a_snapshot_is_found_wherever_it_is(seed: int) -> None:
    draws = Draws(seed)
    answer = draws.answer()
    rows = _rows(answer)
    count = len(rows)
    places = [pairs for pairs in objects(answer) if pairs]
    target = draws.choice(places)
    within = [any(pairs is target for pairs in objects(row)) for row in rows]
    target.insert(draws.randint(0, len(target)), draws.choice(target))
    text = write(answer, *draws.spelling())

    if any(within):
        # It costs the row that it is in.
        found = snapshot(text)
        assert len(found.rows) == count - 1
        (unreadable,) = found.unreadable
        assert unreadable.what.startswith("a key that comes twice")
    elif target is answer:
        with pytest.raises(UpstreamContract, match="a key that comes twice"):
            snapshot(text)
    else:
        # What stands beside the rows costs none of them.
        assert len(snapshot(text).rows) == count


def _rows(answer: list[Pairs] | Pairs) -> list[Any]:
    for pair in answer:
        if isinstance(pair, tuple):
            return list(cast(list[Pairs], dict(cast(Pairs, answer))["result"]))
    return list(answer)


@settings(max_examples=200)
@given(st.integers(0, 2**64))
def test_a_key_that_comes_twice_in_a_page_costs_its_row_or_else_the_page(seed: int) -> None:
    draws = Random(seed)
    body = drawn_page(draws)
    whole = page(write(body))
    rows = next(value for key, value in body if key == "asset-holdings")
    assert isinstance(rows, list)
    number = draws.randrange(-1, len(rows))

    target = draws.choice(objects(rows[number])) if number >= 0 else body
    target.insert(draws.randint(0, len(target)), draws.choice(target))

    if number < 0:
        with pytest.raises(UpstreamContract, match="a key that comes twice"):
            page(write(body))
    else:
        others = (*whole.holdings[:number], *whole.holdings[number + 1 :])
        assert page(write(body)) == replace(whole, holdings=others, unreadable=1)
