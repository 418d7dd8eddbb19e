"""What an Algorand account is worth: its Algos and all its assets, where a provider prices them."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from operator import attrgetter

from resolvers.algorand import UnreadAsset, algo_units, params_of, scaled
from resolvers.connections import MAX_PAGE, page_arguments
from resolvers.errors import TooManyCalls
from resolvers.holdings import HeldAsset, Holdings, holdings
from resolvers.loaders import Loaders
from resolvers.part import Part, PartState, missing
from resolvers.position import Category
from resolvers.prices import ALGO, Price, is_on, price_in
from resolvers.wallet import Wallet
from upstreams.algod.client import AssetParams
from upstreams.decoding import decimals
from upstreams.errors import UpstreamContract, UpstreamError

NO_PRICES = "NO_PRICES"
"""The code of a part that is missing because nothing says what it is worth."""
NO_PAST = "NO_PAST"
"""The code of a part that is missing because its source knows the present alone."""
TOO_MANY_ASSETS = "TOO_MANY_ASSETS"
"""The code of a part that is missing because too many calls would read the account."""

ALGORAND = "algorand"
# Of a thousand assets each.
_MOST_PAGES = 10
_IS_STALE = attrgetter("is_stale")


@dataclass(frozen=True, slots=True)
class Holding:
    """Some of one asset in an account; it counts as positions of EVM wallets do, see `worth`."""

    wallet: str
    asset_id: int
    category: Category
    amount: Decimal
    price: Price | None
    params: AssetParams | None = None

    @property
    def value_usd(self) -> Decimal | None:
        return None if self.price is None else decimals.multiply(self.amount, self.price.usd)


@dataclass(frozen=True, slots=True)
class Account:
    """All that an account holds, or the part that says why that cannot be told."""

    holdings: Sequence[Holding]
    part: Part
    unreadable_count: int = 0


async def account_worth(loaders: Loaders, wallet: Wallet, at: int | None = None) -> Account:
    """What is known of an account's worth, read once an operation."""
    name = ("account worth", wallet.key, at)
    found: asyncio.Future[Account] | None = loaders.made.get(name)
    if found is None:
        found = loaders.made[name] = asyncio.ensure_future(_account_worth(loaders, wallet, at))
    # Several fields wait for it, each of which may be given up.
    return await asyncio.shield(found)


async def _account_worth(loaders: Loaders, wallet: Wallet, at: int | None) -> Account:
    if loaders.upstreams.prices is None:
        return _without(wallet, NO_PRICES)
    if at is not None:
        return _without(wallet, NO_PAST)
    try:
        if not await is_on(loaders):
            return _without(wallet, NO_PRICES)
        return await _priced(loaders, wallet)
    except TooManyCalls:
        # Together with other accounts: what else is asked for is answered all the same.
        return _without(wallet, TOO_MANY_ASSETS)
    except UpstreamError as error:
        return Account((), missing(ALGORAND, wallet, error))


async def _priced(loaders: Loaders, wallet: Wallet) -> Account:
    account, pages = await asyncio.gather(
        loaders.account.load(wallet.key), _pages(loaders, wallet.key)
    )
    if pages[-1].has_next_page:
        return _without(wallet, TOO_MANY_ASSETS)
    held = [each for page in pages for each in page.nodes if each.amount]
    read = await asyncio.gather(*map(_params, held))
    known = [(each, params) for each, params in zip(held, read, strict=True) if params is not None]
    own = account.value.amount
    asked = [each.asset_id for each, _ in known] + ([ALGO] if own else [])
    if not loaders.may_quote(len(asked)):
        # Asked for in one go with those of others, they would cost the others theirs.
        return _without(wallet, TOO_MANY_ASSETS)
    quotes = await loaders.quote.load_many(asked)
    prices = {
        asset_id: price_in(loaders, quote) for asset_id, quote in zip(asked, quotes, strict=True)
    }
    found = [
        Holding(
            wallet.key,
            each.asset_id,
            Category.TOKEN,
            scaled(each.amount, params.decimals),
            prices[each.asset_id],
            params,
        )
        for each, params in known
    ]
    if own:
        coin = Holding(wallet.key, ALGO, Category.NATIVE, algo_units(own), prices[ALGO])
        found.insert(0, coin)
    is_stale = account.is_stale or any(
        is_stale for each in (pages, quotes) for is_stale in map(_IS_STALE, each)
    )
    part = Part(
        ALGORAND,
        PartState.STALE if is_stale else PartState.FRESH,
        (wallet,),
        min([account.as_of, *(page.as_of for page in pages), *_dates(prices.values())]),
    )
    unreadable = sum(page.unreadable_count for page in pages) + len(held) - len(known)
    return Account(found, part, unreadable)


async def _pages(loaders: Loaders, address: str) -> list[Holdings]:
    """All pages of an account, as each says where the next one begins; so many and no more."""
    pages = [await holdings(loaders, address, page_arguments(MAX_PAGE))]
    while pages[-1].has_next_page and len(pages) < _MOST_PAGES:
        page = page_arguments(MAX_PAGE, pages[-1].end_cursor)
        pages.append(await holdings(loaders, address, page))
    return pages


async def _params(held: HeldAsset) -> AssetParams | None:
    """What an asset held is; None where the node does not say so as documented."""
    if held.params is not None:
        return held.params
    try:
        return await params_of(UnreadAsset(held.asset_id, held.amount, held.loaders))
    except UpstreamContract:
        return None


def _dates(prices: Iterable[Price | None]) -> list[datetime]:
    return [price.as_of for price in prices if price is not None]


def _without(wallet: Wallet, code: str) -> Account:
    return Account((), Part(ALGORAND, PartState.MISSING, (wallet,), None, code))
