"""GraphQL over HTTP as clients see it: statuses, types, data and errors."""

import asyncio
import logging

import httpx
import pytest
from graphql import ExecutionResult
from starlette.types import Message, Receive, Scope, Send

from server.execute import EXECUTORS
from server.middleware import CommonHeaders, Lifecycle, Refusals
from tests.server.graph import SECRET
from tests.server.harness import JSON, MODERN, Bench, codes, leave, running


async def test_answers_data_in_the_type_asked_for() -> None:
    bench = Bench()
    modern = await bench.post("{ hello }")
    assert (modern.status_code, modern.json()) == (200, {"data": {"hello": "hello world"}})
    assert modern.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
    assert modern.headers["vary"] == "Accept, Accept-Encoding, Origin"
    plain = await bench.raw(b'{"query": "{ hello }"}')
    assert plain.headers["content-type"] == "application/json; charset=utf-8"
    assert plain.json() == {"data": {"hello": "hello world"}}
    assert bench.watched.answers == [(200, []), (200, [])]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ hello", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($n: Int!) { hello }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($id: ID!) { thing(id: $id) { id } }", "BAD_USER_INPUT"),
        ("query A { hello } query B { hello }", "OPERATION_RESOLUTION_FAILURE"),
        ("fragment F on Query { hello }", "OPERATION_RESOLUTION_FAILURE"),
    ],
)
async def test_what_is_not_executed_has_no_data(query: str, code: str) -> None:
    bench = Bench()
    modern = await bench.post(query)
    assert modern.status_code == 400
    assert codes(modern) == [code]
    assert "data" not in modern.json()
    legacy = await bench.http.post("/graphql", json={"query": query}, headers=JSON)
    assert legacy.status_code == 200
    assert legacy.json() == modern.json()
    assert legacy.headers["cache-control"] == "no-store"


async def test_an_operation_is_chosen_by_name() -> None:
    bench = Bench()
    text = 'query A { hello } query B { hello(name: "B") }'
    chosen = await bench.post(text, operationName="B")
    assert chosen.json() == {"data": {"hello": "hello B"}}
    other = await bench.post(text, operationName="C")
    assert codes(other) == ["OPERATION_RESOLUTION_FAILURE"]
    assert "C" not in other.json()["errors"][0]["message"].split()


async def test_at_most_five_validation_errors_come_back() -> None:
    names = " ".join(f"field{number}" for number in range(300))
    response = await Bench().post(f"{{ dear {{ {names} }} }}")
    assert codes(response) == ["GRAPHQL_VALIDATION_FAILED"] * 5


async def test_suggestions_are_left_out_where_the_schema_is_not_for_everyone() -> None:
    open_answer = await Bench().post("{ helo }")
    assert "Did you mean 'hello'?" in open_answer.json()["errors"][0]["message"]
    discreet = await Bench(is_discreet=True).post("{ helo }")
    assert discreet.json()["errors"][0]["message"] == "Cannot query field 'helo' on type 'Query'."


async def test_introspection_can_be_turned_off() -> None:
    assert (await Bench().post("{ __schema { queryType { name } } }")).status_code == 200
    refused = await Bench(has_introspection=False).post("{ __typename __schema { __typename } }")
    assert codes(refused) == ["GRAPHQL_VALIDATION_FAILED"]


async def test_foreign_errors_are_masked_and_logged_and_ours_are_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR, "walletgraph.errors"):
        response = await Bench().post("{ boom coded chatty hello }")
    assert response.status_code == 200
    assert response.json() == {
        "data": {"boom": None, "coded": None, "chatty": None, "hello": "hello world"},
        "errors": [
            {
                "message": "That is no address",
                "locations": [{"line": 1, "column": 8}],
                "path": ["coded"],
                "extensions": {"code": "BAD_ADDRESS"},
            },
            {
                "message": "x" * 297 + "...",
                "locations": [{"line": 1, "column": 14}],
                "path": ["chatty"],
                "extensions": {"code": "BAD_ARGUMENT"},
            },
            {
                "message": "Internal error",
                "locations": [{"line": 1, "column": 3}],
                "path": ["boom"],
                "extensions": {"code": "INTERNAL"},
            },
        ],
    }
    assert [record.getMessage() for record in caplog.records] == ["A field failed: boom"]
    assert SECRET not in response.text


async def test_a_missing_value_is_a_fault_of_ours_and_nulls_the_answer() -> None:
    response = await Bench().post("{ missing }")
    assert response.status_code == 200
    assert response.json()["data"] is None
    assert codes(response) == ["INTERNAL"]
    assert response.json()["errors"][0]["path"] == ["missing"]
    assert response.json()["errors"][0]["message"] == "Internal error"


async def test_a_wrong_argument_found_late_is_the_clients() -> None:
    response = await Bench().post(
        "query ($of: Decimal) { price(of: $of) }", {"of": {"not": "a number"}}
    )
    assert codes(response) == ["BAD_USER_INPUT"]
    response = await Bench().post("query ($n: String) { hello(name: $n) }", {"n": None})
    assert codes(response) == ["BAD_USER_INPUT"]
    assert response.json()["errors"][0]["path"] == ["hello"]


async def test_decimals_are_strings_with_all_their_digits() -> None:
    response = await Bench().post("{ price }")
    assert response.json() == {"data": {"price": "0.100000000000000000000000000001"}}


async def test_only_queries_and_mutations_and_over_get_only_queries() -> None:
    bench = Bench()
    assert (await bench.post("mutation { change }")).json() == {"data": {"change": "changed"}}
    ticks = await bench.post("subscription { ticks }")
    assert (ticks.status_code, codes(ticks)) == (400, ["OPERATION_NOT_SUPPORTED"])
    over_get = await bench.http.get(
        "/graphql",
        params={"query": "mutation { change }"},
        headers={"apollo-require-preflight": "1"},
    )
    assert (over_get.status_code, over_get.headers["allow"]) == (405, "POST")
    assert codes(over_get) == ["METHOD_NOT_ALLOWED"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "QUERY"])
async def test_other_methods_are_405_and_say_what_is_allowed(method: str) -> None:
    response = await Bench().http.request(method, "/graphql")
    assert (response.status_code, codes(response)) == (405, ["METHOD_NOT_ALLOWED"])
    assert response.headers["allow"] == "GET, HEAD, POST, OPTIONS"


async def test_head_is_a_get_whose_body_nobody_reads() -> None:
    bench = Bench()
    for query in ("{ aged(seconds: 30) }", "mutation { change }", "{ nothing }"):
        asked = {"params": {"query": query}, "headers": {"apollo-require-preflight": "1"}}
        get = await bench.http.get("/graphql", **asked)  # type: ignore[arg-type]
        head = await bench.http.head("/graphql", **asked)  # type: ignore[arg-type]
        assert (head.status_code, head.headers) == (get.status_code, get.headers)


async def test_a_websocket_is_told_that_there_is_none() -> None:
    response = await Bench().http.get(
        "/graphql",
        headers={"connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13"},
    )
    assert (response.status_code, codes(response)) == (400, ["OPERATION_NOT_SUPPORTED"])


@pytest.mark.parametrize("query", ["subscription { ticks }", "subscription { nothing }"])
async def test_what_is_not_served_is_told_apart_from_what_is_wrong(query: str) -> None:
    assert codes(await Bench().post(query)) == ["OPERATION_NOT_SUPPORTED"]
    async with running() as http:
        for kind in ("subscription", "mutation"):
            response = await http.post("/graphql", json={"query": f"{kind} {{ __typename }}"})
            assert codes(response) == ["OPERATION_NOT_SUPPORTED"]
            assert response.json()["errors"][0]["message"] == f"{kind.title()}s are not served."


async def test_an_answer_is_as_long_as_allowed_at_most() -> None:
    query = "query ($ids: [ID!]!) { things(ids: $ids) { id } }"
    bench = Bench(most_answer_bytes=100)
    short = await bench.post(query, {"ids": ["1", "2"]})
    assert short.json() == {"data": {"things": [{"id": "1"}, {"id": "2"}]}}
    long = await bench.post(query, {"ids": ["1"] * 100})
    assert (long.status_code, long.headers["cache-control"]) == (200, "no-store")
    assert long.json() == {
        "data": None,
        "errors": [
            {
                "message": "The answer is longer than 100 bytes: ask for smaller pages or fewer"
                " fields.",
                "extensions": {"code": "ANSWER_TOO_LARGE"},
            }
        ],
    }
    assert bench.watched.answers == [(200, []), (200, ["ANSWER_TOO_LARGE"])]


async def test_what_was_loaded_is_let_go_of_however_the_operation_ends() -> None:
    bench = Bench(deadline_seconds=0.02)
    await bench.post("{ hello }")
    await bench.post("{ boom }")
    broken = Bench(execute=_broken)
    await broken.post("{ hello }")
    left = asyncio.create_task(bench.post("{ slow(seconds: 30) }"))
    await bench.begun.wait()
    left.cancel()
    with pytest.raises(asyncio.CancelledError):
        await left
    assert [context.is_finished for context in bench.contexts] == [True] * 3
    assert [context.is_finished for context in broken.contexts] == [True]


def _broken(*_: object, **__: object) -> ExecutionResult:
    raise RuntimeError(SECRET)


async def test_accept_without_a_type_of_ours_is_406() -> None:
    response = await Bench().raw(b'{"query": "{ hello }"}', accept="application/xml")
    assert (response.status_code, codes(response)) == (406, ["NOT_ACCEPTABLE"])
    page = await Bench().http.get("/graphql", headers={"accept": "text/html"})
    assert (page.status_code, codes(page)) == (406, ["NOT_ACCEPTABLE"])
    assert page.headers["content-type"] == "application/json; charset=utf-8"


async def test_an_operation_that_outlives_its_deadline_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("server.graphql._GRACE_SECONDS", 0.02)
    bench = Bench(deadline_seconds=0.02)
    response = await bench.post("{ slow(seconds: 30) }")
    assert (response.status_code, codes(response)) == (504, ["DEADLINE_EXCEEDED"])
    await asyncio.sleep(0)
    assert bench.contexts[0].cancelled == ["slow"]


async def test_work_stops_when_the_client_leaves() -> None:
    bench = Bench()
    sent = await leave(bench.app, b'{"query": "{ slow(seconds: 30) }"}', bench.begun)
    assert bench.contexts[0].cancelled == ["slow"]
    assert sent == []
    assert bench.lifecycle.in_flight == 0


async def test_a_cancelled_server_task_is_not_taken_for_a_client_that_left() -> None:
    bench = Bench()
    running = asyncio.create_task(bench.post("{ slow(seconds: 30) }"))
    await bench.begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_too_many_at_once_are_told_to_come_back() -> None:
    bench = Bench(most_in_flight=1)
    first = asyncio.create_task(bench.post("{ slow(seconds: 0.05) }"))
    await bench.begun.wait()
    second = await bench.post("{ hello }")
    assert (second.status_code, codes(second)) == (503, ["OVERLOADED"])
    assert second.headers["retry-after"] == "1"
    assert (await first).json() == {"data": {"slow": "done"}}
    assert (await bench.post("{ hello }")).status_code == 200


async def test_a_fault_of_the_endpoint_is_a_coded_500(caplog: pytest.LogCaptureFixture) -> None:
    response = await Bench(execute=_broken).post("{ hello }")
    assert response.status_code == 500
    assert response.json() == {
        "errors": [{"message": "Internal error", "extensions": {"code": "INTERNAL"}}]
    }
    assert len(caplog.records) == 1


async def test_a_repeated_query_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    await bench.post("query ($name: String!) { hello(name: $name) }", {"name": "a"})
    monkeypatch.setattr("server.documents.parse", None)
    monkeypatch.setattr("server.documents.validate", None)
    monkeypatch.setattr("server.documents.measure", None)
    again = await bench.post("query ($name: String!) { hello(name: $name) }", {"name": "b"})
    assert again.json() == {"data": {"hello": "hello b"}}


async def test_every_answer_has_the_security_headers() -> None:
    bench = Bench()
    responses: list[httpx.Response] = [
        await bench.post("{ hello }"),
        await bench.raw(b"nonsense"),
        await bench.http.options("/graphql"),
    ]
    for response in responses:
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "no-referrer"
        assert response.headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
        assert "server" not in response.headers


async def test_a_draining_process_closes_each_connection_after_its_answer() -> None:
    bench = Bench()
    assert "connection" not in (await bench.post("{ hello }")).headers
    bench.lifecycle.is_draining = True
    assert (await bench.post("{ hello }")).headers["connection"] == "close"


@pytest.mark.parametrize("executor", ["stock", "compiled"])
async def test_each_executor_answers_alike(executor: str) -> None:
    bench = Bench(execute=EXECUTORS[executor])
    response = await bench.http.post(
        "/graphql",
        json={"query": "query ($id: ID!) { thing(id: $id) { id name } }", "variables": {"id": 7}},
        headers=MODERN,
    )
    assert response.json() == {"data": {"thing": {"id": "7", "name": "thing 7"}}}


async def test_what_is_not_http_passes_through_the_shell() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    whole = CommonHeaders(Refusals(app, Lifecycle(), 1), Lifecycle())
    await whole({"type": "lifespan"}, None, None)  # type: ignore[arg-type]
    assert seen == ["lifespan"]


async def test_a_fault_after_the_answer_began_ends_the_connection() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("too late")

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/"}
    with pytest.raises(RuntimeError, match="too late"):
        await Refusals(app, Lifecycle(), 1)(scope, None, send)  # type: ignore[arg-type]
    assert [message["type"] for message in sent] == ["http.response.start"]
