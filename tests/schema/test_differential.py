"""The graph answers the same on both executors: data, errors and upstream calls, for any query.

Each is asked three times, as what is asked for again may be kept ready.
"""

import asyncio
import logging
import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolvers import ids
from sandbox import DEMO_ACCOUNTS, DEMO_WALLETS
from schema import build_schema
from tests.compiler.queries import Operation, operations
from tests.graph import running

EXAMPLES = int(os.environ.get("DIFFERENTIAL_EXAMPLES", "100"))
NOW = 1_750_000_000.0
SCHEMA = build_schema()._schema

USDC = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
WALLETS = [DEMO_WALLETS[name] for name in ("typical", "debts", "unpriced", "empty")]
ACCOUNTS = [DEMO_ACCOUNTS[name] for name in ("typical", "extremes", "empty")]
ADDRESSES = st.sampled_from([*WALLETS, *ACCOUNTS, "nobody"])
IDS = st.sampled_from(
    [
        ids.encode("Wallet", WALLETS[0]),
        ids.encode("Wallet", ACCOUNTS[0]),
        ids.encode("Token", 1, USDC),
        ids.encode("AlgorandAsset", 31566704),
        ids.encode("AlgorandHolding", ACCOUNTS[1], 312769),
        ids.encode("Position", WALLETS[0], 1, "0x01", 7, 1, 0, 0, ""),
        "garbage",
    ]
)
REPRESENTATIONS = st.sampled_from(
    [
        {"__typename": "Wallet", "address": WALLETS[0]},
        {"__typename": "Token", "chainId": 1, "address": USDC},
        {"__typename": "AlgorandAsset", "assetId": "31566704"},
        {"__typename": "AlgorandAsset", "assetId": "1000003"},
        {"__typename": "Wallet", "address": "nobody"},
        {"__typename": "PageInfo"},
    ]
)

compared: Counter[str] = Counter()

# What tells of the process rather than of the data may differ between two processes.
PROCESS = {"permitsLeft", "oldestServedSeconds", "queueLength"}


def values(field_name: str, name: str, type_: Any) -> st.SearchStrategy[Any] | None:
    """Arguments that name something, most of the time."""
    known: dict[str, st.SearchStrategy[Any]] = {
        "address": st.just(USDC) if field_name == "token" else ADDRESSES,
        "addresses": st.lists(ADDRESSES, max_size=4),
        "id": IDS,
        "ids": st.lists(IDS, max_size=4),
        "representations": st.lists(REPRESENTATIONS, max_size=5),
        "first": st.integers(0, 4) | st.just(1001),
        "last": st.integers(0, 3),
        "after": st.just("garbage"),
        "before": st.just("garbage"),
        "chainId": st.sampled_from([1, 137, 0]),
        "assetId": st.sampled_from(["31566704", "312769", "1000003", "0"]),
        "at": st.sampled_from(["2024-01-01T00:00:00Z", "1960-01-01T00:00:00Z"]),
        "tokens": st.lists(st.sampled_from([USDC, "0x1"]), max_size=2),
        "text": st.sampled_from(["usd", ""]),
        "minValueUsd": st.sampled_from(["0", "100.5", "-1"]),
    }
    return known.get(name)


def stable(type_name: str, field_name: str) -> bool:
    return field_name in PROCESS or field_name in ("__schema", "__type", "sdl")


async def answered(executor: str, operation: Operation) -> tuple[Any, Any]:
    async with running(settings={"EXECUTOR": executor}, wall=lambda: NOW) as graph:
        answers = [await graph.ask(operation.text, operation.variables) for _ in range(3)]
        return answers, sorted(graph.box.calls)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)
@given(operations(SCHEMA, values, stable, depth=6, fields=40))
def test_both_executors_answer_the_same(operation: Operation) -> None:
    stock = asyncio.run(answered("stock", operation))
    compiled = asyncio.run(answered("compiled", operation))

    assert compiled == stock
    (answer, *_), calls = stock
    compared["queries"] += 1
    compared["with data"] += bool(answer.get("data"))
    compared["with errors in fields"] += any("path" in e for e in answer.get("errors", ()))
    compared["with upstream calls"] += bool(calls)


def test_most_queries_had_something_to_compare(capsys: pytest.CaptureFixture[str]) -> None:
    if compared["queries"]:
        with capsys.disabled():
            print(f"\ncompared {dict(compared)}", end=" ")  # noqa: T201
        assert compared["with data"] > compared["queries"] / 2
        assert compared["with upstream calls"] > compared["queries"] / 4
        assert compared["with errors in fields"]
