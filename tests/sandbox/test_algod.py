"""algod: pages, accounts, assets, the node, and each refusal in its own words."""

import base64
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import DEMO_ACCOUNTS, Sandbox
from sandbox.addresses import ZERO_ACCOUNT, encode
from sandbox.assets import EDGE_IDS, USDC, USDT
from tests.sandbox.conftest import client_of, exact, sample, validator

valid_page = validator("account_assets")
valid_error = validator("algod_error")
algorand_addresses = st.binary(min_size=32, max_size=32).map(encode)
UINT64_MAX = 2**64 - 1


def assets_path(address: str) -> str:
    return f"/v2/accounts/{address}/assets"


async def walk(client: httpx.AsyncClient, address: str, limit: int) -> tuple[list[Any], int]:
    """All rows of an account, and how many pages they took."""
    rows: list[Any] = []
    query: dict[str, str | int] = {"limit": limit}
    for pages in range(1, 4000):
        page = exact((await client.get(assets_path(address), params=query)).content)
        rows += page["asset-holdings"]
        if "next-token" not in page:
            return rows, pages
        assert len(page["asset-holdings"]) == limit
        query["next"] = page["next-token"]
    raise AssertionError("paging never ended")


@pytest.mark.parametrize(
    ("name", "count"),
    [("empty", 0), ("typical", 20), ("collector", 120), ("big", 1000), ("extremes", 21)],
)
async def test_demo_accounts_are_as_documented(
    client: httpx.AsyncClient, name: str, count: int
) -> None:
    page = exact((await client.get(assets_path(DEMO_ACCOUNTS[name]))).content)

    valid_page(page)
    assert len(page["asset-holdings"]) == count
    assert ("next-token" in page) == (name == "big")


@given(algorand_addresses)
@settings(max_examples=30, deadline=None)
async def test_any_account_is_as_documented_and_agrees_with_its_total(address: str) -> None:
    async with client_of(Sandbox()) as client:
        page = exact((await client.get(assets_path(address))).content)
        again = exact((await client.get(assets_path(address))).content)
        account = (await client.get(f"/v2/accounts/{address}?exclude=all")).json()

    valid_page(page)
    assert page == again
    ids = [row["asset-holding"]["asset-id"] for row in page["asset-holdings"]]
    assert ids == sorted(set(ids))
    assert account["total-assets-opted-in"] == len(ids) <= 60
    assert account["amount"] >= account["min-balance"] or not ids
    for row in page["asset-holdings"]:
        total = row["asset-params"]["total"] if "asset-params" in row else 0
        assert 0 <= row["asset-holding"]["amount"] <= total


@given(st.integers(1, 1000))
@settings(max_examples=15, deadline=None)
async def test_pages_of_any_size_give_each_row_once(limit: int) -> None:
    async with client_of(Sandbox()) as client:
        big = DEMO_ACCOUNTS["big"] if limit > 100 else DEMO_ACCOUNTS["collector"]
        whole, _ = await walk(client, big, 1000)

        rows, pages = await walk(client, big, limit)

    assert rows == whole
    assert pages == max(1, -(-len(whole) // limit))


async def test_the_last_full_page_has_no_token(client: httpx.AsyncClient) -> None:
    path = assets_path(DEMO_ACCOUNTS["typical"])

    exactly = (await client.get(path, params={"limit": 20})).json()
    one_less = (await client.get(path, params={"limit": 19})).json()

    assert "next-token" not in exactly
    last = exactly["asset-holdings"][18]["asset-holding"]["asset-id"]
    assert one_less["next-token"] == str(last)


@pytest.mark.parametrize("after", ["0", "31566703", "0031566703", "9223372036854775807"])
async def test_any_asset_id_is_a_cursor(client: httpx.AsyncClient, after: str) -> None:
    path = assets_path(DEMO_ACCOUNTS["typical"])
    whole = (await client.get(path)).json()["asset-holdings"]

    rows = (await client.get(path, params={"next": after})).json()["asset-holdings"]

    assert rows == [row for row in whole if row["asset-holding"]["asset-id"] > int(after)]


@pytest.mark.parametrize("address", [ZERO_ACCOUNT, DEMO_ACCOUNTS["empty"]])
async def test_an_account_nobody_funded_is_empty_not_missing(
    client: httpx.AsyncClient, address: str
) -> None:
    page = await client.get(assets_path(address))
    account = await client.get(f"/v2/accounts/{address}", params={"exclude": "all"})

    assert page.status_code == account.status_code == 200
    assert page.json() == sample("algod/assets_empty_account.json")
    expected = {**sample("algod/account_empty_exclude_all.json"), "address": address}
    assert account.json() == expected
    assert list(account.json()) == list(expected)


async def test_mainnet_dollars_are_the_real_ones(client: httpx.AsyncClient) -> None:
    usdc = (await client.get(f"/v2/assets/{USDC}")).json()
    usdt = (await client.get(f"/v2/assets/{USDT}")).json()

    assert (USDC, USDT) == (31566704, 312769)
    assert usdc == {
        "index": 31566704,
        "params": {
            "creator": "2UEQTE5QDNXPI7M3TU44G6SYKLFWLPQO7EBZM7K7MHMQQMFI4QJPLHQFHM",
            "decimals": 6,
            "default-frozen": False,
            "freeze": "3ERES6JFBIJ7ZPNVQJNH2LETCBQWUPGTO4ROA6VFUR25WFSYKGX3WBO5GE",
            "manager": "37XL3M57AXBUJARWMT5R7M35OERXMH3Q22JMMEFLBYNDXXADGFN625HAL4",
            "name": "USDC",
            "name-b64": "VVNEQw==",
            "reserve": "2UEQTE5QDNXPI7M3TU44G6SYKLFWLPQO7EBZM7K7MHMQQMFI4QJPLHQFHM",
            "total": UINT64_MAX,
            "unit-name": "USDC",
            "unit-name-b64": "VVNEQw==",
            "url": "https://www.centre.io/usdc",
            "url-b64": "aHR0cHM6Ly93d3cuY2VudHJlLmlvL3VzZGM=",
        },
    }
    assert usdt["params"]["unit-name"] == "USDt"
    assert usdt["params"]["decimals"] == 6


@given(algorand_addresses)
@settings(max_examples=10, deadline=None)
async def test_holdings_and_assets_tell_the_same_params(address: str) -> None:
    async with client_of(Sandbox()) as client:
        rows = (await client.get(assets_path(address))).json()["asset-holdings"]
        for row in rows:
            asset_id = row["asset-holding"]["asset-id"]
            answer = await client.get(f"/v2/assets/{asset_id}")
            if "asset-params" in row:
                assert answer.json() == {"index": asset_id, "params": row["asset-params"]}
            else:
                assert answer.status_code == 404
                assert answer.text == '{"message":"asset does not exist"}\n'
                assert row["asset-holding"]["amount"] == 0


async def test_extremes_hold_each_edge_of_the_format(client: httpx.AsyncClient) -> None:
    page = exact((await client.get(assets_path(DEMO_ACCOUNTS["extremes"]))).content)

    rows = {row["asset-holding"]["asset-id"]: row for row in page["asset-holdings"]}
    assert tuple(rows) == EDGE_IDS
    assert rows[2**63 - 1]["asset-holding"]["amount"] == UINT64_MAX
    assert [place for place, row in enumerate(rows.values()) if "asset-params" not in row] == [
        2,
        18,
    ]
    assert {row["asset-holding"]["is-frozen"] for row in rows.values()} == {True, False}
    params = [row.get("asset-params", {}) for row in rows.values()]
    assert params[1]["decimals"] == 19
    assert set(params[3]) == {"creator", "decimals", "default-frozen", "total"}
    assert params[5]["name"] == "Tom & Jerry <3 \u2013 東京"
    for unprintable in (6, 7, 8, 16):
        assert "name" not in params[unprintable]
        assert base64.b64decode(params[unprintable]["name-b64"]) != b""
    assert "unit-name" not in params[6]
    assert "url" not in params[6]


async def test_html_is_escaped_as_go_escapes_it(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/v2/assets/{EDGE_IDS[5]}")

    assert r'"name":"Tom \u0026 Jerry \u003c3' in answer.text
    assert not set(answer.text) & set("&<>")


async def test_rows_have_the_keys_of_the_recorded_answer(client: httpx.AsyncClient) -> None:
    recorded = sample("algod/recorded_accounts_ADDR25M5_assets.json")["body"]["asset-holdings"][0]
    rows = (await client.get(assets_path(DEMO_ACCOUNTS["typical"]))).json()["asset-holdings"]

    order = [*recorded["asset-params"], "metadata-hash"]
    order.sort()
    for row in rows:
        assert list(row) in (["asset-holding", "asset-params"], ["asset-holding"])
        assert list(row["asset-holding"]) == list(recorded["asset-holding"])
        keys = list(row.get("asset-params", {}))
        assert keys == [key for key in order if key in keys]


async def test_account_in_full_and_without_its_lists(client: httpx.AsyncClient) -> None:
    path = f"/v2/accounts/{DEMO_ACCOUNTS['typical']}"
    lists = {"assets", "apps-local-state", "created-apps", "created-assets"}

    full = (await client.get(path)).json()
    parts = (await client.get(path, params={"exclude": "created-assets-params"})).json()
    short = (await client.get(path, params={"exclude": "all"})).json()

    assert list(full) == sorted(full)
    assert full == parts
    assert {key: value for key, value in full.items() if key not in lists} == short
    assert len(full["assets"]) == short["total-assets-opted-in"] == 20
    assert short["min-balance"] == 2_100_000


ZERO_WRONG = ZERO_ACCOUNT[:-1] + "A"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("limit=1001", "limit 1001 exceeds max assets single batch limit 1000"),
        ("limit=0", "limit parameter must be a positive integer"),
        *(
            (
                f"limit={text}",
                "Invalid format for parameter limit: error binding string parameter: "
                f'strconv.ParseUint: parsing "{text}": {reason}',
            )
            for text, reason in [
                ("-1", "invalid syntax"),
                ("abc", "invalid syntax"),
                ("", "invalid syntax"),
                ("1.0", "invalid syntax"),
                ("18446744073709551616", "value out of range"),
                ("9" * 5000, "value out of range"),
            ]
        ),
        (
            "limit=1&limit=2",
            "Invalid format for parameter limit: "
            "multiple values for single value parameter 'limit'",
        ),
        *(
            (
                f"next={text}",
                f'unable to parse next token: strconv.ParseUint: parsing "{text}": {reason}',
            )
            for text, reason in [
                ("abc", "invalid syntax"),
                ("", "invalid syntax"),
                ("0x10", "invalid syntax"),
                ("18446744073709551616", "value out of range"),
            ]
        ),
    ],
)
async def test_page_arguments_are_refused_in_algods_words(
    client: httpx.AsyncClient, query: str, message: str
) -> None:
    answer = await client.get(f"{assets_path(DEMO_ACCOUNTS['typical'])}?{query}")

    valid_error(answer.json())
    assert (answer.status_code, answer.json()) == (400, {"message": message})


async def test_refusals_are_those_of_the_samples(client: httpx.AsyncClient) -> None:
    requests = {
        "limit=1001": "?limit=1001",
        "limit=0": "?limit=0",
        "limit=-1": "?limit=-1",
        "next=abc": "?next=abc",
        "next= (present but empty)": "?next=",
        "next=18446744073709551616": "?next=18446744073709551616",
    }
    expected = {
        error["when"]: (error["status"], error["body"])
        for error in sample("algod/errors.json")
        if error["when"] in requests
    }

    answers = {
        when: await client.get(assets_path(DEMO_ACCOUNTS["big"]) + query)
        for when, query in requests.items()
    }

    assert {when: (got.status_code, got.text) for when, got in answers.items()} == expected


async def test_a_cursor_beyond_63_bits_fails_in_the_node(client: httpx.AsyncClient) -> None:
    answer = await client.get(assets_path(ZERO_ACCOUNT), params={"next": str(2**63)})

    message = "failed to retrieve information from the ledger"
    assert (answer.status_code, answer.json()) == (500, {"message": message})


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        (ZERO_WRONG, "address {} is malformed, checksum verification failed"),
        (ZERO_ACCOUNT.lower(), "failed to decode address {} from base 32"),
        ("A" * 57 + "1", "failed to decode address {} from base 32"),
        ("AAAA", "decoded bad addr: {}"),
        (ZERO_ACCOUNT[:-1] + "R", "address {} is non-canonical"),
        (ZERO_ACCOUNT + "AA", "address {} is malformed, checksum verification failed"),
    ],
)
@pytest.mark.parametrize("path", ["/v2/accounts/{}/assets", "/v2/accounts/{}"])
async def test_addresses_are_refused_in_algods_words(
    client: httpx.AsyncClient, path: str, address: str, reason: str
) -> None:
    answer = await client.get(path.format(address))

    message = (
        "Invalid format for parameter address: error unmarshaling "
        f"'{address}' text as *basics.Address: {reason.format(address)}"
    )
    assert (answer.status_code, answer.json()) == (400, {"message": message})


@pytest.mark.parametrize("asset_id", [0, 1_000_003, 3_500_000_001, 2**64 - 1])
async def test_assets_that_do_not_exist(client: httpx.AsyncClient, asset_id: int) -> None:
    answer = await client.get(f"/v2/assets/{asset_id}")

    assert (answer.status_code, answer.json()) == (404, {"message": "asset does not exist"})


@pytest.mark.parametrize("text", ["abc", "-1", "18446744073709551616", 'a"b'])
async def test_asset_ids_that_are_none(client: httpx.AsyncClient, text: str) -> None:
    answer = await client.get(f"/v2/assets/{text}")

    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Invalid format for parameter asset-id: ")


async def test_absent_routes_methods_and_exclusions(client: httpx.AsyncClient) -> None:
    missing = await client.get("/v2/accounts")
    method = await client.post("/v2/status")
    exclude = await client.get(f"/v2/accounts/{ZERO_ACCOUNT}", params={"exclude": "all,none"})

    assert (missing.status_code, missing.text) == (404, '{"message":"Not Found"}\n')
    assert (method.status_code, method.json()) == (405, {"message": "Method Not Allowed"})
    assert (exclude.status_code, exclude.json()) == (400, {"message": "failed to parse exclude"})


async def test_a_trailing_slash_and_unknown_parameters_mean_nothing(
    client: httpx.AsyncClient,
) -> None:
    path = assets_path(DEMO_ACCOUNTS["typical"])

    answers = [await client.get(path + more) for more in ("", "/", "?colour=blue")]

    assert len({answer.content for answer in answers}) == 1


async def test_a_required_token_guards_accounts_but_not_health() -> None:
    async with client_of(Sandbox(require_token="a" * 64)) as client:
        path = assets_path(ZERO_ACCOUNT)
        none = await client.get(path)
        wrong = await client.get("/v2/status", headers={"x-algo-api-token": "b" * 64})
        right = await client.get(path, headers={"x-algo-api-token": "a" * 64})
        bearer = await client.get("/v2/status", headers={"authorization": "Bearer " + "a" * 64})
        asset = await client.get(f"/v2/assets/{USDC}")
        account = await client.get(f"/v2/accounts/{ZERO_ACCOUNT}")
        free = [await client.get(path) for path in ("/health", "/ready", "/versions", "/nowhere")]

    for refused in (none, wrong, asset, account):
        assert (refused.status_code, refused.json()) == (401, {"message": "Invalid API Token"})
    assert (right.status_code, bearer.status_code) == (200, 200)
    assert [answer.status_code for answer in free] == [200, 200, 200, 404]


async def test_the_node_is_healthy_and_on_no_real_network(client: httpx.AsyncClient) -> None:
    names = ("status", "versions", "health", "ready")
    paths = ("/v2/status", "/versions", "/health", "/ready")
    recorded = {name: sample(f"algod/recorded_{name}.json")["body"] for name in names}

    answers = {name: await client.get(path) for name, path in zip(names, paths, strict=True)}

    assert answers["health"].text == answers["ready"].text == "null\n"
    assert list(answers["status"].json()) == list(recorded["status"])
    versions = answers["versions"].json()
    assert list(versions) == list(recorded["versions"])
    assert list(versions["build"]) == list(recorded["versions"]["build"])
    assert versions["genesis_id"] == "sandbox-v1"
    assert len(base64.b64decode(versions["genesis_hash_b64"])) == 32
    assert versions["genesis_hash_b64"] != "wGHE2Pwdvd7S12BL5FaOP20EGYesN73ktiC1qzkkit8="


async def test_answers_are_compressed_where_asked_for() -> None:
    async with client_of(Sandbox(gzip=True)) as client:
        answer = await client.get(assets_path(DEMO_ACCOUNTS["typical"]))

    assert answer.headers["content-encoding"] == "gzip"
    assert len(answer.json()["asset-holdings"]) == 20
