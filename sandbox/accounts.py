"""What an Algorand account holds: a hash of its address decides, save for named demo accounts."""

from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from sandbox.addresses import ZERO_ACCOUNT, encode
from sandbox.assets import EDGE_IDS, USDC, USDT, asset, is_nft_id
from sandbox.dice import Dice

BIG_ACCOUNT_ASSETS = 2500
REWARDS_LEVEL = 218_288

DEMO_ACCOUNTS = MappingProxyType(
    {
        name: encode(f"walletgraph demo: {name}".encode().ljust(32, b"."))
        for name in ("empty", "typical", "collector", "big", "extremes")
    }
)
"""Accounts by what they show."""


class Holding(NamedTuple):
    """So many base units of an asset."""

    asset_id: int
    amount: int
    is_frozen: bool


class Account(NamedTuple):
    """microAlgos, how the account takes part in consensus, holdings with the oldest asset first."""

    microalgos: int
    status: str
    holdings: tuple[Holding, ...]

    @property
    def rewards(self) -> int:
        """microAlgos it is still due, which are counted in its balance."""
        return 7 if self.microalgos else 0

    @property
    def reward_base(self) -> int:
        """The level of rewards at which it was last changed."""
        return REWARDS_LEVEL if self.microalgos else 0


_DOLLARS = {USDC: 1_250_750_000, USDT: 320_400_125}
NOBODY = Account(0, "Offline", ())


@lru_cache(maxsize=1024)
def account(address: str) -> Account:
    """The account at a valid address; one that nobody has funded is empty."""
    dice = Dice(f"account {address}")
    if address in (ZERO_ACCOUNT, DEMO_ACCOUNTS["empty"]):
        return NOBODY
    if address == DEMO_ACCOUNTS["typical"]:
        ids = {USDC, USDT, *(EDGE_IDS[place] for place in (2, 4, 5, 11, 13))}
        found = _holdings(dice, _more(dice, ids, 20))
        return Account(1_385_200_000, "Offline", tuple(map(_as_people_have, found)))
    if address == DEMO_ACCOUNTS["collector"]:
        return Account(9_400_000_000, "Online", _holdings(dice, _pictures(dice, 120)))
    if address == DEMO_ACCOUNTS["big"]:
        ids = _more(dice, {USDC}, BIG_ACCOUNT_ASSETS)
        return Account(5_000_000_000, "Online", _holdings(dice, ids))
    if address == DEMO_ACCOUNTS["extremes"]:
        return Account(10**16, "Not Participating", _everything(EDGE_IDS))
    if dice.one_in(8):
        return NOBODY
    ids = {asset_id for asset_id in (USDC, USDT, *EDGE_IDS[:-1]) if dice.one_in(6)}
    ids = _more(dice, ids, dice.below(61))
    microalgos = dice.between(100_000, 10 ** dice.between(7, 12)) + 100_000 * len(ids)
    return Account(microalgos, dice.pick(("Offline", "Offline", "Online")), _holdings(dice, ids))


def _as_people_have(held: Holding) -> Holding:
    """The same, but of coins that are dollars no more than a person has."""
    return held._replace(amount=_DOLLARS.get(held.asset_id, held.amount))


def _more(dice: Dice, ids: set[int], count: int) -> set[int]:
    grown = set(ids)
    while len(grown) < count:
        grown.add(dice.between(2_000_000, 3_000_000_000))
    return grown


def _pictures(dice: Dice, count: int) -> set[int]:
    ids: set[int] = set()
    while len(ids) < count:
        asset_id = dice.between(2_000_000, 3_000_000_000)
        if is_nft_id(asset_id) and asset(asset_id) is not None:
            ids.add(asset_id)
    return ids


def _holdings(dice: Dice, ids: set[int]) -> tuple[Holding, ...]:
    return tuple(_holding(dice, asset_id) for asset_id in sorted(ids))


def _holding(dice: Dice, asset_id: int) -> Holding:
    found = asset(asset_id)
    # What is left of a destroyed asset is an empty holding: destroying needs the whole supply.
    if found is None or found.total == 0:
        return Holding(asset_id, 0, False)
    is_frozen = found.default_frozen or dice.one_in(20)
    if found.total == 1:
        return Holding(asset_id, 1, is_frozen)
    amount = 0 if dice.one_in(8) else dice.between(1, found.total) // 10 ** dice.below(9)
    return Holding(asset_id, amount, is_frozen)


def _everything(ids: tuple[int, ...]) -> tuple[Holding, ...]:
    """The whole supply of each asset, every other one frozen."""
    found = ((asset_id, asset(asset_id)) for asset_id in ids)
    return tuple(
        Holding(asset_id, held.total if held else 0, bool(held) and asset_id % 2 == 1)
        for asset_id, held in found
    )
