"""The portfolio and token APIs: what they answer, what they refuse, how often they may be asked."""

from decimal import Context, Decimal
from functools import reduce
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import DEMO_WALLETS, Sandbox
from sandbox.oneinch import Shape
from tests.sandbox.conftest import PROTOCOLS, SNAPSHOT, STATUS, client_of, exact, sample, validator

ZERO = "0x" + "0" * 40
NATIVE = "0x" + "e" * 40
USDC = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
EXACT = Context(prec=500)

valid_snapshot = validator("tokens_snapshot")
valid_protocols = validator("protocols_snapshot")
valid_refusal = validator("http_validation_error")
evm_addresses = st.integers(0, 2**160 - 1).map(lambda number: f"0x{number:040x}")


async def snapshot(box: Sandbox, *wallets: str, path: str = SNAPSHOT, **arguments: Any) -> Any:
    """The body of what wallets hold themselves, or of what they have in protocols."""
    async with client_of(box) as client:
        answer = await client.get(path, params={"addresses": wallets, **arguments})
    assert answer.status_code == 200
    return exact(answer.content)


async def held(box: Sandbox, *wallets: str, **arguments: Any) -> Any:
    """The rows of both, in the documented shape."""
    tokens = await snapshot(box, *wallets, **arguments)
    protocols = await snapshot(box, *wallets, path=PROTOCOLS, **arguments)
    valid_snapshot(tokens)
    valid_protocols(protocols)
    assert {row["protocol_type"] for row in tokens} <= {"token"}
    assert "token" not in {row["protocol_type"] for row in protocols["result"]}
    return tokens + protocols["result"]


def worth(row: dict[str, Any]) -> Decimal:
    values = (
        EXACT.multiply(Decimal(token.get("amount", 0)), Decimal(token.get("price_usd") or 0))
        for token in (*row.get("underlying_tokens", ()), *row.get("reward_tokens", ()))
    )
    return reduce(EXACT.add, values, Decimal(0))


@pytest.mark.parametrize("name", DEMO_WALLETS)
async def test_demo_wallets_are_as_documented(box: Sandbox, name: str) -> None:
    rows = await held(box, DEMO_WALLETS[name])

    assert {row["address"] for row in rows} <= {DEMO_WALLETS[name]}


@given(evm_addresses, st.none() | st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
async def test_any_wallet_is_as_documented_and_always_the_same(
    wallet: str, timestamp: int | None
) -> None:
    arguments = {} if timestamp is None else {"timestamp": timestamp}

    rows = await held(Sandbox(), wallet, **arguments)
    again = await held(Sandbox(), wallet, **arguments)

    assert rows == again
    assert len({(row["chain_id"], row["index"]) for row in rows}) == len(rows)
    assert {row["address"] for row in rows} <= {wallet}
    assert {row.get("timestamp") for row in rows} <= {timestamp, None}


@given(evm_addresses)
@settings(max_examples=40, deadline=None)
async def test_a_value_is_the_exact_sum_of_its_tokens(wallet: str) -> None:
    for row in await held(Sandbox(), wallet):
        if "underlying_tokens" in row and "reward_tokens" in row:
            assert Decimal(row["value_usd"]).copy_abs() == worth(row)


async def test_rows_have_the_keys_of_the_documented_sample(box: Sandbox) -> None:
    rows = await held(box, DEMO_WALLETS["typical"])
    expected = sample("oneinch/constructed_tokens_snapshot_schema_shape.json")[0]

    assert [list(row) for row in rows] == [list(expected)] * 12
    assert list(rows[0]["underlying_tokens"][0]) == list(expected["underlying_tokens"][0])


async def test_wallets_are_answered_in_order_once_each_and_in_lower_case(box: Sandbox) -> None:
    debts, typical = DEMO_WALLETS["debts"], DEMO_WALLETS["typical"]

    asked = (debts, typical.upper().replace("X", "x"), DEMO_WALLETS["empty"], debts)
    tokens = await snapshot(box, *asked)
    protocols = await snapshot(box, *asked, path=PROTOCOLS)

    assert [row["address"] for row in tokens] == [debts] * 1 + [typical] * 8
    assert [row["address"] for row in protocols["result"]] == [debts] * 6 + [typical] * 4
    assert tokens == await snapshot(box, debts) + await snapshot(box, typical)


async def test_one_chain_alone(box: Sandbox) -> None:
    everything = await held(box, DEMO_WALLETS["whale"])

    rows = await held(box, DEMO_WALLETS["whale"], chain_id=10)

    assert rows == [row for row in everything if row["chain_id"] == 10]
    assert len(everything) == 1000
    assert 0 < len(rows) < 1000


async def test_a_moment_in_the_past_has_blocks_and_other_prices(box: Sandbox) -> None:
    now = await held(box, DEMO_WALLETS["typical"])
    then = await held(box, DEMO_WALLETS["typical"], timestamp=1_700_000_000)

    assert {row["block_number"] for row in now} == {None}
    assert {row["timestamp"] for row in then} == {1_700_000_000}
    assert all(row["block_number"] >= row["block_number_created"] for row in then)
    assert [row["index"] for row in then] == [row["index"] for row in now]
    assert all(old["value_usd"] < new["value_usd"] for old, new in zip(then, now, strict=True))
    assert all(row["value_usd"] == worth(row) for row in then)


async def test_debts_come_with_either_sign(box: Sandbox) -> None:
    rows = await held(box, DEMO_WALLETS["debts"])

    signs = {(row["asset_sign"], row["value_usd"] < 0) for row in rows}
    assert signs == {(1, False), (-1, False), (-1, True)}
    assert {row["status"] for row in rows} == {1, 0, -1}


async def test_digits_are_not_rounded(box: Sandbox) -> None:
    rows = await held(box, DEMO_WALLETS["digits"])

    amounts = [token["amount"] for row in rows for token in row["underlying_tokens"]]
    assert amounts[:3] == [
        Decimal("123456789012.345678901234567891"),
        Decimal("1.23456789012345678901E-10"),
        Decimal("999999999999999999999999.123456"),
    ]
    assert [row["token_id"] for row in rows] == [0, 0, 0, 0, 2**256 - 1, 2**64]
    assert max(row["block_number_created"] for row in rows) == 2**64 - 1
    assert all(row["value_usd"] == worth(row) for row in rows)


async def test_unpriced_wallet_lacks_what_may_be_lacking(box: Sandbox) -> None:
    rows = await held(box, DEMO_WALLETS["unpriced"])

    tokens = [token for row in rows for token in row.get("underlying_tokens", ())]
    assert {"<b>CLAIM</b>", None} <= {token.get("symbol") for token in tokens}
    assert [row for row in rows if "status" not in row and "locked" not in row]
    assert [row for row in rows if "underlying_tokens" not in row]
    assert [token for token in tokens if "price_usd" not in token]
    assert [token for token in tokens if "amount" not in token]
    assert [token for token in tokens if token.get("price_usd", 0) is None]


async def test_observed_shape_swaps_keys_and_hides_the_owner_of_coins() -> None:
    documented = await held(Sandbox(), DEMO_WALLETS["typical"])
    body = await snapshot(Sandbox("observed"), DEMO_WALLETS["typical"])
    others = await snapshot(Sandbox("observed"), DEMO_WALLETS["typical"], path=PROTOCOLS)
    expected = sample("oneinch/constructed_tokens_snapshot_observed_shape.json")["result"][0]

    rows = body["result"] + others["result"]
    assert list(body) == list(others) == ["result", "meta"]
    assert {tuple(row) for row in rows} == {tuple(expected)}
    assert list(rows[0]["underlying_tokens"][0]) == list(expected["underlying_tokens"][0])
    assert [row["address"] for row in rows] == [ZERO] * 3 + [DEMO_WALLETS["typical"]] * 9
    assert [row["chain"] for row in rows] == [row["chain_id"] for row in documented]
    first = rows[0]["underlying_tokens"][0]
    assert first["value_usd"] == rows[0]["value_usd"] == documented[0]["value_usd"]


async def test_coins_without_an_owner_share_their_index_between_wallets() -> None:
    box = Sandbox("observed")

    both = await snapshot(box, DEMO_WALLETS["typical"], DEMO_WALLETS["digits"], chain_id=1)

    coins = [row for row in both["result"] if row["protocol_handler_id"] == "native"]
    assert len(coins) == 2
    assert coins[0]["index"] == coins[1]["index"]


async def test_observed_shape_with_owners() -> None:
    body = await snapshot(Sandbox("observed", zero_owner=False), DEMO_WALLETS["typical"])

    assert {row["address"] for row in body["result"]} == {DEMO_WALLETS["typical"]}


async def test_observed_shape_leaves_absent_tokens_absent() -> None:
    body = await snapshot(Sandbox("observed"), DEMO_WALLETS["unpriced"], timestamp=1_600_000_000)

    absent = [row for row in body["result"] if "underlying_tokens" not in row]
    assert [(row["timestamp"], row["value_usd"] > 0) for row in absent] == [(1_600_000_000, True)]


async def test_status_tells_its_whole_meta(client: httpx.AsyncClient) -> None:
    answer = await client.get(STATUS)

    validator("general_status")(answer.json())
    expected = sample("oneinch/constructed_status.json")
    assert answer.json()["result"] == expected["result"]
    assert answer.json()["meta"]["cached_at"] == 1763640000
    assert set(answer.json()["meta"]["system"]) == {
        "click_time",
        "node_time",
        "microservices_time",
        "redis_time",
        "total_time",
    }


@pytest.mark.parametrize(
    ("query", "loc", "kind"),
    [
        ("", ["query", "addresses"], "missing"),
        ("chain_id=1", ["query", "addresses"], "missing"),
        ("addresses=0xabc", ["query", "addresses", 0], "string_too_short"),
        ("addresses=", ["query", "addresses", 0], "string_too_short"),
        (f"addresses={ZERO},{USDC}", ["query", "addresses", 0], "string_too_long"),
        (f"addresses={ZERO}&addresses=0x1", ["query", "addresses", 1], "string_too_short"),
        (f"addresses=0x{'g' * 40}", ["query", "addresses", 0], "string_pattern_mismatch"),
        (f"addresses[]={ZERO}", ["query", "addresses"], "missing"),
        (f"addresses={ZERO}&chain_id=eth", ["query", "chain_id"], "int_parsing"),
        (f"addresses={ZERO}&chain_id=1.5", ["query", "chain_id"], "int_parsing"),
        (f"addresses={ZERO}&chain_id=", ["query", "chain_id"], "int_parsing"),
        (f"addresses={ZERO}&chain_id=2", ["query", "chain_id"], "enum"),
        (f"addresses={ZERO}&timestamp=now", ["query", "timestamp"], "int_parsing"),
        (f"addresses={ZERO}&timestamp=-1", ["query", "timestamp"], "greater_than_equal"),
        (f"addresses={ZERO}&timestamp=4294967296", ["query", "timestamp"], "less_than"),
    ],
)
async def test_bad_arguments_are_refused_in_the_documented_form(
    client: httpx.AsyncClient, query: str, loc: list[str | int], kind: str
) -> None:
    answer = await client.get(f"{SNAPSHOT}?{query}")

    valid_refusal(answer.json())
    assert answer.status_code == 422
    assert [(error["loc"], error["type"]) for error in answer.json()["detail"]] == [(loc, kind)]


async def test_a_short_address_is_refused_as_in_the_sample(client: httpx.AsyncClient) -> None:
    answer = await client.get(SNAPSHOT, params={"addresses": "0xabc"})

    expected = sample("oneinch/constructed_422.json")["detail"][0]
    expected.pop("ctx")
    assert answer.json()["detail"] == [expected]


async def test_paths_nobody_documented_are_not_found(client: httpx.AsyncClient) -> None:
    missing = await client.get("/portfolio/portfolio/v5.2/tokens/snapshot")
    method = await client.post(STATUS)

    assert (missing.status_code, missing.json()) == (404, {"detail": "Not Found"})
    assert (method.status_code, method.json()) == (405, {"detail": "Method Not Allowed"})


async def test_each_answer_has_a_request_id_of_its_own(client: httpx.AsyncClient) -> None:
    paths = (STATUS, SNAPSHOT, "/portfolio/nowhere")

    answers = [await client.get(path) for path in paths]

    assert len({answer.headers["x-request-id"] for answer in answers}) == 3
    assert {answer.headers["x-sandbox"] for answer in answers} == {"walletgraph"}


async def test_a_required_key_comes_as_bearer_or_as_parameter() -> None:
    async with client_of(Sandbox(require_key="s3cret")) as client:
        none = await client.get(STATUS)
        wrong = await client.get(STATUS, headers={"authorization": "Bearer other"})
        bearer = await client.get(STATUS, headers={"authorization": "Bearer s3cret"})
        parameter = await client.get(STATUS, params={"apiKey": "s3cret"})

    codes = [answer.status_code for answer in (none, wrong, bearer, parameter)]
    assert codes == [401, 401, 200, 200]
    assert none.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("rps", "accepted"), [(1.0, 1), (3.0, 3), (0.5, 1)])
async def test_more_calls_than_the_plan_allows_are_refused_in_plain_text(
    rps: float, accepted: int
) -> None:
    now = [100.0]
    async with client_of(Sandbox(rps=rps, clock=lambda: now[0])) as client:
        first = [await client.get(STATUS) for _ in range(accepted + 1)]
        now[0] += 1 if rps >= 1 else 2
        later = await client.get(STATUS)

    assert [answer.status_code for answer in first] == [200] * accepted + [429]
    assert first[-1].text == "The limit of requests per second has been exceeded"
    assert first[-1].headers["content-type"] == "text/plain"
    assert later.status_code == 200


@pytest.mark.parametrize("shape", ["documented", "observed"])
async def test_tokens_are_keyed_by_lower_case_address(shape: Shape) -> None:
    addresses = [USDC.upper().replace("X", "x"), NATIVE, ZERO]
    async with client_of(Sandbox(shape)) as client:
        answer = await client.get("/token/v1.3/1/custom", params={"addresses": addresses})

    assert set(answer.json()) == {USDC, NATIVE}
    assert answer.json()[USDC] == {
        "address": USDC,
        "chainId": 1,
        "decimals": 6,
        "logoURI": f"https://tokens.1inch.io/{USDC}.png",
        "name": "USD Coin",
        "symbol": "USDC",
        "tags": ["tokens"],
    }


@pytest.mark.parametrize(
    ("chain", "addresses"), [("1", []), ("1", ["0x1"]), ("2", [USDC]), ("x", [USDC])]
)
async def test_token_arguments_are_refused_in_the_form_of_that_api(
    client: httpx.AsyncClient, chain: str, addresses: list[str]
) -> None:
    answer = await client.get(f"/token/v1.3/{chain}/custom", params={"addresses": addresses})

    assert answer.status_code == 400
    assert list(answer.json()) == ["statusCode", "message", "error"]


async def test_every_listed_token_of_a_wallet_is_described_alike(box: Sandbox) -> None:
    rows = await snapshot(box, DEMO_WALLETS["typical"])
    tokens = [token for row in rows for token in row["underlying_tokens"]]

    async with client_of(box) as client:
        for token in tokens:
            path = f"/token/v1.3/{token['chain']}/custom"
            answer = await client.get(path, params={"addresses": token["address"]})
            described = answer.json()[token["address"]]
            assert {key: described[key] for key in ("symbol", "name", "decimals")} == {
                key: token[key] for key in ("symbol", "name", "decimals")
            }
