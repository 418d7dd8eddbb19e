"""What an Algorand account holds: pages of its assets, its Algos, and facts read off an asset."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal
from typing import Any, Self, TypeVar

import msgspec

from resolvers import ids
from resolvers.connections import PageArguments, decode_cursor, encode_cursor
from resolvers.errors import BadArgument, BadCursor
from resolvers.loaders import Loaders
from upstreams.addresses import algorand_reference, parse_algorand
from upstreams.algod import Account, Asset, AssetParams, Holding
from upstreams.algorand import ROLES_SECONDS, PageKey

Result = TypeVar("Result")

MAX_ASSET_ID = 2**63 - 1
_ALGO_DECIMALS = 6
# Wide enough for any amount an asset may have: nothing is rounded.
_WIDE = Context(prec=400)
_BUGGY_RELEASE = (4, 6)


@dataclass(frozen=True, slots=True)
class HoldingFilter:
    """Which holdings of a page to keep: each part that is not None must hold."""

    is_frozen: bool | None = None
    is_nft: bool | None = None
    is_destroyed: bool | None = None
    has_balance: bool | None = None

    def keeps(self, holding: Holding) -> bool:
        return (
            (self.is_frozen is None or holding.is_frozen is self.is_frozen)
            and (self.has_balance is None or (holding.amount > 0) is self.has_balance)
            and (self.is_destroyed is None or (holding.params is None) is self.is_destroyed)
            and (self.is_nft is None or bool(is_nft(holding)) is self.is_nft)
        )


class HoldingCursor(msgspec.Struct, frozen=True, array_like=True, tag="holdings"):
    """Where a holding stands: its account and its asset id, which orders the account's holdings."""

    account: str
    asset_id: int


class HeldAsset(msgspec.Struct, frozen=True):
    """One row of an account: the account beside what the upstream says of the holding.

    It brings the loaders its asset may need: telling a field of a thousand rows about its request
    costs more than all else the field does.
    """

    account: str
    asset_id: int
    amount: int
    is_frozen: bool
    params: AssetParams | None
    loaders: Loaders

    @classmethod
    def of(cls, account: str, holding: Holding, loaders: Loaders) -> Self:
        own = holding.asset_holding
        return cls(account, own.asset_id, own.amount, own.is_frozen, holding.params, loaders)

    @property
    def cursor(self) -> str:
        return encode_cursor(HoldingCursor(self.account, self.asset_id))

    @property
    def node(self) -> "HeldAsset":
        return self


@dataclass(frozen=True, slots=True)
class Holdings:
    """A page of an account's holdings, as of one round; `scanned` is the last asset id it read."""

    account: str
    nodes: Sequence[HeldAsset]
    has_next_page: bool
    has_previous_page: bool
    scanned: int | None
    is_filtered: bool
    round: int
    as_of: datetime
    is_stale: bool

    @property
    def edges(self) -> Sequence[HeldAsset]:
        return self.nodes

    @property
    def start_cursor(self) -> str | None:
        return self.nodes[0].cursor if self.nodes else None

    @property
    def end_cursor(self) -> str | None:
        """The last edge's; a page that the filter emptied says how far it read, to go on from."""
        if self.nodes:
            return self.nodes[-1].cursor
        if self.scanned is None:
            return None
        return encode_cursor(HoldingCursor(self.account, self.scanned))


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
    params: AssetParams | None
    age: float


AnyAsset = Asset | KeptAsset


async def holdings(
    loaders: Loaders, account: str, page: PageArguments, keep: HoldingFilter | None = None
) -> Holdings:
    """A page of the account's holdings, in ascending asset id: one upstream call, filtered after.

    With a filter a page may be short or empty while more follows: nothing is read ahead.
    """
    after = None if page.after is None else _after(account, page.after)
    # algod refuses limit 0: an empty page reads one row to know its round and whether more follow.
    limit = page.first or 1
    dated = await loaders.asset_page.load(PageKey(account, limit, after))
    answer = dated.value
    rows = answer.holdings if page.first else ()
    kept = rows if keep is None else [row for row in rows if keep.keeps(row)]
    return Holdings(
        account=account,
        nodes=[HeldAsset.of(account, row, loaders) for row in kept],
        has_next_page=answer.next_token is not None if page.first else bool(answer.holdings),
        has_previous_page=after is not None,
        scanned=rows[-1].asset_id if rows else None,
        is_filtered=keep is not None,
        round=answer.round,
        as_of=dated.as_of,
        is_stale=dated.is_stale,
    )


async def holding_count(loaders: Loaders, page: Holdings) -> int | None:
    """How many assets the account is opted in to; unknown for a filtered list."""
    if page.is_filtered:
        return None
    return (await loaders.account.load(page.account)).value.total_assets_opted_in


async def holding_of_id(loaders: Loaders, text: str) -> HeldAsset | None:
    """The holding a global id names, or None where the account does not hold that asset."""
    account, asset = ids.key_of(text, "AlgorandHolding", 2)
    asset_id = check_asset_id(ids.whole(asset))
    try:
        account = parse_algorand(account)
    except ValueError:
        raise BadArgument("The id names no holding") from None
    page = (await loaders.asset_page.load(PageKey(account, 1, asset_id - 1))).value
    found = next((row for row in page.holdings if row.asset_id == asset_id), None)
    return None if found is None else HeldAsset.of(account, found, loaders)


def holding_id(held: HeldAsset) -> str:
    return ids.opaque(f"AlgorandHolding:{held.account}:{held.asset_id}".encode())


def held_asset(held: HeldAsset) -> Asset | Awaitable[Asset]:
    """The asset of a holding; one that came without parameters was destroyed.

    algod 4.6 also leaves the parameters of some living assets out, so that release is asked again:
    only then there is something to await.
    """
    asset = Asset(asset_id=held.asset_id, params=held.params)
    return asset if held.params is not None else _checked_asset(held.loaders, asset)


async def _checked_asset(loaders: Loaders, asset: Asset) -> Asset:
    build = (await loaders.versions()).value.build
    if (build.major, build.minor) == _BUGGY_RELEASE:
        return (await loaders.asset.load(asset.asset_id)).value or asset
    return asset


async def asset(loaders: Loaders, asset_id: int) -> KeptAsset | None:
    """An asset by its id, or None for one that never existed or was destroyed."""
    dated = await loaders.lasting_asset.load(check_asset_id(asset_id))
    found = dated.value
    return None if found is None else KeptAsset(found.asset_id, found.params, dated.age)


def with_roles(loaders: Loaders, found: AnyAsset, read: Callable[[AnyAsset], Result]) -> Any:
    """What `read` reads in the asset, now: at once, or awaited where its roles are too old."""
    if isinstance(found, Asset):
        return read(found)
    left = ROLES_SECONDS - found.age
    if left > 0:
        # The asset was read as lasting a day; what is read of it now lasts for less.
        loaders.freshness.shorten(left)
        return read(found)
    return _renewed(loaders, found, read)


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


def in_algos(microalgos: int) -> Decimal:
    return scaled(microalgos, _ALGO_DECIMALS)


def spendable(account: Account) -> int:
    """microAlgos that can leave the account; never negative."""
    return max(0, account.amount - account.min_balance)


def display_amount(held: HeldAsset) -> Decimal | None:
    """The amount in whole units, or None where the asset's decimals are not known."""
    params = held.params
    return None if params is None else scaled(held.amount, params.decimals)


def scaled(units: int, decimals: int) -> Decimal:
    """`units` / 10^`decimals`, exactly, whatever the precision of the decimal context."""
    return Decimal(units).scaleb(-decimals, _WIDE)


def is_nft(found: AnyAsset | Holding) -> bool | None:
    """Whether there is one indivisible unit of it (ARC-3's pure NFT); None once destroyed."""
    params = found.params
    return None if params is None else params.total == 1 and params.decimals == 0


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


async def is_available(loaders: Loaders) -> bool:
    """Whether the node answers and has caught up with its network."""
    return await loaders.upstreams.algorand.ready()


async def _renewed(
    loaders: Loaders, found: KeptAsset, read: Callable[[AnyAsset], Result]
) -> Result:
    now = (await loaders.asset.load(found.asset_id)).value
    return read(Asset(asset_id=found.asset_id, params=None) if now is None else now)


def _after(account: str, text: str) -> int:
    cursor = decode_cursor(text, HoldingCursor)
    if cursor.account != account:
        raise BadCursor("The cursor belongs to another wallet")
    if not 0 <= cursor.asset_id <= MAX_ASSET_ID:
        raise BadCursor("The cursor's asset id is beyond 2^63-1")
    return cursor.asset_id
