"""Which documents are kept, with what was made of them, and how much memory that may take."""

# ruff: noqa: E501  (queries are easier to read on one line)

import asyncio
import gc
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import parse, print_ast, validate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compiler import compile  # noqa: A004
from compiler.plan import selections
from schema import build_schema
from server.documents import Documents, Prepared, Refused
from server.limits import Limits
from tests.compiler.queries import Operation, operations
from tests.graph import running
from tests.server.harness import Bench
from tests.upstreams.test_pace import Clock
from upstreams.pace import Pace

GRAPH = build_schema()
CORE = GRAPH._schema


def documents(**bounds: Any) -> Documents:
    return Documents(GRAPH, Limits(), is_discreet=False, has_introspection=True, **bounds)


@pytest.fixture(autouse=True)
def _few_objects() -> Iterator[None]:
    """Collections need not look at all that other tests have loaded."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def planned(prepared: Prepared, variables: dict[str, Any], *, is_hot: bool = False) -> None:
    """Put into the document what executors put there."""
    plan = compile(CORE, prepared.document)
    assert prepared.plans is not None
    prepared.plans[None] = plan
    if plan is None:
        return
    coerced: Any = plan.variables.coerce(variables)
    if isinstance(coerced, list) or (root := plan.root(coerced)) is None:
        return
    for selection in selections(root):
        if is_hot and selection.fast is None and not selection.is_inlined:
            selection.make(selection)


def weights(text: str, variables: dict[str, Any], *, is_hot: bool) -> tuple[int, int]:
    """Bytes of a document with its plan: as estimated, and as they are."""
    for is_measured in (False, True):
        known = documents()
        gc.collect()
        if is_measured:
            tracemalloc.start()
        try:
            for _ in range(2):
                prepared, _ = known.prepare(text, None, variables)
            planned(prepared, variables, is_hot=is_hot)
            known.prepare(text, None, variables)
            gc.collect()
            found = tracemalloc.get_traced_memory()[0] if is_measured else 0
        finally:
            tracemalloc.stop()
    return known.bytes, found


def check(estimated: int, found: int) -> None:
    """Within a factor of two, besides what the cache and a look at the schema take once."""
    assert (found - 40_000) / 2 < estimated < found * 2


TOKENS = "amount priceUsd valueUsd token { id chainId address symbol name decimals }"
ROW = f"id index chainId contractName side valueUsd protocol {{ type group {{ id name }} }} underlyingTokens {{ {TOKENS} }} rewardTokens {{ {TOKENS} }}"
SHAPES: dict[str, tuple[str, dict[str, Any]]] = {
    "a page": (f'{{ wallet(address: "0x0") {{ positions(first: 3) {{ totalCount nodes {{ {ROW} }} }} }} }}', {}),
    "fragments": ("{ a: sources { ...F } b: sources { ...F } c: sources { ...F } } fragment F on Source { name mode limit calls merges }", {}),
    "addresses": ("{" + " ".join(f'a{n}: wallet(address: "0x{n:040x}") {{ id }}' for n in range(50)) + "}", {}),
    "many pages": ("{" + " ".join(f'a{n}: wallet(address: "0x{n:040x}") {{ positions(first: 1) {{ nodes {{ {ROW} }} }} }}' for n in range(15)) + "}", {}),
    "a long list": ('{ wallet(address: "0x0") { positions(filter: {tokens: [' + ",".join(f'"0x{n:040x}"' for n in range(600)) + "]}) { totalCount } } }", {}),
    "a long text": ('{ wallet(address: "0x0") { positions(filter: {text: "' + "y" * 20_000 + '"}) { totalCount } } }', {}),
    "wide letters": ('{ wallet(address: "0x0") { positions(filter: {text: "' + "\U0001f600" * 5_000 + '"}) { totalCount } } }', {}),
    "conditions": (
        "query (" + " ".join(f"$v{n}: Boolean!" for n in range(90)) + ') { wallet(address: "0x0") {' + " ".join(f"id @include(if: $v{n})" for n in range(90)) + "} }",
        {f"v{n}": True for n in range(90)},
    ),
    "white space": ('{ wallet(address: "0x0") { id ' + " " * 20_000 + "} }", {}),
    "entities": (
        f"query ($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on Wallet {{ positions {{ nodes {{ {ROW} }} }} }} ... on Position {{ {ROW} }} ... on Token {{ symbol }} }} }}",
        {"r": []},
    ),
}  # fmt: skip


@pytest.mark.parametrize("is_hot", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_estimated_bytes_are_about_those_in_memory(shape: str, is_hot: bool) -> None:
    check(*weights(*SHAPES[shape], is_hot=is_hot))


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(operations(CORE, lambda *_: None, lambda *_: False, depth=6, fields=60), st.booleans())
def test_the_estimate_holds_for_any_document(operation: Operation, is_hot: bool) -> None:
    try:
        estimated, found = weights(operation.text, operation.variables, is_hot=is_hot)
    except Refused:
        return
    check(estimated, found)


def named(number: int) -> str:
    return f'query Q{number} {{ wallet(address: "0x{number:040x}") {{ id address ecosystem }} }}'


def test_documents_that_come_once_are_bounded_apart_from_those_in_use() -> None:
    known = documents(most_bytes=60_000, most_new_bytes=60_000)
    for number in range(3):
        for _ in range(3):
            known.prepare(named(number), None, {})
    in_use = known.bytes
    assert len(known) == 3

    for number in range(100, 200):
        known.prepare(named(number), None, {})

    assert known.bytes - in_use <= 60_000
    assert 3 < len(known) < 20
    kept = [known.prepare(named(number), None, {})[0] for number in range(3)]
    assert all(prepared.plans is not None for prepared in kept)


def test_documents_in_use_are_bounded_too() -> None:
    known = documents(most_bytes=100_000, most_new_bytes=10_000)
    for number in range(100):
        for _ in range(2):
            known.prepare(named(number), None, {})
    assert known.bytes <= 110_000
    assert 3 < len(known) < 20


def test_only_what_is_valid_is_kept() -> None:
    known = documents()
    for _ in range(2):
        with pytest.raises(Refused):
            known.prepare("{ nothing }", None, {})
    assert len(known) == 0


def test_a_document_weighs_more_as_its_plans_grow() -> None:
    known = documents()
    names = [f"v{n}" for n in range(6)]
    text = (
        "query (" + " ".join(f"${name}: Boolean!" for name in names) + ') { wallet(address: "0x0") {'
        + " ".join(f"{name}: id @include(if: ${name})" for name in names) + "} }"
    )  # fmt: skip
    sizes = []
    for use in range(18):
        variables = {name: bool(use >> n & 1) for n, name in enumerate(names)}
        prepared, _ = known.prepare(text, None, variables)
        if prepared.plans is not None:
            plan = prepared.plans.setdefault(None, compile(CORE, prepared.document))
            assert plan is not None
            coerced: Any = plan.variables.coerce(variables)
            plan.root(coerced)
        sizes.append(known.bytes)
    assert sizes[0] < sizes[2] < sizes[4] < sizes[8] < sizes[16]
    assert len(known) == 1


async def test_a_plan_is_kept_from_the_second_use_on(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []

    def counted(*arguments: Any, **more: Any) -> Any:
        made.append(arguments)
        return compile(*arguments, **more)

    monkeypatch.setattr("compiler.executor.compile", counted)
    async with running(settings={"EXECUTOR": "compiled"}) as graph:
        answers = [await graph.ask("{ sources { name } }") for _ in range(5)]
    assert answers == [answers[0]] * 5
    assert len(made) == 2


async def test_a_document_is_parsed_and_validated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    first = await bench.post("{ hello }")
    monkeypatch.setattr("server.documents.parse", None)
    monkeypatch.setattr("server.documents.validate", None)
    again = [(await bench.post("{ hello }")).json() for _ in range(3)]
    assert again == [first.json()] * 3


async def test_errors_of_a_kept_document_have_their_place() -> None:
    bench = Bench()
    answers = [(await bench.post("{\n  hello\n  coded }")).json() for _ in range(3)]
    assert answers == [answers[0]] * 3
    assert answers[0]["errors"][0]["locations"] == [{"line": 3, "column": 3}]


def test_a_kept_document_holds_no_tokens() -> None:
    known = documents()
    text = f"{{ sources {{ name }} }} # {'x' * 10}"
    prepared, _ = known.prepare(text, None, {})
    assert print_ast(prepared.document) == print_ast(parse(text))
    loc = prepared.document.loc
    assert loc is not None
    assert (loc.start, loc.end) == (0, len(text))
    assert loc.start_token.next is None
    assert loc.end_token.prev is None


async def test_documents_that_come_at_once_are_validated_in_turns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The loop has time for others between those that take long."""
    bench = Bench()
    rounds: list[int] = [0]
    seen: list[int] = []

    def beat() -> None:
        rounds[0] += 1
        asyncio.get_running_loop().call_soon(beat)

    def slow(*arguments: Any, **more: Any) -> Any:
        seen.append(rounds[0])
        clock.now += 1.0
        return validate(*arguments, **more)

    clock = Clock()
    turns = Pace(clock)
    monkeypatch.setattr("server.graphql.pace", lambda: turns)
    monkeypatch.setattr("server.documents.validate", slow)
    beat()

    answers = await asyncio.gather(*(bench.post(f"{{ a{n}: hello }}") for n in range(20)))

    assert [answer.json()["data"] for answer in answers] == [
        {f"a{n}": "hello world"} for n in range(20)
    ]
    assert len(seen) == 20
    assert max(Counter(seen).values()) <= 2
