"""algod, Algorand's node API: the endpoints we use and the records they return."""

import base64
from collections.abc import Callable, Sequence
from functools import partial
from typing import Self, TypeVar
from urllib.parse import quote

import msgspec
from msgspec import Struct
from msgspec.json import Decoder

from upstreams.addresses import parse_algorand
from upstreams.algod.records import (
    Asset,
    AssetHolding,
    AssetPage,
    AssetParams,
    Holding,
    Natural,
    check_uint64,
    read_asset,
    read_page,
)
from upstreams.decoding import lenient_json, strict_json
from upstreams.decoding.strict_json import NotAsDocumented
from upstreams.errors import UpstreamContract, UpstreamError, UpstreamRateLimited
from upstreams.http.client import HttpClient, Limits, Reply, Transport

__all__ = [
    "Account",
    "Algod",
    "AppsSchema",
    "Asset",
    "AssetHolding",
    "AssetPage",
    "AssetParams",
    "Build",
    "Holding",
    "NodeStatus",
    "Versions",
]

_SOURCE = "algorand"
_ASSET_MISSING = "asset does not exist"
_LEDGER_RACE = "failed to retrieve information from the ledger"

MAX_ASSET_ID = 2**63 - 1
MAX_TOKEN_BYTES = 2048

T = TypeVar("T")


class AppsSchema(Struct, frozen=True, kw_only=True, rename="kebab"):
    """How much application state an account may store."""

    num_byte_slice: Natural = 0
    num_uint: Natural = 0


class Account(Struct, frozen=True, kw_only=True, rename="kebab"):
    """An account without its lists; all amounts are in microAlgos, true at `round`.

    `status` is "Online", "Offline" or "Not Participating". Spendable is amount - min_balance.
    """

    address: str
    amount: Natural
    amount_without_pending_rewards: Natural
    min_balance: Natural
    pending_rewards: Natural
    rewards: Natural
    round: Natural
    status: str
    total_apps_opted_in: Natural
    total_assets_opted_in: Natural
    total_created_apps: Natural
    total_created_assets: Natural
    reward_base: Natural | None = None
    auth_addr: str | None = None
    sig_type: str | None = None
    apps_total_extra_pages: Natural = 0
    total_boxes: Natural = 0
    total_box_bytes: Natural = 0
    incentive_eligible: bool = False
    last_proposed: Natural | None = None
    last_heartbeat: Natural | None = None
    apps_total_schema: AppsSchema | None = None

    def __post_init__(self) -> None:
        check_uint64(self)


class NodeStatus(Struct, frozen=True, kw_only=True, rename="kebab"):
    """The node's own state; times are in nanoseconds, a vote's fields None outside a vote."""

    catchup_time: Natural
    last_round: Natural
    last_version: str
    next_version: str
    next_version_round: Natural
    next_version_supported: bool
    stopped_at_unsupported_round: bool
    time_since_last_round: Natural
    last_catchpoint: str = ""
    catchpoint: str = ""
    catchpoint_acquired_blocks: Natural = 0
    catchpoint_processed_accounts: Natural = 0
    catchpoint_processed_kvs: Natural = 0
    catchpoint_total_accounts: Natural = 0
    catchpoint_total_blocks: Natural = 0
    catchpoint_total_kvs: Natural = 0
    catchpoint_verified_accounts: Natural = 0
    catchpoint_verified_kvs: Natural = 0
    upgrade_delay: Natural | None = None
    upgrade_next_protocol_vote_before: Natural | None = None
    upgrade_no_votes: Natural | None = None
    upgrade_node_vote: bool | None = None
    upgrade_vote_rounds: Natural | None = None
    upgrade_votes: Natural | None = None
    upgrade_votes_required: Natural | None = None
    upgrade_yes_votes: Natural | None = None

    def __post_init__(self) -> None:
        check_uint64(self)

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

    major: Natural
    minor: Natural
    build_number: Natural
    commit_hash: str = ""
    branch: str = ""
    channel: str = ""


class Versions(Struct, frozen=True, kw_only=True):
    """Which network the node is on, and what it runs; the genesis hash is the identity."""

    versions: tuple[str, ...]
    genesis_id: str
    genesis_hash_b64: str
    build: Build

    def __post_init__(self) -> None:
        if _decoded_bytes(self.genesis_hash_b64) != 32:
            raise ValueError("`genesis_hash_b64` is not 32 bytes in base64")


class _Failure(Struct, frozen=True):
    message: str = ""


def _reader(kind: type[T]) -> Callable[[bytes], T]:
    return partial(_read_record, Decoder(kind), kind)


def _read_record(decoder: Decoder[T], kind: type[T], body: bytes) -> T:
    try:
        return strict_json.decode(body, decoder)
    except NotAsDocumented:
        pass
    return lenient_json.read(body, kind)


_FAILURE = Decoder(_Failure)


_ACCOUNT, _STATUS, _VERSIONS = _reader(Account), _reader(NodeStatus), _reader(Versions)


class Algod:
    """The client: one method an endpoint, one call a method; raises UpstreamError."""

    def __init__(self, http: HttpClient) -> None:
        self.http = http

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
        return cls(
            HttpClient(url, source=_SOURCE, headers=headers, transport=transport, limits=limits)
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self.http.aclose()

    async def account_assets(
        self, address: str, limit: int, after: int | None = None, token: str = ""
    ) -> AssetPage:
        """Up to `limit` (1 to 1000) holdings whose asset id is above `after`, with parameters.

        `token` is what the node calls that place, where it gave another name than the asset id.
        """
        params = [("limit", str(limit))]
        asked = token or ("" if after is None else str(after))
        if asked:
            params.append(("next", asked))
        path = f"/v2/accounts/{_segment(address)}/assets"
        page = await self._get(path, params, read_page, "/v2/accounts/{address}/assets")
        _check_page(page, limit, after, asked)
        return page

    async def account(self, address: str) -> Account:
        """Balances and counts of an account; one never seen has zeros."""
        account = await self._get(
            f"/v2/accounts/{_segment(address)}",
            [("exclude", "all")],
            _ACCOUNT,
            template="/v2/accounts/{address}",
        )
        if account.address != address:
            raise _contract("it described another account than the one asked for")
        return account

    async def asset(self, asset_id: int) -> Asset | None:
        """An asset by id; None where none exists, be it destroyed or never made."""
        reply = await self.http.fetch(
            f"/v2/assets/{int(asset_id)}", template="/v2/assets/{asset-id}"
        )
        if reply.status == 404 and _message(reply) == _ASSET_MISSING:
            return None
        asset = self._read(reply, read_asset)
        if asset.asset_id != asset_id:
            raise _contract("it described another asset than the one asked for")
        return asset

    async def status(self) -> NodeStatus:
        """The node's rounds, catch-up and protocol versions."""
        return await self._get("/v2/status", (), _STATUS)

    async def ready(self) -> bool:
        """Whether the node is caught up; False too where it says it cannot tell."""
        reply = await self.http.fetch("/ready")
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
        read: Callable[[bytes], T],
        template: str | None = None,
    ) -> T:
        return self._read(await self.http.fetch(path, params, template=template), read)

    def _read(self, reply: Reply, read: Callable[[bytes], T]) -> T:
        if reply.status != 200:
            raise self._refusal(reply)
        try:
            strict_json.check_content_type(reply.content_type)
            return read(reply.body)
        except NotAsDocumented as error:
            what = str(error)
        raise _contract(what)

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
        refusal = self.http.refusal(reply)
        if reply.status == 500 and _message(reply) == _LEDGER_RACE:
            refusal.is_transient = True
        return refusal


def _check_page(page: AssetPage, limit: int, after: int | None, asked: str) -> None:
    """A page that does not move forward would send its reader round for ever."""
    if len(page.holdings) + page.unreadable > limit:
        raise _contract("`asset-holdings` is longer than the limit asked for")
    last = -1 if after is None else after
    for holding in page.holdings:
        asset_id = holding.asset_holding.asset_id
        if asset_id <= last:
            raise _contract("`asset-holdings` is not in ascending order of asset id")
        last = asset_id
    token = page.next_token
    if token is not None and token == asked:
        raise _contract("`next-token` does not lead on")
    if token is not None and len(token.encode()) > MAX_TOKEN_BYTES:
        raise _contract(f"`next-token` has more than {MAX_TOKEN_BYTES} bytes")


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


def _decoded_bytes(text: str) -> int:
    try:
        return len(base64.b64decode(text, validate=True))
    except ValueError:
        return -1


def _segment(address: str) -> str:
    return quote(parse_algorand(address), safe="")
