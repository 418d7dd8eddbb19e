"""What several wallets hold together: totals, where they come from, and all positions in one list.

All figures of one portfolio in an answer are made of the same snapshots, read once an operation.
"""

import asyncio
import base64
import binascii
from collections import defaultdict
from collections.abc import Awaitable, Hashable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import TypeVar

import msgspec

from resolvers import ids
from resolvers.account import Holding, account_worth
from resolvers.connections import PageArguments
from resolvers.coverage import check_is_read, told
from resolvers.errors import BadArgument
from resolvers.loaders import Loaders
from resolvers.part import Part, PartState
from resolvers.position import MAX_TIMESTAMP
from resolvers.position_filter import Filter
from resolvers.position_order import Order, check_cursors
from resolvers.positions import Positions, page_of, timestamp_of, whole_of
from resolvers.snapshots import PARTS, Held, held_by
from resolvers.wallet import MAX_WALLETS, Ecosystem, Wallet
from resolvers.worth import KeptSums, PartWorth, Sums, Worth, worth_of
from upstreams.addresses import algorand_address, algorand_key
from upstreams.oneinch.client import Position
from upstreams.oneinch.source import ChartKey, TotalKey
from upstreams.pace import pace

T = TypeVar("T")

_BY_VALUE = Order()
_MOST_CHAINS = 100
# Wallets that share a call.
_MOST_SHARED = 50
_KEY_BYTES = {Ecosystem.EVM: 20, Ecosystem.ALGORAND: 32}


class Portfolio(msgspec.Struct, frozen=True):
    """Which wallets, in the order of their addresses, on which chains (None: all), and when."""

    wallets: tuple[Wallet, ...]
    chain_ids: tuple[int, ...] | None = None
    at: int | None = None

    @property
    def id(self) -> str:
        chains = "" if self.chain_ids is None else ".".join(map(str, self.chain_ids))
        keys = (_packed(self.wallets, ecosystem) for ecosystem in Ecosystem)
        return ids.encode("Portfolio", "" if self.at is None else self.at, chains, *keys)

    @property
    def evm(self) -> tuple[Wallet, ...]:
        return tuple(one for one in self.wallets if one.ecosystem is Ecosystem.EVM)

    @property
    def algorand(self) -> tuple[Wallet, ...]:
        """The Algorand accounts that count: none where the question is of EVM chains."""
        if self.chain_ids is not None:
            return ()
        return tuple(one for one in self.wallets if one.ecosystem is Ecosystem.ALGORAND)


def portfolio(
    wallets: Iterable[Wallet],
    chain_ids: Sequence[int] | None = None,
    at: datetime | None = None,
) -> Portfolio:
    """The portfolio of these wallets, each of which counts once however often it is named."""
    several = {(one.ecosystem.value, one.key): one for one in wallets}
    if not 0 < len(several) <= MAX_WALLETS:
        raise BadArgument(f"addresses must name 1 to {MAX_WALLETS} wallets, not {len(several)}")
    if chain_ids is not None:
        _check_chains(chain_ids)
    return Portfolio(
        # The network that an address names has been checked, and is not part of the wallet.
        tuple(msgspec.structs.replace(several[key], caip2=None) for key in sorted(several)),
        None if chain_ids is None else tuple(sorted(set(chain_ids))),
        None if at is None else timestamp_of(at),
    )


def check_present(of: Portfolio, what: str) -> int | None:
    """The one chain, or None for all, of a portfolio of now: nothing else has what is asked for."""
    if of.at is not None:
        raise BadArgument(f"A portfolio of a past moment has no {what}: leave `at` out")
    if of.chain_ids is not None and len(of.chain_ids) > 1:
        raise BadArgument(f"There is a {what} of all chains or of one: chainIds names several")
    return None if of.chain_ids is None else of.chain_ids[0]


def _check_chains(chain_ids: Sequence[int]) -> None:
    if not 0 < len(chain_ids) <= _MOST_CHAINS:
        raise BadArgument(f"chainIds must name 1 to {_MOST_CHAINS} chains, not {len(chain_ids)}")
    for chain_id in chain_ids:
        if chain_id < 1:
            raise BadArgument(f"chainIds must be positive, not {chain_id}")


def portfolio_of_id(text: str) -> Portfolio:
    """The portfolio a global id names."""
    at, chains, *keys = ids.key_of(text, "Portfolio", 4)
    wallets = [
        wallet
        for ecosystem, packed in zip(Ecosystem, keys, strict=True)
        for wallet in _unpacked(packed, ecosystem)
    ]
    found = Portfolio(
        tuple(sorted(wallets, key=lambda one: (one.ecosystem.value, one.key))),
        _chains(chains) if chains else None,
        ids.whole(at, most=MAX_TIMESTAMP) if at else None,
    )
    if not 0 < len(found.wallets) <= MAX_WALLETS:
        raise BadArgument("The id names no portfolio")
    ids.check(text, found.id)
    return found


def _chains(text: str) -> tuple[int, ...]:
    found = {ids.whole(chain, least=1, most=2**31 - 1) for chain in text.split(".")}
    return tuple(sorted(found))


def _packed(wallets: Iterable[Wallet], ecosystem: Ecosystem) -> str:
    """The addresses of one ecosystem as text, of 100 wallets still short enough for an id."""
    raw = b"".join(_raw(one) for one in wallets if one.ecosystem is ecosystem)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _raw(wallet: Wallet) -> bytes:
    if wallet.ecosystem is Ecosystem.EVM:
        return bytes.fromhex(wallet.key[2:])
    return algorand_key(wallet.key)


def _unpacked(text: str, ecosystem: Ecosystem) -> list[Wallet]:
    size = _KEY_BYTES[ecosystem]
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise BadArgument("The id names no portfolio") from None
    if len(raw) % size:
        raise BadArgument("The id names no portfolio")
    keys = [raw[start : start + size] for start in range(0, len(raw), size)]
    if ecosystem is Ecosystem.EVM:
        return [Wallet(f"0x{key.hex()}", ecosystem) for key in keys]
    return [Wallet(algorand_address(key), ecosystem) for key in keys]


class Valued:
    """What is known of a portfolio: the rows of its wallets and sums over them, and the parts."""

    def __init__(
        self,
        of: Portfolio,
        sums: Sums,
        parts: Sequence[Part],
        unreadable_count: int = 0,
    ) -> None:
        self.portfolio = of
        self.sums = sums
        self.parts = tuple(parts)
        self.unreadable_count = unreadable_count

    @property
    def rows(self) -> Sequence[Position]:
        return self.sums.rows

    @property
    def total(self) -> Worth:
        return self.sums.total

    @cached_property
    def together(self) -> dict[str, tuple[str, ...]]:
        """With whom each EVM wallet is asked about where rows name no wallet, but an index.

        A wallet that holds rows of an index that another has, too, is asked about by itself.
        """
        owners: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for row in self.rows:
            owners[row.part, row.index].add(row.wallet)
        alone = {wallet for several in owners.values() if len(several) > 1 for wallet in several}
        names = [one.key for one in self.portfolio.evm if one.key not in alone]
        groups = [
            tuple(names[start : start + _MOST_SHARED])
            for start in range(0, len(names), _MOST_SHARED)
        ]
        groups += [(one.key,) for one in self.portfolio.evm if one.key in alone]
        return {name: group for group in groups for name in group}

    @property
    def as_of(self) -> datetime | None:
        return min((part.as_of for part in self.parts if part.as_of is not None), default=None)

    @property
    def is_stale(self) -> bool:
        return any(part.state is PartState.STALE for part in self.parts)

    @property
    def is_complete(self) -> bool:
        is_whole = all(part.state is not PartState.MISSING for part in self.parts)
        return is_whole and not self.unreadable_count and not self.total.unpriced_count

    @cached_property
    def by_wallet(self) -> list[PartWorth]:
        """One for each wallet, without a worth where a part of it is missing."""
        known = {each.of: each for each in self.sums.by_owner}
        none = PartWorth(None, worth_of(()), self.total)
        missing = {
            one.key
            for part in self.parts
            if part.state is PartState.MISSING
            for one in part.wallets
        }
        found = []
        for one in self.portfolio.wallets:
            each = known.get(one.key, none)
            worth = None if one.key in missing else each.worth
            found.append(msgspec.structs.replace(each, of=one, worth=worth))
        return found


async def valued(loaders: Loaders, of: Portfolio) -> Valued:
    """The portfolio with all that its sources say, read once an operation."""
    found: asyncio.Future[Valued] | None = loaders.made.get(("valued", of))
    if found is None:
        found = loaders.made["valued", of] = asyncio.ensure_future(_valued(loaders, of))
    # Several fields wait for it, each of which may be given up.
    return await asyncio.shield(found)


def _sums(
    loaders: Loaders, of: Portfolio, found: Sequence[Held], holdings: Sequence[Holding]
) -> Sums:
    """The sums over what wallets hold, which are the same for as long as the rows are."""
    sources = tuple(held.rows for held in found)
    name, memory = ("portfolio sums", of), loaders.result_cache.memory
    kept: KeptSums | None = memory.get(name)
    if kept is not None and not holdings and kept.is_of(sources):
        return kept.sums
    chains = of.chain_ids
    sums = Sums(
        [row for rows in sources for row in rows if chains is None or row.chain_id in chains],
        holdings,
    )
    # What is in Algorand accounts is priced anew for each operation.
    if not holdings and all(held.is_kept for held in found):
        memory.put(name, KeptSums(sources, sums))
    return sums


async def _valued(loaders: Loaders, of: Portfolio) -> Valued:
    chain_id = of.chain_ids[0] if of.chain_ids is not None and len(of.chain_ids) == 1 else None
    asked = [held_by(loaders, one, chain_id, of.at, PARTS) for one in of.evm]
    accounts = [account_worth(loaders, one, of.at) for one in of.algorand]
    found, others = await asyncio.gather(_all_of(asked), _all_of(accounts))
    parts = [part for held in found for part in held.parts] + [each.part for each in others]
    unreadable = sum(held.unreadable_count for held in found)
    unreadable += sum(account.unreadable_count for account in others)
    holdings = [each for account in others for each in account.holdings]
    sums = _sums(loaders, of, found, holdings)
    if of.chain_ids is not None and chain_id is None and loaders.upstreams.portfolio.knows_chains:
        for silent in sorted(set(of.chain_ids) - {row.chain_id for row in sums.rows}):
            await check_is_read(loaders, silent)
    whole = Valued(of, sums, _merged(parts), unreadable)
    if of.at is None and of.chain_ids is None:
        for one in of.evm:
            loaders.made.setdefault(("valued with", one.key), whole)
    loaders.look_through(len(whole.rows) + len(holdings))
    if pace().is_due():
        await pace().turn()
    return whole


async def _all_of(asked: Iterable[Awaitable[T]]) -> list[T]:
    """What all of them give; where some fail, the others have come to an end, too."""
    answers = await asyncio.gather(*asked, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return answers  # type: ignore[return-value]


async def report(loaders: Loaders, of: Portfolio, timerange: str) -> str:
    """The source's own table of what the EVM wallets hold, as it came."""
    chain_id = check_present(of, "report")
    key = ChartKey(tuple(one.key for one in of.evm), chain_id, timerange)
    return (await told(loaders, chain_id, loaders.report.load(key))).value.text


async def source_total(loaders: Loaders, of: Portfolio) -> Decimal | None:
    """What the source itself says that the EVM wallets are worth; None where there is none."""
    chain_id = check_present(of, "total of the source's own")
    if not of.evm:
        return None
    key = TotalKey(tuple(one.key for one in of.evm), chain_id)
    return (await told(loaders, chain_id, loaders.source_total.load(key))).value.total_usd


def _merged(parts: Iterable[Part]) -> list[Part]:
    """One part for all wallets of the same source, state and code: as old as the oldest of them."""
    groups: defaultdict[Hashable, list[Part]] = defaultdict(list)
    for part in parts:
        groups[part.source, part.state, part.code].append(part)
    return [
        msgspec.structs.replace(
            same[0],
            wallets=tuple(one for part in same for one in part.wallets),
            as_of=min((part.as_of for part in same if part.as_of is not None), default=None),
        )
        for same in groups.values()
    ]


def check_page(of: Portfolio, page: PageArguments, order: Order | None) -> None:
    """BadCursor for a page of positions that cannot be one, before anything is asked for."""
    check_cursors(_keys(of), order or _BY_VALUE, page)


def _keys(of: Portfolio) -> frozenset[str]:
    return frozenset(one.key for one in of.wallets)


async def positions(
    loaders: Loaders,
    of: Portfolio,
    page: PageArguments,
    *,
    keep: Filter | None = None,
    order: Order | None = None,
) -> Positions:
    """A page of all that the wallets of a portfolio hold."""
    found = await valued(loaders, of)
    key = ("positions", of, keep, order)
    whole = loaders.made.get(key)
    if whole is None:
        loaders.look_through(len(found.rows))
        whole = loaders.made[key] = whole_of(
            found.rows, keep, order or _BY_VALUE, found.sums.values
        )
    return page_of(whole, _keys(of), page, found.parts, unreadable_count=found.unreadable_count)
