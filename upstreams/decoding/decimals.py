"""Figures: decimals as upstreams send them, how long they may be, arithmetic that never rounds."""

import re
from collections.abc import Iterable
from decimal import (
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    localcontext,
)

# Figures are printed without exponents, so they are bounded, far beyond what a double can hold
# (5e-324 to 1.8e308): by the power of ten of their first digit, and by their digits.
LEAST_POWER, MOST_POWER = -400, 400
MOST_DIGITS = 1600
# What so many digits take in memory: looking at that is the one quick way to bound them.
MOST_BYTES = Decimal("9" * MOST_DIGITS).__sizeof__()
ZERO = Decimal(0)
NAN = Decimal("NaN")

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
# Wide enough for sums of products of any two figures; a result that had to be rounded is a defect.
EXACT = Context(prec=10_000, traps=[InvalidOperation, DivisionByZero, Overflow, Inexact])


def parse(text: str) -> Decimal | None:
    """The figure in a number as JSON spells it; None for any other text, or beyond the bounds."""
    return bounded(read(text)) if _NUMBER.fullmatch(text) else None


def read(text: str) -> Decimal:
    """The figure a JSON number spells; not a number (NaN) if no decimal has such an exponent."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return NAN


def of_json(value: object) -> Decimal | None:
    """The figure in a JSON value, which may be spelt as text; None for anything else."""
    if isinstance(value, str):
        return parse(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return bounded(Decimal(value))
    return bounded(value) if isinstance(value, Decimal) else None


def bounded(figure: Decimal) -> Decimal | None:
    """The figure, or None if it is not finite or beyond the bounds; nothing, at any scale, is 0."""
    if fits(figure):
        return figure
    return ZERO if figure.is_finite() and not figure else None


def fits(figure: Decimal) -> bool:
    """Whether a figure is finite and within the bounds."""
    return (
        figure.is_finite()
        and LEAST_POWER <= figure.adjusted() <= MOST_POWER
        and figure.__sizeof__() <= MOST_BYTES
    )


def whole(figure: Decimal) -> int | None:
    """The same number as an integer, None where it has a fraction or is beyond the bounds."""
    if not fits(figure) or figure != figure.to_integral_value():
        return None
    return int(figure)


def total(figures: Iterable[Decimal]) -> Decimal:
    """The exact sum."""
    with localcontext(EXACT):
        return sum(figures, ZERO)


multiply = EXACT.multiply
