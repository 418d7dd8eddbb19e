"""Thinning a chart: never more points than asked for, and never without its extremes."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from resolvers.history import thinned
from upstreams.oneinch.chart import ChartPoint

charts = st.lists(st.integers(-(10**6), 10**6), max_size=300).map(
    lambda values: [ChartPoint(at, Decimal(value)) for at, value in enumerate(values)]
)


@given(charts, st.integers(2, 320))
def test_a_thinned_chart_is_short_enough_and_of_the_same_points(
    chart: list[ChartPoint], most: int
) -> None:
    found = thinned(chart, most)

    assert len(found) <= most
    assert [point for point in chart if point in found] == list(found)
    assert [*found[:1], *found[-1:]] == [*chart[:1], *chart[-1:]]
    if len(chart) <= most:
        assert list(found) == chart
    if most >= 4:
        for extreme in (min, max):
            by_value = [point.value_usd for point in chart]
            if by_value:
                assert extreme(by_value) in [point.value_usd for point in found]


@given(charts)
def test_without_a_bound_every_point_stays(chart: list[ChartPoint]) -> None:
    assert thinned(chart, None) == chart
