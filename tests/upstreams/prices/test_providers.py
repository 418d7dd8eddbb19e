"""Providers of prices: what is read of their answers, digit by digit, and what is left out."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.upstreams.wire import reply
from upstreams.decoding.strict_json import NotAsDocumented
from upstreams.errors import UpstreamContract, UpstreamError, UpstreamRateLimited
from upstreams.http.client import HttpClient
from upstreams.prices import defillama, pera, vestige
from upstreams.prices.quotes import ALGO, Provider, Quote, Verification

USDC = 31566704


def row(asset_id: object, price: object, **more: Any) -> dict[str, Any]:
    return {
        "network_id": 0,
        "asset_id": asset_id,
        "denominating_asset_id": USDC,
        "price": price,
        "confidence": 0.97,
        "total_lockup": 1234.5,
        **more,
    }


def test_vestige_keeps_every_digit() -> None:
    body = (
        b'[{"network_id":0,"asset_id":0,"denominating_asset_id":31566704,'
        b'"price":0.22318471234567890123,"confidence":9.9e-1,"total_lockup":1e7},'
        b'{"network_id":0,"asset_id":5,"denominating_asset_id":31566704,"price":1.2e-12}]'
    )

    assert vestige.read_prices(body) == {
        ALGO: Quote(
            asset_id=0,
            usd=Decimal("0.22318471234567890123"),
            confidence=Decimal("0.99"),
            liquidity_usd=Decimal("1E+7"),
        ),
        5: Quote(asset_id=5, usd=Decimal("1.2E-12")),
    }


@pytest.mark.parametrize(
    ("odd", "usd"),
    [
        (row(7, None), None),
        (row(7, 0), None),
        (row(7, -3), None),
        (row(7, "0.25"), Decimal("0.25")),
        (row(7, "dear"), None),
        (row(7, True), None),
    ],
)
def test_vestige_takes_no_price_for_one_that_is_none(odd: dict[str, Any], usd: object) -> None:
    body = json.dumps([odd, row(8, 1.5)]).encode()

    found = vestige.read_prices(body)

    assert (found[7].usd, found[8].usd) == (usd, Decimal("1.5"))


@pytest.mark.parametrize(
    "odd", [row("7", 1), row(7, 1, denominating_asset_id=0), [], None, {"price": 1}, row(7.5, 1)]
)
def test_vestige_leaves_out_what_names_no_asset_or_another_currency(odd: object) -> None:
    assert list(vestige.read_prices(json.dumps([odd, row(8, 1.5)]).encode())) == [8]


def test_defillama_knows_algo_by_another_name() -> None:
    body = json.dumps(
        {
            "coins": {
                "coingecko:algorand": {"price": 0.2, "timestamp": 1763640000, "confidence": 0.99},
                "algorand:31566704": {"price": 1, "timestamp": 1763640000.5},
                "algorand:x": {"price": 1},
                "ethereum:0x00": {"price": 1},
                "algorand:9": {"price": -1, "confidence": None},
                "algorand:10": None,
            }
        }
    ).encode()

    assert defillama.read_prices(body) == {
        ALGO: Quote(
            asset_id=0,
            usd=Decimal("0.2"),
            quoted_at=1_763_640_000,
            confidence=Decimal("0.99"),
        ),
        USDC: Quote(asset_id=USDC, usd=Decimal(1)),
        9: Quote(asset_id=9),
    }


@pytest.mark.parametrize(
    ("tier", "verification"),
    [
        ("trusted", Verification.VERIFIED),
        ("verified", Verification.VERIFIED),
        ("unverified", Verification.UNVERIFIED),
        ("suspicious", Verification.SUSPICIOUS),
        ("celebrated", Verification.UNKNOWN),
        (None, Verification.UNKNOWN),
        (["verified"], Verification.UNKNOWN),
    ],
)
def test_pera_says_whom_it_has_verified(tier: object, verification: Verification) -> None:
    said = {"asset_id": 7, "usd_value": "0.100", "verification_tier": tier, "logo": "https://e/7"}

    found = pera.read_asset(json.dumps(said).encode(), 7)

    assert found == Quote(
        asset_id=7, usd=Decimal("0.100"), verification=verification, logo="https://e/7"
    )


@pytest.mark.parametrize("price", [None, "0", "-1", "", "1,5", "NaN"])
def test_pera_may_know_no_price(price: str | None) -> None:
    said = {"asset_id": 7, "usd_value": price, "logo": 3}

    assert pera.read_asset(json.dumps(said).encode(), 7) == Quote(asset_id=7)


READERS: list[tuple[Callable[[bytes], object], bytes]] = [
    (vestige.read_prices, b'{"prices": []}'),
    (vestige.read_prices, b"[{"),
    (defillama.read_prices, b"[]"),
    (defillama.read_prices, b'{"coins": []}'),
    (lambda body: pera.read_asset(body, 7), b'{"asset_id": 8}'),
    (lambda body: pera.read_asset(body, 7), b"[]"),
]


@pytest.mark.parametrize(("read", "body"), READERS)
def test_what_is_not_as_documented_is_refused(read: Callable[[bytes], object], body: bytes) -> None:
    with pytest.raises(NotAsDocumented):
        read(body)


PROVIDERS = [vestige.Vestige, defillama.DefiLlama, pera.Pera]


def asking(provider: Callable[[HttpClient], Provider], answer: httpx.Response) -> Provider:
    transport = httpx.MockTransport(lambda _: answer)
    return provider(HttpClient("http://prices.test", source="prices", transport=transport))


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (lambda: reply("Slow down", status=429), UpstreamRateLimited),
        (lambda: reply('"oops"'), UpstreamContract),
    ],
)
async def test_a_refusal_says_nothing_of_the_body(
    provider: Callable[[HttpClient], Provider],
    answer: Callable[[], httpx.Response],
    kind: type[UpstreamError],
) -> None:
    opened = asking(provider, answer())

    with pytest.raises(kind) as caught:
        await opened.quotes([7])

    assert caught.value.source == "prices"
    assert "Slow" not in str(caught.value)
    assert "oops" not in str(caught.value)


async def test_pera_does_not_know_every_asset() -> None:
    assert await asking(pera.Pera, reply("{}", status=404)).quotes([7]) == {}
