"""What an EVM wallet holds: a hash of its address decides, save for a few named demo wallets."""

from decimal import Decimal
from functools import lru_cache

import msgspec
from msgspec import UNSET, UnsetType

from sandbox.demos import CREATED, DEMOS, LISTED_CHAINS, some_tokens
from sandbox.dice import Dice
from sandbox.positions import bare, coin, gauge, loan, plain, pool, spam, staked, worth
from sandbox.rows import EXACT, Row, TokenRow, exact_sum, index_of
from sandbox.tokens import KNOWN, LONG_TAIL, NATIVE, SPAM, block_at, known

ZERO = "0x" + "0" * 40


@lru_cache(maxsize=256)
def positions(wallet: str) -> tuple[Row, ...]:
    """All rows of a lower-case address on all chains, now, in the documented shape."""
    make = DEMOS.get(wallet)
    return tuple(make(wallet) if make else _anyone(wallet))


def at(row: Row, timestamp: int) -> Row:
    """The row as it was at a Unix time: other prices, and the block it was read at."""
    chain_id = row.chain_id or 0
    underlying, rewards = (
        tokens
        if isinstance(tokens, UnsetType)
        else tuple(_priced_at(token, timestamp) for token in tokens)
        for tokens in (row.underlying_tokens, row.reward_tokens)
    )
    value = row.value_usd.copy_abs()
    if not isinstance(underlying, UnsetType):
        value = exact_sum(token.value for token in (*underlying, *(rewards or ())))
    return msgspec.structs.replace(
        row,
        block_number=max(row.block_number_created, block_at(chain_id, timestamp)),
        timestamp=timestamp,
        underlying_tokens=underlying,
        reward_tokens=rewards,
        value_usd=value.copy_sign(row.value_usd),
    )


def observed(row: Row, *, zero_owner: bool) -> Row:
    """The row as live answers had it: `chain` and `chain_id` swapped, values on tokens.

    With `zero_owner` a coin's row names the zero address as its owner, and its index is a hash of
    that address: two wallets share it.
    """
    owner, index = row.address, row.index
    if zero_owner and row.protocol_handler_id == "native":
        owner = ZERO
        index = index_of(ZERO, row.chain_id or 0, row.contract_address, 0, None)
    return msgspec.structs.replace(
        row,
        index=index,
        chain_id=UNSET,
        chain=row.chain_id,
        address=owner,
        underlying_tokens=_observed_tokens(row.underlying_tokens),
        reward_tokens=_observed_tokens(row.reward_tokens),
    )


def _observed_tokens(
    tokens: tuple[TokenRow, ...] | UnsetType,
) -> tuple[TokenRow, ...] | UnsetType:
    if isinstance(tokens, UnsetType):
        return UNSET
    return tuple(
        msgspec.structs.replace(token, chain=UNSET, chain_id=token.chain, value_usd=token.value)
        for token in tokens
    )


def _priced_at(token: TokenRow, timestamp: int) -> TokenRow:
    if not isinstance(token.price_usd, Decimal):
        return token
    dice = Dice(f"price {token.chain} {token.address} {timestamp // 86400}")
    # Never 1: a moment in the past is told from now by its value alone.
    factor = EXACT.scaleb(Decimal(dice.between(500, 950)), -3)
    return msgspec.structs.replace(token, price_usd=EXACT.multiply(token.price_usd, factor))


def _anyone(wallet: str) -> list[Row]:
    dice = Dice(f"wallet {wallet}")
    rows: dict[str, Row] = {}
    for _ in range(dice.below(25)):
        row = _some_position(wallet, dice)
        if dice.one_in(16):
            row = bare(row, with_tokens=dice.one_in(2))
        rows.setdefault(row.index, row)
    return list(rows.values())


def _some_position(wallet: str, dice: Dice) -> Row:
    kind = dice.below(20)
    if kind < 4:
        return coin(wallet, worth(dice, NATIVE[dice.pick(LISTED_CHAINS)]))
    tokens = KNOWN[dice.pick(LISTED_CHAINS)]
    created = dice.between(*CREATED)
    if kind < 11:
        token = dice.pick(LONG_TAIL[tokens[0].chain_id] if kind == 10 else tokens)
        return plain(wallet, worth(dice, token))
    if kind < 14:
        pair = some_tokens(dice, tokens, 2)
        number = dice.below(2**256) if dice.one_in(4) else dice.between(1, 10**6)
        status = dice.pick((1, 1, 0, -1))
        return pool(wallet, pair, number, status=status, created=created)
    if kind == 14:
        three = some_tokens(dice, KNOWN[1], 3)
        return gauge(wallet, three, worth(dice, known(1, "CRV")), created)
    if kind == 15:
        return staked(wallet, worth(dice, NATIVE[1]), created)
    if kind == 16:
        return spam(wallet, dice.below(len(SPAM)))
    return loan(
        wallet, worth(dice, dice.pick(tokens)), created, owed=kind > 17, is_negative=kind > 18
    )
