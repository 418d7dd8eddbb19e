"""What is asked: six workloads, and when two servers' answers count as the same."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bench.bodies import algorand_account, evm_wallet
from bench.load import request

_TOKEN = "token { id chainId address symbol name decimals }"
_BALANCES = f"{{ amount priceUsd valueUsd {_TOKEN} }}"
_SHORT = f"""id chainId contractAddress contractName contractSymbol side status locked valueUsd
        protocol {{ type group {{ id name iconUrl }} }}
        underlyingTokens {_BALANCES} rewardTokens {_BALANCES}"""
_WHOLE = f"""id index chainId contractAddress tokenId blockNumberCreated blockNumber timestamp
        contractName contractSymbol side status locked valueUsd
        protocol {{ type handlerId group {{ id name iconUrl }} subGroup {{ id name }} }}
        underlyingTokens {_BALANCES} rewardTokens {_BALANCES}"""


def _page(first: int, fields: str) -> str:
    return f"""positions(first: {first}) {{
      totalCount totalValueUsd pageInfo {{ hasNextPage endCursor }}
      edges {{ cursor node {{
        {fields}
      }} }}
    }}"""


DASHBOARD = f"""query Dashboard($address: String!) {{
  wallet(address: $address) {{
    id address ecosystem
    {_page(50, _SHORT)}
  }}
}}"""
WIDE = f"""query Wide($address: String!) {{
  wallet(address: $address) {{
    id address ecosystem
    {_page(1000, _WHOLE)}
  }}
}}"""
BATCH = f"""query Batch($addresses: [String!]!) {{
  wallets(addresses: $addresses) {{
    id address ecosystem
    {_page(10, _SHORT)}
  }}
}}"""
ENTITIES = f"""query Entities($representations: [_Any!]!) {{
  _entities(representations: $representations) {{
    ... on Wallet {{
      id address ecosystem
      {_page(10, _SHORT)}
    }}
  }}
}}"""
ALGORAND = """query Holdings($address: String!) {
  wallet(address: $address) {
    id address ecosystem
    algorandAssets(first: 100) {
      round pageInfo { hasNextPage endCursor }
      edges { cursor node {
        id amount displayAmount isFrozen
        asset { id assetId name unitName url decimals total creator isNft }
      } }
    }
  }
}"""
TINY = """query Tiny($address: String!) {
  wallet(address: $address) { ecosystem }
}"""


@dataclass(frozen=True, slots=True)
class Workload:
    """An operation and the wallets it is sent for: `variables` makes the nth different ones."""

    name: str
    operation: str
    query: str
    variables: Callable[[int], dict[str, Any]]
    about: str
    distinct: int = 500

    def request(self, serial: int) -> bytes:
        """The HTTP request for the nth set of wallets."""
        return request(self.query, self.variables(serial), self.operation)

    def requests(self, *, is_distinct: bool) -> Sequence[bytes]:
        """All requests of a run, to be sent in turn."""
        return [self.request(serial) for serial in range(self.distinct if is_distinct else 1)]


def one_wallet(rows: int) -> Callable[[int], dict[str, Any]]:
    """Variables that name one wallet of so many positions."""
    return lambda serial: {"address": evm_wallet(rows, serial)}


def some_wallets(count: int, rows: int) -> Callable[[int], list[str]]:
    """Addresses of so many wallets of so many positions each, none twice."""
    return lambda serial: [evm_wallet(rows, serial * count + place) for place in range(count)]


def representations(addresses: Sequence[str]) -> list[dict[str, str]]:
    """Wallets as a router asks for them."""
    return [{"__typename": "Wallet", "address": address} for address in addresses]


_hundred = some_wallets(100, 10)

WORKLOADS = (
    Workload("dashboard", "Dashboard", DASHBOARD, one_wallet(50), "1 wallet, 50 positions"),
    Workload("wide", "Wide", WIDE, one_wallet(1000), "1 wallet, 1,000 positions", distinct=40),
    Workload(
        "batch",
        "Batch",
        BATCH,
        lambda serial: {"addresses": _hundred(serial)},
        "100 wallets, 10 positions each",
        distinct=50,
    ),
    Workload(
        "entities",
        "Entities",
        ENTITIES,
        lambda serial: {"representations": representations(_hundred(serial))},
        "the same 100 wallets through _entities",
        distinct=50,
    ),
    Workload(
        "algorand",
        "Holdings",
        ALGORAND,
        lambda serial: {"address": algorand_account(100, serial)},
        "1 account, 100 assets with parameters",
    ),
    Workload("tiny", "Tiny", TINY, one_wallet(50), "1 field, no upstream call"),
)

_MONEY = frozenset({"amount", "displayAmount", "priceUsd", "valueUsd", "totalValueUsd"})
_HEX = re.compile(r"0x[0-9a-fA-F]{40}")
_CHOSEN = frozenset({"id", "cursor", "endCursor"})


def comparable(value: Any, key: str = "") -> Any:
    """An answer's data without what servers may choose: the form of numbers, ids and addresses."""
    if isinstance(value, dict):
        return {name: comparable(part, name) for name, part in value.items() if name not in _CHOSEN}
    if isinstance(value, list):
        return [comparable(part, key) for part in value]
    if key in _MONEY and value is not None:
        return Decimal(str(value)).normalize()
    if isinstance(value, str) and _HEX.fullmatch(value):
        return value.lower()
    return value
