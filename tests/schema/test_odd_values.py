"""Values that no client could be shown as they came, and figures at the ends of their range."""

import json

import pytest

from resolvers import ids
from tests.graph import running
from tests.schema.odd import HELD, ONE, positions, rows, shown_by, snapshot, text
from tests.upstreams.stage import Stage, row, token, wallet
from tests.upstreams.wire import reply


async def test_addresses_of_other_chains_are_no_fault_of_ours(executor: str) -> None:
    solana = "So11111111111111111111111111111111111111112"
    for address in ("", "native", solana, "0x", "é" * 300):
        held = {**HELD, "chain": 501, "address": address}
        body = rows(text(ONE, contract_address=address, underlying_tokens=[held]))

        found = await positions(
            body,
            "totalValueUsd nodes { id contractAddress underlyingTokens { amount valueUsd "
            "token { symbol address caip19 isNative logoUrl } } }",
            executor,
        )

        assert found["totalValueUsd"] == "1.5"
        (node,) = found["nodes"]
        assert node["contractAddress"] is None
        assert node["underlyingTokens"] == [
            {
                "amount": "2",
                "valueUsd": "6",
                "token": {
                    "symbol": "T",
                    "address": address,
                    "caip19": None,
                    "isNative": False,
                    "logoUrl": None,
                },
            }
        ]


@pytest.mark.parametrize("address", ["", "native", "a:b/c d", "é" * 300])
async def test_a_token_of_another_chain_can_be_asked_for_by_what_it_is_given(address: str) -> None:
    stage = Stage()
    stage.rows = lambda one: [row(one, underlying_tokens=[{**HELD, "address": address}])]
    async with running(oneinch_transport=stage) as graph:
        data = await graph.data(
            f'{{ wallet(address: "{ONE}") {{ positions {{ nodes {{ underlyingTokens {{ '
            "token { __typename id chainId address } } } } } }"
        )
        ((held,),) = [node["underlyingTokens"] for node in data["wallet"]["positions"]["nodes"]]
        key = held["token"]
        answer = await graph.data(
            "query ($id: ID!, $r: [_Any!]!) { node(id: $id) { id } "
            "_entities(representations: $r) { ... on Token { symbol } } }",
            {
                "id": key["id"],
                "r": [
                    {"__typename": "Token", "id": key["id"]},
                    {"__typename": "Token", "chainId": 1, "address": key["address"]},
                ],
            },
        )

    assert answer == {"node": None, "_entities": [None, None]}
    assert len(stage.calls) == 2


async def test_a_product_without_an_id_is_known_by_its_name(executor: str) -> None:
    for more, shown in (
        ({}, None),
        ({"protocol_sub_group_name": "0.05%"}, {"id": "0.05%", "name": "0.05%"}),
        ({"protocol_sub_group_id": "main"}, {"id": "main", "name": None}),
        (
            {"protocol_sub_group_id": "main", "protocol_sub_group_name": "Main"},
            {"id": "main", "name": "Main"},
        ),
    ):
        found = await positions(
            rows(text(ONE, **more)), "nodes { protocol { subGroup { id name } } }", executor
        )
        assert found == {"nodes": [{"protocol": {"subGroup": shown}}]}


@pytest.mark.parametrize(
    ("icon", "shown"),
    [
        ("https://example.org/a.svg", "https://example.org/a.svg"),
        ("http://example.org", "http://example.org"),
        ("", None),
        ("javascript:alert(1)", None),
        ("data:image/svg+xml,<svg>", None),
        ("ipfs://Qm", None),
        ("//example.org/a.svg", None),
        ("https://", None),
        ("https://[::1", None),
        ("https://example.org/a b.svg", None),
        ("https://example.org/\n", None),
        ("https://example.org/" + "a" * 3000, None),
    ],
)
async def test_only_a_url_that_can_be_fetched_is_a_picture(icon: str, shown: str | None) -> None:
    body = rows(text(ONE, protocol_group_icon=icon))
    stage = snapshot(body)
    known = {wallet(7): {**token(1, wallet(7)), "logoURI": icon}}
    async with running(oneinch_transport=stage) as graph:
        found = await shown_by(graph, "nodes { protocol { group { iconUrl } } }")
        stage.script = lambda call: reply(json.dumps(known))
        logo = await graph.data(f'{{ token(chainId: 1, address: "{wallet(7)}") {{ logoUrl }} }}')

    assert found == {"nodes": [{"protocol": {"group": {"iconUrl": shown}}}]}
    assert logo == {"token": {"logoUrl": shown}}


@pytest.mark.parametrize(
    ("sign", "sent", "net", "shown"),
    [
        (-1, "0", "0", "0"),
        (-1, "0.0", "0.0", "0.0"),
        (-1, "-0.0", "0.0", "0.0"),
        (1, "-0", "0", "0"),
        (1, "-0.00", "0.00", "0.00"),
        (1, "-7.5", "-7.5", "-7.5"),
        (-1, "7.5", "-7.5", "7.5"),
        (-1, "-7.5", "-7.5", "-7.5"),
        (1, "1e-400", "0." + "0" * 399 + "1", "0." + "0" * 399 + "1"),
        (1, "1e400", "1" + "0" * 400, "1" + "0" * 400),
        (1, "1.7976931348623157e308", *["17976931348623157" + "0" * 292] * 2),
        (-1, "5e-324", "-0." + "0" * 323 + "5", "0." + "0" * 323 + "5"),
    ],
)
async def test_figures_are_printed_as_they_came_and_nothing_has_no_sign(
    executor: str, sign: int, sent: str, net: str, shown: str
) -> None:
    held = {**HELD, "amount": 11, "price_usd": 22, "value_usd": 33}
    body = text(ONE, value_usd=44, asset_sign=sign, underlying_tokens=[held])
    for mark, figure in (("11", sent), ("22", "1"), ("33", sent), ("44", sent)):
        body = body.replace(f": {mark}", f": {figure}")

    found = await positions(
        rows(body),
        "totalValueUsd isComplete nodes { valueUsd underlyingTokens { amount valueUsd } }",
        executor,
    )

    assert found == {
        "totalValueUsd": net if float(sent) or "e" in sent else "0",
        "isComplete": True,
        "nodes": [{"valueUsd": net, "underlyingTokens": [{"amount": shown, "valueUsd": shown}]}],
    }


async def test_no_figure_is_rounded_however_many_digits_it_has(executor: str) -> None:
    digits = "1." + "3" * 600
    held = {**HELD, "amount": 11, "price_usd": 22}
    body = text(ONE, value_usd=44, underlying_tokens=[held])
    for mark in ("11", "22", "44"):
        body = body.replace(f": {mark}", f": {digits}")
    tiny = text(ONE, "0x02", value_usd=44).replace(": 44", ": 1e-400")

    found = await positions(
        rows(body, tiny), "totalValueUsd nodes { underlyingTokens { valueUsd } }", executor
    )

    unit = 10**600
    exact = (unit + unit // 3) ** 2
    product = str(exact)
    assert found["nodes"][0]["underlyingTokens"] == [
        {"valueUsd": f"{product[:-1200]}.{product[-1200:]}"}
    ]
    assert found["totalValueUsd"] == f"1.{'3' * 399}4{'3' * 200}"


@pytest.mark.parametrize(
    ("cached_at", "shown"),
    [
        (1753750000, "2025-07-29T00:46:40Z"),
        (1753750000123, "2027-01-15T08:00:00Z"),
        (1900000000, "2027-01-15T08:00:00Z"),
        (-1, "2027-01-15T08:00:00Z"),
        (None, "2027-01-15T08:00:00Z"),
    ],
)
async def test_an_answer_is_no_younger_than_the_source_says(
    executor: str, cached_at: int | None, shown: str
) -> None:
    stage = Stage()
    meta = {"cached_at": cached_at}
    stage.script = lambda call: reply(
        json.dumps({"result": {"is_available": True}, "meta": meta})
        if call.path.endswith("status")
        else json.dumps({"result": [row(ONE)], "meta": meta})
    )
    async with running(
        settings={"EXECUTOR": executor}, oneinch_transport=stage, wall=lambda: 1_800_000_000.0
    ) as graph:
        found = await shown_by(graph, "asOf")
        status = await graph.data("{ portfolioStatus { asOf } }")

    assert found == status["portfolioStatus"] == {"asOf": shown}


@pytest.mark.parametrize("cached_at", [1753750000123, -5, 1e99, "x", [], True])
async def test_a_moment_that_cannot_be_is_not_told(executor: str, cached_at: object) -> None:
    body = json.dumps({"result": {"is_available": True}, "meta": {"cached_at": cached_at}})
    async with running(settings={"EXECUTOR": executor}, oneinch_transport=snapshot(body)) as graph:
        data = await graph.data("{ portfolioStatus { isAvailable cachedAt timings { nodeTime } } }")

    assert data == {"portfolioStatus": {"isAvailable": True, "cachedAt": None, "timings": None}}


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("Cafe\u0301 Pool", "caf\u00e9"),
        ("Caf\u00e9 Pool", "cafe\u0301"),
        ("\uff35\uff33\uff24 Pool", "usd"),
        ("USD Pool", "\uff55\uff53\uff44"),
        ("\u017fushi Pool", "sushi"),
        ("STRASSE", "stra\u00dfe"),
        ("\u0130stanbul", "i\u0307stanbul"),
        ("\ufb01nance", "FINANCE"),
        ("\u212bngstr\u00f6m", "a\u030angstro\u0308m"),
    ],
)
async def test_a_text_filter_finds_what_looks_the_same(
    executor: str, name: str, asked: str
) -> None:
    held = {**HELD, "name": name}
    for more in ({"contract_name": name}, {"underlying_tokens": [held]}):
        found = await positions(
            rows(text(ONE, **more), text(ONE, "0x02")),
            "totalCount",
            executor,
            f"(filter: {{text: {json.dumps(asked)}}})",
        )
        assert found == {"totalCount": 1}


async def test_a_chain_without_tokens_is_asked_about_once(executor: str) -> None:
    stage = Stage()
    stage.script = lambda call: reply("{}", 400) if "/999/" in call.path else None
    reference = {"__typename": "Token", "chainId": 999, "address": wallet(7)}
    by_id = {"__typename": "Token", "id": ids.encode("Token", 999, wallet(8))}
    async with running(
        settings={"EXECUTOR": executor}, oneinch_transport=stage, portfolio_ttl_seconds=0
    ) as graph:
        for _ in range(2):
            data = await graph.data(
                f"""query ($r: [_Any!]!) {{
                    token(chainId: 999, address: "{wallet(6)}") {{ symbol }}
                    _entities(representations: $r) {{ ... on Token {{ symbol }} }}
                }}""",
                {"r": [reference, by_id]},
            )
            assert data == {"token": None, "_entities": [None, None]}

    assert len(stage.calls) == 1
