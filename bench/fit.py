"""Figures out of figures: percentiles, and how fast a cost grows."""

import math
from collections.abc import Mapping, Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least that share of all values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def median(values: Sequence[float]) -> float:
    """The value in the middle, the lower one of two."""
    return percentile(values, 0.5)


def exponent(costs: Mapping[int, float]) -> float:
    """k of the best fit cost = a * size^k: the least-squares slope on logarithmic axes."""
    xs = [math.log(size) for size in costs]
    ys = [math.log(cost) for cost in costs.values()]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((one - x) ** 2 for one in xs)
    return sum((one - x) * (two - y) for one, two in zip(xs, ys, strict=True)) / spread


def line(costs: Mapping[int, float]) -> tuple[float, float]:
    """(a, b) of the least-squares line cost = a + b * size."""
    x, y = sum(costs) / len(costs), sum(costs.values()) / len(costs)
    spread = sum((size - x) ** 2 for size in costs)
    slope = sum((size - x) * (cost - y) for size, cost in costs.items()) / spread
    return y - slope * x, slope
