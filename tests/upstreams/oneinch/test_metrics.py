"""Metrics: null and absent are unknown, 0 is nothing, and an odd row costs itself."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from upstreams.decoding.strict_json import NotAsDocumented
from upstreams.oneinch.metrics import Metrics, MetricsAnswer, read_metrics

SAMPLES = Path(__file__).parents[2] / "samples" / "oneinch"
ROW = {"index": "0x01", "profit_abs_usd": 1.5}
READ = Metrics("0x01", Decimal("1.5"))
FIGURES = {
    "profit_abs_usd": "profit_abs_usd",
    "roi": "roi",
    "weighted_apr": "weighted_apr",
    "rewards_usd": "rewards_usd",
    "claimed_fees_usd": "claimed_fees_usd",
    "unclaimed_fees_usd": "unclaimed_fees_usd",
    "impermanent_loss_usd": "impermanent_loss_usd",
    "holding_time_days": "holding_time_days",
}


def body(*rows: object) -> bytes:
    return json.dumps({"result": rows}).encode()


@pytest.mark.parametrize(
    "name", ["protocols_metrics", "tokens_metrics", "protocols_metrics_observed_shape", "metrics"]
)
def test_documented_metrics_are_read_to_the_last_digit(name: str) -> None:
    text = (SAMPLES / f"constructed_{name}.json").read_text()
    sent = json.loads(text, parse_float=Decimal)
    rows = sent if isinstance(sent, list) else sent["result"]
    named = [row for row in rows if isinstance(row["index"], str)]

    found = {each.index: each for each in read_metrics(text.encode()).rows}

    assert set(found) == {row["index"] for row in named}
    for row in named:
        its = found[row["index"]]
        for key in FIGURES:
            assert getattr(its, key) == row.get(key)
        for key in ("rewards_tokens", "claimed_fees", "unclaimed_fees", "impermanent_loss"):
            tokens, said = getattr(its, key), row.get(key)
            amounts = None if tokens is None else [token.amount for token in tokens]
            assert amounts == (None if said is None else [token["amount"] for token in said])


def test_sums_over_several_positions_are_left_out() -> None:
    text = (SAMPLES / "constructed_metrics_aggregate_index_2026.json").read_text()

    found = read_metrics(text.encode())

    assert [each.index for each in found.rows] == ["0xcec9d34a6f5064d1"]
    assert found.unreadable == 0


@pytest.mark.parametrize(
    "odd",
    [None, 7, [], {}, {"index": None}, {"index": ""}, {"index": 7}, {"index": "x" * 101}],
)
def test_an_odd_row_costs_itself(odd: object) -> None:
    assert read_metrics(body(odd, ROW)) == MetricsAnswer((READ,), unreadable=1)


def test_of_an_index_that_comes_twice_nobody_can_tell_which_is_right() -> None:
    other = {"index": "0x02", "roi": 0}

    found = read_metrics(body(ROW, other, ROW))

    assert found == MetricsAnswer((Metrics("0x02", roi=Decimal(0)),), unreadable=1)


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("odd", [True, [], {}, "much", "NaN"])
def test_an_odd_figure_is_unknown_and_the_others_stay(name: str, odd: Any) -> None:
    [found] = read_metrics(body({**ROW, "roi": -1, name: odd})).rows

    assert getattr(found, name) is None
    if name != "roi":
        assert found.roi == -1


@pytest.mark.parametrize(("days", "read"), [(0, 0), ("7", 7), (7.0, 7), (7.5, None), (-1, None)])
def test_days_are_whole(days: object, read: int | None) -> None:
    assert read_metrics(body({**ROW, "holding_time_days": days})).rows[0].holding_time_days == read


def test_a_list_with_an_odd_token_is_unknown() -> None:
    token = {"chain": 1, "address": "0x1", "decimals": 6, "amount": 2}
    row = {**ROW, "rewards_tokens": [token], "claimed_fees": [token, 7], "unclaimed_fees": {}}

    [found] = read_metrics(body(row)).rows

    assert found.rewards_tokens is not None
    assert [(each.chain_id, each.amount) for each in found.rewards_tokens] == [(1, Decimal(2))]
    assert (found.claimed_fees, found.unclaimed_fees) == (None, None)


@pytest.mark.parametrize("text", ["", "7", "{}", '{"result": 7}', "[1"])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(NotAsDocumented):
        read_metrics(text.encode())
