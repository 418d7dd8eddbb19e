"""A portfolio's sums, held against a second reckoning of the same rows, over random portfolios."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.part import present
from resolvers.portfolio import Valued, portfolio, portfolio_of_id
from resolvers.position import Category, Protocol
from resolvers.wallet import Ecosystem, Wallet, evm_wallet
from resolvers.worth import PartWorth, Sums
from tests.records import position, token
from upstreams.addresses import algorand_address
from upstreams.decoding.decimals import EXACT
from upstreams.oneinch.attribution import Snapshot, by_identity
from upstreams.oneinch.client import PROTOCOLS, TOKENS, Position
from upstreams.oneinch.source import SnapshotKey
from upstreams.oneinch.whole import WholeWallets
from upstreams.source.cache import LRUCache

NOW = datetime(2026, 1, 1, tzinfo=UTC)
COIN = "0x" + "e" * 40
CONTRACTS = [*(f"0x{number:039x}A" for number in range(4)), COIN]
OWNERS = [f"0x{number:040x}" for number in (1, 2, 3)]
EVM = st.integers(0, 2**160 - 1).map(lambda number: evm_wallet(f"0x{number:040x}"))
ALGORAND = st.binary(min_size=32, max_size=32).map(
    lambda key: Wallet(algorand_address(key), Ecosystem.ALGORAND)
)
FIGURES = st.builds(
    lambda digits, places: EXACT.scaleb(Decimal(digits), -places),
    st.integers(-(10**30), 10**30),
    st.integers(0, 40),
)


@st.composite
def held(draw: st.DrawFn, owner: str, part: str) -> Snapshot:
    rows = [
        position(
            f"0x{number:02x}",
            chain=draw(st.sampled_from([1, 10, 137])),
            sign=draw(st.sampled_from([1, 1, -1])),
            status=draw(st.sampled_from([1, 1, 0, -1])),
            group="token" if part == TOKENS else draw(st.sampled_from(["a", "b", ""])),
            contract_address=draw(st.sampled_from(CONTRACTS)),
            wallet=owner,
            part=part,
        )
        for number in range(draw(st.integers(0, 6)))
    ]
    for row in rows:
        if not row.protocol_group_id:
            row.protocol_group_name = draw(st.sampled_from(["One", "Another"]))
        if draw(st.integers(0, 4)):
            row.value_usd = draw(FIGURES)
        else:
            # Something is held of which no price is known.
            row.value_usd, row.underlying_tokens = Decimal(0), (token(price=None),)
    return Snapshot(by_identity(rows))


class Reckoning:
    """The documented rules once more, with fractions, of the rows as the source sent them."""

    def __init__(self, snapshots: dict[str, tuple[Snapshot, Snapshot]]) -> None:
        self.counted: list[tuple[Position, Fraction | None]] = []
        for tokens, protocols in snapshots.values():
            opened = [row for row in protocols.rows if row.status != 0]
            places = {(row.chain_id, row.contract_address.lower()) for row in opened}
            for row in tokens.rows:
                place = row.chain_id, row.contract_address.lower()
                is_receipt = place in places and place[1] != COIN
                self.counted.append((row, Fraction(0) if is_receipt else self._worth(row)))
            self.counted += [(row, self._worth(row)) for row in protocols.rows]

    @staticmethod
    def _worth(row: Position) -> Fraction | None:
        if row.value_usd == 0:
            return None if row.underlying_tokens else Fraction(0)
        value = Fraction(row.value_usd)
        return -abs(value) if row.asset_sign < 0 else value

    def by(self, key: Callable[[Position], object]) -> dict[object, Fraction]:
        found: defaultdict[object, Fraction] = defaultdict(Fraction)
        for row, worth in self.counted:
            found[key(row)] += worth or 0
        return dict(found)


def said(parts: list[PartWorth]) -> dict[object, Fraction]:
    found = {}
    for part in parts:
        assert part.worth is not None
        of = part.of
        name = of.key if isinstance(of, Wallet) else of
        if isinstance(of, Protocol):
            name = of.group_id or of.group_name
        found[name] = Fraction(part.worth.value_usd)
    return found


def category(row: Position) -> Category:
    if row.part == PROTOCOLS:
        return Category.PROTOCOL
    return Category.NATIVE if row.contract_address == COIN else Category.TOKEN


@given(
    st.fixed_dictionaries(
        {one: st.tuples(held(one, TOKENS), held(one, PROTOCOLS)) for one in OWNERS}
    )
)
@settings(max_examples=1000, deadline=None)
def test_the_total_is_the_sum_by_everything_to_the_last_digit(
    snapshots: dict[str, tuple[Snapshot, Snapshot]],
) -> None:
    joining = WholeWallets(LRUCache())
    found = []
    for owner, (tokens, protocols) in snapshots.items():
        key = SnapshotKey(owner, None, None)
        rows = joining.join(key, tokens, protocols, keep=False)
        found.append((evm_wallet(owner), rows))
    parts = [present(TOKENS, wallet, NOW) for wallet, _ in found]
    sums = Sums([row for _, rows in found for row in rows])
    known = Valued(portfolio(wallet for wallet, _ in found), sums, parts)

    right = Reckoning(snapshots)

    whole = sum((worth for _, worth in right.counted if worth is not None), Fraction(0))
    assert Fraction(known.total.value_usd) == whole
    assert known.total.position_count == len(right.counted)
    assert known.total.unpriced_count == sum(worth is None for _, worth in right.counted)
    assert said(sums.by_chain) == right.by(lambda row: row.chain_id)
    assert said(sums.by_protocol) == right.by(
        lambda row: row.protocol_group_id or row.protocol_group_name
    )
    assert said(sums.by_category) == right.by(category)
    wallets = dict.fromkeys(OWNERS, Fraction(0)) | right.by(lambda row: row.wallet)
    assert said(known.by_wallet) == wallets


@given(
    st.lists(EVM | ALGORAND, min_size=1, max_size=100),
    st.none() | st.lists(st.integers(1, 2**31 - 1), min_size=1, max_size=5),
    st.none() | st.integers(0, 1_700_000_000),
)
def test_an_id_leads_back_to_its_portfolio(
    wallets: list[Wallet], chains: list[int] | None, at: int | None
) -> None:
    moment = None if at is None else datetime.fromtimestamp(at, UTC)
    made = portfolio(wallets, chains, moment)

    assert portfolio_of_id(made.id) == made
    assert portfolio(reversed([*wallets, wallets[0]]), chains, moment) == made
    assert set(made.wallets) == set(wallets)
