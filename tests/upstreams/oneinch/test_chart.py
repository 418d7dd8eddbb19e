"""A chart's body: whatever is odd in it costs a point, and never the others."""

import json
from decimal import Decimal

import pytest

from upstreams.decoding.strict_json import NotAsDocumented
from upstreams.oneinch.chart import Chart, ChartPoint, read_chart

GOOD = '{"timestamp": 1753488000, "value_usd": 19044.10}'
POINT = ChartPoint(1_753_488_000, Decimal("19044.10"))


@pytest.mark.parametrize(
    "body",
    [
        f"[{GOOD}]",
        f'{{"result": [{GOOD}]}}',
        f'{{"result": [{GOOD}], "meta": null}}',
        f'{{"meta": {{"data_issues": {{"price_outliers": 7}}}}, "result": [{GOOD}]}}',
        f' {{"result": [{GOOD}], "meta": [NaN]}}',
    ],
)
def test_a_chart_is_read_in_an_envelope_or_bare(body: str) -> None:
    assert read_chart(body.encode()) == Chart((POINT,))


@pytest.mark.parametrize(
    "odd",
    [
        "null",
        "[]",
        "{}",
        "NaN",
        '{"timestamp": 1753488001}',
        '{"timestamp": "soon", "value_usd": 1}',
        '{"timestamp": 1753488000.5, "value_usd": 1}',
        '{"timestamp": 1753488000123, "value_usd": 1}',
        '{"timestamp": -1, "value_usd": 1}',
        '{"timestamp": true, "value_usd": 1}',
        '{"timestamp": 1753488001, "value_usd": null}',
        '{"timestamp": 1753488001, "value_usd": NaN}',
        '{"timestamp": 1753488001, "value_usd": 1e999}',
        '{"timestamp": 1753488001, "value_usd": []}',
    ],
)
def test_an_odd_point_costs_itself(odd: str) -> None:
    assert read_chart(f"[{odd}, {GOOD}]".encode()) == Chart((POINT,), dropped=1)


def test_points_come_by_time_and_of_one_time_the_last_counts() -> None:
    sent = [(3, "1"), (1, "0"), (3, "2.50"), (2, "-7")]
    texts = [f'{{"timestamp": {at}, "value_usd": {value}}}' for at, value in sent]

    found = read_chart(f'{{"result": [{",".join(texts)}]}}'.encode())

    assert [(point.timestamp, str(point.value_usd)) for point in found.points] == [
        (1, "0"),
        (2, "-7"),
        (3, "2.50"),
    ]


def test_what_the_source_says_of_itself_is_kept() -> None:
    meta = {"cached_at": 1_753_747_300, "data_issues": {"price_outliers": [{"a": 1}, {"b": "c"}]}}
    found = read_chart(json.dumps({"result": [], "meta": meta}).encode())

    assert found == Chart((), outliers=2, cached_at=1_753_747_300)


@pytest.mark.parametrize("body", ["", "7", "{}", '{"result": {}}', '"x"', "[1", '{"results": []}'])
def test_what_is_no_list_is_refused(body: str) -> None:
    with pytest.raises(NotAsDocumented):
        read_chart(body.encode())
