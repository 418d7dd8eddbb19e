"""Algorand's assets in US dollars: by each provider, exactly, and only where one can rely on it."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import httpx
import pytest

from resolvers import account
from sandbox import DEMO_ACCOUNTS, DEMO_WALLETS, Fault, Sandbox
from sandbox.accounts import Holding
from sandbox.accounts import account as played_account
from sandbox.assets import USDC, USDT, Asset, asset
from sandbox.prices import ALGO, Market, market
from tests.graph import Graph, codes, running
from tests.upstreams.stage import Clock

TYPICAL, COLLECTOR, BIG = (DEMO_ACCOUNTS[name] for name in ("typical", "collector", "big"))
EMPTY = DEMO_ACCOUNTS["empty"]
EVM = DEMO_WALLETS["typical"]
VESTIGE = "/assets/price"
SUMS = """totalValueUsd assetsUsd debtsUsd unpricedCount isComplete
    parts { source ecosystem state code }
    byChain { chainId caip2 chain { chainId } valueUsd positionCount }
    byProtocol { protocol { id name } valueUsd positionCount }
    byCategory { category valueUsd positionCount }
    byWallet { wallet { address } valueUsd positionCount }"""
PORTFOLIO = f"query ($a: [String!]!) {{ portfolio(addresses: $a) {{ {SUMS} }} }}"
PRICE = "price { usd source attribution confidence liquidityUsd isStale } verification logoUrl"


def counts(provider: str, found: Market) -> bool:
    """The rule, written again: by liquidity, by confidence, or by whom Pera has verified."""
    if found.usd is None:
        return False
    if provider == "vestige":
        return found.lockup >= 1000
    if provider == "defillama":
        return found.confidence >= Decimal("0.5")
    return found.tier in ("trusted", "verified")


def reckoned(provider: str, address: str) -> tuple[Fraction, int]:
    """What an account of the sandbox is worth, and how many of its assets have no price."""
    found = played_account(address)
    amounts = [(ALGO, Fraction(found.microalgos, 10**6)), *_units(found.holdings)]
    held = [(market(asset_id), units) for asset_id, units in amounts if units]
    values = [
        Fraction(each.usd) * units for each, units in held if each.usd and counts(provider, each)
    ]
    return sum(values, Fraction(0)), len(held) - len(values)


def _units(holdings: Iterable[Holding]) -> Iterable[tuple[int, Fraction]]:
    for each in holdings:
        its = asset(each.asset_id)
        if its is not None:
            yield each.asset_id, Fraction(each.amount, 10**its.decimals)


def priced(provider: str, executor: str = "compiled", **more: str) -> dict[str, str]:
    return {"ALGORAND_PRICES": provider, "EXECUTOR": executor, **more}


@pytest.mark.parametrize("provider", ["vestige", "defillama", "pera"])
@pytest.mark.parametrize("name", ["typical", "collector", "extremes", "empty"])
async def test_an_account_is_worth_the_sum_of_what_it_holds(
    executor: str, provider: str, name: str
) -> None:
    address = DEMO_ACCOUNTS[name]
    async with running(settings=priced(provider, executor, MAX_PRICE_CALLS="500")) as graph:
        found = (await graph.data(PORTFOLIO, {"a": [address]}))["portfolio"]
        query = f'{{ wallet(address: "{address}") {{ netWorthUsd }} }}'
        net_worth = (await graph.data(query))["wallet"]["netWorthUsd"]

    worth, unpriced = reckoned(provider, address)
    assert Fraction(found["totalValueUsd"]) == Fraction(net_worth) == worth
    assert (found["unpricedCount"], found["isComplete"]) == (unpriced, unpriced == 0)
    part = {"source": "algorand", "ecosystem": "ALGORAND", "state": "FRESH", "code": None}
    assert found["parts"] == [part]


async def test_both_ecosystems_add_up(executor: str) -> None:
    async with running(settings=priced("vestige", executor)) as graph:
        both = (await graph.data(PORTFOLIO, {"a": [TYPICAL, EVM]}))["portfolio"]
        evm = (await graph.data(PORTFOLIO, {"a": [EVM]}))["portfolio"]

    worth, _ = reckoned("vestige", TYPICAL)
    whole = Fraction(both["totalValueUsd"])
    assert whole == Fraction(evm["totalValueUsd"]) + worth
    for name in ("byChain", "byProtocol", "byCategory", "byWallet"):
        assert sum(Fraction(each["valueUsd"]) for each in both[name]) == whole
    [algorand] = [each for each in both["byChain"] if each["chainId"] is None]
    assert (algorand["chain"], Fraction(algorand["valueUsd"])) == (None, worth)
    assert algorand["caip2"] == "algorand:c2FuZGJveC12MSBpcyBubyByZWFsIG5l"
    [inside] = [each for each in both["byProtocol"] if each["protocol"]["id"] == "algorand"]
    assert (inside["protocol"]["name"], Fraction(inside["valueUsd"])) == ("Algorand", worth)
    assert [part["source"] for part in both["parts"]] == ["tokens", "protocols", "algorand"]


async def test_what_it_takes_is_counted(executor: str) -> None:
    held = [each for each in played_account(TYPICAL).holdings if each.amount]
    assert 1 < len(held) < 25
    page = f"/v2/accounts/{TYPICAL}/assets"
    async with running(settings=priced("vestige", executor)) as graph:
        aliases = " ".join(f"p{n}: portfolio(addresses: $a) {{ {SUMS} }}" for n in range(3))
        await graph.data(f"query ($a: [String!]!) {{ {aliases} }}", {"a": [TYPICAL]})
        cold = graph.calls()
        graph.forget()
        await graph.data(PORTFOLIO, {"a": [TYPICAL]})

        assert graph.calls() == {}
    assert cold == {f"/v2/accounts/{TYPICAL}": 1, page: 1, "/versions": 1, VESTIGE: 1}


async def test_many_assets_share_a_call() -> None:
    held = [each for each in played_account(COLLECTOR).holdings if each.amount]
    async with running(settings=priced("vestige")) as graph:
        await graph.data(PORTFOLIO, {"a": [COLLECTOR]})

        # All of them, and Algo.
        assert graph.calls()[VESTIGE] == -(-(len(held) + 1) // 25)


async def test_prices_are_kept_for_their_time() -> None:
    clock = Clock()
    settings = priced("vestige", ALGORAND_PRICES_TTL_SECONDS="60", ALGORAND_TTL_SECONDS="5")
    async with running(settings=settings, clock=clock) as graph:
        await graph.data(PORTFOLIO, {"a": [TYPICAL]})
        graph.forget()
        clock.now += 11
        await graph.data(PORTFOLIO, {"a": [TYPICAL]})
        sooner = graph.calls()
        graph.forget()
        clock.now += 180
        await graph.data(PORTFOLIO, {"a": [TYPICAL]})

        assert VESTIGE not in sooner
        assert f"/v2/accounts/{TYPICAL}" in sooner
        assert graph.calls()[VESTIGE] == 1


async def test_without_a_provider_nothing_is_asked_and_nothing_is_worth_anything(
    graph: Graph,
) -> None:
    query = f"""{{
        asset: algorandAsset(assetId: "{USDC}") {{ {PRICE} }}
        wallet(address: "{TYPICAL}") {{
            netWorthUsd algo {{ valueUsd }} algorandAssets(first: 2) {{ nodes {{ valueUsd }} }}
        }}
        portfolio(addresses: ["{TYPICAL}"]) {{ totalValueUsd parts {{ state code }} }}
        sources {{ name }}
    }}"""
    found = await graph.data(query)

    assert found["asset"] == {"price": None, "verification": None, "logoUrl": None}
    assert found["wallet"] == {
        "netWorthUsd": None,
        "algo": {"valueUsd": None},
        "algorandAssets": {"nodes": [{"valueUsd": None}] * 2},
    }
    part = {"state": "MISSING", "code": "NO_PRICES"}
    assert found["portfolio"] == {"totalValueUsd": None, "parts": [part]}
    assert [each["name"] for each in found["sources"]] == ["portfolio", "algorand"]
    assert VESTIGE not in graph.calls()


EXPECTED: dict[str, dict[str, Any]] = {
    "vestige": {
        "price": {
            "usd": "0.99984",
            "source": "Vestige",
            "attribution": "Prices by Vestige",
            "confidence": "0.99",
            "liquidityUsd": "5120034.5",
            "isStale": False,
        },
        "verification": "UNKNOWN",
        "logoUrl": None,
    },
    "defillama": {
        "price": {
            "usd": "0.99984",
            "source": "DefiLlama",
            "attribution": "Prices by DefiLlama",
            "confidence": "0.99",
            "liquidityUsd": None,
            "isStale": False,
        },
        "verification": "UNKNOWN",
        "logoUrl": None,
    },
    "pera": {
        "price": {
            "usd": "0.99984",
            "source": "Pera",
            "attribution": "Data provided by Pera",
            "confidence": None,
            "liquidityUsd": None,
            "isStale": False,
        },
        "verification": "VERIFIED",
        "logoUrl": f"https://example.org/logos/{USDC}.png",
    },
}


@pytest.mark.parametrize("provider", EXPECTED)
async def test_a_price_names_who_says_so(executor: str, provider: str) -> None:
    async with running(settings=priced(provider, executor)) as graph:
        query = f"""{{ algorandAsset(assetId: "{USDC}") {{ {PRICE} }}
            wallet(address: "{TYPICAL}") {{
                algo {{ valueUsd }}
                algorandAssets(first: 1) {{ nodes {{ displayAmount valueUsd }} }}
            }}
            sources {{ name mode calls network isAvailable }} }}"""
        found = await graph.data(query)

    assert found["algorandAsset"] == EXPECTED[provider]
    assert found["wallet"]["algo"] == {"valueUsd": "309.1554464400000"}
    [first] = found["wallet"]["algorandAssets"]["nodes"]
    assert first["displayAmount"] == "320.400125"
    assert Fraction(first["valueUsd"]) == Fraction("320.400125") * Fraction("1.00031")
    named = {each["name"]: each for each in found["sources"]}
    assert named["prices"]["mode"] == "SANDBOX"
    assert named["prices"]["isAvailable"] is None


def of_kind(is_wanted: Any) -> int:
    """An asset of the sandbox whose market is such."""
    return next(n for n in range(2_000_000, 2_100_000) if is_wanted(market(n)))


THIN = of_kind(lambda found: found.usd is not None and found.lockup < 100)
SUSPICIOUS = of_kind(lambda found: found.tier == "suspicious" and found.usd is not None)


@pytest.mark.parametrize(
    ("provider", "asset_id", "verification"),
    [
        ("vestige", THIN, "UNKNOWN"),
        ("defillama", THIN, "UNKNOWN"),
        ("pera", THIN, "UNVERIFIED"),
        ("pera", SUSPICIOUS, "SUSPICIOUS"),
    ],
)
async def test_what_cannot_be_relied_on_has_no_price(
    executor: str, provider: str, asset_id: int, verification: str
) -> None:
    async with running(settings=priced(provider, executor)) as graph:
        query = f'{{ algorandAsset(assetId: "{asset_id}") {{ price {{ usd }} verification }} }}'
        found = (await graph.data(query))["algorandAsset"]

    assert found == {"price": None, "verification": verification}


async def test_an_operator_may_set_the_floor() -> None:
    settings = priced("vestige", ALGORAND_MIN_LIQUIDITY_USD="0")
    async with running(settings=settings) as graph:
        query = f'{{ algorandAsset(assetId: "{THIN}") {{ price {{ usd }} }} }}'
        found = (await graph.data(query))["algorandAsset"]

    assert Decimal(found["price"]["usd"]) == market(THIN).usd


FAULTS = [
    (Fault.unavailable(), "UPSTREAM_UNAVAILABLE"),
    (Fault.rate_limited(30), "UPSTREAM_RATE_LIMITED"),
    (Fault.forbidden(), "UPSTREAM_UNAUTHORIZED"),
    (Fault.truncated(), "UPSTREAM_CONTRACT"),
]


@pytest.mark.parametrize(("fault", "code"), FAULTS, ids=[code for _, code in FAULTS])
async def test_a_provider_that_fails_costs_the_worth_alone(
    executor: str, fault: Fault, code: str
) -> None:
    box = Sandbox()
    box.faults.add(VESTIGE, fault)
    settings = priced("vestige", executor, REQUEST_DEADLINE_SECONDS="1.5")
    async with running(box, settings=settings) as graph:
        query = f"""query ($a: [String!]!) {{ portfolio(addresses: $a) {{ {SUMS} }}
            wallet(address: "{TYPICAL}") {{ algo {{ valueUsd balance {{ algos }} }}
                algorandAssets(first: 1) {{ nodes {{ valueUsd displayAmount }} }} }} }}"""
        answer = await graph.ask(query, {"a": [TYPICAL, EVM]})
        evm = (await graph.data(PORTFOLIO, {"a": [EVM]}))["portfolio"]

    found = answer["data"]["portfolio"]
    assert found["totalValueUsd"] == evm["totalValueUsd"]
    assert found["isComplete"] is False
    assert [(part["source"], part["state"], part["code"]) for part in found["parts"]] == [
        ("tokens", "FRESH", None),
        ("protocols", "FRESH", None),
        ("algorand", "MISSING", code),
    ]
    assert [each["valueUsd"] for each in found["byWallet"]] == [None, evm["totalValueUsd"]]
    wallet = answer["data"]["wallet"]
    assert wallet["algo"] == {"valueUsd": None, "balance": {"algos": "1385.200000"}}
    nodes = [{"valueUsd": None, "displayAmount": "320.400125"}]
    assert wallet["algorandAssets"]["nodes"] == nodes
    assert codes(answer) == [
        (["portfolio"], code),
        (["wallet", "algo", "valueUsd"], code),
        (["wallet", "algorandAssets", "nodes", 0, "valueUsd"], code),
    ]
    assert {error["extensions"]["source"] for error in answer["errors"]} == {"prices"}


async def test_a_node_that_fails_is_a_part_that_is_missing(executor: str) -> None:
    box = Sandbox()
    box.faults.add(f"/v2/accounts/{TYPICAL}", Fault.forbidden())
    async with running(box, settings=priced("vestige", executor)) as graph:
        answer = await graph.ask(PORTFOLIO, {"a": [TYPICAL, EVM]})

        assert VESTIGE not in graph.calls()
    part = answer["data"]["portfolio"]["parts"][-1]
    assert (part["state"], part["code"]) == ("MISSING", "UPSTREAM_RATE_LIMITED")
    assert codes(answer) == [(["portfolio"], "UPSTREAM_RATE_LIMITED")]


async def test_of_the_past_nobody_knows(executor: str) -> None:
    async with running(settings=priced("vestige", executor)) as graph:
        query = """query ($a: [String!]!) {
            portfolio(addresses: $a, at: "2025-01-01T00:00:00Z") { parts { source state code } }
            chain: portfolio(addresses: $a, chainIds: [1]) { parts { source state code } } }"""
        found = await graph.data(query, {"a": [TYPICAL]})

        assert graph.calls() == {}
    part = {"source": "algorand", "state": "MISSING", "code": "NO_PAST"}
    assert found == {"portfolio": {"parts": [part]}, "chain": {"parts": []}}


async def test_an_account_may_be_too_large(executor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "_MOST_PAGES", 2)
    async with running(settings=priced("vestige", executor)) as graph:
        found = (await graph.data(PORTFOLIO, {"a": [BIG, EVM]}))["portfolio"]

        assert graph.calls()[f"/v2/accounts/{BIG}/assets"] == 2
        assert VESTIGE not in graph.calls()
    assert (found["parts"][-1]["state"], found["parts"][-1]["code"]) == (
        "MISSING",
        "TOO_MANY_ASSETS",
    )


async def test_an_operation_may_cause_so_many_calls_for_prices(executor: str) -> None:
    settings = priced("vestige", executor, MAX_PRICE_CALLS="1")
    async with running(settings=settings) as graph:
        found = (await graph.data(PORTFOLIO, {"a": [COLLECTOR, EVM]}))["portfolio"]
        assert VESTIGE not in graph.calls()
        both = (await graph.data(PORTFOLIO, {"a": [COLLECTOR, TYPICAL, EVM]}))["portfolio"]
        assert graph.calls()[VESTIGE] == 1

    def states(parts: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
        return [(part["state"], part["code"]) for part in parts if part["source"] == "algorand"]

    missing = ("MISSING", "TOO_MANY_ASSETS")
    assert states(found["parts"]) == [missing]
    # One that is too large costs no other account its prices, nor an EVM wallet anything.
    assert sorted(states(both["parts"])) == sorted([missing, ("FRESH", None)])
    assert Fraction(both["totalValueUsd"]) > Fraction(found["totalValueUsd"]) > 0


async def test_a_large_account_is_read_to_its_end() -> None:
    settings = priced("vestige", MAX_PRICE_CALLS="200")
    async with running(settings=settings) as graph:
        found = (await graph.data(PORTFOLIO, {"a": [BIG]}))["portfolio"]

        assert graph.calls()[f"/v2/accounts/{BIG}/assets"] == 3
    assert Fraction(found["totalValueUsd"]) == reckoned("vestige", BIG)[0]


async def test_tokens_have_algorands_among_them(executor: str) -> None:
    fields = """tokens(first: 3) { nodes { symbol name amount inWallets inProtocols owed priceUsd
        valueUsd tokens { id } algorandAsset { assetId } byWallet { wallet { address } amount } } }
        found: tokens(filter: {text: "tether"}) { totalCount }"""
    async with running(settings=priced("vestige", executor)) as graph:
        query = f"query ($a: [String!]!) {{ portfolio(addresses: $a) {{ {fields} }} }}"
        found = (await graph.data(query, {"a": [TYPICAL]}))["portfolio"]

    nodes = found["tokens"]["nodes"]
    amounts = {"USDC": "1250.750000", "USDt": "320.400125", "ALGO": "1385.200000"}
    names = {"USDC": "USDC", "USDt": "Tether USDt", "ALGO": "Algo"}
    ids = {"USDC": {"assetId": str(USDC)}, "USDt": {"assetId": str(USDT)}, "ALGO": None}
    prices = {"USDC": "0.99984", "USDt": "1.00031", "ALGO": "0.2231847"}
    assert nodes == [
        {
            "symbol": symbol,
            "name": names[symbol],
            "amount": amounts[symbol],
            "inWallets": amounts[symbol],
            "inProtocols": "0",
            "owed": "0",
            "priceUsd": prices[symbol],
            "valueUsd": f"{Decimal(amounts[symbol]) * Decimal(prices[symbol]):f}",
            "tokens": [],
            "algorandAsset": ids[symbol],
            "byWallet": [{"wallet": {"address": TYPICAL}, "amount": amounts[symbol]}],
        }
        for symbol in ("USDC", "USDt", "ALGO")
    ]
    assert found["found"]["totalCount"] == 1


class _Elsewhere(httpx.AsyncBaseTransport):
    """The sandbox's node, but one that says of itself that it is TestNet, and no sandbox."""

    def __init__(self, box: Sandbox) -> None:
        self._inner = httpx.ASGITransport(box.algod)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        body = await answer.aread()
        headers = {
            name: value
            for name, value in answer.headers.items()
            if name not in ("x-sandbox", "content-length")
        }
        return httpx.Response(answer.status_code, headers=headers, stream=httpx.ByteStream(body))


async def test_another_network_has_no_prices(executor: str) -> None:
    box = Sandbox()
    settings = priced("vestige", executor, UPSTREAMS="live")
    async with running(box, settings=settings, algod_transport=_Elsewhere(box)) as graph:
        query = f'{{ algorandAsset(assetId: "{USDC}") {{ {PRICE} }} }}'
        found = (await graph.data(query))["algorandAsset"]
        part = (await graph.data(PORTFOLIO, {"a": [TYPICAL, EVM]}))["portfolio"]["parts"][-1]

        assert VESTIGE not in graph.calls()
    assert found == {"price": None, "verification": None, "logoUrl": None}
    assert (part["state"], part["code"]) == ("MISSING", "NO_PRICES")


def test_the_sandbox_plays_the_traps() -> None:
    assert market(SUSPICIOUS).usd is not None
    assert (market(THIN).lockup, asset(THIN) is not None) < (Decimal(100), True)
    assert isinstance(asset(USDC), Asset)
