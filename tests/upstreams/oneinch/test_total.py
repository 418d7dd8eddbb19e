"""The source's own total: its digits, in an envelope or bare, and nothing else for one."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from upstreams.decoding.strict_json import NotAsDocumented
from upstreams.oneinch.total import SourceTotal, read_total

SAMPLES = Path(__file__).parents[2] / "samples" / "oneinch"


@pytest.mark.parametrize("name", ["", "_empty", "_net_debt", "_two_wallets"])
def test_documented_totals_are_read_to_the_last_digit(name: str) -> None:
    text = (SAMPLES / f"constructed_current_value{name}.json").read_text()
    sent = json.loads(text, parse_float=Decimal)["result"]["total"]

    assert read_total(text.encode()).total_usd == Decimal(sent)


@pytest.mark.parametrize(
    ("body", "total"),
    [
        ('{"total": 1.50}', "1.50"),
        ('{"result": {"total": -7}, "meta": null}', "-7"),
        ('{"result": {"total": "0.1"}, "meta": {"cached_at": 5}}', "0.1"),
    ],
)
def test_any_spelling_of_a_number_is_one(body: str, total: str) -> None:
    cached_at = 5 if "cached_at" in body else None
    assert read_total(body.encode()) == SourceTotal(Decimal(total), cached_at)


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{}", '{"result": []}', '{"total": null}', '{"total": true}', '{"total": "x"}'],
)
def test_what_has_no_total_is_refused(body: str) -> None:
    with pytest.raises(NotAsDocumented):
        read_total(body.encode())
