import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from unittest.mock import patch

import pytest
from msgspec.structs import replace

from tests.upstreams.documents import (
    ACCOUNT,
    ADDRESS,
    ASSET_PARAMS,
    CREATOR,
    MAX,
    PARAMS,
    STATUS,
    VERSIONS,
)
from tests.upstreams.wire import Canned, reply
from upstreams.algod.client import (
    Account,
    Algod,
    AppsSchema,
    Asset,
    AssetHolding,
    AssetPage,
    AssetParams,
    Build,
    Holding,
    NodeStatus,
    Versions,
)
from upstreams.decoding import strict_json
from upstreams.errors import (
    UpstreamContract,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamRejected,
    UpstreamUnauthorized,
    UpstreamUnavailable,
)

URL = "http://algod.test"


def held(asset_id: object, amount: object = 1, **rest: object) -> dict[str, Any]:
    holding = {"amount": amount, "asset-id": asset_id, "is-frozen": False}
    return {"asset-holding": holding, **rest}


def page(*holdings: object, **rest: object) -> dict[str, Any]:
    return {"asset-holdings": list(holdings), "round": 9, **rest}


def without(record: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key != name}


def algod(body: object) -> Algod:
    text = body if isinstance(body, str) else json.dumps(body)
    return Algod.open(URL, transport=Canned(text))


async def refused(call: Awaitable[object]) -> str:
    with pytest.raises(UpstreamContract) as caught:
        await call
    assert caught.value.source == "algorand"
    return str(caught.value)


async def test_a_page_with_everything_in_it() -> None:
    body = page(
        held(1001, MAX, **{"asset-params": PARAMS}),
        held(1002, 0),
        {"asset-holding": {"amount": "7", "asset-id": MAX, "is-frozen": True}},
        **{"next-token": str(MAX), "more": {"a": 1}},
    )

    found = await algod(body).account_assets(ADDRESS, 3, 1000)

    assert found == AssetPage(
        holdings=(
            Holding(
                asset_holding=AssetHolding(amount=MAX, asset_id=1001, is_frozen=False),
                params=ASSET_PARAMS,
            ),
            Holding(asset_holding=AssetHolding(amount=0, asset_id=1002, is_frozen=False)),
            Holding(asset_holding=AssetHolding(amount=7, asset_id=MAX, is_frozen=True)),
        ),
        next_token=str(MAX),
        round=9,
    )
    first, second, third = found.holdings
    assert (first.asset_id, first.amount, first.is_frozen) == (1001, MAX, False)
    assert (second.params, third.is_frozen) == (None, True)


async def test_parameters_may_come_with_the_required_alone() -> None:
    bare = {"creator": CREATOR, "decimals": 0, "total": 0}

    found = await algod(page(held(5, **{"asset-params": bare}))).account_assets(ADDRESS, 1)

    assert found.holdings[0].params == AssetParams(
        creator=CREATOR, decimals=0, total=0, default_frozen=False
    )


async def test_an_empty_account() -> None:
    found = await algod('{"asset-holdings":[],"round":9}\n').account_assets(ADDRESS, 1000, MAX)

    assert found == AssetPage(holdings=(), next_token=None, round=9)


async def test_what_is_asked_for() -> None:
    transport = Canned(
        json.dumps(page()),
        json.dumps(page()),
        json.dumps(ACCOUNT),
        json.dumps({"index": 7, "params": PARAMS}),
        json.dumps(STATUS),
        json.dumps(VERSIONS),
        "null\n",
    )
    client = Algod.open(f"{URL}/", "t" * 64, transport=transport)

    await client.account_assets(ADDRESS, 50)
    await client.account_assets(ADDRESS, 1000, 0)
    await client.account(ADDRESS)
    await client.asset(7)
    await client.status()
    await client.versions()
    await client.ready()
    await client.aclose()

    assert [str(request.url).removeprefix(URL) for request in transport.requests] == [
        f"/v2/accounts/{ADDRESS}/assets?limit=50",
        f"/v2/accounts/{ADDRESS}/assets?limit=1000&next=0",
        f"/v2/accounts/{ADDRESS}?exclude=all",
        "/v2/assets/7",
        "/v2/status",
        "/versions",
        "/ready",
    ]
    assert {request.headers["x-algo-api-token"] for request in transport.requests} == {"t" * 64}
    assert transport.is_closed


async def test_an_address_is_checked_before_it_enters_a_path() -> None:
    transport = Canned("{}")
    client = Algod.open(URL, transport=transport)

    for bad in ("../../admin", f"{ADDRESS}/", f"{ADDRESS}?x=1", ADDRESS.lower(), "", "A" * 58):
        with pytest.raises(ValueError, match="Algorand"):
            await client.account_assets(bad, 1)
        with pytest.raises(ValueError, match="Algorand"):
            await client.account(bad)
    assert transport.requests == []


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ({"assets": [], "current-round": 9}, "is this an indexer's URL?"),
        ({"assets": [], "round": 9}, "is this an indexer's URL?"),
        ({"round": 9, "current-round": 9}, "is this an indexer's URL?"),
        ({"asset-holdings": []}, "`round` is missing"),
        ({"asset-holdings": None}, "`round` is missing"),
        (page(round=2**64), "`round` is beyond 64 bits"),
        (page(round=-1), "$.round"),
        (page(round=9.5), "$.round"),
        (page(round="9.0"), "$.round"),
        (page(round="canary"), "$.round"),
        ({"asset-holdings": {"canary": 1}, "round": 9}, "$.asset-holdings"),
        ({"asset-holdings": "canary", "round": 9}, "$.asset-holdings"),
        ([page()], "Expected `object`"),
        (page(held(5), held(6)), "longer than the limit"),
        (page(held(5), held("canary")), "longer than the limit"),
        (page(held(4)), "not in ascending order"),
        (page(held(3)), "not in ascending order"),
        (page(held(5), **{"next-token": "4"}), "`next-token` does not lead on"),
        (page(**{"next-token": "4"}), "`next-token` does not lead on"),
        (page(held("canary"), **{"next-token": "4"}), "`next-token` does not lead on"),
        (page(held(5), **{"next-token": "x" * 2049}), "`next-token` has more than 2048 bytes"),
        (page(held(5), **{"next-token": ["canary"]}), "$.next-token"),
        (page(held(5), **{"next-token": "\ud800"}), "half a surrogate pair"),
        (page(**{"next-token": 4.5}), "$.next-token"),
    ],
)
async def test_a_page_that_breaks_the_contract_is_refused(body: object, what: str) -> None:
    said = await refused(algod(body).account_assets(ADDRESS, 1, 4))

    assert what in said
    assert "canary" not in said


@pytest.mark.parametrize(
    "token", ["p2:AAAATQ==", "78", "077", "-1", "5", "0", "2", str(2**70), "\u0663", " "]
)
async def test_a_next_token_is_any_text(token: str) -> None:
    body = page(held(5), **{"next-token": token})
    transport = Canned(json.dumps(body), json.dumps(page(held(6))))
    client = Algod.open(URL, transport=transport)

    first = await client.account_assets(ADDRESS, 1, 4)
    second = await client.account_assets(ADDRESS, 1, 5, token)

    assert (first.next_token, second.next_token) == (token, None)
    assert transport.requests[1].url.params.multi_items() == [("limit", "1"), ("next", token)]


async def test_a_token_that_leads_back_to_itself_is_refused() -> None:
    client = algod(page(held(7), **{"next-token": "p2"}))

    assert "does not lead on" in await refused(client.account_assets(ADDRESS, 1, 5, "p2"))
    assert "ascending" in await refused(client.account_assets(ADDRESS, 1, 7, "p3"))


@pytest.mark.parametrize(
    "body", [{"round": 9}, {"round": 9, "asset-holdings": None}, page(), {**page(), "more": 1}]
)
@pytest.mark.parametrize("token", [{}, {"next-token": None}, {"next-token": ""}])
async def test_a_page_may_have_nothing_but_its_round(
    body: dict[str, Any], token: dict[str, Any]
) -> None:
    found = await algod({**body, **token}).account_assets(ADDRESS, 1)

    assert found == AssetPage(holdings=(), next_token=None, round=9)


def params(**changed: object) -> dict[str, Any]:
    return {"asset-params": {**PARAMS, **changed}}


@pytest.mark.parametrize(
    "row",
    [
        held(2**64),
        held(5, 2**64),
        held(5, -1),
        held(5, 1.5),
        held(5, "canary"),
        held(5, " 1 "),
        held(5, None),
        held(5, True),
        held(5, 10**79),
        held("\u0665"),
        {"asset-params": PARAMS},
        {"asset-holding": None},
        held(5, **{"asset-params": []}),
        held(5, **params(name="\ud800")),
        held(5, **params(more={"a": ["\ud800"]})),
        held(5, **params(name=7)),
        held(5, **params(decimals=None)),
        held(5, **params(decimals=20)),
        held(5, **params(total=2**64)),
        held(5, **params(total="1e3")),
        held(5, **{"asset-params": without(PARAMS, "creator")}),
        None,
        7,
        "\ud800",
        [],
    ],
    ids=lambda row: str(row)[:60],
)
async def test_a_row_that_is_odd_costs_itself(row: object, caplog: Any) -> None:
    body = page(held(4, **{"asset-params": PARAMS}), row, held(6), **{"next-token": "6"})

    found = await algod(body).account_assets(ADDRESS, 3, 3)

    whole = await algod(page(held(4, **{"asset-params": PARAMS}), held(6))).account_assets(
        ADDRESS, 3
    )
    assert found == AssetPage(holdings=whole.holdings, next_token="6", round=9, unreadable=1)
    assert [len(record.args) for record in caplog.records] == [2]
    assert "canary" not in caplog.text


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("9007199254740993.0", 2**53 + 1),
        ("9007199254740993", 2**53 + 1),
        ('"9007199254740993"', 2**53 + 1),
        ("18446744073709551615.000", MAX),
        ("1.8446744073709551615e19", MAX),
        ("18446744073709551615e0", MAX),
        ("1e3", 1000),
        ("0.0", 0),
        ("-0.0", 0),
        ("0e9999999999", 0),
    ],
)
async def test_integers_are_exact_however_they_are_written(text: str, number: int) -> None:
    def written(body: object) -> Algod:
        return algod(json.dumps(body).replace('"?"', text))

    asset = {"index": "?", "params": {**PARAMS, "total": "?"}}
    rows = await written(page(held(5, "?", **params(total="?")))).account_assets(ADDRESS, 1)
    found = await written(asset).asset(number)
    account = await written({**ACCOUNT, "amount": "?"}).account(ADDRESS)
    status = await written({**STATUS, "last-round": "?"}).status()

    assert (rows.unreadable, rows.holdings[0].amount, rows.holdings[0].params) == (
        0,
        number,
        replace(ASSET_PARAMS, total=number),
    )
    assert found == Asset(asset_id=number, params=replace(ASSET_PARAMS, total=number))
    assert (account.amount, status.last_round) == (number, number)


@pytest.mark.parametrize(
    "text",
    [
        "0.9999999999999999999",
        "1e-400",
        "1e400",
        "1e99999999999999999999",
        "18446744073709551616.0",
        "-1.0",
        '"1.0"',
        '"1_0"',
        '" 5 "',
        '"+5"',
        '"\\u0665"',
        "0." + "0" * 500,
        "true",
    ],
)
async def test_numbers_that_are_no_integers_of_64_bits_are_refused(text: str) -> None:
    body = json.dumps({**ACCOUNT, "amount": "?"}).replace('"?"', text)

    said = await refused(algod(body).account(ADDRESS))

    assert "Odd" not in said
    assert "decimal" not in said


@pytest.mark.parametrize(
    "body",
    [
        {"index": 7},
        {"index": 7, "params": None},
        {"index": 7, "params": {}},
        {"index": 7, "params": {**PARAMS, "name": "\ud800"}},
        {"index": 2**64, "params": PARAMS},
        {"index": 7, "params": {**PARAMS, "total": 2**64}},
        None,
    ],
)
async def test_an_asset_whose_answer_lacks_it_is_no_destroyed_one(body: object) -> None:
    await refused(algod(body).asset(7))


async def test_a_network_is_known_by_32_bytes() -> None:
    for hash_b64 in ("", "c2hvcnQ=", "?", "A" * 44):
        said = await refused(algod({**VERSIONS, "genesis_hash_b64": hash_b64}).versions())
        assert "`genesis_hash_b64` is not 32 bytes" in said


async def test_ids_within_a_page_ascend() -> None:
    said = await refused(algod(page(held(5), held(5))).account_assets(ADDRESS, 2))

    assert "not in ascending order" in said


async def test_an_account_keeps_every_number() -> None:
    body = {
        **ACCOUNT,
        "auth-addr": CREATOR,
        "apps-total-extra-pages": 5,
        "total-boxes": 6,
        "total-box-bytes": 7,
        "incentive-eligible": True,
        "last-proposed": 8,
        "last-heartbeat": 9,
        "participation": {"vote-first-valid": 1},
    }

    assert await algod(body).account(ADDRESS) == Account(
        address=ADDRESS,
        amount=12345678,
        amount_without_pending_rewards=12345600,
        min_balance=100000,
        pending_rewards=78,
        rewards=79,
        round=58979829,
        status="Not Participating",
        total_apps_opted_in=1,
        total_assets_opted_in=2,
        total_created_apps=3,
        total_created_assets=4,
        reward_base=27521,
        auth_addr=CREATOR,
        apps_total_extra_pages=5,
        total_boxes=6,
        total_box_bytes=7,
        incentive_eligible=True,
        last_proposed=8,
        last_heartbeat=9,
        apps_total_schema=AppsSchema(num_byte_slice=1, num_uint=2),
    )


async def test_another_account_or_asset_than_the_one_asked_for_is_refused() -> None:
    other = {**ACCOUNT, "address": CREATOR}
    asset = {"index": 8, "params": PARAMS}

    assert "another account" in await refused(algod(other).account(ADDRESS))
    assert "another asset" in await refused(algod(asset).asset(7))


@pytest.mark.parametrize("name", ["amount", "round", "total-box-bytes"])
async def test_an_account_beyond_64_bits_is_refused(name: str) -> None:
    said = await refused(algod({**ACCOUNT, name: 2**64}).account(ADDRESS))

    assert f"`{name.replace('-', '_')}` is beyond 64 bits" in said


async def test_an_asset_and_its_absence() -> None:
    transport = Canned(
        json.dumps({"index": 7, "params": PARAMS}),
        lambda _: reply('{"message":"asset does not exist"}\n', 404),
    )
    client = Algod.open(URL, transport=transport)

    assert await client.asset(7) == Asset(asset_id=7, params=ASSET_PARAMS)
    assert await client.asset(8) is None


@pytest.mark.parametrize(
    "body", ['{"message":"Not Found"}', "", "<html>", '{"message":7}', "[]", "\xff", "[" * 9000]
)
async def test_any_other_404_is_a_missing_route(body: str) -> None:
    client = Algod.open(URL, transport=Canned(lambda _: reply(body.encode("latin-1"), 404)))

    with pytest.raises(UpstreamRejected) as caught:
        await client.asset(7)
    assert caught.value.status == 404


def answering(status: int, body: str = "", **headers: str) -> Algod:
    return Algod.open(URL, transport=Canned(lambda _: reply(body, status, headers)))


@pytest.mark.parametrize(
    ("status", "body", "kind", "is_transient"),
    [
        (400, "", UpstreamRejected, False),
        (401, '{"message":"Invalid API Token"}', UpstreamUnauthorized, False),
        (403, "", UpstreamRateLimited, False),
        (429, "", UpstreamRateLimited, True),
        (500, "", UpstreamUnavailable, False),
        (
            500,
            '{"message":"failed to retrieve information from the ledger"}',
            UpstreamUnavailable,
            True,
        ),
        (502, "<html>", UpstreamUnavailable, True),
        (503, "", UpstreamUnavailable, True),
        (504, "", UpstreamUnavailable, True),
    ],
)
async def test_what_a_status_means_and_whether_to_try_again(
    status: int, body: str, kind: type[UpstreamError], is_transient: bool
) -> None:
    calls: list[Callable[[Algod], Awaitable[object]]] = [
        lambda client: client.account_assets(ADDRESS, 1),
        lambda client: client.account(ADDRESS),
        lambda client: client.asset(7),
        lambda client: client.status(),
        lambda client: client.versions(),
    ]
    for call in calls:
        with pytest.raises(kind) as caught:
            await call(answering(status, body))
        assert (caught.value.status, caught.value.is_transient) == (status, is_transient)


async def test_readiness() -> None:
    assert await answering(200, "null\n").ready() is True
    assert await answering(503, "null\n").ready() is False
    assert await answering(500, "null\n").ready() is False
    with pytest.raises(UpstreamRateLimited):
        await answering(429).ready()


async def test_the_nodes_status() -> None:
    found = await algod({**STATUS, "upgrade-delay": 3, "upgrade-node-vote": True}).status()

    assert found == NodeStatus(
        catchup_time=0,
        last_round=58979812,
        last_version="https://v1",
        next_version="https://v2",
        next_version_round=58979813,
        next_version_supported=True,
        stopped_at_unsupported_round=False,
        time_since_last_round=2415605010,
        upgrade_delay=3,
        upgrade_node_vote=True,
    )
    assert found.is_healthy
    for name, value in (
        ("catchup-time", 1),
        ("catchpoint", "5#A"),
        ("stopped-at-unsupported-round", True),
    ):
        assert not (await algod({**STATUS, name: value}).status()).is_healthy


async def test_the_nodes_versions() -> None:
    assert await algod(VERSIONS).versions() == Versions(
        versions=("v2",),
        genesis_id="testnet-v1.0",
        genesis_hash_b64="SGO1GKSzyE7IEPItTxCByw9x8FmnrCDexi9/cOUJOiI=",
        build=Build(
            major=4,
            minor=4,
            build_number=1,
            commit_hash="7b607ce4+",
            branch="AVAIL",
            channel="AVAIL",
        ),
    )


async def test_ordinary_pages_are_spared_the_slow_check() -> None:
    bare = {"creator": CREATOR, "decimals": 0, "total": 0}
    body = page(held(1, **{"asset-params": PARAMS}), held(2), held(3, **{"asset-params": bare}))
    client = algod(json.dumps(body, separators=(",", ":")))

    with patch.object(strict_json, "_check_exactly") as slow:
        await client.account_assets(ADDRESS, 3)

    slow.assert_not_called()
