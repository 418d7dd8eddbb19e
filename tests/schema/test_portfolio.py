"""Several wallets as one: one total of one moment, its parts, and what is missing from it."""

from fractions import Fraction
from itertools import chain
from typing import Any

import pytest

from resolvers import ids
from sandbox import DEMO_ACCOUNTS, DEMO_WALLETS, Fault, Sandbox
from tests.graph import PROTOCOLS, SNAPSHOT, Graph, codes, running, snapshots
from tests.sandbox.conftest import client_of, validator
from tests.upstreams.stage import Clock, Stage, row, wallet
from upstreams.addresses import evm_checksum

TYPICAL, DEBTS, WHALE = (DEMO_WALLETS[name] for name in ("typical", "debts", "whale"))
UNPRICED, EMPTY = DEMO_WALLETS["unpriced"], DEMO_WALLETS["empty"]
ACCOUNT = DEMO_ACCOUNTS["typical"]
CURRENT_VALUE = "/portfolio/portfolio/v5.0/general/current_value"
MANY = [f"0x{number:040x}" for number in range(1, 101)]
SUMS = """totalValueUsd assetsUsd debtsUsd unpricedCount isComplete
    byChain { chainId caip2 valueUsd assetsUsd debtsUsd positionCount share }
    byProtocol { protocol { id name } valueUsd assetsUsd debtsUsd positionCount share }
    byCategory { category valueUsd assetsUsd debtsUsd positionCount share }
    byWallet { wallet { address } valueUsd assetsUsd debtsUsd positionCount share }
    positions(first: 1000) { totalCount totalValueUsd nodes { valueUsd } }"""
BREAKDOWNS = ("byChain", "byProtocol", "byCategory", "byWallet")


def query(fields: str, arguments: str = "") -> str:
    return f"query ($a: [String!]!) {{ portfolio(addresses: $a{arguments}) {{ {fields} }} }}"


def total(parts: list[dict[str, Any]], name: str) -> Fraction:
    return sum((Fraction(part[name]) for part in parts), Fraction(0))


@pytest.mark.parametrize(
    "wallets",
    [[TYPICAL], [TYPICAL, DEBTS], [WHALE, UNPRICED, DEBTS, TYPICAL], [EMPTY], MANY],
    ids=["one", "two", "four", "empty", "a hundred"],
)
async def test_every_breakdown_adds_up_to_the_total(graph: Graph, wallets: list[str]) -> None:
    found = (await graph.data(query(SUMS), {"a": wallets}))["portfolio"]

    whole = Fraction(found["totalValueUsd"])
    assert Fraction(found["assetsUsd"]) + Fraction(found["debtsUsd"]) == whole
    assert Fraction(found["debtsUsd"]) <= 0 <= Fraction(found["assetsUsd"])
    positions = found["positions"]
    assert Fraction(positions["totalValueUsd"]) == whole
    for name in BREAKDOWNS:
        parts = found[name]
        assert total(parts, "valueUsd") == whole
        assert total(parts, "assetsUsd") == Fraction(found["assetsUsd"])
        assert total(parts, "debtsUsd") == Fraction(found["debtsUsd"])
        assert sum(part["positionCount"] for part in parts) == positions["totalCount"]
        shares = [Fraction(part["share"]) for part in parts if part["share"] is not None]
        assert abs(sum(shares, Fraction(0)) - bool(shares)) < Fraction(1, 10**25)
        if name != "byWallet":
            values = [Fraction(part["valueUsd"]) for part in parts]
            assert values == sorted(values, reverse=True)
    assert (
        found["unpricedCount"] == sum(node["valueUsd"] is None for node in positions["nodes"])
        or len(positions["nodes"]) < positions["totalCount"]
    )


async def test_a_hundred_wallets_are_four_calls_whatever_is_asked_of_them(graph: Graph) -> None:
    text = f"""query ($a: [String!]!, $b: [String!]!) {{
        one: portfolio(addresses: $a) {{ {SUMS} asOf isStale parts {{ state }} }}
        two: portfolio(addresses: $b) {{ id positions(first: 1) {{ totalCount }} }}
        three: portfolio(addresses: $a) {{ id byChain {{ share }} }}
        wallets(addresses: $a) {{ netWorthUsd portfolio {{ totalValueUsd }} }} }}"""
    shuffled = [*reversed(MANY), MANY[3].upper().replace("X", "x")]

    data = await graph.data(text, {"a": MANY, "b": shuffled[:100]})

    assert graph.calls() == snapshots(2)
    worth = total([one for one in data["wallets"] if one["netWorthUsd"]], "netWorthUsd")
    assert Fraction(data["one"]["totalValueUsd"]) == worth
    assert [one["portfolio"]["totalValueUsd"] for one in data["wallets"]] == [
        one["netWorthUsd"] for one in data["wallets"]
    ]
    assert data["two"]["id"] == data["three"]["id"]
    await graph.data(text, {"a": MANY, "b": shuffled[:100]})
    assert graph.calls() == snapshots(2)


async def test_wallets_count_once_in_any_spelling_and_order(graph: Graph) -> None:
    spellings = [TYPICAL, DEBTS, evm_checksum(TYPICAL), f"eip155:1:{TYPICAL}", ACCOUNT]
    fields = "id totalValueUsd wallets { address } at chainIds"

    one = (await graph.data(query(fields), {"a": spellings}))["portfolio"]
    other = (await graph.data(query(fields), {"a": [ACCOUNT, DEBTS, TYPICAL]}))["portfolio"]

    assert one == other
    assert [each["address"] for each in one["wallets"]] == [
        ACCOUNT,
        evm_checksum(DEBTS),
        evm_checksum(TYPICAL),
    ]
    assert (one["at"], one["chainIds"]) == (None, None)


async def test_chains_are_one_call_of_each_half_and_leave_algorand_out(graph: Graph) -> None:
    fields = "byChain { chainId valueUsd } chainIds parts { source } totalValueUsd"
    everything = (await graph.data(query(fields), {"a": [TYPICAL, ACCOUNT]}))["portfolio"]
    graph.forget()
    two = await graph.data(query(fields, ", chainIds: [137, 1, 137]"), {"a": [TYPICAL, ACCOUNT]})
    assert graph.calls() == {}
    found = two["portfolio"]
    assert found["chainIds"] == [1, 137]
    assert found["byChain"] == [
        each for each in everything["byChain"] if each["chainId"] in (1, 137)
    ]
    assert [part["source"] for part in found["parts"]] == ["tokens", "protocols"]

    one = await graph.data(query(fields, ", chainIds: [10]"), {"a": [DEBTS]})
    assert one["portfolio"]["totalValueUsd"] == "0"
    assert graph.calls() == snapshots(1)
    assert {dict(call.query)["chain_id"] for call in graph.box.calls} == {"10"}


async def test_the_past_is_another_portfolio(graph: Graph) -> None:
    then = ', at: "2024-01-01T01:00:00+01:00"'
    fields = "id at totalValueUsd"

    now = (await graph.data(query(fields), {"a": [TYPICAL]}))["portfolio"]
    past = (await graph.data(query(fields, then), {"a": [TYPICAL]}))["portfolio"]

    assert past["at"] == "2024-01-01T00:00:00Z"
    assert past["id"] != now["id"]
    assert 0 < Fraction(past["totalValueUsd"]) < Fraction(now["totalValueUsd"])
    assert graph.calls() == snapshots(2)


async def test_its_id_finds_it_again(graph: Graph) -> None:
    text = """query ($i: ID!, $r: [_Any!]!) {
        node(id: $i) { id ... on Portfolio { totalValueUsd } }
        _entities(representations: $r) { ... on Portfolio { id totalValueUsd } } }"""
    for arguments in ("", ', chainIds: [1, 8453], at: "2024-01-01T00:00:00Z"'):
        for wallets in ([TYPICAL], [ACCOUNT, TYPICAL, DEBTS], MANY):
            fields = "id totalValueUsd"
            found = (await graph.data(query(fields, arguments), {"a": wallets}))["portfolio"]
            reference = {"__typename": "Portfolio", "id": found["id"]}
            again = await graph.data(text, {"i": found["id"], "r": [reference, reference]})
            assert again == {"node": found, "_entities": [found, found]}
            assert len(found["id"]) < 4_000


@pytest.mark.parametrize(
    "parts",
    [
        ("", "", "", ""),
        ("", "", "AAAA", ""),
        ("", "0", "A" * 27, ""),
        ("", "137.1", "A" * 27, ""),
        ("-1", "", "A" * 27, ""),
        ("", "", "A" * 27, "A" * 42),
        ("", "", "A" * 27 * 101, ""),
        ("", "", "!" * 27, ""),
    ],
)
async def test_other_ids_name_no_portfolio(graph: Graph, parts: tuple[str, ...]) -> None:
    answer = await graph.ask(
        "query ($i: ID!) { node(id: $i) { id } }", {"i": ids.encode("Portfolio", *parts)}
    )

    assert codes(answer) == [(["node"], "BAD_ARGUMENT")]
    assert graph.calls() == {}


@pytest.mark.parametrize(
    ("addresses", "arguments", "code"),
    [
        ([TYPICAL, "nobody"], "", "BAD_ADDRESS"),
        ([], "", "BAD_ARGUMENT"),
        ([*MANY, TYPICAL], "", "BAD_ARGUMENT"),
        ([TYPICAL], ", chainIds: []", "BAD_ARGUMENT"),
        ([TYPICAL], ", chainIds: [1, 0]", "BAD_ARGUMENT"),
        ([TYPICAL], ', at: "2999-01-01T00:00:00Z"', "BAD_ARGUMENT"),
    ],
)
async def test_what_names_no_portfolio_is_refused_and_asks_nobody(
    graph: Graph, addresses: list[str], arguments: str, code: str
) -> None:
    answer = await graph.ask(query("totalValueUsd", arguments), {"a": addresses})

    assert answer["data"] == {"portfolio": None}
    assert codes(answer) == [(["portfolio"], code)]
    assert graph.calls() == {}


async def test_algorand_is_missing_from_the_total_and_says_why(graph: Graph) -> None:
    fields = """totalValueUsd isComplete asOf byWallet { valueUsd share } positions { totalCount }
        parts { source ecosystem state code asOf retryAfter wallets { address } }"""

    both = (await graph.data(query(fields), {"a": [TYPICAL, ACCOUNT]}))["portfolio"]
    alone = (await graph.data(query(fields), {"a": [ACCOUNT]}))["portfolio"]

    missing = {
        "source": "algorand",
        "ecosystem": "ALGORAND",
        "state": "MISSING",
        "code": "NO_PRICES",
        "asOf": None,
        "retryAfter": None,
        "wallets": [{"address": ACCOUNT}],
    }
    assert both["parts"][2:] == [missing]
    assert both["totalValueUsd"] == "89006.21963764990998797363114"
    assert both["isComplete"] is False
    assert both["byWallet"] == [
        {"valueUsd": None, "share": None},
        {"valueUsd": both["totalValueUsd"], "share": "1"},
    ]
    assert alone == {
        "totalValueUsd": None,
        "isComplete": False,
        "asOf": None,
        "byWallet": None,
        "positions": None,
        "parts": [missing],
    }


@pytest.mark.parametrize(("missing", "left"), [(PROTOCOLS, "tokens"), (SNAPSHOT, "protocols")])
async def test_a_part_that_fails_is_told_and_nothing_else_is_lost(
    executor: str, missing: str, left: str
) -> None:
    box = Sandbox()
    box.faults.add(missing, Fault.unauthorized())
    async with running(box, {"EXECUTOR": executor}) as graph:
        answer = await graph.ask(
            query(f"{SUMS} parts {{ source state code wallets {{ address }} }}"),
            {"a": [TYPICAL, DEBTS]},
        )

    found = answer["data"]["portfolio"]
    assert codes(answer) == [(["portfolio"], "UPSTREAM_UNAUTHORIZED")]
    wallets = [{"address": evm_checksum(DEBTS)}, {"address": evm_checksum(TYPICAL)}]
    by_source = {part["source"]: part for part in found["parts"]}
    assert by_source.pop(left) == {
        "source": left,
        "state": "FRESH",
        "code": None,
        "wallets": wallets,
    }
    [gone] = by_source.values()
    assert gone["state"] == "MISSING"
    assert gone["code"] == "UPSTREAM_UNAUTHORIZED"
    assert gone["wallets"] == wallets
    assert found["isComplete"] is False
    assert total(found["byChain"], "valueUsd") == Fraction(found["totalValueUsd"])
    # Of a wallet that a part is missing of, nobody knows what it is worth.
    assert [each["valueUsd"] for each in found["byWallet"]] == [None, None]


async def test_where_no_part_is_there_its_parts_still_say_so(executor: str) -> None:
    box = Sandbox()
    box.faults.add("/portfolio/", Fault.unauthorized())
    async with running(box, {"EXECUTOR": executor}) as graph:
        answer = await graph.ask(
            query("totalValueUsd byChain { valueUsd } isComplete parts { source state code }"),
            {"a": [TYPICAL]},
        )

    gone = {"state": "MISSING", "code": "UPSTREAM_UNAUTHORIZED"}
    assert answer["data"]["portfolio"] == {
        "totalValueUsd": None,
        "byChain": None,
        "isComplete": False,
        "parts": [{"source": "tokens", **gone}, {"source": "protocols", **gone}],
    }
    assert codes(answer) == [
        (["portfolio", "byChain"], "UPSTREAM_UNAUTHORIZED"),
        (["portfolio", "totalValueUsd"], "UPSTREAM_UNAUTHORIZED"),
    ]


async def test_all_positions_page_both_ways_without_gap_or_repeat(graph: Graph) -> None:
    wallets = [WHALE, TYPICAL, DEBTS, UNPRICED]
    text = """query ($a: [String!]!, $first: Int, $after: String, $last: Int, $before: String) {
        portfolio(addresses: $a) {
            positions(first: $first, after: $after, last: $last, before: $before,
                      orderBy: {field: NAME, direction: ASC}) {
                totalCount edges { cursor node { id } }
                pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""

    async def pages(size: str, place: str, more: str, edge: str) -> list[list[str]]:
        found: list[list[str]] = []
        arguments: dict[str, Any] = {"a": wallets, size: 300}
        while True:
            page = (await graph.data(text, arguments))["portfolio"]["positions"]
            found.append([each["node"]["id"] for each in page["edges"]])
            if not page["pageInfo"][more]:
                return found
            arguments[place] = page["pageInfo"][edge]

    forward = list(chain(*await pages("first", "after", "hasNextPage", "endCursor")))
    back = await pages("last", "before", "hasPreviousPage", "startCursor")

    assert len(set(forward)) == len(forward) > 1000
    assert list(chain(*reversed(back))) == forward
    assert graph.calls() == snapshots(1)


async def test_a_cursor_of_other_wallets_is_refused(graph: Graph) -> None:
    fields = "positions(first: 1) { pageInfo { endCursor } }"
    found = await graph.data(query(fields), {"a": [TYPICAL]})
    cursor = found["portfolio"]["positions"]["pageInfo"]["endCursor"]

    answer = await graph.ask(
        query(f'positions(after: "{cursor}") {{ totalCount }}'), {"a": [DEBTS]}
    )

    assert answer["data"] == {"portfolio": {"positions": None}}
    assert codes(answer) == [(["portfolio", "positions"], "BAD_CURSOR")]


async def test_the_sources_own_total_stands_apart(executor: str) -> None:
    box = Sandbox()
    fields = "totalValueUsd sourceTotalUsd"
    async with running(box, {"EXECUTOR": executor}) as graph:
        found = (await graph.data(query(fields), {"a": [TYPICAL, DEBTS]}))["portfolio"]
        assert graph.calls() == {**snapshots(1), CURRENT_VALUE: 1}
        await graph.data(query(fields), {"a": [DEBTS, TYPICAL, TYPICAL]})
        assert graph.calls() == {**snapshots(1), CURRENT_VALUE: 1}
        alone = await graph.data(query("sourceTotalUsd"), {"a": [ACCOUNT]})
        past = await graph.ask(query(fields, ', at: "2024-01-01T00:00:00Z"'), {"a": [TYPICAL]})
        box.faults.add(CURRENT_VALUE, Fault.unauthorized())
        failed = await graph.ask(query(fields), {"a": [WHALE]})

    difference = Fraction(found["totalValueUsd"]) - Fraction(found["sourceTotalUsd"])
    assert abs(difference) < Fraction(1, 10**9)
    assert alone == {"portfolio": {"sourceTotalUsd": None}}
    assert codes(past) == [(["portfolio", "sourceTotalUsd"], "BAD_ARGUMENT")]
    assert failed["data"]["portfolio"]["totalValueUsd"] is not None
    assert codes(failed) == [(["portfolio", "sourceTotalUsd"], "UPSTREAM_UNAUTHORIZED")]


async def test_the_sandbox_plays_the_total_as_documented() -> None:
    async with client_of(Sandbox()) as client:
        for wallets in ([TYPICAL], [EMPTY], [DEBTS, WHALE]):
            answer = await client.get(CURRENT_VALUE, params={"addresses": wallets})
            validator("current_value")(answer.json())


async def test_a_newer_snapshot_is_in_every_figure_at_once() -> None:
    stage, clock, worth = Stage(), Clock(), [1.5]
    stage.rows = lambda owner: [row(owner, value_usd=worth[0])]
    fields = """totalValueUsd byChain { valueUsd } byWallet { valueUsd }
        positions { totalValueUsd nodes { valueUsd } }"""
    async with running(oneinch_transport=stage, clock=clock, wall=clock) as graph:
        for value in (1.5, 2.5, 7.0):
            worth[0] = value
            clock.now += 600
            for _ in range(3):
                found = (await graph.data(query(fields), {"a": [wallet(1)]}))["portfolio"]
                text = str(value)
                assert found == {
                    "totalValueUsd": text,
                    "byChain": [{"valueUsd": text}],
                    "byWallet": [{"valueUsd": text}],
                    "positions": {"totalValueUsd": text, "nodes": [{"valueUsd": text}]},
                }


async def test_accounts_hold_nothing_on_evm_chains_which_is_all_there_is_to_know(
    graph: Graph,
) -> None:
    data = await graph.data(
        """query ($a: [String!]!) { portfolio(addresses: $a, chainIds: [1]) {
            totalValueUsd isComplete parts { source } byChain { valueUsd }
            positions { totalCount } } }""",
        {"a": [DEMO_ACCOUNTS["typical"]]},
    )

    assert data["portfolio"] == {
        "totalValueUsd": "0",
        "isComplete": True,
        "parts": [],
        "byChain": [],
        "positions": {"totalCount": 0},
    }
    assert graph.calls() == {}


@pytest.mark.parametrize("field", ["positions", "tokens"])
@pytest.mark.parametrize("cursor", ["xxx", "WzFd", "W10"])
async def test_what_is_no_cursor_costs_no_call(graph: Graph, field: str, cursor: str) -> None:
    answer = await graph.ask(
        f"""query ($a: String!) {{
            wallet(address: $a) {{ positions(after: "{cursor}") {{ totalCount }} }}
            portfolio(addresses: [$a]) {{ {field}(before: "{cursor}", last: 1) {{ totalCount }} }}
        }}""",
        {"a": TYPICAL},
    )

    assert codes(answer) == [
        (["portfolio", field], "BAD_CURSOR"),
        (["wallet", "positions"], "BAD_CURSOR"),
    ]
    assert graph.calls() == {}
