"""Whatever stands in a field of a row: never our fault, and never the neighbour's trouble."""

import json
from typing import Any

import pytest

from tests.graph import codes, running
from tests.schema.odd import HELD, ONE, TWO, rows, snapshot
from tests.upstreams.stage import Stage, row, token, wallet
from tests.upstreams.wire import reply

VALUES = [
    *("null", "true", "false", "0", "-0", "-0.0", "1", "-1", "2", "255", "256", "1.0", "1.5"),
    *("1e3", "1e-400", "1e400", "1e401", "5e-324", "1.7976931348623157e308", "1e999999999"),
    *("1e99999999999999999999", "0e999999", "9007199254740993.0", "0.9999999999999999999"),
    *("4294967295", "4294967296", "1753750000123", "9" * 79, "9" * 402, "9" * 5_000),
    *("[]", "{}", "[null]", "[[]]", "[{}]", '["x"]', "[" * 90 + "]" * 90, "NaN", "-Infinity"),
    *('""', '" "', '"x"', '"1"', '"1.50"', '" 1"', '"1_0"', '"\u0663"', '"NaN"', '"-0"', '"1e5"'),
    *('"0x"', '"native"', f'"{ONE}"', f'"{TWO.upper()}"', f'"{wallet(0)}"', '"\\ud83d\\ude00"'),
    *(
        '"\\ud83d"',
        '"\\ude00\\ud83d"',
        '"\\u0000"',
        '"\\\\"',
        '"\\""',
        '"\udcff"',
        f'"{"x" * 3_000}"',
    ),
]
OPTIONAL = {
    "block_number": 1,
    "timestamp": 1,
    "protocol_sub_group_id": "s",
    "protocol_sub_group_name": "S",
    "status": 1,
    "locked": True,
    "@wallet": "x",
    "@at": 1,
    "@ordinal": 1,
    "@mark": 1,
    "@part": "x",
    "@receipt": True,
    "chain": 1,
}
TOKEN = {**HELD, "name": "T", "value_usd": 1, "chain_id": 1}
EVERYTHING = f"""{{
    a: wallet(address: "{ONE}") {{ positions {{ totalCount isComplete }} netWorthUsd }}
    b: wallet(address: "{TWO}") {{ netWorthUsd positions(filter: {{text: "e"}}) {{ totalCount }}
        byName: positions(orderBy: {{field: NAME}}) {{ edges {{ cursor }} }}
        every: positions {{ totalCount totalValueUsd unpricedCount unreadableCount isComplete asOf
        edges {{ cursor node {{
            id index chainId tokenId blockNumberCreated blockNumber contractName contractSymbol
            locked contractAddress timestamp side status valueUsd wallet {{ id }}
            protocol {{ type handlerId group {{ id name iconUrl }} subGroup {{ id name }} }}
            underlyingTokens {{ amount priceUsd valueUsd
                token {{ id chainId address decimals symbol name isNative caip19 }} }}
            rewardTokens {{ amount token {{ id address }} }}
    }} }} }} }}
}}"""
NAMES = [*row(TWO), *OPTIONAL, "underlying_tokens", "reward_tokens"]
KINDS = ["underlying_tokens", "reward_tokens"]


def bodies(name: str) -> list[str]:
    """Answers for two wallets, the second with each value in that field of a row of its own."""
    whole = {**row(TWO, "0x02"), **OPTIONAL, "underlying_tokens": [TOKEN]}
    if name in TOKEN:
        made = [{**whole, kind: [{**TOKEN, name: "MARK"}]} for kind in KINDS]
    else:
        made = [{**whole, name: "MARK"}]
    good = json.dumps(row(ONE)), json.dumps(row(TWO))
    return [
        rows(*good, json.dumps(each).replace('"MARK"', value)) for each in made for value in VALUES
    ]


@pytest.mark.parametrize("name", sorted({*NAMES, *TOKEN}))
async def test_no_value_in_a_row_is_an_error_of_ours_or_of_its_neighbours(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    stage = Stage()
    async with running(oneinch_transport=stage, portfolio_ttl_seconds=0) as graph:
        for body in bodies(name):
            stage.script = snapshot(body).script
            answer = await graph.ask(EVERYTHING)

            assert "errors" not in answer, (body, answer["errors"])
            data = answer["data"]
            assert data["a"]["positions"]["totalCount"] in ((1, 2) if name == "address" else (1,))
            every = data["b"]["every"]
            shown = every["edges"]
            assert every["totalCount"] == len(shown)
            assert 0 < len(shown) <= 2
            assert every["isComplete"] == (not every["unreadableCount"] + every["unpricedCount"])
            ids = [edge["node"]["id"] for edge in shown]
            assert len(set(ids)) == len({edge["cursor"] for edge in shown}) == len(shown)
            for edge in shown:
                _check_figures(edge)
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("name", [*token(1, wallet(7)), "logoURI"])
async def test_no_value_in_a_token_is_an_error_of_ours_or_of_its_neighbours(name: str) -> None:
    query = f"""{{
        a: token(chainId: 1, address: "{wallet(7)}") {{ symbol }}
        b: token(chainId: 1, address: "{wallet(8)}") {{
            id chainId address decimals symbol name isNative caip19 logoUrl }}
    }}"""
    stage = Stage()
    async with running(oneinch_transport=stage, asset_ttl_seconds=0) as graph:
        for value in VALUES:
            odd = json.dumps({**token(1, wallet(8)), name: "MARK"}).replace('"MARK"', value)
            body = f'{{"{wallet(8)}": {odd}, "{wallet(7)}": {json.dumps(token(1, wallet(7)))}}}'
            stage.script = snapshot(body).script
            answer = await graph.ask(query)

            assert answer["data"]["a"] == {"symbol": "T"}, value
            if "errors" in answer:
                assert codes(answer) == [(["b"], "UPSTREAM_CONTRACT")], value


@pytest.mark.parametrize("name", ["meta", "cached_at", "system", "node_time", "total_time"])
async def test_no_value_beside_a_result_costs_the_result(name: str) -> None:
    whole: dict[str, Any] = {"cached_at": 1753750000, "system": {"node_time": 1, "total_time": 2}}
    query = f"""{{ portfolioStatus {{ isAvailable cachedAt asOf timings {{ nodeTime totalTime }} }}
        wallet(address: "{ONE}") {{ positions {{ totalCount isComplete asOf }} }} }}"""
    stage = Stage()
    async with running(oneinch_transport=stage, portfolio_ttl_seconds=0) as graph:
        for value in VALUES:
            meta: Any = "MARK" if name == "meta" else {**whole, name: "MARK"}
            if name.endswith("time"):
                meta = {**whole, "system": {**whole["system"], name: "MARK"}}
            texts = {
                "general/status": json.dumps({"result": {"is_available": True}, "meta": meta}),
                "tokens/snapshot": json.dumps({"result": [row(ONE)], "meta": meta}),
                "protocols/snapshot": json.dumps({"result": [], "meta": meta}),
            }
            texts = {each: text.replace('"MARK"', value) for each, text in texts.items()}
            stage.script = (
                lambda call, texts=texts: reply(  # type: ignore[misc]
                    texts["/".join(call.path.split("/")[-2:])].encode("utf-8", "surrogateescape")
                )
            )
            data = await graph.data(query)

            assert data["portfolioStatus"]["isAvailable"] is True
            position = data["wallet"]["positions"]
            assert (position["totalCount"], position["isComplete"]) == (1, True)


def _check_figures(shown: Any) -> None:
    """No figure among these is negative zero, or has an exponent."""
    node = shown["node"]
    for each in [node, *node["underlyingTokens"], *node["rewardTokens"]]:
        for name in ("valueUsd", "amount", "priceUsd"):
            figure = each.get(name)
            if figure is not None:
                assert set(figure) <= set("0123456789.-")
                assert not figure.startswith("-0") or figure.strip("-0.")
