"""How many upstream calls one operation may cause: refused before the first of them leaves."""

# ruff: noqa: E501  (queries are easier to read on one line)

from typing import Any

import pytest

from resolvers import ids
from sandbox import DEMO_ACCOUNTS, DEMO_WALLETS
from tests.graph import SNAPSHOT, Graph, codes, running, snapshots

WALLET = DEMO_WALLETS["typical"]
ACCOUNT = DEMO_ACCOUNTS["typical"]


def address(number: int) -> str:
    return f"0x{number:040x}"


def moments(count: int) -> str:
    return " ".join(
        f'a{n}: positions(first: 1, at: "2024-01-{n + 1:02}T00:00:00Z") {{ totalCount }}'
        for n in range(count)
    )


async def refused(text: str, variables: dict[str, Any] | None = None, **settings: str) -> bool:
    """Whether an operation is refused for its calls, and then that nothing was asked."""
    async with running(settings=settings) as graph:
        answer = await graph.ask(text, variables)
        found = [code for _, code in codes(answer)] if "errors" in answer else []
        is_refused = found == ["TOO_MANY_CALLS"] and "data" not in answer
        assert not (is_refused and graph.calls())
        assert is_refused or "TOO_MANY_CALLS" not in found
    return is_refused


WALLETS = {"a": [address(n) for n in range(1, 101)]}
TIMES = [f"$t{n}" for n in range(4)]

PAGES: dict[str, tuple[str, dict[str, Any], int]] = {
    "a wallet": (f'{{ wallet(address: "{WALLET}") {{ positions {{ totalCount }} }} }}', {}, 2),
    "its pages": (
        f'{{ wallet(address: "{WALLET}") {{'
        + " ".join(f"a{n}: positions(first: {n}) {{ totalCount }}" for n in range(90))
        + "} }",
        {},
        2,
    ),
    "its worth beside them": (f'{{ wallet(address: "{WALLET}") {{ netWorthUsd positions(first: 1) {{ totalCount }} }} }}', {}, 2),
    "a hundred wallets": ("query ($a: [String!]!) { wallets(addresses: $a) { positions(first: 1) { totalCount } } }", WALLETS, 4),
    "a hundred wallets, again": (
        "query ($a: [String!]!) { "
        + " ".join(f"a{n}: wallets(addresses: $a) {{ positions(first: 1) {{ totalCount }} }}" for n in range(20))
        + " }",
        WALLETS,
        4,
    ),
    "wallets one by one": (
        "{" + " ".join(f'a{n}: wallet(address: "{address(n)}") {{ positions(first: 1) {{ totalCount }} }}' for n in range(1, 50)) + "}",
        {},
        2,
    ),
    "fifteen chains": (
        f'{{ wallet(address: "{WALLET}") {{'
        + " ".join(f"a{n}: positions(first: 1, chainId: {n}) {{ totalCount }}" for n in range(1, 16))
        + "} }",
        {},
        2,
    ),
    "a chain each": (
        "{" + " ".join(f'a{n}: wallet(address: "{address(n)}") {{ positions(first: 1, chainId: {n}) {{ totalCount }} }}' for n in range(1, 9)) + "}",
        {},
        16,
    ),
    "moments": (f'{{ wallet(address: "{WALLET}") {{ {moments(20)} }} }}', {}, 40),
    "moments of many": (f"query ($a: [String!]!) {{ wallets(addresses: $a) {{ {moments(6)} }} }}", WALLETS, 24),
    "moments in variables": (
        "query (" + " ".join(f"{name}: DateTime" for name in TIMES) + f') {{ wallet(address: "{WALLET}") {{'
        + " ".join(f"a{n}: positions(first: 1, at: {name}) {{ totalCount }}" for n, name in enumerate([*TIMES, *TIMES]))
        + "} }",
        {},
        8,
    ),
    "a position's wallet": (
        f'{{ wallet(address: "{WALLET}") {{ positions(first: 2) {{ nodes {{ wallet {{ {moments(3)} }} }} }} }} }}',
        {},
        8,
    ),
    "moments in a fragment": (
        f'{{ wallet(address: "{WALLET}") {{ ...F ... on Wallet {{ ...F }} }} }} fragment F on Wallet {{ {moments(5)} }}',
        {},
        10,
    ),
    "tokens of chains": (
        "{" + " ".join(f'a{n}: token(chainId: {n}, address: "{address(n)}") {{ symbol }}' for n in range(1, 8)) + "}",
        {},
        7,
    ),
    "tokens of a chain": (
        "{" + " ".join(f'a{n}: token(chainId: 1, address: "{address(n)}") {{ symbol }}' for n in range(1, 50)) + "}",
        {},
        1,
    ),
    "status": ("{ portfolioStatus { isAvailable } sources { isAvailable network } }", {}, 1),
}  # fmt: skip


@pytest.mark.parametrize("is_slow", [False, True])
@pytest.mark.parametrize("name", PAGES)
async def test_an_operation_may_cause_so_many_calls(
    name: str, is_slow: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many calls as it was reckoned to cause are enough for it, and one fewer are not.

    Also on a machine so slow that its fields take turns with other work before they ask.
    """
    if is_slow:
        monkeypatch.setattr("upstreams.pace.Pace.is_due", lambda _: True)
    text, variables, calls = PAGES[name]
    assert not await refused(text, variables, MAX_ONEINCH_CALLS=str(calls))
    if calls > 1:
        assert await refused(text, variables, MAX_ONEINCH_CALLS=str(calls - 1))


async def test_the_default_is_for_ordinary_pages() -> None:
    assert not await refused(
        f"query ($a: [String!]!) {{ wallets(addresses: $a) {{ {moments(12)} }} }}", WALLETS
    )
    assert await refused(
        f"query ($a: [String!]!) {{ wallets(addresses: $a) {{ {moments(13)} }} }}", WALLETS
    )
    assert await refused(f'{{ wallet(address: "{WALLET}") {{ {moments(26)} }} }}')


@pytest.mark.parametrize("batch", [1, 7, 50])
async def test_wallets_share_calls_as_the_source_lets_them(batch: int) -> None:
    query = (
        "query ($a: [String!]!) { wallets(addresses: $a) { positions(first: 1) { totalCount } } }"
    )
    calls = 2 * -(-21 // batch)
    settings = {"ONEINCH_MAX_BATCH": str(batch)}
    variables = {"a": [address(n) for n in range(1, 22)]}
    assert not await refused(query, variables, MAX_ONEINCH_CALLS=str(calls), **settings)
    if calls > 1:
        assert await refused(query, variables, MAX_ONEINCH_CALLS=str(calls - 1), **settings)


@pytest.mark.parametrize(
    ("fields", "calls"),
    [
        ("algo { balance { algos } }", 3),
        ("algorandAssets(first: 2) { nodes { id } }", 3),
        (
            "a: algorandAssets(first: 2) { nodes { id } } b: algorandAssets(first: 2) { nodes { id } }",
            3,
        ),
        (
            "a: algorandAssets(first: 2) { nodes { id } } b: algorandAssets(first: 3) { nodes { id } }",
            6,
        ),
        ("algorandAssets(first: 2) { totalCount }", 6),
    ],
)
async def test_calls_to_algod_count_apart(fields: str, calls: int) -> None:
    query = f"query ($a: [String!]!) {{ wallets(addresses: $a) {{ {fields} positions {{ totalCount }} }} }}"
    variables = {"a": [DEMO_ACCOUNTS[name] for name in ("typical", "extremes", "empty")]}
    assert not await refused(query, variables, MAX_ALGOD_CALLS=str(calls), MAX_ONEINCH_CALLS="2")
    assert await refused(query, variables, MAX_ALGOD_CALLS=str(calls - 1))


async def test_what_the_text_does_not_tell_is_counted_before_it_leaves(executor: str) -> None:
    """Ids hide moments: the calls are known when all of them are asked for together."""
    found = [
        ids.encode("Position", WALLET, 1, "0x01", 7, 1, 0, 0, 1_700_000_000 + n) for n in range(5)
    ]
    query = "query ($i: [ID!]!, $a: String!) { nodes(ids: $i) { id } wallet(address: $a) { id } }"
    settings = {"EXECUTOR": executor, "MAX_ONEINCH_CALLS": "4"}
    async with running(settings=settings) as graph:
        answer = await graph.ask(query, {"i": found, "a": WALLET})
        assert graph.calls() == {}
        assert codes(answer) == [(["nodes", n], "TOO_MANY_CALLS") for n in range(5)]
        assert answer["data"]["nodes"] == [None] * 5
        assert answer["data"]["wallet"] is not None

        assert "errors" not in await graph.ask(query, {"i": found[:4], "a": WALLET})
        assert graph.calls()[SNAPSHOT] == 4


async def test_logos_beyond_the_bound_cost_only_themselves(executor: str) -> None:
    query = f'{{ wallet(address: "{WALLET}") {{ positions {{ nodes {{ id chainId underlyingTokens {{ token {{ symbol logoUrl }} }} }} }} }} }}'
    settings = {"EXECUTOR": executor, "MAX_ONEINCH_CALLS": "3"}
    async with running(settings=settings) as graph:
        answer = await graph.ask(query)
        calls = graph.calls()
    assert calls == snapshots(1)
    assert {code for _, code in codes(answer)} == {"TOO_MANY_CALLS"}
    nodes = answer["data"]["wallet"]["positions"]["nodes"]
    assert len({node["chainId"] for node in nodes}) > 2
    tokens = [held["token"] for node in nodes for held in node["underlyingTokens"]]
    assert {token["logoUrl"] for token in tokens} == {None}
    assert all(token["symbol"] for token in tokens)


async def test_answers_at_hand_count_as_well(graph: Graph) -> None:
    """What an operation may cause does not depend on what others asked before."""
    text = f'{{ wallet(address: "{WALLET}") {{ {moments(25)} }} }}'
    for _ in range(2):
        assert "errors" not in await graph.ask(text)
