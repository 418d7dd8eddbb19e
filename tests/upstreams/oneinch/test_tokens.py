import json
from typing import Any

import pytest

from tests.upstreams.asking import URL, without
from tests.upstreams.documents import INFO, OTHER, USDC, WALLET
from tests.upstreams.wire import Canned
from upstreams.errors import UpstreamContract
from upstreams.oneinch.client import OneInch, TokenInfo


async def test_tokens_by_lower_case_address_with_unknown_ones_absent() -> None:
    answer = {
        USDC.upper().replace("0X", "0x"): {**INFO, "address": USDC.upper()},
        WALLET: without(INFO, address=WALLET),
    }
    transport = Canned(json.dumps(answer))

    found = await OneInch.open(URL, transport=transport).tokens(1, [USDC, OTHER])

    assert found == {
        USDC: TokenInfo(
            chain_id=1,
            address=USDC,
            decimals=6,
            symbol="USDC",
            name="USD Coin",
            logo_url="https://tokens.1inch.io/usdc.png",
        )
    }
    assert str(transport.requests[0].url) == (
        f"{URL}/token/v1.3/1/custom?addresses={USDC}&addresses={OTHER.lower()}"
    )


ODD_TOKENS = [
    json.dumps({**INFO, "chainId": 2}),
    json.dumps({**INFO, "address": WALLET}),
    json.dumps(without(INFO, "address")),
    json.dumps(without(INFO, "chainId")),
    json.dumps({**INFO, "chainId": True}),
    "5",
    "[]",
    "NaN",
    '{"address": "\\ud83d"}',
    '{"chainId": 1, "chainId": 1}',
    json.dumps(INFO) + f', "{OTHER.lower()}": ' + json.dumps(INFO),
]


@pytest.mark.parametrize("odd", ODD_TOKENS)
async def test_a_token_that_is_described_wrongly_costs_itself_alone(odd: str) -> None:
    body = f'{{"{OTHER.lower()}": {odd}, "{USDC}": {json.dumps(INFO)}, "0x1": 7}}'

    found = await OneInch.open(URL, transport=Canned(body)).tokens(1, [USDC, OTHER])

    assert set(found) == {USDC, OTHER.lower()}
    good, bad = found[USDC], found[OTHER.lower()]
    assert isinstance(good, TokenInfo)
    assert good.symbol == "USDC"
    assert isinstance(bad, UpstreamContract)
    assert bad.source == "tokens"


@pytest.mark.parametrize(
    ("odd", "known"),
    [
        ({"decimals": None}, {"decimals": None}),
        ({"decimals": 300}, {"decimals": None}),
        ({"decimals": -1}, {"decimals": None}),
        ({"decimals": 0.5}, {"decimals": None}),
        ({"decimals": [6]}, {"decimals": None}),
        ({"decimals": "6"}, {"decimals": 6}),
        ({"decimals": 6.0}, {"decimals": 6}),
        ({"chainId": "1"}, {}),
        (
            {"symbol": None, "name": 7, "logoURI": []},
            {"symbol": None, "name": None, "logo_url": None},
        ),
    ],
)
async def test_what_is_odd_in_a_token_is_unknown_of_it(
    odd: dict[str, Any], known: dict[str, Any]
) -> None:
    oneinch = OneInch.open(URL, transport=Canned(json.dumps({USDC: {**INFO, **odd}})))
    usual = {
        "decimals": 6,
        "symbol": "USDC",
        "name": "USD Coin",
        "logo_url": "https://tokens.1inch.io/usdc.png",
    }

    assert await oneinch.tokens(1, [USDC]) == {
        USDC: TokenInfo(chain_id=1, address=USDC, **{**usual, **known})
    }


async def test_a_token_that_is_null_is_unknown() -> None:
    assert await OneInch.open(URL, transport=Canned(f'{{"{USDC}": null}}')).tokens(1, [USDC]) == {}


@pytest.mark.parametrize("body", ["[]", "null", "{", '{"a" 1}', ""])
async def test_what_is_no_object_of_tokens_is_refused(body: str) -> None:
    with pytest.raises(UpstreamContract) as caught:
        await OneInch.open(URL, transport=Canned(body)).tokens(1, [USDC])
    assert caught.value.source == "tokens"
