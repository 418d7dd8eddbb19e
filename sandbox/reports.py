"""The report of the played 1inch: a table of its own, whose columns it promises to nobody."""

import csv
import io
from collections.abc import Sequence

from sandbox.portfolios import positions

_COLUMNS = (
    "chain",
    "protocol",
    "type",
    "name",
    "symbol",
    "contract_address",
    "value_usd",
    "status",
)


def report_of(wallets: Sequence[str], chain_id: int | None) -> str:
    """A line for each position of the wallets."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for wallet in wallets:
        for row in positions(wallet):
            if chain_id in (None, row.chain_id):
                writer.writerow(
                    (
                        *(row.chain_id, row.protocol_group_name, row.protocol_type),
                        *(row.contract_name, row.contract_symbol, row.contract_address),
                        *(f"{row.value_usd:f}", row.status),
                    )
                )
    return buffer.getvalue()
