"""A portfolio's positions as a table: a line for each token of each position."""

from collections.abc import Iterator
from typing import NamedTuple

from resolvers.portfolio import Valued
from resolvers.position import category, protocol, side, status, value_usd
from resolvers.token import balance_value_usd
from resolvers.wallet import evm_wallet
from upstreams.addresses import evm_shown
from upstreams.oneinch.client import Position, TokenBalance
from upstreams.source.timestamped import moment

VERSION = 1
"""Of the columns: they keep their names, order and meaning while it stays."""


class Line(NamedTuple):
    """One token of one position, its columns by name. None is what is not known.

    `position_value_usd` stands in a position's first line alone, so that both columns of values
    can be added up; of a receipt it is 0, as what it stands for is listed as well.
    """

    as_of: str
    wallet: str
    chain_id: int
    category: str
    protocol_type: str
    protocol: str
    sub_group: str | None
    contract: str
    token_id: int
    name: str
    symbol: str
    side: str
    status: str
    locked: bool
    is_receipt: bool
    position_value_usd: str | None
    role: str | None
    token: str | None
    token_symbol: str | None
    token_name: str | None
    amount: str | None
    price_usd: str | None
    value_usd: str | None


def lines(known: Valued) -> Iterator[Line]:
    """The table of all positions of a portfolio, wallet by wallet."""
    found = known.as_of
    at = known.portfolio.at
    as_of = (moment(at) if at is not None else found) or moment(0)
    text = as_of.isoformat().replace("+00:00", "Z")
    for row in known.rows:
        yield from _lines(row, text)


def _lines(row: Position, as_of: str) -> Iterator[Line]:
    its = protocol(row)
    value = "0" if row.is_receipt else _number(value_usd(row))
    held: list[tuple[str | None, TokenBalance | None]] = [
        *(("underlying", token) for token in row.underlying_tokens),
        *(("reward", token) for token in row.reward_tokens),
    ]
    for place, (role, token) in enumerate(held or [(None, None)]):
        yield Line(
            as_of=as_of,
            wallet=evm_wallet(row.wallet).address,
            chain_id=row.chain_id,
            category=category(row).value,
            protocol_type=its.type,
            protocol=its.group_name,
            sub_group=its.sub_group_name,
            contract=evm_shown(row.contract_address) or row.contract_address,
            token_id=row.token_id,
            name=row.contract_name,
            symbol=row.contract_symbol,
            side=side(row).value,
            status=status(row).name,
            locked=row.locked,
            is_receipt=row.is_receipt,
            position_value_usd=value if place == 0 else None,
            role=role,
            token=None if token is None else evm_shown(token.address) or token.address,
            token_symbol=None if token is None else token.symbol,
            token_name=None if token is None else token.name,
            amount=None if token is None else _number(token.amount),
            price_usd=None if token is None else _number(token.price_usd or None),
            value_usd=None if token is None else _number(balance_value_usd(token)),
        )


def _number(value: object) -> str | None:
    """A decimal with all its digits and a point, and never an exponent."""
    return None if value is None else f"{value:f}"
