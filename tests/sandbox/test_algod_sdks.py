"""The official SDKs of Python and JavaScript, asking a sandbox that is served on a port."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from algosdk.error import AlgodHTTPError
from algosdk.v2client.algod import AlgodClient

from sandbox import DEMO_ACCOUNTS
from sandbox.assets import USDC
from sandbox.chain import GENESIS_HASH, ROUND
from tests.server.process import COMMAND
from tests.tools import need, node_modules

pytestmark = pytest.mark.slow

NODE = Path(__file__).parent.parent / "node"
TYPICAL, BIG = DEMO_ACCOUNTS["typical"], DEMO_ACCOUNTS["big"]
CIRCLE = "2UEQTE5QDNXPI7M3TU44G6SYKLFWLPQO7EBZM7K7MHMQQMFI4QJPLHQFHM"
DESTROYED, MISSING = 1_000_003, 3_600_000_000
NO_TRANSACTION = "A" * 52


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    process = subprocess.Popen(
        [COMMAND, "sandbox", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.fixture(scope="module")
def algod(url: str) -> AlgodClient:
    return AlgodClient("t" * 64, url)


def body(answer: object) -> dict[str, Any]:
    assert isinstance(answer, dict)
    return answer


def refused(call: Callable[[], object]) -> tuple[int | None, str]:
    with pytest.raises(AlgodHTTPError) as caught:
        call()
    return caught.value.code, str(caught.value)


def test_python_reads_an_account_and_each_of_its_assets(algod: AlgodClient) -> None:
    account = body(algod.account_info(TYPICAL))
    brief = body(algod.account_info(TYPICAL, exclude="all"))
    page = body(algod.account_assets_info(TYPICAL))

    assert account["total-assets-opted-in"] == len(account["assets"]) == 20
    assert {key: account[key] for key in brief} == brief
    rows = [row["asset-holding"] for row in page["asset-holdings"]]
    assert rows == account["assets"]
    for row in rows:
        alone = body(algod.account_asset_info(TYPICAL, row["asset-id"]))
        assert alone == {"asset-holding": row, "round": ROUND}


def test_python_pages_through_an_account(algod: AlgodClient) -> None:
    seen: list[int] = []
    token: str | None = None
    while True:
        page = body(algod.account_assets_info(BIG, limit=900, next_page=token))
        seen += [row["asset-holding"]["asset-id"] for row in page["asset-holdings"]]
        token = page.get("next-token")
        if token is None:
            break

    assert len(seen) == 2500
    assert seen == sorted(set(seen))


def test_python_reads_what_a_creator_made(algod: AlgodClient) -> None:
    created = body(algod.account_asset_info(CIRCLE, USDC))

    assert created["created-asset"] == body(algod.asset_info(USDC))["params"]
    assert created["created-asset"]["creator"] == CIRCLE


def test_python_prepares_a_transaction(algod: AlgodClient) -> None:
    params = algod.suggested_params()

    assert (params.first, params.last, params.min_fee, params.fee) == (ROUND, ROUND + 1000, 1000, 0)
    assert (params.gen, params.gh) == ("sandbox-v1", GENESIS_HASH)
    assert params.consensus_version == body(algod.status())["last-version"]


def test_python_reads_the_node_and_its_network(algod: AlgodClient) -> None:
    genesis, versions = body(algod.genesis()), body(algod.versions())

    assert f"{genesis['network']}-{genesis['id']}" == versions["genesis_id"] == "sandbox-v1"
    said: list[object] = [algod.health(), algod.ready()]
    assert said == [None, None]
    assert body(algod.ledger_supply())["current_round"] == ROUND
    status = body(algod.status())
    assert status["last-round"] == ROUND
    assert body(algod.status_after_block(ROUND - 1)) == status
    assert body(algod.status_after_block(1)) == status


def test_python_waits_for_the_next_block(algod: AlgodClient) -> None:
    status = body(algod.status_after_block(ROUND))

    assert (status["last-round"], status["next-version-round"]) == (ROUND + 1, ROUND + 2)


def test_python_reads_blocks_that_follow_each_other(algod: AlgodClient) -> None:
    last = body(algod.block_info(ROUND))["block"]
    before = body(algod.get_block_hash(ROUND - 1))["blockHash"]

    assert (last["rnd"], last["gen"], last["gh"]) == (ROUND, "sandbox-v1", GENESIS_HASH)
    assert last["prev"] == f"blk-{before}"
    assert body(algod.block_info(ROUND, header_only=True))["block"] == last
    assert "prev" not in body(algod.block_info(0))["block"]
    assert body(algod.get_block_txids(ROUND)) == {"blockTxids": []}
    packed = algod.block_info(ROUND, response_format="msgpack")
    assert isinstance(packed, bytes)
    # A map of two, whose first key is `block`.
    assert packed.startswith(b"\x82\xa5block")


def test_python_is_told_what_there_is_none_of(algod: AlgodClient) -> None:
    pending = {"top-transactions": [], "total-transactions": 0}
    assert algod.pending_transactions() == pending
    assert algod.pending_transactions_by_address(TYPICAL, limit=5) == pending
    assert algod.account_applications_info(TYPICAL) == {
        "application-resources": [],
        "round": ROUND,
    }
    assert algod.application_boxes(7) == {"boxes": []}


def test_python_is_refused_as_by_a_node(algod: AlgodClient) -> None:
    ledger = "failed to retrieve information from the ledger"
    unknown = (
        "could not find the transaction in the transaction pool or in the last 1000 confirmed "
        "rounds"
    )
    calls: list[tuple[Callable[[], object], int, str]] = [
        (lambda: algod.account_asset_info(TYPICAL, MISSING), 404, "account asset info not found"),
        (lambda: algod.asset_info(DESTROYED), 404, "asset does not exist"),
        (lambda: algod.block_info(ROUND + 1), 404, ledger),
        (lambda: algod.get_block_hash(ROUND + 1), 404, ledger),
        (lambda: algod.get_block_txids(2**64 - 1), 404, ledger),
        (lambda: algod.application_info(7), 404, "application does not exist"),
        (lambda: algod.application_box_by_name(7, b"\0" * 8), 404, "box not found"),
        (
            lambda: algod.account_application_info(TYPICAL, 7),
            404,
            "account application info not found",
        ),
        (lambda: algod.pending_transaction_info(NO_TRANSACTION), 404, unknown),
        (
            lambda: algod.pending_transaction_info("x"),
            400,
            "no valid transaction ID was specified",
        ),
        (lambda: algod.transaction_proof(1, NO_TRANSACTION), 404, unknown),
        (lambda: algod.transaction_proof(ROUND + 1, NO_TRANSACTION), 500, ledger),
        (lambda: algod.stateproofs(1), 404, "no state proof can be found for that round"),
        (
            lambda: algod.lightblockheader_proof(ROUND + 1),
            500,
            "given round is greater than the latest round",
        ),
        (
            lambda: algod.account_assets_info(TYPICAL, limit=1001),
            400,
            "limit 1001 exceeds max assets single batch limit 1000",
        ),
        (lambda: algod.algod_request("GET", "/nowhere"), 404, "Not Found"),
        (lambda: algod.algod_request("GET", f"/accounts/{TYPICAL}/nowhere"), 404, "Not Found"),
        (lambda: algod.algod_request("POST", "/status", data=b""), 405, "Method Not Allowed"),
    ]

    assert [refused(call) for call, _, _ in calls] == [(code, text) for _, code, text in calls]


def test_javascript_reads_the_same(url: str) -> None:
    node = need("node")
    node_modules(NODE)
    run = subprocess.run(
        [
            node,
            str(NODE / "algod.mjs"),
            url,
            TYPICAL,
            CIRCLE,
            str(USDC),
            str(MISSING),
            str(ROUND),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found = {name: json.loads(text) for name, text in json.loads(run.stdout).items()}
    python = AlgodClient("", url)

    for name, right in (
        ("account", python.account_info(TYPICAL)),
        ("brief", python.account_info(TYPICAL, exclude="all")),
        ("asset", python.asset_info(USDC)),
        ("held", python.account_asset_info(TYPICAL, USDC)),
        ("created", python.account_asset_info(CIRCLE, USDC)),
        ("genesis", python.genesis()),
        ("supply", python.ledger_supply()),
        ("status", python.status()),
        ("waited", python.status()),
        ("blockHash", python.get_block_hash(ROUND)),
        ("versions", python.versions()),
    ):
        # Neither SDK tells what is zero or false in the same way, so what is left must agree.
        assert filled(found[name]) == filled(right), name
    assert found["next"]["last-round"] == ROUND + 1
    assert found["params"]["lastValid"] == ROUND + 1000
    assert found["params"]["genesisHash"] == GENESIS_HASH
    block = body(python.block_info(ROUND))["block"]
    assert filled(found["block"]["block"]) == filled(found["header"]["block"]) == filled(block)
    assert filled(found["genesisBlock"]) == filled(python.block_info(0))
    assert [len(page) for page in found["pages"]] == [7, 7, 6]
    assert {name: each["error"] for name, each in found.items() if "error" in (each or ())} == {
        name: f"Network request error. Received status 404 (Not Found): {message}"
        for name, message in {
            "notHeld": "account asset info not found",
            "noAsset": "asset does not exist",
            "noBlock": "failed to retrieve information from the ledger",
            "noApplication": "application does not exist",
            "noBox": "box not found",
        }.items()
    }


def filled(value: Any) -> Any:
    """The value without what is empty, zero or false, which some encodings leave out."""
    if isinstance(value, dict):
        return {key: filled(each) for key, each in sorted(value.items()) if filled(each)}
    return [filled(each) for each in value] if isinstance(value, list) else value


def test_a_browser_may_ask_from_any_page(url: str) -> None:
    headers = {
        "Origin": "https://wallet.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "x-algo-api-token",
    }

    preflight = httpx.options(f"{url}/v2/status", headers=headers)
    answer = httpx.get(f"{url}/v2/status", headers={"Origin": "https://wallet.example"})

    assert preflight.is_success
    assert "x-algo-api-token" in preflight.headers["access-control-allow-headers"].lower()
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-origin"] == "*"
