"""Portfolios: decided by the address alone, and rich enough to show what a wallet may hold."""

from collections import Counter
from decimal import Decimal, localcontext

from msgspec import UnsetType

from sandbox import DEMO_WALLETS
from sandbox.portfolios import at, positions
from sandbox.replies import json_bytes
from sandbox.rows import Row

CROWD = [f"0x{number:040x}" for number in range(400)]


def test_the_same_address_holds_the_same_in_every_process() -> None:
    rows = positions("0x" + "0" * 40)

    assert len(rows) == 20
    assert rows[0].index == "0xef8cc8d40ff806cd"
    assert rows[0].value_usd == Decimal("83352.7693514839999999015001")


def test_a_callers_decimal_context_changes_no_digit() -> None:
    wallet = DEMO_WALLETS["debts"]
    plain = json_bytes(positions(wallet)), json_bytes([at(row, 10**9) for row in positions(wallet)])
    positions.cache_clear()

    with localcontext(prec=3):
        rough = (
            json_bytes(positions(wallet)),
            json_bytes([at(row, 10**9) for row in positions(wallet)]),
        )

    assert rough == plain


def test_a_crowd_holds_everything_a_wallet_may_hold() -> None:
    rows = [row for wallet in CROWD for row in positions(wallet)]

    kinds = Counter(row.protocol_handler_id for row in rows)
    assert set(kinds) == {"native", "erc20", "uniswapv3", "curve", "aavev3", "lido"}
    assert {row.status for row in rows if not isinstance(row.status, UnsetType)} == {1, 0, -1}
    assert {row.asset_sign for row in rows} == {1, -1}
    assert {row.locked for row in rows} >= {True, False}
    assert {row.chain_id for row in rows} == {1, 10, 56, 100, 137, 324, 8453, 42161, 43114, 59144}
    assert any(row.value_usd < 0 for row in rows)
    assert any(row.token_id > 2**250 for row in rows)
    assert any(isinstance(row.underlying_tokens, UnsetType) for row in rows)
    assert any(isinstance(row.status, UnsetType) for row in rows)
    assert max(len(row.underlying_tokens or ()) for row in rows) == 3
    assert max(len(row.reward_tokens or ()) for row in rows) == 2
    sizes = {len(positions(wallet)) for wallet in CROWD}
    assert {0, 1} <= sizes
    assert max(sizes) >= 20


def test_the_typical_wallet_shows_a_bit_of_everything() -> None:
    rows = positions(DEMO_WALLETS["typical"])

    assert [_summary(row) for row in rows] == [
        ("native", "ETH", 1),
        ("native", "ETH", 8453),
        ("native", "POL", 137),
        ("erc20", "USDC", 1),
        ("erc20", "stETH", 1),
        ("erc20", "UNI", 1),
        ("erc20", "ARB", 42161),
        ("erc20", "WBTC", 137),
        ("uniswapv3", "UNI-V3-POS", 1),
        ("curve", "gauge", 1),
        ("aavev3", "aWETH", 1),
        ("aavev3", "variableDebtUSDC", 1),
    ]
    assert all(row.value_usd > Decimal(0) for row in rows)


def test_a_position_without_tokens_keeps_its_value_in_the_past() -> None:
    row = positions(DEMO_WALLETS["unpriced"])[-1]

    then = at(row, 1_600_000_000)

    assert isinstance(row.underlying_tokens, UnsetType)
    assert then.value_usd == row.value_usd > 0
    assert (then.timestamp, then.block_number) == (1_600_000_000, 13_477_502)


def _summary(row: Row) -> tuple[str, str, int]:
    return row.protocol_handler_id, row.contract_symbol, row.chain_id or 0
