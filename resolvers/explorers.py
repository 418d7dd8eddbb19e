"""Where people look at chains: pages about addresses, tokens and assets on public explorers."""

from resolvers.algorand import is_mainnet
from resolvers.errors import BadArgument
from resolvers.loaders import Loaders
from resolvers.token import Token, is_native
from resolvers.wallet import Ecosystem, Wallet
from upstreams.addresses import evm_shown

ETHEREUM = 1
_EVM = {
    ETHEREUM: "https://etherscan.io",
    10: "https://optimistic.etherscan.io",
    56: "https://bscscan.com",
    100: "https://gnosisscan.io",
    130: "https://uniscan.xyz",
    137: "https://polygonscan.com",
    146: "https://sonicscan.org",
    250: "https://explorer.fantom.network",
    324: "https://explorer.zksync.io",
    8217: "https://kaiascan.io",
    8453: "https://basescan.org",
    42161: "https://arbiscan.io",
    43114: "https://snowtrace.io",
    59144: "https://lineascan.build",
    1313161554: "https://explorer.aurora.dev",
}
_ALGORAND = "https://allo.info"


def of_chain(chain_id: int) -> str | None:
    """The explorer of a chain, None where none is known."""
    return _EVM.get(chain_id)


async def of_wallet(loaders: Loaders, wallet: Wallet, chain_id: int | None) -> str | None:
    """The page of an address, on one EVM chain or on Algorand's MainNet."""
    if wallet.ecosystem is Ecosystem.ALGORAND:
        if chain_id is not None:
            return None
        return f"{_ALGORAND}/account/{wallet.key}" if await is_mainnet(loaders) else None
    if chain_id is not None and chain_id < 1:
        raise BadArgument(f"chainId must be positive, not {chain_id}")
    explorer = of_chain(ETHEREUM if chain_id is None else chain_id)
    return None if explorer is None else f"{explorer}/address/{wallet.address}"


def of_token(token: Token) -> str | None:
    """The page of a contract; a chain's own coin has none."""
    explorer = of_chain(token.chain_id)
    shown = evm_shown(token.address)
    if explorer is None or shown is None or is_native(token):
        return None
    return f"{explorer}/token/{shown}"


async def of_asset(loaders: Loaders, asset_id: int) -> str | None:
    """The page of an Algorand asset, on MainNet."""
    return f"{_ALGORAND}/asset/{asset_id}" if await is_mainnet(loaders) else None
