"""Positions: which are kept, how they are ordered and paged, what they are worth."""

import base64
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers import ids
from resolvers.connections import page_arguments
from resolvers.errors import BadAddress, BadArgument, BadCursor
from resolvers.part import present
from resolvers.position import Side, Status, key_of_id, position_id, status, value_usd
from resolvers.position_filter import Filter, make_filter
from resolvers.position_order import Order, OrderField
from resolvers.positions import Edge, Positions, page_of, whole_of
from resolvers.wallet import evm_wallet
from tests.records import OWNER, portfolios, position, token
from upstreams.decoding.decimals import fits
from upstreams.oneinch.by_chain import SnapshotKey
from upstreams.oneinch.client import Position
from upstreams.oneinch.identity import identity
from upstreams.oneinch.records import MAX_INDEX

NOW = datetime(2025, 7, 1, tzinfo=UTC)
ORDERS = st.builds(Order, st.sampled_from(OrderField), st.booleans())


def page(
    rows: list[Position],
    order: Order | None = None,
    keep: Filter | None = None,
    **arguments: object,
) -> Positions:
    asked = page_arguments(**arguments)  # type: ignore[arg-type]
    whole = whole_of(rows, keep or Filter(), order or Order())
    return page_of(whole, OWNER, asked, (present("tokens", evm_wallet(OWNER), NOW),))


def forward(rows: list[Position], order: Order, size: int) -> list[Position]:
    seen: list[Position] = []
    found = page(rows, order, first=size)
    while found.nodes:
        seen += found.nodes
        found = page(rows, order, first=size, after=found.end_cursor)
    return seen


@given(portfolios(), ORDERS, st.integers(1, 7))
def test_pages_show_every_position_once_in_the_order_asked(
    rows: list[Position], order: Order, size: int
) -> None:
    whole = list(page(rows, order, first=1000).nodes)

    assert forward(rows, order, size) == whole
    assert sorted(map(id, whole)) == sorted(map(id, rows))


@given(portfolios(), ORDERS, st.integers(1, 7))
def test_pages_backward_show_the_same(rows: list[Position], order: Order, size: int) -> None:
    seen: list[Position] = []
    found = page(rows, order, last=size)
    while found.nodes:
        seen = [*found.nodes, *seen]
        found = page(rows, order, last=size, before=found.start_cursor)

    assert seen == list(page(rows, order, first=1000).nodes)


@given(portfolios(), ORDERS, st.data())
def test_rows_that_vanish_between_pages_move_nothing_else(
    rows: list[Position], order: Order, data: st.DataObject
) -> None:
    first = page(rows, order, first=5)
    gone = data.draw(st.sets(st.sampled_from(range(len(rows))), max_size=5)) if rows else set()
    left = [row for place, row in enumerate(rows) if place not in gone]

    second = page(left, order, first=1000, after=first.end_cursor)

    shown = set(map(identity, first.nodes))
    assert list(second.nodes) == [
        row for row in page(left, order, first=1000).nodes if identity(row) not in shown
    ]


@given(portfolios(), ORDERS)
def test_page_info_says_what_lies_on_either_side(rows: list[Position], order: Order) -> None:
    middle = page(rows, order, first=3, after=page(rows, order, first=3).end_cursor)

    if len(rows) > 3:
        assert middle.has_previous_page
        assert middle.has_next_page == (len(rows) > 6)
        assert middle.end_cursor == middle.edges[-1].cursor
        assert middle.start_cursor == middle.edges[0].cursor


@given(portfolios())
def test_the_total_is_exact_and_over_all_pages(rows: list[Position]) -> None:
    found = page(rows, first=1)

    values = [value_usd(row) for row in rows]
    total = sum(Fraction(value) for value in values if value is not None)
    assert Fraction(found.total_value_usd) == total
    assert found.total_count == len(rows)
    assert found.unpriced_count == values.count(None)


@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False).filter(fits), max_size=8))
def test_no_total_is_rounded(values: list[Decimal]) -> None:
    rows = [position(f"0x{place:02x}", str(value)) for place, value in enumerate(values)]

    assert Fraction(page(rows).total_value_usd) == sum(map(Fraction, values), Fraction(0))


def test_the_total_keeps_digits_that_python_would_round() -> None:
    rows = [position("0x01", "123456789012345678901234567890.5"), position("0x02", "1e-20")]

    assert page(rows).total_value_usd == Decimal(
        "123456789012345678901234567890.50000000000000000001"
    )


@given(ORDERS)
def test_names_and_figures_of_any_length_leave_cursors_that_are_taken(order: Order) -> None:
    long = "x" * 5_000
    rows = [
        position("0x01", "1." + "3" * 1599, name="é" * 5_000, group=long),
        position("0x02", "1." + "3" * 1598 + "4", name="é" * 5_001, group=long + "y"),
        position("0x03", "1e-400", name="É" * 300),
        position("\u00e9" * 100, "1e400", name=long),
    ]

    assert forward(rows, order, 1) == list(page(rows, order, first=1000).nodes)


def test_an_empty_page_has_no_cursors() -> None:
    empty = page([position()], first=0)

    assert (empty.start_cursor, empty.end_cursor, empty.edges) == (None, None, [])
    assert empty.has_next_page


@pytest.mark.parametrize(
    ("sign", "sent", "net"),
    [
        (1, "5", "5"),
        (1, "-5", "-5"),
        (0, "-5.0", "-5.0"),
        (-1, "5", "-5"),
        (-1, "-5", "-5"),
        (-128, "5", "-5"),
        (1, "0", "0"),
        (1, "-0.0", "0.0"),
        (-1, "0", "0"),
        (-1, "0.00", "0.00"),
        (-1, "-0", "0"),
    ],
)
def test_a_debt_is_negative_whatever_its_sign_and_an_asset_is_as_it_came(
    sign: int, sent: str, net: str
) -> None:
    assert str(value_usd(position(sign=sign, value=sent))) == net


@pytest.mark.parametrize(
    ("amount", "price", "is_known"),
    [("1", None, False), ("1", "0", False), ("0", None, True), ("1", "2", True)],
)
def test_zero_is_a_value_only_where_a_price_is_known(
    amount: str, price: str | None, is_known: bool
) -> None:
    row = position(value="0", tokens=(token(amount, price),))

    assert (value_usd(row) is not None) == is_known


def test_a_value_keeps_more_digits_than_pythons_decimal_context() -> None:
    digits = "0.1234567890123456789012345678901234567890"
    assert str(value_usd(position(value=digits, sign=-1))) == f"-{digits}"


@pytest.mark.parametrize(
    ("sent", "found"),
    [(1, Status.OPEN), (0, Status.CLOSED), (-1, Status.UNKNOWN), (7, Status.UNKNOWN)],
)
def test_a_status_nobody_documented_is_unknown(sent: int, found: Status) -> None:
    assert status(position(status=sent)) is found


@given(
    st.text(max_size=MAX_INDEX),
    st.integers(0, 2**31 - 1),
    st.integers(-128, 127),
    st.integers(0, 2**256 - 1),
    st.integers(0, 9),
    st.none() | st.integers(1, 2**32 - 1),
)
def test_an_id_leads_back_to_its_position(
    index: str, chain: int, sign: int, token_id: int, ordinal: int, at: int | None
) -> None:
    row = position(index, chain=chain, sign=sign, ordinal=ordinal, token_id=token_id, at=at)

    assert key_of_id(position_id(row)) == (SnapshotKey(OWNER, None, at), identity(row))


ID = ids.decode(position_id(position()))


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (0, "0x" + "AA" * 20),
        (0, "0X" + OWNER[2:]),
        (0, "0x" + "11" * 19),
        (1, "01"),
        (1, "-1"),
        (1, "+1"),
        (2, "0x%30"),
        (2, "%zz"),
        (2, "%c3%a4"),
        (3, "00"),
        (3, str(2**32)),
        (4, "-0"),
        (4, "128"),
        (5, ""),
        (5, str(2**256)),
        (6, "00"),
        (7, "00"),
        (7, str(2**32)),
    ],
)
def test_an_id_that_the_graph_never_gives_is_refused(place: int, text: str) -> None:
    parts = [*ID.parts[:place], text, *ID.parts[place + 1 :]]
    assert ids.encode("Position", *ID.parts) == position_id(position())

    with pytest.raises(BadArgument):
        key_of_id(ids.encode("Position", *parts))


SUPPLY = position("0x01", "10", kind="lending", group="aave", name="aUSDC", status=1)
DEBT = position("0x02", "4", kind="lending", group="aave", name="debt", sign=-1, status=0)
POOL = position(
    "0x03",
    "7",
    kind="dex",
    group="curve",
    name="3pool",
    locked=True,
    tokens=(token(symbol="ÄTH", name=None),),
    rewards=(token(address="0x" + "BB" * 20, symbol="CRV"),),
)
SPAM = position("0x04", "0", name="<b>free</b>", tokens=(token(price=None, symbol=None),))


@pytest.mark.parametrize(
    ("keep", "kept"),
    [
        ({}, [SUPPLY, POOL, DEBT, SPAM]),
        ({"side": Side.DEBT}, [DEBT]),
        ({"side": Side.ASSET}, [SUPPLY, POOL, SPAM]),
        ({"status": Status.CLOSED}, [DEBT]),
        ({"locked": True}, [POOL]),
        ({"locked": False}, [SUPPLY, DEBT, SPAM]),
        ({"protocol_types": ["lending", "x"]}, [SUPPLY, DEBT]),
        ({"protocol_types": []}, []),
        ({"protocol_group_ids": ["curve"]}, [POOL]),
        ({"tokens": ["0x" + "bb" * 20]}, [POOL]),
        ({"min_value_usd": Decimal(7)}, [SUPPLY, POOL]),
        ({"min_value_usd": Decimal(4), "side": Side.DEBT}, [DEBT]),
        ({"min_value_usd": Decimal(0)}, [SUPPLY, POOL, DEBT]),
        ({"text": "äth"}, [POOL]),
        ({"text": "a\u0308th"}, [POOL]),
        ({"text": "\uff43\uff32\uff36"}, [POOL]),
        ({"text": "AAVE"}, [SUPPLY, DEBT]),
        ({"text": "crv"}, [POOL]),
        ({"text": ""}, [SUPPLY, POOL, DEBT, SPAM]),
        ({"text": "aave", "side": Side.ASSET}, [SUPPLY]),
    ],
)
def test_every_part_of_a_filter_must_hold(keep: dict[str, object], kept: list[Position]) -> None:
    rows = [SUPPLY, DEBT, POOL, SPAM]

    assert list(page(rows, keep=make_filter(**keep)).nodes) == kept  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("keep", "says"),
    [
        ({"min_value_usd": Decimal(-1)}, "filter.minValueUsd"),
        ({"text": "x" * 257}, "filter.text"),
    ],
)
def test_a_filter_out_of_range_is_refused_by_name(keep: dict[str, object], says: str) -> None:
    with pytest.raises(BadArgument, match=says):
        make_filter(**keep)  # type: ignore[arg-type]


def test_a_token_address_with_a_wrong_checksum_is_no_address() -> None:
    with pytest.raises(BadAddress, match=r"filter\.tokens: .* checksum"):
        make_filter(tokens=["0xD8dA6BF26964aF9D7eEd9e03E53415D37aA96045"])


def test_a_cursor_of_another_wallet_is_refused() -> None:
    theirs = position()
    foreign = page([theirs]).end_cursor

    with pytest.raises(BadCursor, match="another wallet"):
        page_of(
            whole_of([theirs], None, Order()),
            "0x" + "22" * 20,
            page_arguments(after=foreign),
            (present("tokens", evm_wallet(OWNER), NOW),),
        )


@given(ORDERS, ORDERS)
def test_a_cursor_of_another_order_is_refused(order: Order, other: Order) -> None:
    cursor = Edge(position(), order).cursor

    if order == other:
        assert not page([position()], other, after=cursor).nodes
    else:
        with pytest.raises(BadCursor, match="another order"):
            page([position()], other, after=cursor)


@pytest.mark.parametrize("primary", ['"x"', '"NaN"', '"1e9999999999999999999"'])
def test_a_forged_value_in_a_cursor_is_refused(primary: str) -> None:
    raw = f'["positions","{OWNER}","VALUE",true,{primary},1,"0x01",1,0,0,0]'
    forged = base64.urlsafe_b64encode(raw.encode()).rstrip(b"=").decode()

    with pytest.raises(BadCursor):
        page([position()], after=forged)
