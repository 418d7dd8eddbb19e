"""What wallets were worth over time, played: a walk that ends at what they are worth now."""

from collections.abc import Sequence
from decimal import Decimal

from sandbox.dice import Dice
from sandbox.portfolios import positions
from sandbox.rows import EXACT, exact_sum

DAY = 86_400
# Points of each range, and seconds between two of them.
GRIDS = {
    "1day": (24, 3_600),
    "1week": (28, 6 * 3_600),
    "1month": (31, DAY),
    "1year": (365, DAY),
    "3years": (157, 7 * DAY),
}
# A walk goes straight from one of its turns to the next.
_BETWEEN_TURNS = 15 * DAY
# Before that the wallets held nothing yet.
_SINCE = 500 * DAY


def chart(
    wallets: Sequence[str], chain_id: int | None, timerange: str, now: float
) -> list[dict[str, object]]:
    """One series for all the wallets, on the grid of the range, up to the last step before now."""
    rows = [row for wallet in wallets for row in positions(wallet)]
    worth = exact_sum(
        row.value_usd.copy_abs() if row.asset_sign > 0 else row.value_usd.copy_abs().copy_negate()
        for row in rows
        if chain_id in (None, row.chain_id)
    )
    count, step = GRIDS[timerange]
    last = int(now) // step * step
    seed = " ".join(sorted(wallets))
    return [
        {"timestamp": moment, "value_usd": _value(worth, seed, moment, int(now))}
        for moment in range(last - (count - 1) * step, last + 1, step)
    ]


def _value(worth: Decimal, seed: str, moment: int, now: int) -> Decimal:
    if moment < now // DAY * DAY - _SINCE:
        return Decimal(0)
    turn, since = divmod(moment, _BETWEEN_TURNS)
    before, after = _level(seed, turn), _level(seed, turn + 1)
    level = (before * (_BETWEEN_TURNS - since) + after * since) // _BETWEEN_TURNS
    value = EXACT.multiply(worth, EXACT.scaleb(Decimal(level), -4))
    return value.quantize(Decimal("0.01"), context=EXACT)


def _level(seed: str, turn: int) -> int:
    """Ten-thousandths of what the wallets are worth now."""
    return Dice(f"chart {seed} {turn}").between(6_000, 12_500)
