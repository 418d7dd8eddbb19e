"""Rows that are not as documented: what is read of them all the same, and what they cost."""

import json
from decimal import Decimal

import pytest

from tests.upstreams.asking import URL, answer, complaint, snapshot
from tests.upstreams.documents import OTHER, POSITION, ROW, TOKEN, WALLET
from tests.upstreams.wire import Canned
from upstreams.errors import UpstreamContract
from upstreams.oneinch.attribution import Snapshot, attribute
from upstreams.oneinch.client import Answer, OneInch
from upstreams.oneinch.rows import Unreadable


async def test_digits_are_those_of_the_wire() -> None:
    digits = "123456789012345.678901234567890123"
    text = json.dumps([ROW]).replace("1523.482917", digits).replace("1523.20869007494", "1e-30")

    (position,) = await snapshot(text)

    assert str(position.underlying_tokens[0].amount) == digits
    assert position.value_usd == Decimal("1e-30")


async def test_numbers_may_come_as_strings() -> None:
    token = {**TOKEN, "chain": "1", "decimals": "6", "amount": "0.10", "price_usd": "2"}
    row = {
        **ROW,
        "chain_id": "1",
        "token_id": str(2**256 - 1),
        "asset_sign": "-1",
        "value_usd": "-3.50",
        "underlying_tokens": [token],
    }

    (position,) = await snapshot([row])

    assert (position.chain_id, position.token_id) == (1, 2**256 - 1)
    assert (position.asset_sign, str(position.value_usd)) == (-1, "-3.50")
    assert str(position.underlying_tokens[0].amount) == "0.10"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("token_id", 2**256),
        ("token_id", -1),
        ("block_number_created", 2**64),
        ("block_number", 2**64),
        ("block_number", -1),
        ("timestamp", 2**32),
        ("asset_sign", 128),
        ("chain_id", 2**31),
        ("chain_id", -1),
        ("chain_id", True),
        ("chain_id", None),
        ("chain_id", 1.5),
        ("status", "open"),
        ("locked", "perhaps"),
        ("value_usd", None),
        ("value_usd", True),
        ("value_usd", "canary"),
        ("value_usd", "NaN"),
        ("value_usd", "-Infinity"),
        ("value_usd", "1e401"),
        ("value_usd", "-1e401"),
        ("value_usd", "1e-401"),
        ("value_usd", "1e-1000000"),
        ("value_usd", "1e99999999999999999999"),
        ("value_usd", "0." + "1" * 2000),
        ("value_usd", " 5 "),
        ("value_usd", "1_0"),
        ("value_usd", "\u0663"),
        ("value_usd", "+5"),
        ("value_usd", ".5"),
        ("value_usd", "5."),
        ("value_usd", "0x5"),
        ("value_usd", ""),
        ("token_id", " 5 "),
        ("token_id", "1_0"),
        ("token_id", "\u0663"),
        ("token_id", 0.5),
        ("token_id", "0.5"),
        ("token_id", 1e300),
        ("index", 7),
        ("index", "0x" + "1" * 99),
        ("underlying_tokens", {}),
        ("underlying_tokens", [{**TOKEN, "decimals": 256}]),
        ("underlying_tokens", [{**TOKEN, "decimals": -1}]),
        ("underlying_tokens", [{**TOKEN, "amount": "sNaN"}]),
        ("reward_tokens", [{**TOKEN, "price_usd": "Infinity"}]),
        ("reward_tokens", [{**TOKEN, "value_usd": "1e99999"}]),
        ("reward_tokens", None),
    ],
)
async def test_numbers_beyond_range_and_wrong_types_are_named(name: str, value: object) -> None:
    said = await complaint([{**ROW, name: value}])

    assert "at `$[0]" in said
    assert "canary" not in said
    assert name in said or "a block number" in said


@pytest.mark.parametrize(
    ("odd", "what"),
    [
        ({"amount": "NaN"}, "No number that can be printed - at `{}.amount`"),
        (
            {"price_usd": "1e401"},
            "No number that can be printed - at `{}.price_usd`",
        ),
        (
            {"value_usd": "-Infinity"},
            "No number that can be printed - at `{}.value_usd`",
        ),
        ({"chain_id": 2}, "`chain_id` and `chain` differ - at `{}`"),
    ],
)
@pytest.mark.parametrize("kind", ["underlying_tokens", "reward_tokens"])
async def test_an_odd_token_is_named_by_its_place(
    odd: dict[str, object], what: str, kind: str
) -> None:
    rows = [ROW, {**ROW, "chain": 1, kind: [TOKEN, {**TOKEN, **odd}]}, ROW]

    for body, place in ((rows, "$[1]"), ({"result": rows}, "$.result[1]")):
        found = await answer(body)

        assert found.rows == (POSITION, POSITION)
        assert found.unreadable == (Unreadable(WALLET, what.format(f"{place}.{kind}[1]")),)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5e-324", "5e-324"),
        ("1.7976931348623157e308", "1.7976931348623157e308"),
        ("1e400", "1e400"),
        ("1e-400", "1e-400"),
        ("-0.0", "-0.0"),
        ("0e999999", "0"),
        ("0." + "1" * 1600, "0." + "1" * 1600),
        ("9" * 401, "9" * 401),
        (
            '"12345678901234567890123456789012345678901.5E-3"',
            "12345678901234567890123456789012345678.9015",
        ),
    ],
    ids=lambda text: text[:24],
)
async def test_every_finite_number_is_taken_digit_by_digit(text: str, value: str) -> None:
    body = json.dumps([{**ROW, "value_usd": 77777}]).replace("77777", text)

    (position,) = await snapshot(body)

    assert position.value_usd.as_tuple() == Decimal(value).as_tuple()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9007199254740993.0", 9007199254740993),
        ("1e3", 1000),
        ("-0.0", 0),
        (
            '"115792089237316195423570985008687907853269984665640564039457584007913129639935.0"',
            2**256 - 1,
        ),
    ],
)
async def test_an_integer_with_a_fraction_of_zero_keeps_its_digits(text: str, value: int) -> None:
    (position,) = await snapshot(json.dumps([{**ROW, "token_id": 77777}]).replace("77777", text))

    assert position.token_id == value


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("0.9999999999999999999", "Expected an integer - at `$[0].token_id`"),
        ("1e-400", "Expected an integer - at `$[0].token_id`"),
        ("1e400", "`token_id` is beyond 256 bits - at `$[0]`"),
        ("1e999999999999", "No number that can be printed - at `$[0].token_id`"),
    ],
)
async def test_no_number_is_rounded_to_an_integer(text: str, what: str) -> None:
    body = json.dumps([{**ROW, "token_id": 77777}]).replace("77777", text)

    assert await complaint(body) == what


@pytest.mark.parametrize(
    ("odd", "owner"),
    [
        ("null", None),
        ("5", None),
        ('"row"', None),
        ("[]", None),
        ("{}", None),
        ("NaN", None),
        ('{"address": NaN}', None),
        ('{"address": null}', None),
        ('{"address": "0xAB", "x": NaN}', "0xab"),
        ('{"address": "0xAB", "x": "\\ud83d"}', "0xab"),
        ('{"address": "0xAB", "address": "0xAB"}', None),
        ('{"address": "0xAB", "x": 1, "x": 1}', "0xab"),
        ('{"address": "0xAB", "x": ' + "[" * 70 + "]" * 70 + "}", "0xab"),
        ('{"address": "0xAB", "x": ' + "9" * 9000 + "}", "0xab"),
        ('{"address": "0xAB", "x": "\xff"}', "0xab"),
    ],
    ids=lambda text: str(text)[:32],
)
async def test_an_odd_row_costs_itself_alone(odd: str, owner: str | None) -> None:
    for form in ("[%s]", ' {"meta": null, "result" : [%s] }\n'):
        body = (form % f"{json.dumps(ROW)} , {odd},{json.dumps(ROW)}").encode("latin-1")

        found = await OneInch.open(URL, transport=Canned(body)).snapshot([WALLET])

        assert found.rows == (POSITION, POSITION)
        assert [each.owner for each in found.unreadable] == [owner]


async def test_what_only_the_gateway_says_is_not_taken_from_the_wire() -> None:
    forged = {"@wallet": OTHER, "@at": 5, "@ordinal": 7, "@mark": 9}

    for more in (forged, {**forged, "@at": "x", "@ordinal": None, "@wallet": {}}):
        found = await answer([{**ROW, **more}])
        dealt = attribute(found, [WALLET]).by_wallet[WALLET]

        assert isinstance(dealt, Snapshot)
        assert [(row.wallet, row.at, row.ordinal, row.mark) for row in dealt.rows] == [
            (WALLET, None, 0, 0)
        ]


@pytest.mark.parametrize(
    "body",
    [
        "[",
        "{}",
        "null",
        '{"result": {}}',
        '{"result": [], "result": []}',
        "[1,]",
        "[] []",
        "\ufeff[]",
    ],
)
async def test_what_is_no_list_of_rows_is_refused(body: str) -> None:
    with pytest.raises(UpstreamContract):
        await answer(body)


@pytest.mark.parametrize(
    ("meta", "cached_at"),
    [
        ({"cached_at": 1753750000}, 1753750000),
        ({"cached_at": "1753750000"}, 1753750000),
        ({"cached_at": 1753750000.0, "system": 7}, 1753750000),
        ({"cached_at": 1753750000, "system": {"node_time": "NaN"}}, 1753750000),
        ({"cached_at": 1753750000123}, None),
        ({"cached_at": -1}, None),
        ({"cached_at": 0}, None),
        ({"cached_at": 0.5}, None),
        ({"cached_at": True}, None),
        ({"cached_at": "yesterday"}, None),
        ({"cached_at": None}, None),
        ([], None),
        (7, None),
        (None, None),
    ],
)
async def test_the_envelope_says_when_its_rows_were_computed(
    meta: object, cached_at: int | None
) -> None:
    assert await answer({"result": [ROW], "meta": meta}) == Answer((POSITION,), (), cached_at)
