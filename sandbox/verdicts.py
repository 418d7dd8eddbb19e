"""general/address_check, played: no document says what it answers; this is one guess of several."""

from collections.abc import Iterable

from sandbox.dice import Dice


def verdicts(wallets: Iterable[str]) -> dict[str, object]:
    """A verdict on each wallet but every ninth, of which nothing is said; one in five is bad."""
    found: dict[str, object] = {}
    for wallet in wallets:
        dice = Dice(f"verdict {wallet}")
        if not dice.one_in(9):
            is_bad = dice.one_in(5)
            found[wallet] = {
                "is_compliant": not is_bad,
                "reason": "blacklist" if is_bad else None,
            }
    return found
