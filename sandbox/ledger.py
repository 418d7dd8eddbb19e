"""Accounts and assets in the ledger's own form, which algod sends where msgpack is asked for."""

from typing import Any

from sandbox import addresses
from sandbox.accounts import Account, Holding
from sandbox.assets import Asset

_STATUSES = {"Offline": 0, "Online": 1, "Not Participating": 2}


def account(found: Account) -> dict[str, Any]:
    """An account with its holdings."""
    return _filled(
        {
            "algo": found.microalgos,
            "asset": {each.asset_id: holding(each) for each in found.holdings},
            "ebase": found.reward_base,
            "ern": found.rewards,
            "onl": _STATUSES[found.status],
        }
    )


def account_asset(held: Holding | None, created: Asset | None) -> dict[str, Any]:
    """What an account has of one asset: units, or the parameters it set."""
    found: dict[str, Any] = {}
    if held is not None:
        found["asset-holding"] = holding(held)
    if created is not None:
        found["asset-params"] = params(created)
    return found


def holding(held: Holding) -> dict[str, Any]:
    return _filled({"a": held.amount, "f": held.is_frozen})


def params(found: Asset) -> dict[str, Any]:
    return _filled(
        {
            "am": found.metadata_hash if any(found.metadata_hash) else b"",
            "an": found.name,
            "au": found.url,
            "c": _key(found.clawback),
            "dc": found.decimals,
            "df": found.default_frozen,
            "f": _key(found.freeze),
            "m": _key(found.manager),
            "r": _key(found.reserve),
            "t": found.total,
            "un": found.unit_name,
        }
    )


def _key(role: str | None) -> bytes:
    return b"" if role is None else addresses.key(role)


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    """The values without what is zero or empty: the canonical form has no key for it."""
    return {key: value for key, value in values.items() if value}
