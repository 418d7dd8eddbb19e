"""What the source itself says that wallets are worth, played: the rows, summed up in four ways."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from decimal import Decimal
from typing import TypeVar

from sandbox.portfolios import positions
from sandbox.rows import EXACT, Row, exact_sum

K = TypeVar("K", bound=Hashable)


def current_value(wallets: Sequence[str], chain_id: int | None) -> dict[str, object]:
    """The total of several wallets, and its parts by wallet, category, protocol and chain."""
    rows = [
        row for wallet in wallets for row in positions(wallet) if chain_id in (None, row.chain_id)
    ]
    return {
        "total": _sum(rows),
        "by_address": [
            {"value_usd": value, "address": wallet}
            for wallet, value in _by(rows, lambda row: row.address)
        ],
        "by_category": [
            {"value_usd": value, "category_id": name, "category_name": name.title()}
            for name, value in _by(rows, _category)
        ],
        "by_protocol_group": [
            {"value_usd": value, "protocol_group_id": group, "protocol_group_name": name}
            for (group, name), value in _by(
                [row for row in rows if row.protocol_type != "token"],
                lambda row: (row.protocol_group_id, row.protocol_group_name),
            )
        ],
        "by_chain": [
            {"value_usd": value, "chain_id": chain, "chain_name": str(chain)}
            for chain, value in _by(rows, lambda row: row.chain_id)
        ],
    }


def _category(row: Row) -> str:
    if row.protocol_type != "token":
        return "protocols"
    return "native" if row.protocol_handler_id == "native" else "tokens"


def _by(rows: Sequence[Row], key: Callable[[Row], K]) -> list[tuple[K, Decimal]]:
    groups = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return [(name, _sum(some)) for name, some in groups.items()]


def _sum(rows: Sequence[Row]) -> Decimal:
    values = (
        row.value_usd.copy_abs() if row.asset_sign > 0 else row.value_usd.copy_abs().copy_negate()
        for row in rows
    )
    return exact_sum(values).quantize(Decimal("0.000000000001"), context=EXACT)
