"""Algorand's assets and accounts: facts read off an asset, an account's Algos, the network."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal
from typing import Any, TypeVar

from resolvers import ids
from resolvers.errors import BadArgument
from resolvers.loaders import Loaders
from upstreams.addresses import algorand_reference
from upstreams.algod.client import MAX_ASSET_ID, Account, Asset, AssetParams
from upstreams.algod.source import ROLES_SECONDS
from upstreams.errors import UpstreamContract
from upstreams.source.mode import SANDBOX

Result = TypeVar("Result")

_ALGO_DECIMALS = 6
_MAINNET = "wGHE2Pwdvd7S12BL5FaOP20EGYesN73ktiC1qzkkit8="
# Wide enough for any amount an asset may have: nothing is rounded.
_WIDE = Context(prec=400)


@dataclass(frozen=True, slots=True)
class Algos:
    """An account's own coin, dated."""

    account: Account
    as_of: datetime
    is_stale: bool


@dataclass(frozen=True, slots=True)
class KeptAsset:
    """An asset as it was `age` seconds ago: its roles may have changed, or it was destroyed."""

    asset_id: int
    params: AssetParams
    age: float


@dataclass(frozen=True, slots=True)
class DestroyedAsset:
    """An asset that is no more."""

    asset_id: int
    params: None = None


@dataclass(frozen=True, slots=True)
class UnreadAsset:
    """An asset whose holding came without its parameters: only what reads them asks for them."""

    asset_id: int
    amount: int
    loaders: Loaders
    params: None = None


KnownAsset = Asset | KeptAsset | DestroyedAsset
AnyAsset = KnownAsset | UnreadAsset


async def asset(loaders: Loaders, asset_id: int) -> KeptAsset | None:
    """An asset by its id, or None for one that never existed or was destroyed."""
    dated = await loaders.lasting_asset.load(check_asset_id(asset_id))
    found = dated.value
    return None if found is None else KeptAsset(asset_id, found.params, dated.age)


def of_known(found: AnyAsset, read: Callable[[KnownAsset], Result]) -> Result | Awaitable[Result]:
    """What `read` reads in the asset: at once, or awaited where its parameters are yet unread."""
    return _once_read(found, read) if isinstance(found, UnreadAsset) else read(found)


def with_roles(loaders: Loaders, found: AnyAsset, read: Callable[[KnownAsset], Any]) -> Any:
    """The same of what may change: awaited too where the asset's roles are too old."""
    if type(found) is not KeptAsset:
        return of_known(found, read)
    left = ROLES_SECONDS - found.age
    if left > 0:
        # The asset was read as lasting a day; what is read of it now lasts for less.
        loaders.freshness.shorten(left)
        return read(found)
    return _renewed(loaders, found, read)


async def params_of(found: UnreadAsset) -> AssetParams | None:
    """The parameters that did not come with a holding, None where the asset was destroyed.

    That they are missing proves nothing, as some releases leave out those of living assets.
    """
    loaders = found.loaders
    loader = loaders.asset if found.amount else loaders.held_asset
    asset = (await loader.load(found.asset_id)).value
    if asset is None and found.amount:
        # Only an asset of which nobody holds a unit can be destroyed.
        raise UpstreamContract(
            "The algorand upstream broke its contract: it has units held of an asset that it "
            "says does not exist.",
            source="algorand",
            status=200,
        )
    return None if asset is None else asset.params


def asset_id_of_id(text: str) -> int:
    return check_asset_id(ids.whole(ids.key_of(text, "AlgorandAsset", 1)[0]))


def asset_global_id(found: AnyAsset) -> str:
    return ids.opaque(f"AlgorandAsset:{found.asset_id}".encode())


def check_asset_id(asset_id: int) -> int:
    """The id itself, if it can be one: 1 to 2^63-1."""
    if not 1 <= asset_id <= MAX_ASSET_ID:
        raise BadArgument("assetId must be from 1 to 2^63-1")
    return asset_id


async def algos(loaders: Loaders, account: str) -> Algos:
    dated = await loaders.account.load(account)
    return Algos(dated.value, dated.as_of, dated.is_stale)


def algo_units(microalgos: int) -> Decimal:
    """The same in whole Algos."""
    return scaled(microalgos, _ALGO_DECIMALS)


def spendable(account: Account) -> int:
    """microAlgos that can leave the account; never negative."""
    return max(0, account.amount - account.min_balance)


def scaled(units: int, decimals: int) -> Decimal:
    """`units` / 10^`decimals`, exactly, whatever the precision of the decimal context."""
    return Decimal(units).scaleb(-decimals, _WIDE)


def is_single(params: AssetParams) -> bool:
    """Whether there is one indivisible unit of an asset (ARC-3's pure NFT)."""
    return params.total == 1 and params.decimals == 0


async def caip19(loaders: Loaders, found: AnyAsset) -> str:
    """The asset's CAIP-19 id; the `asa` namespace is provisional, as none is registered."""
    return f"{await chain(loaders)}/asa:{found.asset_id}"


async def chain(loaders: Loaders) -> str:
    """The CAIP-2 id of the network served."""
    genesis_hash = (await loaders.versions()).value.genesis_hash_b64
    return f"algorand:{algorand_reference(genesis_hash)}"


async def network(loaders: Loaders) -> str:
    """The genesis id of the network served, such as mainnet-v1.0."""
    return (await loaders.versions()).value.genesis_id


async def is_mainnet(loaders: Loaders) -> bool:
    """Whether the network served is MainNet, or one that a sandbox plays in its place."""
    is_main = (await loaders.versions()).value.genesis_hash_b64 == _MAINNET
    return is_main or await loaders.upstreams.algorand.mode() == SANDBOX


async def is_available(loaders: Loaders) -> bool:
    """Whether the node answers and has caught up with its network."""
    return await loaders.upstreams.algorand.ready()


async def _once_read(found: UnreadAsset, read: Callable[[KnownAsset], Result]) -> Result:
    params = await params_of(found)
    return read(_known(found.asset_id, params))


async def _renewed(
    loaders: Loaders, found: KeptAsset, read: Callable[[KnownAsset], Result]
) -> Result:
    now = (await loaders.asset.load(found.asset_id)).value
    return read(DestroyedAsset(found.asset_id) if now is None else now)


def _known(asset_id: int, params: AssetParams | None) -> KnownAsset:
    return DestroyedAsset(asset_id) if params is None else Asset(asset_id=asset_id, params=params)
