"""Assets and holdings of Algorand as algod sends them, and the one look that makes them whole."""

import logging
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field
from msgspec.json import Decoder

from upstreams.decoding import lenient_json, strict_json
from upstreams.decoding.strict_json import Keys, NotAsDocumented

UINT64 = 2**64
_log = logging.getLogger("walletgraph.upstreams")

# A default that means "no such key" until the real one is put in place: where a record is made,
# but for parameters, whose many are looked at in one pass over their page.
_ABSENT: Any = msgspec.UNSET

Natural = Annotated[int, Meta(ge=0)]


class AssetParams(Struct, gc=False, kw_only=True, rename="kebab"):
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
    """One asset an account holds; `params` is None where they did not come with it.

    They are missing for a destroyed asset, and of some releases for living ones as well.
    """

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

    `next_token` is what to ask the next page with, None on the last. `unreadable` counts the rows
    that were left out because they are not as documented.
    """

    holdings: tuple[Holding, ...] = field(name="asset-holdings")
    next_token: str | None = None
    round: Natural
    unreadable: int = 0


class _Page(Struct, frozen=True, kw_only=True, rename="kebab"):
    """A page as it is sent. `assets` and `current_round` are an indexer's, at the same path."""

    holdings: tuple[Holding, ...] | None = field(default=None, name="asset-holdings")
    next_token: str | Natural | None = None
    round: Natural = _ABSENT
    assets: Any = _ABSENT
    current_round: Any = _ABSENT

    def __post_init__(self) -> None:
        # What an indexer sends would read as "holds nothing".
        if self.assets is not _ABSENT or self.current_round is not _ABSENT:
            raise ValueError("it is an indexer's answer: is this an indexer's URL?")
        if self.round is _ABSENT:
            raise ValueError("`round` is missing")
        if self.round >= UINT64:
            raise ValueError("`round` is beyond 64 bits")


class Asset(Struct, frozen=True, kw_only=True):
    """An asset by its id."""

    asset_id: Natural = field(name="index")
    params: AssetParams


_PAGE = Decoder(_Page)
_ASSET = Decoder(Asset)
_ROWS = "asset-holdings"
_INTEGERS = lenient_json.integers(_Page)


def read_page(body: bytes) -> AssetPage:
    """The page in a body, without the rows that are odd; NotAsDocumented where the page is."""
    try:
        page = strict_json.decode(body, _PAGE, _page_members)
    except NotAsDocumented:
        pass
    else:
        return _page(page, page.holdings or (), 0)
    return _read_row_by_row(body)


def read_asset(body: bytes) -> Asset:
    """The asset in a body; NotAsDocumented where it is odd."""
    try:
        return strict_json.decode(body, _ASSET, _asset_members)
    except NotAsDocumented:
        pass
    asset = lenient_json.read(body, Asset)
    _asset_members(asset)
    return asset


def _read_row_by_row(body: bytes) -> AssetPage:
    tree = lenient_json.tree(body, integers=_INTEGERS, rows=_ROWS)
    rows = tree.get(_ROWS) if isinstance(tree, dict) else None
    if not isinstance(rows, list):
        return _page(lenient_json.record(tree, _Page), (), 0)
    page = lenient_json.record({**tree, _ROWS: []}, _Page)
    holdings, what = [], ""
    for row in rows:
        try:
            holding = lenient_json.record(row, Holding)
            _holding_members(holding)
        except NotAsDocumented as error:
            what = str(error)
        else:
            holdings.append(holding)
    unreadable = len(rows) - len(holdings)
    if unreadable:
        _log.warning("%d rows of an account's assets were left out: %s", unreadable, what)
    return _page(page, tuple(holdings), unreadable)


def _page(page: _Page, holdings: tuple[Holding, ...], unreadable: int) -> AssetPage:
    token = page.next_token
    return AssetPage(
        holdings=holdings,
        # An empty token cannot be asked with: nothing follows.
        next_token=None if token is None or token == "" else str(token),
        round=page.round,
        unreadable=unreadable,
    )


def _page_members(page: _Page) -> Keys:
    """Make a page's parameters whole, refuse numbers beyond 64 bits, and count the page's keys.

    algod leaves out, it sends no null: a holding has one key and the three of its own part, and
    one more for its parameters.
    """
    holdings = page.holdings
    keys, colons = 1 + (holdings is not None), 0
    if page.next_token is not None:
        keys += 1
        colons += str(page.next_token).count(":")
    for holding in holdings or ():
        own, params = holding.asset_holding, holding.params
        keys += 4
        if own.amount >= UINT64 or own.asset_id >= UINT64:
            raise _too_large("amount" if own.amount >= UINT64 else "asset-id")
        if params is not None:
            if params.total >= UINT64:
                raise _too_large("total")
            keys += 1 + _params_members(params)
            if params.url is not None:
                colons += params.url.count(":")
    return Keys(keys, colons)


def _holding_members(holding: Holding) -> None:
    """The same for a row by itself, whose keys need no counting."""
    _page_members(_Page(holdings=(holding,), round=0))


def _asset_members(asset: Asset) -> Keys:
    """The same for an asset by itself."""
    params = asset.params
    if params.total >= UINT64 or asset.asset_id >= UINT64:
        raise _too_large("total" if params.total >= UINT64 else "index")
    return Keys(2 + _params_members(params), 0 if params.url is None else params.url.count(":"))


def _params_members(params: AssetParams) -> int:
    """How many keys the parameters had: those that are not None, once they are whole.

    Written out, it takes a third of the time that a loop over the fields does.
    """
    keys = 15
    if params.default_frozen is _ABSENT:
        params.default_frozen = False
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


def _too_large(name: str) -> NotAsDocumented:
    return NotAsDocumented(f"`{name}` is beyond 64 bits")


def check_uint64(record: Struct) -> None:
    """ValueError where a number of the record is beyond what algod counts in."""
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if isinstance(value, int) and value >= UINT64:
            raise ValueError(f"`{name}` is beyond 64 bits")
