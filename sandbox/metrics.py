"""What positions earned over a range, played: with gaps, and something of positions that went."""

from collections.abc import Sequence
from decimal import Decimal

from msgspec import UNSET, UnsetType

from sandbox.dice import Dice
from sandbox.portfolios import positions
from sandbox.rows import EXACT, Row, TokenRow, index_of

_DAYS = {"1day": 1, "1week": 7, "1month": 30, "1year": 365, "3years": 1_095}


def metrics(
    wallets: Sequence[str], chain_id: int | None, timerange: str, *, is_tokens: bool
) -> list[dict[str, object]]:
    """A row for most positions of the wallets, and one of each wallet that is of none it holds."""
    found = []
    for wallet in wallets:
        rows = [
            row
            for row in positions(wallet)
            if chain_id in (None, row.chain_id) and (row.protocol_type == "token") == is_tokens
        ]
        found += [_of(row, timerange) for row in rows if not Dice(f"metrics {row.index}").one_in(9)]
        if rows:
            gone = index_of(wallet, 1, "closed", 0, timerange)
            found.append({"index": gone, "profit_abs_usd": Decimal("-12.34"), "roi": None})
    return found


def _of(row: Row, timerange: str) -> dict[str, object]:
    dice = Dice(f"metrics {row.index} {timerange}")
    days = dice.between(0, _DAYS[timerange])
    roi = EXACT.scaleb(Decimal(dice.between(-900, 2_500)), -4)
    worth = row.value_usd.copy_abs()
    is_pool = row.protocol_type == "dex"
    fees = () if isinstance(row.reward_tokens, UnsetType) else row.reward_tokens
    apr = EXACT.scaleb(Decimal(dice.between(0, 3_000)), -4)
    return {
        "index": row.index,
        "profit_abs_usd": EXACT.multiply(worth, roi).quantize(Decimal("0.01"), context=EXACT),
        "roi": roi,
        "weighted_apr": None if row.protocol_type == "token" else apr,
        "holding_time_days": days,
        "rewards_tokens": [_token(token) for token in fees],
        "rewards_usd": _worth(fees),
        "claimed_fees": [] if is_pool else None,
        "claimed_fees_usd": Decimal(0) if is_pool else None,
        "unclaimed_fees": [_token(token) for token in fees] if is_pool else None,
        "unclaimed_fees_usd": _worth(fees) if is_pool else None,
        "impermanent_loss": None,
        "impermanent_loss_usd": EXACT.scaleb(Decimal(-dice.below(5_000)), -2) if is_pool else None,
    }


def _worth(tokens: Sequence[TokenRow]) -> Decimal:
    values = [token.value.quantize(Decimal("0.01"), context=EXACT) for token in tokens]
    return sum(values, Decimal(0))


def _token(token: TokenRow) -> dict[str, object]:
    sent = {
        "chain": token.chain,
        "address": token.address,
        "decimals": token.decimals,
        "symbol": token.symbol,
        "name": token.name,
        "amount": token.amount,
        "price_usd": token.price_usd,
    }
    return {key: value for key, value in sent.items() if value is not UNSET}
