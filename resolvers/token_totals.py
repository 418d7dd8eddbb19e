"""What a portfolio holds of each token, over wallets, chains and protocols, debts apart."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import Enum

import msgspec

from resolvers import asset_texts, ids
from resolvers.portfolio import Valued
from resolvers.position import Side, side
from resolvers.token import Token, balance_value_usd, coin_type, token_of
from resolvers.wallet import Ecosystem, Wallet, evm_wallet
from resolvers.worth import ALGORAND
from upstreams.algod.client import Asset, AssetParams
from upstreams.decoding import decimals
from upstreams.oneinch.client import PROTOCOLS, TokenBalance
from upstreams.oneinch.source import TokenKey

_SHARE = Context(prec=28, rounding=ROUND_HALF_EVEN)
# Prices this close are of one thing.
_SPREAD = Decimal("0.01")


class Grouping(Enum):
    """What counts as one."""

    TOKEN = "TOKEN"  # noqa: S105
    ASSET = "ASSET"


class AlgorandToken(msgspec.Struct, frozen=True):
    """An Algorand asset, or Algo where there are no parameters."""

    asset_id: int
    params: AssetParams | None

    @property
    def key(self) -> tuple[str, str]:
        return ALGORAND, str(self.asset_id)

    @property
    def chain_id(self) -> None:
        return None

    @property
    def symbol(self) -> str | None:
        return "ALGO" if self.params is None else asset_texts.unit_name(self.params)

    @property
    def name(self) -> str | None:
        return "Algo" if self.params is None else asset_texts.name(self.params)


class Held(msgspec.Struct, frozen=True):
    """Some of a token in one position, signed as it counts: what is owed is below 0."""

    token: Token | AlgorandToken
    wallet: str
    is_in_protocol: bool
    is_owed: bool
    amount: Decimal
    price_usd: Decimal | None
    value_usd: Decimal | None


class Holder(msgspec.Struct, frozen=True):
    """What one wallet has of a token, less what it owes."""

    wallet: Wallet
    amount: Decimal
    value_usd: Decimal | None


class TokenTotal(msgspec.Struct, frozen=True):
    """All of one token, or of several that are one asset; `members` has each once, by its key."""

    id: str
    members: tuple[Token | AlgorandToken, ...]
    in_wallets: Decimal
    in_protocols: Decimal
    owed: Decimal
    price_usd: Decimal | None
    value_usd: Decimal | None
    held_usd: Decimal
    whole_usd: Decimal
    held: tuple[Held, ...]

    @property
    def by_wallet(self) -> list[Holder]:
        wallets: defaultdict[str, list[Held]] = defaultdict(list)
        for each in self.held:
            wallets[each.wallet].append(each)
        return [_holder(name, wallets[name]) for name in sorted(wallets)]

    @property
    def tokens(self) -> list[Token]:
        return [each for each in self.members if isinstance(each, Token)]

    @property
    def algorand_asset(self) -> Asset | None:
        first = self.members[0]
        if isinstance(first, Token) or first.params is None:
            return None
        return Asset(asset_id=first.asset_id, params=first.params)

    @property
    def symbol(self) -> str | None:
        return self.members[0].symbol

    @property
    def name(self) -> str | None:
        return self.members[0].name

    @property
    def amount(self) -> Decimal:
        return decimals.total((self.in_wallets, self.in_protocols, self.owed.copy_negate()))

    @property
    def assets_usd(self) -> Decimal | None:
        return None if self.value_usd is None else self.held_usd

    @property
    def share(self) -> Decimal | None:
        return _SHARE.divide(self.held_usd, self.whole_usd) if self.whole_usd else None


def totals(known: Valued, grouping: Grouping, *, has_protocols: bool = True) -> list[TokenTotal]:
    """What is held of each token, or of each asset, in no order."""
    groups: defaultdict[Hashable, list[Held]] = defaultdict(list)
    key = _asset if grouping is Grouping.ASSET else _contract
    for held in _held(known, has_protocols=has_protocols):
        groups[key(held.token)].append(held)
    return [_total(held, known.total.assets_usd) for held in groups.values()]


def _held(known: Valued, *, has_protocols: bool) -> Iterable[Held]:
    for row in known.rows:
        is_in_protocol = row.part == PROTOCOLS
        # What a receipt stands for is among the positions in protocols.
        if (row.is_receipt and has_protocols) or (is_in_protocol and not has_protocols):
            continue
        is_owed = side(row) is Side.DEBT
        for tokens, owed in ((row.underlying_tokens, is_owed), (row.reward_tokens, False)):
            for balance in tokens:
                yield _one(balance, row.wallet, is_in_protocol=is_in_protocol, is_owed=owed)
    for own in known.sums.holdings:
        token = AlgorandToken(own.asset_id, own.params)
        price = None if own.price is None else own.price.usd
        yield Held(token, own.wallet, False, False, own.amount, price, own.value_usd)


def _one(balance: TokenBalance, wallet: str, *, is_in_protocol: bool, is_owed: bool) -> Held:
    value = balance_value_usd(balance)
    if value is not None and is_owed:
        value = value.copy_abs().copy_negate()
    return Held(
        token_of(balance),
        wallet,
        is_in_protocol,
        is_owed,
        balance.amount,
        balance.price_usd or None,
        value,
    )


def _total(held: Sequence[Held], whole: Decimal) -> TokenTotal:
    tokens = {each.token.key: each.token for each in held}
    ordered = tuple(tokens[key] for key in sorted(tokens))
    values = [each.value_usd for each in held if each.value_usd is not None]
    return TokenTotal(
        id=ids.encode("TokenTotal", *(part for token in ordered for part in _parts(token.key))),
        members=ordered,
        in_wallets=_amount(each for each in held if not (each.is_in_protocol or each.is_owed)),
        in_protocols=_amount(each for each in held if each.is_in_protocol and not each.is_owed),
        owed=_amount(each for each in held if each.is_owed),
        price_usd=_price(held),
        value_usd=decimals.total(values) if values else None,
        held_usd=decimals.total(value for value in values if value > 0),
        whole_usd=whole,
        held=tuple(held),
    )


def _holder(name: str, held: Sequence[Held]) -> Holder:
    amounts = (each.amount.copy_negate() if each.is_owed else each.amount for each in held)
    values = [each.value_usd for each in held if each.value_usd is not None]
    is_evm = isinstance(held[0].token, Token)
    return Holder(
        evm_wallet(name) if is_evm else Wallet(name, Ecosystem.ALGORAND),
        decimals.total(amounts),
        decimals.total(values) if values else None,
    )


def _parts(key: TokenKey | tuple[str, str]) -> tuple[object, str]:
    chain, address = key
    # An address of another kind of chain may have a colon in it.
    return chain, address.replace(":", "%3A")


def _amount(held: Iterable[Held]) -> Decimal:
    return decimals.total(each.amount for each in held)


def _price(held: Sequence[Held]) -> Decimal | None:
    """The price of the largest part, where all others are as good as the same."""
    prices = [(each.value_usd or decimals.ZERO, each.price_usd) for each in held]
    known = [(value.copy_abs(), price) for value, price in prices if price is not None]
    if not known:
        return None
    _, price = max(known)
    low, high = min(price for _, price in known), max(price for _, price in known)
    spread = decimals.total((high, low.copy_negate()))
    return price if spread <= decimals.multiply(high.copy_abs(), _SPREAD) else None


def _contract(token: Token | AlgorandToken) -> Hashable:
    return token.key


def _asset(token: Token | AlgorandToken) -> Hashable:
    """Coins of one kind are one asset on all chains; any other token is so by its contract."""
    if isinstance(token, AlgorandToken):
        return token.key
    kind = coin_type(token)
    return token.key if kind is None else kind
