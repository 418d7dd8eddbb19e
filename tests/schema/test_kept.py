"""What is asked for again is kept ready: nobody can tell, but by the time it takes."""

from typing import Any

import pytest

from compiler.executor import CompiledExecutor
from sandbox import DEMO_WALLETS
from server.execute import Serving, as_bytes
from tests.graph import running
from tests.upstreams.stage import Clock, Stage, row, wallet
from tests.upstreams.wire import reply
from upstreams.pace import Pace

WHALE = DEMO_WALLETS["whale"]
ROWS = """id valueUsd contractName side protocol { type group { name } }
    underlyingTokens { amount valueUsd token { id symbol address } } rewardTokens { amount }"""
PAGES = [
    f"positions(first: 7) {{ totalCount asOf nodes {{ {ROWS} }} }}",
    f"positions(last: 7) {{ nodes {{ {ROWS} }} pageInfo {{ endCursor }} }}",
    "positions(first: 9) { a: nodes { id } b: nodes { __typename index } }",
    "positions(first: 9, filter: {side: DEBT}) { nodes { id side } }",
    'positions(first: 9, filter: {text: "a"}, orderBy: {field: NAME, direction: ASC}) '
    "{ edges { cursor node { contractName } } }",
    "positions(first: 3, orderBy: {field: CHAIN}) { edges { cursor } nodes { wallet { id } } }",
    f"positions(first: 1000) {{ edges {{ cursor node {{ {ROWS} }} }} nodes {{ id }} }}",
    f"positions(first: 1000, filter: {{}}) {{ nodes {{ {ROWS} }} totalCount }}",
    "positions(chainId: 1) { nodes { ... on Position @include(if: $yes) { id } chainId } }",
    "positions(chainId: 137) { nodes { ... on Position @include(if: $yes) { id } chainId } }",
]


def asking(page: str) -> str:
    yes = ", $yes: Boolean = true" if "$yes" in page else ""
    return f"query($address: String!{yes}) {{ wallet(address: $address) {{ {page} }} }}"


@pytest.mark.parametrize("page", PAGES)
async def test_an_answer_is_the_same_however_often_it_is_asked_for(page: str) -> None:
    query, variables = asking(page), {"address": WHALE}
    frozen: Any = {"wall": Clock(1_750_000_000.0)}
    async with running(settings={"EXECUTOR": "stock"}, **frozen) as graph:
        expected = await graph.data(query, variables)
    assert expected["wallet"]["positions"]
    async with running(**frozen) as graph:
        for _ in range(5):
            assert await graph.data(query, variables) == expected
        assert sum(graph.calls().values()) == 2


async def test_a_long_list_that_lets_others_have_a_turn_is_kept_like_any_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Pace, "is_due", lambda pace: True)
    monkeypatch.setattr(CompiledExecutor, "hot", 1)
    page = f"positions(first: 1000) {{ totalCount nodes {{ {ROWS} }} }}"
    query, variables = asking(page), {"address": WHALE}
    frozen: Any = {"wall": Clock(1_750_000_000.0)}
    async with running(settings={"EXECUTOR": "stock"}, **frozen) as graph:
        expected = await graph.data(query, variables)
    assert len(expected["wallet"]["positions"]["nodes"]) > 256
    async with running(**frozen) as graph:
        for _ in range(5):
            assert await graph.data(query, variables) == expected


async def test_pages_and_wallets_are_not_mistaken_for_each_other() -> None:
    asked = [
        (asking(page), {"address": DEMO_WALLETS[name]})
        for page in PAGES
        for name in ("whale", "typical", "debts")
    ]
    frozen: Any = {"wall": Clock(1_750_000_000.0)}
    async with running(settings={"EXECUTOR": "stock"}, **frozen) as graph:
        expected = [await graph.data(*one) for one in asked]
    async with running(**frozen) as graph:
        for _ in range(4):
            assert [await graph.data(*one) for one in asked] == expected


async def test_a_newer_snapshot_is_shown_at_once_and_an_old_one_is_labelled() -> None:
    stage, wall = Stage(), Clock(1_750_000_000.0)
    query = asking("positions { isStale totalValueUsd nodes { valueUsd } }")

    def seen(answer: Any) -> tuple[bool, str, str]:
        page = answer["wallet"]["positions"]
        return page["isStale"], page["totalValueUsd"], page["nodes"][0]["valueUsd"]

    async with running(oneinch_transport=stage, wall=wall, clock=wall) as graph:
        for day in (1, 2, 3):
            worth = day + 0.5
            stage.rows = lambda owner, worth=worth: [row(owner, value=worth)]  # type: ignore[misc]
            wall.now += 86_400
            for _ in range(4):
                answer = await graph.data(query, {"address": wallet(1)})
                assert seen(answer) == (False, f"{worth}", f"{worth}")
        stage.rows = lambda owner: [row(owner, value=9.5)]
        wall.now += 45
        assert seen(await graph.data(query, {"address": wallet(1)})) == (True, "3.5", "3.5")


async def test_a_list_is_made_into_bytes_once_where_answers_are_cached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes: list[int] = []

    def counted(done: list[Any]) -> Any:
        sizes.append(len(done))
        return as_bytes(done)

    monkeypatch.setattr(Serving, "keep", staticmethod(counted))
    query, variables = asking("positions(first: 7) { nodes { id } }"), {"address": WHALE}
    async with running() as graph:
        for _ in range(5):
            await graph.data(query, variables)
        filtered = asking('positions(first: 7, filter: {text: "a"}) { nodes { id } }')
        for _ in range(5):
            await graph.data(filtered, variables)
    assert sizes == [7]
    async with running(settings={"PORTFOLIO_TTL_SECONDS": "0"}) as graph:
        for _ in range(5):
            await graph.data(query, variables)
    assert sizes == [7]


async def test_nothing_is_kept_where_something_failed() -> None:
    def held(owner: str) -> list[dict[str, Any]]:
        token = {"address": wallet(7), "decimals": 1, "symbol": "A", "name": "B", "amount": 1}
        return [row(owner, underlying_tokens=[{**token, "chain": 1, "price_usd": 1}])]

    stage = Stage()
    stage.rows = held
    stage.script = lambda call: reply("{}", 401) if call.path.endswith("/custom") else None
    query = asking("positions { nodes { id underlyingTokens { token { logoUrl } } } }")
    async with running(oneinch_transport=stage) as graph:
        answers = [await graph.ask(query, {"address": wallet(1)}) for _ in range(4)]

    assert [len(answer["errors"]) for answer in answers] == [1] * 4
    assert answers[1:] == answers[:-1]
    (node,) = answers[0]["data"]["wallet"]["positions"]["nodes"]
    assert node["underlyingTokens"] == [{"token": {"logoUrl": None}}]


async def test_tokens_and_protocols_are_made_into_bytes_once_for_all_wallets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[Any] = []

    def noted(done: Any) -> Any:
        made.append(done)
        return as_bytes(done)

    def rows(owner: str) -> list[dict[str, Any]]:
        token = {"chain": 1, "address": f"0x{77:040x}", "decimals": 1, "symbol": "A", "name": "B"}
        held = [{**token, "amount": number, "price_usd": 1} for number in (1, 2)]
        return [row(owner, f"0x{number:02x}", underlying_tokens=held) for number in range(80)]

    monkeypatch.setattr(Serving, "keep", staticmethod(noted))
    stage = Stage()
    stage.rows = rows
    query = asking(
        "positions(first: 80) { nodes { protocol { type } "
        "underlyingTokens { amount token { symbol address name } } } }"
    )
    settings = {"PORTFOLIO_TTL_SECONDS": "0"}
    async with running(oneinch_transport=stage, settings=settings) as graph:
        answers = [await graph.data(query, {"address": wallet(number)}) for number in range(3)]

    shown = "0x000000000000000000000000000000000000004D"
    assert made == [{"type": "token"}, {"symbol": "A", "address": shown, "name": "B"}]
    assert answers[0] == answers[1] == answers[2]
    nodes = answers[0]["wallet"]["positions"]["nodes"]
    assert nodes == [
        {
            "protocol": made[0],
            "underlyingTokens": [{"amount": f"{count}", "token": made[1]} for count in (1, 2)],
        }
    ] * len(nodes)


async def test_lists_are_given_up_once_the_answer_is_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packed: list[int] = []

    def counted(self: Serving, items: list[Any]) -> Any:
        packed.append(len(items))
        return pack(self, items)

    pack = Serving.pack
    monkeypatch.setattr(Serving, "pack", counted)
    aliases = " ".join(f"a{n}: positions(last: {1000 - n}) {{ nodes {{ id }} }}" for n in range(9))
    query, variables = asking(aliases), {"address": WHALE}
    expected = None
    for executor in ("stock", "compiled"):
        settings = {"EXECUTOR": executor, "MAX_ANSWER_BYTES": "200000"}
        async with running(settings=settings) as graph:
            for _ in range(3):
                answer = await graph.ask(query, variables)
                expected = expected or answer
                assert answer == expected

    assert expected is not None
    assert expected["data"] is None
    assert [error["extensions"]["code"] for error in expected["errors"]] == ["ANSWER_TOO_LARGE"]
    # Enough of the nine lists to be sure of it, and no more.
    assert 3 <= len(packed) < 3 * 9
