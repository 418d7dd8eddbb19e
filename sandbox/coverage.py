"""The chains and protocols that the sandbox's 1inch reads, as it lists them."""

from sandbox.demos import LISTED_CHAINS
from sandbox.rows import CATEGORY_ICON, PROTOCOLS_PLAYED
from sandbox.tokens import CHAIN_IDS, NATIVE

_NAMES = {
    1: "Ethereum",
    10: "Optimism",
    56: "BNB Chain",
    100: "Gnosis",
    130: "Unichain",
    137: "Polygon",
    146: "Sonic",
    250: "Fantom",
    324: "zkSync Era",
    8217: "Kaia",
    8453: "Base",
    42161: "Arbitrum",
    43114: "Avalanche",
    59144: "Linea",
    1313161554: "Aurora",
}
_LOGOS = "https://app.1inch.io/assets/images/network-logos"

CHAINS = [
    {
        "chain_id": chain_id,
        "chain_name": _NAMES[chain_id],
        "chain_icon": f"{_LOGOS}/{_NAMES[chain_id].lower().split()[0]}.svg",
        "native_token": {
            "chain": chain_id,
            "address": NATIVE[chain_id].address,
            "decimals": NATIVE[chain_id].decimals,
            "symbol": NATIVE[chain_id].symbol,
            "name": NATIVE[chain_id].name,
        },
    }
    for chain_id in CHAIN_IDS
]

PROTOCOLS = [
    {
        "chain_id": chain_id,
        "protocol_group_id": group,
        "protocol_group_name": title,
        "protocol_group_icon": CATEGORY_ICON if group == "token" else None,
    }
    for group, title in (
        ("token", "Token"),
        *((group, title) for _, group, title in PROTOCOLS_PLAYED.values()),
    )
    for chain_id in (LISTED_CHAINS if group != "lido" else (1,))
]
