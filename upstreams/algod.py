"""algod, Algorand's node API: the endpoints we use and the records they return."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Self, TypeVar
from urllib.parse import quote

import msgspec
from msgspec import Meta, Struct, field
from msgspec.json import Decoder
from msgspec.structs import force_setattr

from upstreams.addresses import parse_algorand
from upstreams.errors import UpstreamContract, UpstreamError, UpstreamRateLimited
from upstreams.http import Http, Limits, Reply, Transport
from upstreams.strict import Keys, NotAsDocumented

_SOURCE = "algorand"
_UINT64 = 2**64
_ASSET_MISSING = "asset does not exist"
_LEDGER_RACE = "failed to retrieve information from the ledger"

# A default that means "no such key" until the real one is put in place: where a record is made,
# but for parameters, whose many are looked at in one pass over their page.
_ABSENT: Any = msgspec.UNSET

_Natural = Annotated[int, Meta(ge=0)]
T = TypeVar("T")


class AssetParams(Struct, frozen=True, gc=False, kw_only=True, rename="kebab"):
    """What an asset's creator set; `total` is in base units, a uint64.

    A role address is None once cleared. `name`, `unit_name` and `url` come only where they are
    printable, their base64 forms wherever they are not empty. `metadata_hash` is base64.
    """

    creator: str
    decimals: Annotated[int, Meta(ge=0, le=19)]
    total: _Natural
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

    amount: _Natural
    asset_id: _Natural
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
    next_token: _Natural | None = None
    round: _Natural = _ABSENT

    def __post_init__(self) -> None:
        # An indexer has the same path with other keys, and would read as "holds nothing".
        if self.holdings is _ABSENT:
            raise ValueError("`asset-holdings` is missing: is this an indexer's URL?")
        if self.round is _ABSENT:
            raise ValueError("`round` is missing")
        _check_uint64(self)


class Asset(Struct, frozen=True, kw_only=True):
    """An asset by its id; `params` is None for a destroyed one, which only a holding can tell."""

    asset_id: _Natural = field(name="index")
    params: AssetParams | None


class AppsSchema(Struct, frozen=True, kw_only=True, rename="kebab"):
    """How much application state an account may store."""

    num_byte_slice: _Natural = 0
    num_uint: _Natural = 0


class Account(Struct, frozen=True, kw_only=True, rename="kebab"):
    """An account without its lists; all amounts are in microAlgos, true at `round`.

    `status` is "Online", "Offline" or "Not Participating". Spendable is amount - min_balance.
    """

    address: str
    amount: _Natural
    amount_without_pending_rewards: _Natural
    min_balance: _Natural
    pending_rewards: _Natural
    rewards: _Natural
    round: _Natural
    status: str
    total_apps_opted_in: _Natural
    total_assets_opted_in: _Natural
    total_created_apps: _Natural
    total_created_assets: _Natural
    reward_base: _Natural | None = None
    auth_addr: str | None = None
    sig_type: str | None = None
    apps_total_extra_pages: _Natural = 0
    total_boxes: _Natural = 0
    total_box_bytes: _Natural = 0
    incentive_eligible: bool = False
    last_proposed: _Natural | None = None
    last_heartbeat: _Natural | None = None
    apps_total_schema: AppsSchema | None = None

    def __post_init__(self) -> None:
        _check_uint64(self)


class NodeStatus(Struct, frozen=True, kw_only=True, rename="kebab"):
    """The node's own state; times are in nanoseconds, a vote's fields None outside a vote."""

    catchup_time: _Natural
    last_round: _Natural
    last_version: str
    next_version: str
    next_version_round: _Natural
    next_version_supported: bool
    stopped_at_unsupported_round: bool
    time_since_last_round: _Natural
    last_catchpoint: str = ""
    catchpoint: str = ""
    catchpoint_acquired_blocks: _Natural = 0
    catchpoint_processed_accounts: _Natural = 0
    catchpoint_processed_kvs: _Natural = 0
    catchpoint_total_accounts: _Natural = 0
    catchpoint_total_blocks: _Natural = 0
    catchpoint_total_kvs: _Natural = 0
    catchpoint_verified_accounts: _Natural = 0
    catchpoint_verified_kvs: _Natural = 0
    upgrade_delay: _Natural | None = None
    upgrade_next_protocol_vote_before: _Natural | None = None
    upgrade_no_votes: _Natural | None = None
    upgrade_node_vote: bool | None = None
    upgrade_vote_rounds: _Natural | None = None
    upgrade_votes: _Natural | None = None
    upgrade_votes_required: _Natural | None = None
    upgrade_yes_votes: _Natural | None = None

    def __post_init__(self) -> None:
        _check_uint64(self)

    @property
    def is_healthy(self) -> bool:
        """Caught up, and able to follow the protocol it sees."""
        return (
            self.catchup_time == 0
            and self.catchpoint == ""
            and not self.stopped_at_unsupported_round
        )


class Build(Struct, frozen=True, kw_only=True):
    """The node's software; `branch` and `channel` are whatever its operator filled in."""

    major: _Natural
    minor: _Natural
    build_number: _Natural
    commit_hash: str = ""
    branch: str = ""
    channel: str = ""


class Versions(Struct, frozen=True, kw_only=True):
    """Which network the node is on, and what it runs; the genesis hash is the identity."""

    versions: tuple[str, ...]
    genesis_id: str
    genesis_hash_b64: str
    build: Build


class _Failure(Struct, frozen=True):
    message: str = ""


_PAGE = Decoder(AssetPage, strict=False)
_ASSET = Decoder(Asset, strict=False)
_ACCOUNT = Decoder(Account, strict=False)
_STATUS = Decoder(NodeStatus, strict=False)
_VERSIONS = Decoder(Versions, strict=False)
_FAILURE = Decoder(_Failure)


class Algod:
    """The client: one method an endpoint, one call a method; raises UpstreamError."""

    def __init__(self, http: Http) -> None:
        self._http = http

    @classmethod
    def open(
        cls,
        url: str,
        token: str | None = None,
        *,
        transport: Transport | None = None,
        limits: Limits | None = None,
    ) -> Self:
        """A client of the node at `url`, with its API token where it wants one."""
        headers = {} if token is None else {"X-Algo-API-Token": token}
        return cls(Http(url, source=_SOURCE, headers=headers, transport=transport, limits=limits))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def account_assets(self, address: str, limit: int, after: int | None = None) -> AssetPage:
        """Up to `limit` (1 to 1000) holdings whose asset id is above `after`, with parameters."""
        params = [("limit", str(limit))]
        if after is not None:
            params.append(("next", str(after)))
        path = f"/v2/accounts/{_segment(address)}/assets"
        page = await self._get(path, params, _PAGE, _members)
        _check_page(page, limit, after)
        return page

    async def account(self, address: str) -> Account:
        """Balances and counts of an account; one never seen has zeros."""
        path = f"/v2/accounts/{_segment(address)}"
        account = await self._get(path, [("exclude", "all")], _ACCOUNT)
        if account.address != address:
            raise _contract("it described another account than the one asked for")
        return account

    async def asset(self, asset_id: int) -> Asset | None:
        """An asset by id; None where none exists, be it destroyed or never made."""
        reply = await self._http.fetch(f"/v2/assets/{int(asset_id)}")
        if reply.status == 404 and _message(reply) == _ASSET_MISSING:
            return None
        asset = self._read(reply, _ASSET, _asset_members)
        if asset.asset_id != asset_id:
            raise _contract("it described another asset than the one asked for")
        return asset

    async def status(self) -> NodeStatus:
        """The node's rounds, catch-up and protocol versions."""
        return await self._get("/v2/status", (), _STATUS)

    async def ready(self) -> bool:
        """Whether the node is caught up; False too where it says it cannot tell."""
        reply = await self._http.fetch("/ready")
        if reply.status in (500, 503):
            return False
        if reply.status == 200:
            return True
        raise self._refusal(reply)

    async def versions(self) -> Versions:
        """The node's network and build."""
        return await self._get("/versions", (), _VERSIONS)

    async def _get(
        self,
        path: str,
        params: Sequence[tuple[str, str]],
        decoder: Decoder[T],
        members: Callable[[T], int] | None = None,
    ) -> T:
        return self._read(await self._http.fetch(path, params), decoder, members)

    def _read(
        self, reply: Reply, decoder: Decoder[T], members: Callable[[T], int] | None = None
    ) -> T:
        if reply.status == 200:
            return self._http.read(reply, decoder, members=members)
        raise self._refusal(reply)

    def _refusal(self, reply: Reply) -> UpstreamError:
        if reply.status == 403:
            return UpstreamRateLimited(
                "The algorand upstream refuses us: its daily quota is used up.",
                source=_SOURCE,
                retry_after=reply.retry_after,
                status=403,
                # A quota of a day does not come back while a call waits.
                is_transient=False,
            )
        refusal = self._http.refusal(reply)
        if reply.status == 500 and _message(reply) == _LEDGER_RACE:
            refusal.is_transient = True
        return refusal


def _check_page(page: AssetPage, limit: int, after: int | None) -> None:
    """A page that does not move forward would send its reader round for ever."""
    if len(page.holdings) > limit:
        raise _contract("`asset-holdings` is longer than the limit asked for")
    last = -1 if after is None else after
    for holding in page.holdings:
        asset_id = holding.asset_holding.asset_id
        if asset_id <= last:
            raise _contract("`asset-holdings` is not in ascending order of asset id")
        last = asset_id
    if page.next_token is not None and (not page.holdings or page.next_token != last):
        raise _contract("`next-token` is not the last asset id of the page")


def _members(page: AssetPage) -> Keys:
    """Make a page's parameters whole, refuse numbers beyond 64 bits, and count the page's keys.

    algod leaves out, it sends no null: a holding has one key and the three of its own part, and
    one more for its parameters.
    """
    keys = 2 + (page.next_token is not None) + 4 * len(page.holdings)
    colons = 0
    for number, holding in enumerate(page.holdings):
        own, params = holding.asset_holding, holding.params
        if own.amount >= _UINT64 or own.asset_id >= _UINT64:
            name = "amount" if own.amount >= _UINT64 else "asset-id"
            raise _too_large(name, f"$.asset-holdings[{number}].asset-holding")
        if params is not None:
            if params.total >= _UINT64:
                raise _too_large("total", f"$.asset-holdings[{number}].asset-params")
            keys += 1 + _params_members(params)
            if params.url is not None:
                colons += params.url.count(":")
    return Keys(keys, colons)


def _asset_members(asset: Asset) -> Keys:
    """The same for an asset by itself."""
    params = asset.params
    if params is None:
        return Keys(2, 0)
    if params.total >= _UINT64:
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


def _contract(what: str) -> UpstreamContract:
    return UpstreamContract(
        f"The algorand upstream broke its contract: {what}.", source=_SOURCE, status=200
    )


def _message(reply: Reply) -> str:
    """The message of an error answer, to tell apart what shares a status; never shown."""
    try:
        return _FAILURE.decode(reply.body).message
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""


def _segment(address: str) -> str:
    return quote(parse_algorand(address), safe="")


def _check_uint64(record: Struct) -> None:
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if isinstance(value, int) and value >= _UINT64:
            raise ValueError(f"`{name}` is beyond 64 bits")
