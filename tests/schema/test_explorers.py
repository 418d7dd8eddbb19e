"""Links to public explorers: of addresses, tokens, assets and chains, where there is one."""

import pytest

from sandbox import DEMO_ACCOUNTS, DEMO_WALLETS
from sandbox.assets import USDC
from tests.graph import Graph, codes

EVM, ACCOUNT = DEMO_WALLETS["typical"], DEMO_ACCOUNTS["typical"]
USDC_ON_ETHEREUM = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
COIN = "0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE"


async def test_addresses(graph: Graph) -> None:
    query = f"""{{
        evm: wallet(address: "{EVM}") {{
            address explorerUrl base: explorerUrl(chainId: 8453) odd: explorerUrl(chainId: 4663)
        }}
        account: wallet(address: "{ACCOUNT}") {{ explorerUrl evm: explorerUrl(chainId: 1) }}
    }}"""
    found = await graph.data(query)

    address = found["evm"].pop("address")
    assert found == {
        "evm": {
            "explorerUrl": f"https://etherscan.io/address/{address}",
            "base": f"https://basescan.org/address/{address}",
            "odd": None,
        },
        "account": {"explorerUrl": f"https://allo.info/account/{ACCOUNT}", "evm": None},
    }


async def test_no_chain_has_such_a_number(graph: Graph) -> None:
    answer = await graph.ask(f'{{ wallet(address: "{EVM}") {{ explorerUrl(chainId: 0) }} }}')

    assert codes(answer) == [(["wallet", "explorerUrl"], "BAD_ARGUMENT")]


@pytest.mark.parametrize(
    ("chain_id", "address", "url"),
    [
        (1, USDC_ON_ETHEREUM, f"https://etherscan.io/token/{USDC_ON_ETHEREUM}"),
        (1, COIN, None),
    ],
)
async def test_tokens(graph: Graph, chain_id: int, address: str, url: str | None) -> None:
    query = f'{{ token(chainId: {chain_id}, address: "{address}") {{ explorerUrl }} }}'

    assert (await graph.data(query))["token"] == {"explorerUrl": url}


async def test_assets_and_chains(graph: Graph) -> None:
    query = f"""{{ algorandAsset(assetId: "{USDC}") {{ explorerUrl }}
        chain(chainId: 137) {{ explorerUrl }} }}"""

    assert await graph.data(query) == {
        "algorandAsset": {"explorerUrl": f"https://allo.info/asset/{USDC}"},
        "chain": {"explorerUrl": "https://polygonscan.com"},
    }
