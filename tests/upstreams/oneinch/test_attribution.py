"""Laws of whose row is whose: nothing is shown to others, and nothing is lost uncounted."""

import json
from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.upstreams.stage import ZERO, row, wallet
from upstreams.errors import UpstreamContract
from upstreams.oneinch.attribution import Snapshot, attribute
from upstreams.oneinch.client import Answer
from upstreams.oneinch.identity import identity
from upstreams.oneinch.rows import read_snapshot

NAMES = st.sampled_from([wallet(1), wallet(2), wallet(3), wallet(9), ZERO, "native", ""])
CASES = st.sampled_from([str.lower, str.upper, str.swapcase])
WALLETS = st.lists(st.sampled_from([wallet(n) for n in (1, 2, 3)]), min_size=1, unique=True)


@st.composite
def sent(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rows for some wallets and others, some of which cannot be read."""
    made = []
    for number in range(draw(st.integers(0, 12))):
        more: dict[str, Any] = {"contract_name": f"row {number}", "chain_id": 1}
        more |= draw(st.sampled_from([{}, {}, {}, {"chain_id": 137}, {"contract_symbol": None}]))
        owner = draw(CASES)(draw(NAMES))
        made.append(row(owner, draw(st.sampled_from(["0x01", "0x02"])), **more))
    return made


def answer_of(rows: list[dict[str, Any]]) -> Answer:
    return read_snapshot(json.dumps(rows).encode())


def named(each: dict[str, Any]) -> str:
    return str(each["address"].lower())


@given(sent(), WALLETS, st.sampled_from([None, 1]))
def test_no_row_is_shown_for_a_wallet_it_does_not_name(
    rows: list[dict[str, Any]], wallets: list[str], chain_id: int | None
) -> None:
    dealt = attribute(answer_of(rows), wallets, chain_id)

    assert set(dealt.by_wallet) == set(wallets)
    for owner, found in dealt.by_wallet.items():
        for shown in found.rows if isinstance(found, Snapshot) else ():
            may_be = {owner, ZERO} if len(wallets) == 1 else {owner}
            assert shown.address.lower() in may_be
            assert shown.wallet == owner
            assert chain_id in (None, shown.chain_id)


@given(sent(), WALLETS, st.sampled_from([None, 1]))
def test_every_row_is_shown_once_or_counted(
    rows: list[dict[str, Any]], wallets: list[str], chain_id: int | None
) -> None:
    dealt = attribute(answer_of(rows), wallets, chain_id)

    is_alone = len(wallets) == 1
    for owner, found in dealt.by_wallet.items():
        its = {owner, ZERO} if is_alone else {owner}
        own = [each for each in rows if named(each) in its]
        strangers = [each for each in rows if named(each) not in {*wallets, *its}]
        readable = [each for each in own if each["contract_symbol"] is not None]
        right = [each["contract_name"] for each in readable if chain_id in (None, each["chain_id"])]
        if isinstance(found, UpstreamContract):
            assert not right
            assert len(own) > len(readable)
        else:
            assert Counter(each.contract_name for each in found.rows) == Counter(right)
            assert found.left_out == len(own) - len(right) + len(strangers)
    has_unnamed = any(named(each) == ZERO and each["contract_symbol"] for each in rows)
    assert dealt.has_unnamed == (has_unnamed and not is_alone)


@given(sent(), st.randoms())
def test_the_order_in_which_rows_come_changes_nothing(
    rows: list[dict[str, Any]], random: Any
) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)

    [one], [other] = (
        list(attribute(answer_of(each), [wallet(1)]).by_wallet.values())
        for each in (rows, shuffled)
    )

    if isinstance(one, Snapshot):
        assert one == other
        assert list(map(identity, one.rows)) == sorted({identity(each) for each in one.rows})
    else:
        assert isinstance(other, UpstreamContract)


@given(sent(), sent())
def test_an_identity_keeps_its_row_when_others_join(
    rows: list[dict[str, Any]], others: list[dict[str, Any]]
) -> None:
    others = [{**each, "contract_name": f"other {each['contract_name']}"} for each in others]

    [few], [many] = (
        list(attribute(answer_of(each), [wallet(1)]).by_wallet.values())
        for each in (rows, [*others, *rows])
    )

    if isinstance(few, Snapshot) and isinstance(many, Snapshot):
        found = {identity(each): each for each in many.rows}
        assert [found[identity(each)] for each in few.rows] == list(few.rows)


def test_what_may_change_of_a_position_does_not_change_its_identity() -> None:
    changes: list[dict[str, Any]] = [
        {"value_usd": 7},
        {"status": 0},
        {"block_number": 9},
        {"timestamp": 9},
        {"reward_tokens": [{"chain": 1, "address": wallet(7), "decimals": 1}]},
        {"protocol_group_name": "Other"},
        {"protocol_group_icon": "https://example.org"},
        {"contract_symbol": "OTHER"},
    ]
    [same] = {
        identity(read_snapshot(json.dumps([row(wallet(1)) | more]).encode()).rows[0])
        for more in ({}, *changes)
    }
    assert same[:4] == (1, "0x01", 1, 0)


def test_an_nft_keeps_its_identity_when_a_token_leaves_its_range() -> None:
    tokens = [{"chain": 1, "address": wallet(n), "decimals": 1} for n in (7, 8)]
    made = [row(wallet(1), token_id=5, underlying_tokens=tokens[:count]) for count in (0, 1, 2)]
    assert len({identity(each) for each in answer_of(made).rows}) == 1
