"""algod beyond accounts and assets: the node, its blocks, and the form of its answers."""

import base64
from typing import Any

import httpx
import msgspec
import pytest

from sandbox import DEMO_ACCOUNTS, Sandbox, addresses
from sandbox.accounts import account
from sandbox.algod_replies import LEDGER_FAILED
from sandbox.assets import EDGE_IDS, USDC, asset
from sandbox.chain import ROUND
from tests.sandbox.conftest import client_of, sample

TYPICAL, EXTREMES = DEMO_ACCOUNTS["typical"], DEMO_ACCOUNTS["extremes"]
CIRCLE = "2UEQTE5QDNXPI7M3TU44G6SYKLFWLPQO7EBZM7K7MHMQQMFI4QJPLHQFHM"
READ = [
    f"/v2/accounts/{TYPICAL}",
    f"/v2/accounts/{TYPICAL}/assets",
    f"/v2/accounts/{TYPICAL}/assets/{USDC}",
    f"/v2/accounts/{TYPICAL}/applications",
    f"/v2/accounts/{TYPICAL}/transactions/pending",
    f"/v2/assets/{USDC}",
    "/v2/status",
    "/v2/status/wait-for-block-after/1",
    "/v2/ledger/supply",
    "/v2/transactions/params",
    "/v2/transactions/pending",
    "/v2/blocks/1",
    "/v2/blocks/1/hash",
    "/v2/blocks/1/txids",
    "/v2/blocks/1/logs",
    "/v2/applications/7/boxes",
]
OPEN = ["/health", "/ready", "/versions", "/genesis"]


@pytest.mark.parametrize("path", [*READ, *OPEN])
async def test_what_is_read_is_json_that_ends_its_line(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.text.endswith("\n")
    answer.json()


async def test_a_token_is_wanted_where_a_node_wants_one() -> None:
    async with client_of(Sandbox(require_token="a" * 64)) as client:
        refused = [await client.get(path) for path in READ]
        free = [await client.get(path) for path in (*OPEN, "/v2/nowhere", "/nowhere")]
        right = await client.get(READ[2], headers={"x-algo-api-token": "a" * 64})

    assert {(each.status_code, each.text) for each in refused} == {
        (401, '{"message":"Invalid API Token"}\n')
    }
    assert [each.status_code for each in free] == [200, 200, 200, 200, 404, 404]
    assert right.status_code == 200


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("ledger_supply", "/v2/ledger/supply"),
        ("transactions_params", "/v2/transactions/params"),
        ("status", "/v2/status"),
        ("status", "/v2/status/wait-for-block-after/0"),
        ("account_asset", f"/v2/accounts/{CIRCLE}/assets/{USDC}"),
    ],
)
async def test_answers_have_the_keys_of_recorded_ones(
    client: httpx.AsyncClient, name: str, path: str
) -> None:
    recorded = sample(f"algod/recorded_{name}.json")["body"]

    answer = (await client.get(path)).json()

    # Its creator holds none of the dollar here.
    recorded.pop("asset-holding", None)
    assert list(answer) == list(recorded)
    assert [type(each) for each in answer.values()] == [type(each) for each in recorded.values()]


@pytest.mark.parametrize(("after", "last"), [(0, 1), (-1, 0), (-ROUND, 0), (4, 5)])
async def test_who_waits_for_a_block_is_told_of_it(after: int, last: int) -> None:
    async with client_of(Sandbox(block_seconds=1e-9)) as client:
        path = f"/v2/status/wait-for-block-after/{ROUND + after}"
        answer = (await client.get(path)).json()
        still = (await client.get("/v2/status")).json()

    assert answer == {
        **still,
        "last-round": ROUND + last,
        "next-version-round": ROUND + last + 1,
    }
    assert still["last-round"] == ROUND


async def test_nobody_waits_longer_than_a_node_lets_him(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("sandbox.node.asyncio.sleep", sleep)
    async with client_of(Sandbox()) as client:
        far = await client.get(f"/v2/status/wait-for-block-after/{2**64 - 1}")
        near = await client.get(f"/v2/status/wait-for-block-after/{ROUND}")

    assert waits == [60.0, 2.8]
    assert far.json()["last-round"] == ROUND + 21
    assert near.json()["last-round"] == ROUND + 1


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        (
            "/v2/blocks/x",
            400,
            "Invalid format for parameter round: error binding string parameter: "
            'strconv.ParseUint: parsing "x": invalid syntax',
        ),
        (
            "/v2/blocks/1?header-only=x",
            400,
            "Invalid format for parameter header-only: error binding string parameter: "
            'strconv.ParseBool: parsing "x": invalid syntax',
        ),
        ("/v2/blocks/1?format=xml", 400, "failed to parse the format option"),
        (f"/v2/blocks/{ROUND + 1}", 404, LEDGER_FAILED),
        (f"/v2/accounts/{TYPICAL}?format=xml", 400, "failed to parse the format option"),
        (f"/v2/accounts/{TYPICAL}/assets/{USDC}?format=", 400, "failed to parse the format option"),
        (
            f"/v2/accounts/{TYPICAL}/assets/x",
            400,
            "Invalid format for parameter asset-id: error binding string parameter: "
            'strconv.ParseUint: parsing "x": invalid syntax',
        ),
        (f"/v2/accounts/{TYPICAL}/assets/0", 404, "account asset info not found"),
        (
            "/v2/transactions/pending?max=-1",
            400,
            "Invalid format for parameter max: error binding string parameter: "
            'strconv.ParseUint: parsing "-1": invalid syntax',
        ),
        (
            "/v2/applications/7/box",
            400,
            "Invalid format for parameter name: query parameter 'name' is required",
        ),
        (
            "/v2/applications/7/box?name=x",
            400,
            "all arguments and box names should be of the form 'encoding:value'",
        ),
        ("/v2/applications/7/box?name=b64:%3F", 400, "illegal base64 data at input byte 0"),
        ("/v2/applications/7/box?name=str:x", 404, "box not found"),
        ("/v2/deltas/1", 404, "Not Found"),
    ],
)
async def test_a_node_refuses_in_its_own_words(
    client: httpx.AsyncClient, path: str, status: int, message: str
) -> None:
    answer = await client.get(path)

    assert (answer.status_code, answer.json()) == (status, {"message": message})


async def test_what_only_developers_may_is_off(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v2/teal/compile", content=b"int 1")

    assert answer.status_code == 404
    assert answer.text.endswith("by setting the EnableDeveloperAPI to true")


def unpacked(answer: httpx.Response) -> Any:
    assert answer.headers["content-type"] == "application/msgpack"
    return msgspec.msgpack.decode(answer.content)


async def test_an_account_in_the_ledgers_form_is_the_same(client: httpx.AsyncClient) -> None:
    path = f"/v2/accounts/{EXTREMES}"

    packed = unpacked(await client.get(path, params={"format": "msgpack"}))
    plain = (await client.get(path)).json()

    assert packed["algo"] == plain["amount"]
    assert {
        asset_id: (each.get("a", 0), each.get("f", False))
        for asset_id, each in packed["asset"].items()
    } == {row["asset-id"]: (row["amount"], row["is-frozen"]) for row in plain["assets"]}
    assert (packed["onl"], packed["ern"], packed["ebase"]) == (2, 7, plain["reward-base"])


async def test_what_an_account_has_of_an_asset_in_the_ledgers_form(
    client: httpx.AsyncClient,
) -> None:
    whole = asset(EDGE_IDS[17])
    assert whole is not None
    held = unpacked(
        await client.get(f"/v2/accounts/{EXTREMES}/assets/{EDGE_IDS[0]}?format=msgpack")
    )
    made = unpacked(
        await client.get(f"/v2/accounts/{whole.creator}/assets/{EDGE_IDS[17]}?format=msgpack")
    )
    plain = (await client.get(f"/v2/assets/{EDGE_IDS[17]}")).json()["params"]

    first = account(EXTREMES).holdings[0]
    assert held == {"asset-holding": {"a": first.amount, "f": first.is_frozen}}
    assert made == {
        "asset-params": {
            "am": base64.b64decode(plain["metadata-hash"]),
            "an": plain["name"].encode(),
            "au": plain["url"].encode(),
            "c": addresses.key(plain["clawback"]),
            "dc": plain["decimals"],
            "f": addresses.key(plain["freeze"]),
            "m": addresses.key(plain["manager"]),
            "r": addresses.key(plain["reserve"]),
            "t": plain["total"],
            "un": plain["unit-name"].encode(),
        }
    }
    assert list(made["asset-params"]) == sorted(made["asset-params"])


async def test_a_block_says_in_msgpack_what_it_says_in_json(client: httpx.AsyncClient) -> None:
    plain = (await client.get(f"/v2/blocks/{ROUND}")).json()["block"]
    packed = await client.get(f"/v2/blocks/{ROUND}?format=msgpack")
    header = await client.get(f"/v2/blocks/{ROUND}?format=msgpack&header-only=true")
    digest = (await client.get(f"/v2/blocks/{ROUND}/hash")).json()["blockHash"]

    block = unpacked(packed)["block"]
    assert packed.headers["x-algorand-struct"] == "block-v1"
    assert unpacked(header) == {"block": block}
    assert unpacked(packed)["cert"]["rnd"] == ROUND
    assert base64.b32encode(unpacked(packed)["cert"]["prop"]["dig"]).decode().rstrip("=") == digest
    assert list(block) == list(plain) == sorted(block)
    assert base64.b64encode(block["seed"]).decode() == plain["seed"]
    assert addresses.encode(block["fees"]) == plain["fees"]
    assert {str(kind): proofs for kind, proofs in block["spt"].items()} == plain["spt"]
