"""Each fault: what reaches the caller, where, how often, and what is right again afterwards."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from sandbox import DEMO_ACCOUNTS, DEMO_WALLETS, Fault, Sandbox, SandboxReset
from tests.sandbox.conftest import SNAPSHOT, STATUS, client_of, exact
from tests.virtual_time import now

TYPICAL = f"{SNAPSHOT}?addresses={DEMO_WALLETS['typical']}"
EMPTY = f"{SNAPSHOT}?addresses={DEMO_WALLETS['empty']}"
ASSETS = f"/v2/accounts/{DEMO_ACCOUNTS['typical']}/assets"


async def spoiled(fault: Fault, path: str = TYPICAL) -> httpx.Response:
    box = Sandbox()
    box.faults.add("", fault)
    async with client_of(box) as client:
        return await client.get(path)


@pytest.mark.parametrize(
    ("fault", "status", "content_type", "words"),
    [
        (Fault.rate_limited(), 429, "text/plain", "The limit of requests per second has been"),
        (Fault.rate_limited(html=True), 429, "text/html", "<h1>429 Too Many Requests</h1>"),
        (Fault.server_error(), 500, "application/json", "failed to retrieve information"),
        (Fault.unavailable(), 503, "text/html", "503 Service Temporarily Unavailable"),
        (Fault.bad_request(), 400, "application/json", "incorrect parameter"),
        (Fault.unauthorized(), 401, "application/json", "Invalid API Token"),
        (Fault.forbidden(), 403, "application/json", "quota exceeded"),
        (Fault.route_missing(), 404, "application/json", '{"message":"Not Found"}\n'),
        (Fault.unprocessable(), 422, "application/json", '"detail":[{"type":"missing"'),
        (Fault.html(), 200, "text/html", "<!doctype html>"),
        (Fault.status(418, "short"), 418, "application/json", "short"),
    ],
)
async def test_answers_instead_of_the_right_one(
    fault: Fault, status: int, content_type: str, words: str
) -> None:
    answer = await spoiled(fault)

    assert answer.status_code == status
    assert answer.headers["content-type"] == content_type
    assert words in answer.text
    assert answer.headers["x-sandbox"] == "walletgraph"
    assert "x-request-id" in answer.headers


async def test_retry_after_comes_in_both_forms() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    seconds = await spoiled(Fault.rate_limited(7))
    date = await spoiled(Fault.rate_limited(moment, html=True))
    neither = await spoiled(Fault.rate_limited())

    assert seconds.headers["retry-after"] == "7"
    assert date.headers["retry-after"] == "Fri, 02 Jan 2026 03:04:05 GMT"
    assert "retry-after" not in neither.headers


async def test_no_content_and_redirect_have_no_body() -> None:
    empty = await spoiled(Fault.no_content())
    elsewhere = await spoiled(Fault.redirect("https://example.org/"))

    assert (empty.status_code, empty.content) == (204, b"")
    assert not {"content-type", "content-length"} & set(empty.headers)
    assert (elsewhere.status_code, elsewhere.headers["location"]) == (302, "https://example.org/")


async def test_right_body_under_a_wrong_type(client: httpx.AsyncClient) -> None:
    answer = await spoiled(Fault.wrong_type())

    assert answer.headers["content-type"] == "text/plain"
    assert answer.content == (await client.get(TYPICAL)).content


@pytest.mark.parametrize("path", [TYPICAL, ASSETS, STATUS])
async def test_truncated_text_is_the_first_half(client: httpx.AsyncClient, path: str) -> None:
    whole = (await client.get(path)).content

    answer = await spoiled(Fault.truncated(), path)

    assert answer.content == whole[: len(whole) // 2]
    assert answer.headers["content-length"] == str(len(answer.content))


@pytest.mark.parametrize("path", [TYPICAL, EMPTY, ASSETS])
async def test_bad_utf8_is_no_text(path: str) -> None:
    answer = await spoiled(Fault.bad_utf8(), path)

    with pytest.raises(UnicodeDecodeError):
        answer.content.decode()


@pytest.mark.parametrize(
    ("path", "key"), [(TYPICAL, "value_usd"), (ASSETS, "total"), (TYPICAL, None)]
)
async def test_nan_and_numbers_out_of_range(path: str, key: str | None) -> None:
    first = key or "chain_id"

    nan = (await spoiled(Fault.not_a_number(key), path)).text
    huge = (await spoiled(Fault.out_of_range(key), path)).text
    chosen = (await spoiled(Fault.out_of_range(key, "-1"), path)).text

    assert f'"{first}":NaN' in nan
    assert f'"{first}":1e999' in huge
    assert f'"{first}":-1' in chosen


async def test_where_there_is_no_number_one_is_made_up() -> None:
    nan = await spoiled(Fault.not_a_number(), EMPTY)
    twice = await spoiled(Fault.duplicate_key(), EMPTY)

    assert nan.text == '{"value":NaN}'
    assert twice.text == '{"value":1,"value":0}'


@pytest.mark.parametrize("key", ["index", "value_usd", "underlying_tokens"])
async def test_any_value_can_be_replaced(client: httpx.AsyncClient, key: str) -> None:
    right = (await client.get(TYPICAL)).json()

    text = (await spoiled(Fault.wrong_value("contract_name", '"b"'))).json()
    number = (await spoiled(Fault.wrong_value("value_usd", "null"))).json()

    assert [text[0]["contract_name"], *(row["contract_name"] for row in text[1:])] == [
        "b",
        *(row["contract_name"] for row in right[1:]),
    ]
    assert number[0]["value_usd"] is None
    assert number[1:] == right[1:]
    assert key in right[0]


@pytest.mark.parametrize(("path", "key"), [(TYPICAL, "address"), (ASSETS, None), (ASSETS, "round")])
async def test_a_key_comes_twice(path: str, key: str | None) -> None:
    repeated: list[str] = []

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in members]
        repeated.extend(name for name in set(names) if names.count(name) > 1)
        return dict(members)

    answer = await spoiled(Fault.duplicate_key(key), path)

    json.loads(answer.text, object_pairs_hook=pairs)
    assert repeated == [key or "amount"]


async def test_a_key_is_missing_everywhere_and_all_else_is_exact(client: httpx.AsyncClient) -> None:
    whole = exact((await client.get(f"{SNAPSHOT}?addresses={DEMO_WALLETS['digits']}")).content)
    for row in whole:
        for part in (row, *row["underlying_tokens"], *row["reward_tokens"]):
            part.pop("address")

    answer = await spoiled(
        Fault.missing_key("address"), f"{SNAPSHOT}?addresses={DEMO_WALLETS['digits']}"
    )

    assert exact(answer.content) == whole


async def test_pages_without_holdings() -> None:
    assert (await spoiled(Fault.no_holdings(), ASSETS)).json() == {"round": 58979829}


@pytest.mark.parametrize("shape", ["documented", "observed"])
async def test_rows_without_an_owner(shape: Any) -> None:
    box = Sandbox(shape, zero_owner=False)
    box.faults.add(SNAPSHOT, Fault.zero_owner())
    async with client_of(box) as client:
        body = (await client.get(TYPICAL)).json()
        other = (await client.get(STATUS)).json()

    rows = body if shape == "documented" else body["result"]
    assert {row["address"] for row in rows} == {"0x" + "0" * 40}
    assert other["result"] == {"is_available": True}


async def test_next_tokens_never_increase() -> None:
    first = await spoiled(Fault.stuck_next(), f"{ASSETS}?limit=2")
    second = await spoiled(Fault.stuck_next(), f"{ASSETS}?limit=2&next=31566704")
    elsewhere = await spoiled(Fault.stuck_next(), EMPTY)

    assert first.json()["next-token"] == "0"
    assert second.json()["next-token"] == "31566704"
    assert elsewhere.json() == []


async def test_bodies_too_large_plain_and_inflated() -> None:
    plain = await spoiled(Fault.oversized(100_000))
    bomb = await spoiled(Fault.gzip_bomb(100_000))

    assert len(plain.content) == len(bomb.content) == 100_000
    assert int(bomb.headers["content-length"]) < 1000


async def test_slow_answers_are_right_and_can_be_given_up(client: httpx.AsyncClient) -> None:
    box = Sandbox()
    box.faults.add("", Fault.slow(0.05), times=1)
    box.faults.add("", Fault.unavailable().after(0.05), times=1)
    box.faults.add("", Fault.slow(60))
    async with client_of(box) as slow:
        begun = now()
        late = await slow.get(TYPICAL)
        refused = await slow.get(TYPICAL)
        spent = now() - begun
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(slow.get(TYPICAL), 0.05)

    assert late.content == (await client.get(TYPICAL)).content
    assert refused.status_code == 503
    assert spent == pytest.approx(0.1)


async def test_a_drip_is_the_right_body_in_single_bytes(box: Sandbox) -> None:
    box.faults.add("/health", Fault.slow_drip(0.01))
    pieces: list[bytes] = []

    async def send(message: Any) -> None:
        pieces.append(message.get("body"))

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/health",
        "query_string": b"",
        "headers": [],
    }
    begun = now()
    await box.algod(scope, lambda: asyncio.sleep(0), send)  # type: ignore[arg-type, return-value]

    assert pieces == [None, b"n", b"u", b"l", b"l", b"\n", b""]
    assert now() - begun == pytest.approx(0.05)


async def test_a_reset_raises_in_process(box: Sandbox, client: httpx.AsyncClient) -> None:
    box.faults.add(SNAPSHOT, Fault.reset(), times=1)

    with pytest.raises(SandboxReset):
        await client.get(TYPICAL)

    assert (await client.get(TYPICAL)).status_code == 200


async def test_a_reset_stops_the_body_where_exceptions_are_kept_in(box: Sandbox) -> None:
    box.faults.add(SNAPSHOT, Fault.reset())
    transport = httpx.ASGITransport(box.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        answer = await client.get(TYPICAL)

    assert 0 < len(answer.content) < int(answer.headers["content-length"])


async def test_faults_are_played_in_order_by_prefix_so_many_times(
    box: Sandbox, client: httpx.AsyncClient
) -> None:
    box.faults.add("/v2/", Fault.unavailable(), times=2)
    box.faults.add("/v2/status", Fault.forbidden(), times=1)
    box.faults.add("/v2/assets/", Fault.html())

    statuses = [(await client.get("/v2/status")).status_code for _ in range(4)]
    asset = await client.get("/v2/assets/31566704")
    elsewhere = await client.get(STATUS)
    box.faults.clear()
    cleared = await client.get("/v2/assets/31566704")

    assert statuses == [503, 503, 403, 200]
    assert asset.headers["content-type"] == "text/html"
    assert elsewhere.status_code == 200
    assert cleared.json()["index"] == 31566704
