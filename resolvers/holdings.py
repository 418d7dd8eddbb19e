"""What an Algorand account holds, page by page as its node pages it."""

from asyncio import gather
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Self

import msgspec

from resolvers import ids
from resolvers.algorand import UnreadAsset, check_asset_id, is_single, params_of, scaled
from resolvers.connections import PageArguments, decode_cursor, encode_cursor
from resolvers.errors import BadArgument, BadCursor
from resolvers.loaders import Loaders
from upstreams.addresses import parse_algorand
from upstreams.algod.client import (
    MAX_ASSET_ID,
    MAX_TOKEN_BYTES,
    Asset,
    AssetHolding,
    AssetPage,
    AssetParams,
)
from upstreams.algod.source import PageKey
from upstreams.errors import UpstreamContract
from upstreams.pace import pace

# How many pages without a row may follow each other before they count as a fault.
_MOST_BLANKS = 10
# JSON and base64 make at most eight letters of a token's byte.
_MAX_CURSOR = 8 * MAX_TOKEN_BYTES + 1024


@dataclass(frozen=True, slots=True)
class HoldingFilter:
    """Which holdings of a page to keep: each part that is not None must hold."""

    is_frozen: bool | None = None
    is_nft: bool | None = None
    is_destroyed: bool | None = None
    has_balance: bool | None = None

    @property
    def needs_params(self) -> bool:
        """Whether the asset's parameters decide."""
        return self.is_nft is not None or self.is_destroyed is not None

    def keeps_own(self, row: "HeldAsset") -> bool:
        """What the account's own part of the holding decides."""
        return (self.is_frozen is None or row.is_frozen is self.is_frozen) and (
            self.has_balance is None or (row.amount > 0) is self.has_balance
        )

    def keeps_params(self, params: AssetParams | None) -> bool:
        """What the asset's parameters decide, which a destroyed one has not."""
        return (self.is_destroyed is None or (params is None) is self.is_destroyed) and (
            self.is_nft is None or (params is not None and is_single(params)) is self.is_nft
        )


class HoldingCursor(msgspec.Struct, frozen=True, array_like=True, tag="holdings"):
    """Where a holding stands: its account and its asset id, which orders the account's holdings."""

    account: str
    asset_id: int


class TokenCursor(msgspec.Struct, frozen=True, array_like=True, tag="holdings by token"):
    """The same where the node names its pages by texts that are no asset ids.

    What follows are the rows beyond `asset_id`, from the page on that `token` names. The rows of
    that page are beyond `floor`; without either it is the first. `blanks` counts the pages without
    a row that came before it.
    """

    account: str
    asset_id: int
    token: str
    floor: int | None
    blanks: int


Cursor = HoldingCursor | TokenCursor


class HeldAsset(msgspec.Struct, frozen=True):
    """One row of an account: the account beside what the upstream says of the holding.

    It brings the loaders its asset may need: telling a field of a thousand rows about its request
    costs more than all else the field does. `place` is its cursor, where its id alone is none.
    """

    account: str
    asset_id: int
    amount: int
    is_frozen: bool
    params: AssetParams | None
    loaders: Loaders
    place: Cursor | None = None

    @property
    def cursor(self) -> str:
        return encode_cursor(self.place or HoldingCursor(self.account, self.asset_id))

    @property
    def node(self) -> Self:
        return self


@dataclass(frozen=True, slots=True)
class Holdings:
    """A page of an account's holdings, as of one round; `scanned` says how far it read."""

    account: str
    nodes: Sequence[HeldAsset]
    has_next_page: bool
    has_previous_page: bool
    scanned: Cursor | None
    is_filtered: bool
    unreadable_count: int
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
        """The last edge's; a page without edges says how far it read, to go on from."""
        if self.nodes:
            return self.nodes[-1].cursor
        return None if self.scanned is None else encode_cursor(self.scanned)


async def holdings(
    loaders: Loaders, account: str, page: PageArguments, keep: HoldingFilter | None = None
) -> Holdings:
    """A page of the account's holdings, in ascending asset id: one upstream call, filtered after.

    With a filter a page may be short or empty while more follows: nothing is read ahead. A filter
    that parameters decide has those asked for that did not come with their row.
    """
    start = None if page.after is None else _start(account, page.after)
    # algod refuses limit 0: an empty page reads one row to know its round and whether more follow.
    key = _page_key(account, page.first or 1, start)
    dated = await loaders.asset_page.load(key)
    answer = dated.value
    made, turns = loaders.made, pace()
    if turns.is_due() and (key, page, keep) not in made:
        await turns.turn()
    found: Holdings | None = made.get((key, page, keep))
    if found is not None:
        return found
    loaders.look_through(len(answer.holdings))
    has_rows = bool(answer.holdings) or answer.unreadable > 0
    rows: Sequence[HeldAsset] = ()
    scanned, unreadable = None, 0
    if page.first:
        scanned, unreadable = _scanned(answer, key, start), answer.unreadable
        rows = _rows(answer, key, start, scanned, loaders)
    if keep is not None:
        rows, unknown = await _kept(rows, keep)
        unreadable += unknown
    found = made[key, page, keep] = Holdings(
        account=account,
        nodes=rows,
        has_next_page=answer.next_token is not None or (has_rows and not page.first),
        has_previous_page=start is not None,
        scanned=scanned,
        is_filtered=keep is not None,
        unreadable_count=unreadable,
        round=answer.round,
        as_of=dated.as_of,
        is_stale=dated.is_stale,
    )
    return found


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
    if found is None and page.unreadable:
        raise _contract("the holding is not as documented")
    return None if found is None else _held(account, found.asset_holding, found.params, loaders)


def holding_id(held: HeldAsset) -> str:
    return ids.opaque(f"AlgorandHolding:{held.account}:{held.asset_id}".encode())


def held_asset(held: HeldAsset) -> Asset | UnreadAsset:
    """The asset of a holding."""
    if held.params is None:
        return UnreadAsset(held.asset_id, held.amount, held.loaders)
    return Asset(asset_id=held.asset_id, params=held.params)


def display_amount(held: HeldAsset) -> Decimal | Awaitable[Decimal | None] | None:
    """The amount in whole units, or None once the asset's decimals are gone."""
    if held.params is None:
        return _display_amount(held)
    return scaled(held.amount, held.params.decimals)


async def _display_amount(held: HeldAsset) -> Decimal | None:
    params = await params_of(UnreadAsset(held.asset_id, held.amount, held.loaders))
    return None if params is None else scaled(held.amount, params.decimals)


async def _kept(rows: Sequence[HeldAsset], keep: HoldingFilter) -> tuple[Sequence[HeldAsset], int]:
    """The rows that a filter keeps, and how many cannot be told for what their asset is."""
    rows = [row for row in rows if keep.keeps_own(row)]
    if not keep.needs_params:
        return rows, 0
    unread = [row for row in rows if row.params is None]
    asked = (params_of(UnreadAsset(row.asset_id, row.amount, row.loaders)) for row in unread)
    answers = await gather(*asked, return_exceptions=True)
    found = dict(zip((row.asset_id for row in unread), answers, strict=True))
    kept, unknown = [], 0
    for row in rows:
        params = found[row.asset_id] if row.params is None else row.params
        if isinstance(params, UpstreamContract):
            unknown += 1
        elif isinstance(params, BaseException):
            raise params
        elif keep.keeps_params(params):
            kept.append(row)
    return kept, unknown


def _rows(
    answer: AssetPage, key: PageKey, start: Cursor | None, scanned: Cursor | None, loaders: Loaders
) -> Sequence[HeldAsset]:
    """The page's rows beyond the cursor, each with the place that it is asked on from."""
    account = key.address
    rows = [
        _held(account, holding.asset_holding, holding.params, loaders)
        for holding in answer.holdings
    ]
    if isinstance(start, TokenCursor):
        rows = [row for row in rows if row.asset_id > start.asset_id]
    if key.token or isinstance(scanned, TokenCursor):
        rows = [
            _placed(row, TokenCursor(account, row.asset_id, key.token, key.after, 0))
            for row in rows
        ]
    if answer.next_token is not None and rows:
        rows[-1] = _placed(rows[-1], scanned)
    return rows


def _placed(row: HeldAsset, place: Cursor | None) -> HeldAsset:
    return msgspec.structs.replace(row, place=place)


def _held(
    account: str, own: AssetHolding, params: AssetParams | None, loaders: Loaders
) -> HeldAsset:
    return HeldAsset(account, own.asset_id, own.amount, own.is_frozen, params, loaders)


def _scanned(answer: AssetPage, key: PageKey, start: Cursor | None) -> Cursor | None:
    """How far a page read: where the next one begins, or else its last row."""
    last = answer.holdings[-1].asset_id if answer.holdings else key.after
    passed = max(0 if last is None else last, 0 if start is None else start.asset_id)
    token = answer.next_token
    if token is None:
        if not answer.holdings:
            return None
        if key.token:
            return TokenCursor(key.address, passed, key.token, key.after, 0)
        return HoldingCursor(key.address, passed)
    if answer.holdings and token == str(passed):
        # As all real nodes have it: the token is the last row's id.
        return HoldingCursor(key.address, passed)
    blanks = 0
    if not answer.holdings and not answer.unreadable:
        blanks = 1 + (start.blanks if isinstance(start, TokenCursor) else 0)
        if blanks > _MOST_BLANKS:
            raise _contract("page after page has no row, and another one is to follow")
    return TokenCursor(key.address, passed, token, last, blanks)


def _page_key(account: str, limit: int, start: Cursor | None) -> PageKey:
    if start is None:
        return PageKey(account, limit, None)
    if isinstance(start, HoldingCursor):
        return PageKey(account, limit, start.asset_id)
    return PageKey(account, limit, start.floor, start.token)


def _start(account: str, text: str) -> Cursor:
    cursor: Cursor = decode_cursor(text, Cursor, longest=_MAX_CURSOR)
    if cursor.account != account:
        raise BadCursor("The cursor belongs to another wallet")
    floor = cursor.floor if isinstance(cursor, TokenCursor) else None
    if not (0 <= cursor.asset_id <= MAX_ASSET_ID and 0 <= (floor or 0) <= MAX_ASSET_ID):
        raise BadCursor("The cursor's asset id is beyond 2^63-1")
    if isinstance(cursor, TokenCursor) and len(cursor.token.encode()) > MAX_TOKEN_BYTES:
        raise BadCursor("The cursor is longer than any of this connection")
    return cursor


def _contract(what: str) -> UpstreamContract:
    return UpstreamContract(
        f"The algorand upstream broke its contract: {what}.", source="algorand", status=200
    )
