import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from unittest.mock import patch

import pytest

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
from upstreams import strict
from upstreams.algod import (
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
        next_token=MAX,
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
        ({"assets": [], "current-round": 9}, "`asset-holdings` is missing: is this an indexer"),
        ({"asset-holdings": []}, "`round` is missing"),
        (page(round=2**64), "`round` is beyond 64 bits"),
        (page(held(2**64)), "`asset-id` is beyond 64 bits"),
        (page(held(5, 2**64)), "`amount` is beyond 64 bits"),
        (page(held(5, -1)), "$.asset-holdings[...].asset-holding.amount"),
        (page(held(5, "canary")), "$.asset-holdings[...].asset-holding.amount"),
        (page({"asset-params": PARAMS}), "missing required field `asset-holding`"),
        (page(held(5, **{"asset-params": {**PARAMS, "decimals": 20}})), "asset-params.decimals"),
        (page(held(5, **{"asset-params": {**PARAMS, "total": 2**64}})), "`total` is beyond"),
        (page(held(5, **{"asset-params": without(PARAMS, "creator")})), "field `creator`"),
        (page(held(5), held(6)), "longer than the limit"),
        (page(held(4)), "not in ascending order"),
        (page(held(3)), "not in ascending order"),
        (page(held(5), **{"next-token": "4"}), "`next-token` is not the last asset id"),
        (page(held(5), **{"next-token": "6"}), "`next-token` is not the last asset id"),
        (page(**{"next-token": "4"}), "`next-token` is not the last asset id"),
        (page(held(5), **{"next-token": ""}), "$.next-token"),
        (page(held(5), **{"next-token": "abc"}), "$.next-token"),
    ],
)
async def test_a_page_that_breaks_the_contract_is_refused(body: object, what: str) -> None:
    said = await refused(algod(body).account_assets(ADDRESS, 1, 4))

    assert what.replace("[...]", "[0]") in said
    assert "canary" not in said


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

    with patch.object(strict, "_check_exactly") as slow:
        await client.account_assets(ADDRESS, 3)

    slow.assert_not_called()
