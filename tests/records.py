"""Records made by hand, for tests of what is computed from them."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from upstreams.oneinch.client import Position, TokenBalance
from upstreams.oneinch.identity import identity

OWNER = "0x" + "11" * 20


def token(
    amount: str = "1",
    price: str | None = "1",
    value: str | None = None,
    *,
    address: str = "0x" + "aa" * 20,
    symbol: str | None = "TKN",
    name: str | None = "Token",
) -> TokenBalance:
    return TokenBalance(
        address=address,
        decimals=18,
        chain_id=1,
        symbol=symbol,
        name=name,
        amount=Decimal(amount),
        price_usd=None if price is None else Decimal(price),
        value_usd=None if value is None else Decimal(value),
    )


def position(
    index: str = "0x01",
    value: str = "1",
    *,
    chain: int = 1,
    sign: int = 1,
    ordinal: int = 0,
    status: int = 1,
    locked: bool = False,
    kind: str = "token",
    group: str = "token",
    name: str = "Coin",
    tokens: tuple[TokenBalance, ...] = (),
    rewards: tuple[TokenBalance, ...] = (),
    **more: Any,
) -> Position:
    made = Position(
        index=index,
        chain_id=chain,
        contract_address="0x" + "cc" * 20,
        token_id=0,
        address=OWNER,
        block_number_created=0,
        block_number=None,
        timestamp=None,
        protocol_type=kind,
        protocol_handler_id=kind,
        protocol_group_id=group,
        protocol_group_name=group.title(),
        protocol_group_icon=None,
        protocol_sub_group_id=None,
        protocol_sub_group_name=None,
        contract_name=name,
        contract_symbol=name.upper(),
        asset_sign=sign,
        status=status,
        underlying_tokens=tokens,
        reward_tokens=rewards,
        value_usd=Decimal(value),
        locked=locked,
        wallet=OWNER,
        ordinal=ordinal,
    )
    return replace(made, **more)


@st.composite
def portfolios(draw: st.DrawFn) -> list[Position]:
    """Positions of one wallet, by identity, with many equal and many missing values."""
    identities = st.tuples(
        st.sampled_from([1, 137]),
        st.sampled_from(["0x01", "0x02", "0x03"]),
        st.sampled_from([1, -1]),
    )
    keys = draw(st.lists(st.tuples(identities, st.integers(0, 2)), unique=True, max_size=25))
    rows = [
        position(
            index,
            draw(st.sampled_from(["0", "0.1", "2.50", "2.5", "1000000000000000000000.000000001"])),
            chain=chain,
            sign=sign,
            ordinal=ordinal,
            group=draw(st.sampled_from(["aave", "Curve", "uni"])),
            name=draw(st.sampled_from(["A", "a", "B"])),
            tokens=(token(price=draw(st.sampled_from([None, "0", "1"]))),),
        )
        for (chain, index, sign), ordinal in sorted(keys)
    ]
    return sorted(rows, key=identity)
