import json
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest

from tests.upstreams.asking import URL, answer, complaint, snapshot, without
from tests.upstreams.documents import BALANCE, OTHER, POSITION, ROW, TOKEN, USDC, WALLET
from tests.upstreams.wire import Canned, reply
from upstreams.decoding import strict_json
from upstreams.errors import UpstreamContract, UpstreamUnauthorized
from upstreams.oneinch.client import OneInch, ServiceStatus, TokenBalance
from upstreams.oneinch.rows import Unreadable


async def test_every_field_of_a_row_is_kept() -> None:
    assert await snapshot([ROW]) == (POSITION,)


async def test_the_observed_shape_is_the_same_record() -> None:
    token = without(TOKEN, "chain", chain_id=1, value_usd=1523.2)
    row = without(ROW, "chain_id", chain=1, underlying_tokens=[token], reward_tokens=[TOKEN])
    meta: dict[str, Any] = {"cached_at": None, "system": {"click_time": 0.1}, "warnings": []}

    (position,) = await snapshot({"result": [row], "meta": meta, "more": 1})

    assert position.chain_id == 1
    assert position.underlying_tokens[0].value_usd == Decimal("1523.2")
    assert position.reward_tokens == (BALANCE,)
    assert (position.index, position.chain) == (POSITION.index, None)


async def test_both_chain_keys_may_come_if_they_agree() -> None:
    assert await snapshot([{**ROW, "chain": 1}]) == (POSITION,)
    assert "`chain_id` and `chain` differ - at `$[0]`" in await complaint([{**ROW, "chain": 2}])


@pytest.mark.parametrize(
    "body", ["[]", '{"result":[]}', '{"result":[],"meta":null}', '{"result":[],"meta":{}}']
)
async def test_an_empty_wallet(body: str) -> None:
    assert await snapshot(body) == ()


async def test_optional_keys_may_be_absent() -> None:
    optional = (
        "block_number",
        "timestamp",
        "protocol_sub_group_id",
        "protocol_sub_group_name",
        "status",
        "underlying_tokens",
        "reward_tokens",
        "locked",
    )
    bare_token = {"chain": 137, "address": USDC, "decimals": 0}

    (bare,) = await snapshot([without(ROW, *optional)])
    (partly,) = await snapshot([without(ROW, *optional, underlying_tokens=[bare_token])])

    assert (bare.block_number, bare.timestamp) == (None, None)
    assert (bare.protocol_sub_group_id, bare.protocol_sub_group_name) == (None, None)
    assert (bare.status, bare.locked) == (-1, False)
    assert (bare.underlying_tokens, bare.reward_tokens) == ((), ())
    assert partly.underlying_tokens == (
        TokenBalance(
            chain_id=137,
            address=USDC,
            decimals=0,
            symbol=None,
            name=None,
            amount=Decimal(0),
            price_usd=Decimal(0),
            value_usd=None,
        ),
    )


@pytest.mark.parametrize(
    "name",
    [
        "index",
        "contract_address",
        "token_id",
        "address",
        "block_number_created",
        "protocol_type",
        "protocol_handler_id",
        "protocol_group_id",
        "protocol_group_name",
        "protocol_group_icon",
        "contract_name",
        "contract_symbol",
        "asset_sign",
        "value_usd",
    ],
)
async def test_a_missing_required_key_is_named(name: str) -> None:
    for body, place in (
        ([ROW, without(ROW, name)], "$[1]"),
        ({"result": [ROW, without(ROW, name)]}, "$.result[1]"),
    ):
        found = await answer(body)

        assert found.rows == (POSITION,)
        owner = None if name == "address" else WALLET
        what = f"Object missing required field `{name}` - at `{place}`"
        assert found.unreadable == (Unreadable(owner, what),)


async def test_a_missing_chain_is_named_on_either_level() -> None:
    row = without(ROW, underlying_tokens=[without(TOKEN, "chain")])

    assert "neither `chain_id` nor `chain` is there - at `$[0]`" in await complaint(
        [without(ROW, "chain_id")]
    )
    assert "neither `chain_id` nor `chain` is there - at `$[0].underlying_tokens[0]`" in (
        await complaint([row])
    )


async def test_nulls_where_they_are_allowed() -> None:
    nulls = dict.fromkeys(
        (
            "block_number",
            "timestamp",
            "protocol_group_icon",
            "protocol_sub_group_id",
            "protocol_sub_group_name",
        )
    )
    token = {**TOKEN, "symbol": None, "name": None, "price_usd": None}

    (position,) = await snapshot([{**ROW, **nulls, "underlying_tokens": [token]}])

    assert [getattr(position, name) for name in nulls] == [None] * 5
    (balance,) = position.underlying_tokens
    assert (balance.symbol, balance.name, balance.price_usd) == (None, None, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("token_id", 2**256 - 1),
        ("block_number_created", 2**64 - 1),
        ("block_number", 2**64 - 1),
        ("timestamp", 2**32 - 1),
        ("asset_sign", -128),
        ("status", 77),
        ("chain_id", 1313161554),
        ("protocol_type", "something new"),
    ],
)
async def test_the_ends_of_the_ranges_and_unknown_values_pass(name: str, value: object) -> None:
    (position,) = await snapshot([{**ROW, name: value}])

    assert getattr(position, name) == value


async def test_the_request_repeats_addresses_and_leaves_out_what_was_not_asked() -> None:
    transport = Canned("[]")
    oneinch = OneInch.open(f"{URL}/gateway/", "the-key", transport=transport)

    await oneinch.snapshot([WALLET, OTHER])
    await oneinch.snapshot([WALLET], 8453, 1700000000)

    base = f"{URL}/gateway/portfolio/portfolio/v5.0/tokens/snapshot"
    assert [str(request.url) for request in transport.requests] == [
        f"{base}?addresses={WALLET}&addresses={OTHER.lower()}",
        f"{base}?addresses={WALLET}&chain_id=8453&timestamp=1700000000",
    ]
    assert transport.requests[0].headers["authorization"] == "Bearer the-key"
    await oneinch.aclose()
    assert transport.is_closed


async def test_without_a_key_no_header_is_sent() -> None:
    transport = Canned(lambda _: reply("{}", 401))

    with pytest.raises(UpstreamUnauthorized):
        await OneInch.open(URL, transport=transport).status()
    assert "authorization" not in transport.requests[0].headers


async def test_an_address_is_checked_before_anything_is_sent() -> None:
    transport = Canned("[]")
    oneinch = OneInch.open(URL, transport=transport)

    for bad in ("../../admin", f"{WALLET}&chain_id=1", f"{WALLET},{WALLET}", ""):
        with pytest.raises(ValueError, match="no EVM address"):
            await oneinch.snapshot([bad])
        with pytest.raises(ValueError, match="no EVM address"):
            await oneinch.tokens(1, [bad])
    assert transport.requests == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"result": {"is_available": True}}, ServiceStatus(is_available=True)),
        ({"result": {"is_available": False}, "meta": None}, ServiceStatus(is_available=False)),
        (
            {"result": {"is_available": True}, "meta": {"cached_at": None, "system": None}},
            ServiceStatus(is_available=True),
        ),
        (
            {"result": {"is_available": True}, "meta": {"cached_at": 1700000000}},
            ServiceStatus(is_available=True, cached_at=1700000000),
        ),
        (
            {
                "result": {"is_available": True},
                "meta": {
                    "cached_at": 5,
                    "system": {
                        "click_time": 0.25,
                        "node_time": 1,
                        "microservices_time": "0.5",
                        "redis_time": 0.125,
                    },
                    "extra": {},
                },
            },
            ServiceStatus(
                is_available=True,
                cached_at=5,
                click_time=Decimal("0.25"),
                node_time=Decimal(1),
                microservices_time=Decimal("0.5"),
                redis_time=Decimal("0.125"),
                total_time=Decimal(0),
            ),
        ),
    ],
)
async def test_status_with_its_whole_meta(body: object, status: ServiceStatus) -> None:
    transport = Canned(json.dumps(body))

    assert await OneInch.open(URL, transport=transport).status() == status
    assert str(transport.requests[0].url) == f"{URL}/portfolio/portfolio/v5.0/general/status"


@pytest.mark.parametrize(
    ("meta", "status"),
    [
        ({"cached_at": 1753750000123}, ServiceStatus(is_available=True)),
        ({"cached_at": "x", "system": []}, ServiceStatus(is_available=True)),
        (
            {"system": {"node_time": "NaN", "click_time": 0.5, "redis_time": None}},
            ServiceStatus(
                is_available=True,
                click_time=Decimal("0.5"),
                microservices_time=Decimal(0),
                total_time=Decimal(0),
            ),
        ),
    ],
)
async def test_what_stands_beside_the_status_costs_itself_alone(
    meta: object, status: ServiceStatus
) -> None:
    body = json.dumps({"result": {"is_available": True}, "meta": meta})

    assert await OneInch.open(URL, transport=Canned(body)).status() == status


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"result": {}},
        {"result": {"is_available": None}},
        {"result": {"is_available": 2}},
        [],
        None,
    ],
)
async def test_a_broken_status_is_refused(body: object) -> None:
    with pytest.raises(UpstreamContract):
        await OneInch.open(URL, transport=Canned(json.dumps(body))).status()


@pytest.mark.parametrize("shape", ["documented", "observed", "lacking"])
async def test_ordinary_answers_are_spared_the_slow_check(shape: str) -> None:
    rows: list[dict[str, Any]] = [{**ROW, "block_number": None, "status": -1}] * 3
    body: object = rows
    if shape == "observed":
        token = without(TOKEN, "chain", chain_id=1, value_usd=1)
        rows = [without(ROW, "chain_id", chain=1, underlying_tokens=[token])]
        timings = {"click_time": 0, "node_time": 0, "microservices_time": 0}
        body = {"result": rows, "meta": {"cached_at": None, "system": timings}}
    elif shape == "lacking":
        body = [without(row, "reward_tokens", "locked", "timestamp") for row in rows]

    with patch.object(strict_json, "_check_exactly") as slow:
        await snapshot(json.dumps(body, separators=(",", ":")))

    slow.assert_not_called()
