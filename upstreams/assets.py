"""Assets and holdings of Algorand as algod sends them, and the one look that makes them whole."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field
from msgspec.structs import force_setattr

from upstreams.strict import Keys, NotAsDocumented

UINT64 = 2**64

# A default that means "no such key" until the real one is put in place: where a record is made,
# but for parameters, whose many are looked at in one pass over their page.
_ABSENT: Any = msgspec.UNSET

Natural = Annotated[int, Meta(ge=0)]


class AssetParams(Struct, frozen=True, gc=False, kw_only=True, rename="kebab"):
    """What an asset's creator set; `total` is in base units, a uint64.

    A role address is None once cleared. `name`, `unit_name` and `url` come only where they are
    printable, their base64 forms wherever they are not empty. `metadata_hash` is base64.
    """

    creator: str
    decimals: Annotated[int, Meta(ge=0, le=19)]
    total: Natural
    default_frozen: bool = _ABSENT
    clawback: str | None = None
    freeze: str | None = None
    manager: str | None = None
    reserve: str | None = None
    metadata_hash: str | None = None
    name: str | None = None
    name_b64: str | None = None
    unit_name: str | None = None
    unit_name_b64: str | None = None
    url: str | None = None
    url_b64: str | None = None


class AssetHolding(Struct, frozen=True, gc=False, kw_only=True, rename="kebab"):
    """The account's own part of a holding; `amount` is in base units, a uint64."""

    amount: Natural
    asset_id: Natural
    is_frozen: bool


class Holding(Struct, frozen=True, gc=False, kw_only=True, rename="kebab"):
    """One asset an account holds, with its parameters; `params` is None for a destroyed asset."""

    asset_holding: AssetHolding
    params: AssetParams | None = field(default=None, name="asset-params")

    @property
    def asset_id(self) -> int:
        """The asset's id."""
        return self.asset_holding.asset_id

    @property
    def amount(self) -> int:
        """How much is held, in base units."""
        return self.asset_holding.amount

    @property
    def is_frozen(self) -> bool:
        """Whether this holding may not be moved."""
        return self.asset_holding.is_frozen


class AssetPage(Struct, frozen=True, kw_only=True, rename="kebab"):
    """A page of holdings in ascending asset id, true at `round`; the next page may be of another.

    `next_token` is the last id of this page where more rows exist, else None.
    """

    holdings: tuple[Holding, ...] = field(default=_ABSENT, name="asset-holdings")
    next_token: Natural | None = None
    round: Natural = _ABSENT

    def __post_init__(self) -> None:
        # An indexer has the same path with other keys, and would read as "holds nothing".
        if self.holdings is _ABSENT:
            raise ValueError("`asset-holdings` is missing: is this an indexer's URL?")
        if self.round is _ABSENT:
            raise ValueError("`round` is missing")
        check_uint64(self)


class Asset(Struct, frozen=True, kw_only=True):
    """An asset by its id; `params` is None for a destroyed one, which only a holding can tell."""

    asset_id: Natural = field(name="index")
    params: AssetParams | None


def page_members(page: AssetPage) -> Keys:
    """Make a page's parameters whole, refuse numbers beyond 64 bits, and count the page's keys.

    algod leaves out, it sends no null: a holding has one key and the three of its own part, and
    one more for its parameters.
    """
    keys = 2 + (page.next_token is not None) + 4 * len(page.holdings)
    colons = 0
    for number, holding in enumerate(page.holdings):
        own, params = holding.asset_holding, holding.params
        if own.amount >= UINT64 or own.asset_id >= UINT64:
            name = "amount" if own.amount >= UINT64 else "asset-id"
            raise _too_large(name, f"$.asset-holdings[{number}].asset-holding")
        if params is not None:
            if params.total >= UINT64:
                raise _too_large("total", f"$.asset-holdings[{number}].asset-params")
            keys += 1 + _params_members(params)
            if params.url is not None:
                colons += params.url.count(":")
    return Keys(keys, colons)


def asset_members(asset: Asset) -> Keys:
    """The same for an asset by itself."""
    params = asset.params
    if params is None:
        return Keys(2, 0)
    if params.total >= UINT64:
        raise _too_large("total", "$.params")
    return Keys(2 + _params_members(params), 0 if params.url is None else params.url.count(":"))


def _params_members(params: AssetParams) -> int:
    """How many keys the parameters had: those that are not None, once they are whole.

    Written out, it takes a third of the time that a loop over the fields does.
    """
    keys = 15
    if params.default_frozen is _ABSENT:
        force_setattr(params, "default_frozen", False)
        keys -= 1
    if params.clawback is None:
        keys -= 1
    if params.freeze is None:
        keys -= 1
    if params.manager is None:
        keys -= 1
    if params.reserve is None:
        keys -= 1
    if params.metadata_hash is None:
        keys -= 1
    if params.name is None:
        keys -= 1
    if params.name_b64 is None:
        keys -= 1
    if params.unit_name is None:
        keys -= 1
    if params.unit_name_b64 is None:
        keys -= 1
    if params.url is None:
        keys -= 1
    if params.url_b64 is None:
        keys -= 1
    return keys


def _too_large(name: str, place: str) -> NotAsDocumented:
    return NotAsDocumented(f"`{name}` is beyond 64 bits - at `{place}`")


def check_uint64(record: Struct) -> None:
    """ValueError where a number of the record is beyond what algod counts in."""
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if isinstance(value, int) and value >= UINT64:
            raise ValueError(f"`{name}` is beyond 64 bits")
