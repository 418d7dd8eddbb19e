"""What a portfolio holds of each token."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

import strawberry

from resolvers import token_pages, token_totals
from schema.algorand import AlgorandAsset
from schema.connection import STALE, PageInfo, given
from schema.directives import PAGE, sized
from schema.fields import read_on
from schema.position import OrderDirection
from schema.token import Token

Page = strawberry.Parent[token_pages.TokenTotals]
_WALLET: Any = Annotated["Wallet", strawberry.lazy("schema.wallet")]  # noqa: F821

TokenGrouping = strawberry.enum(
    token_totals.Grouping,
    name="TokenGrouping",
    description="What counts as one: TOKEN, a contract or coin on one chain; ASSET, also the same "
    "coin on several chains, such as ether. Tokens are never taken for one by their symbols.",
)
TokenTotalOrderField = strawberry.enum(
    token_pages.TotalOrder,
    name="TokenTotalOrderField",
    description="What tokens are ordered by: value in US dollars, or symbol.",
)


@strawberry.type(description="What one wallet has of a token.")
class TokenHolder:
    wallet: _WALLET = strawberry.field(description="The wallet.")
    amount: Decimal = strawberry.field(
        description="Whole tokens, in the wallet and in protocols, less what it owes."
    )
    value_usd: Decimal | None = strawberry.field(
        description="The same in US dollars; null where no price is known."
    )


@strawberry.type(
    description="What a portfolio has of one token, or of one asset on several chains, over its "
    "wallets. Sums are exact."
)
class TokenTotal:
    symbol: str | None = strawberry.field(description="The first token's symbol: untrusted text.")
    name: str | None = strawberry.field(description="The first token's name: untrusted text.")
    tokens: list[Token] = strawberry.field(
        description="The tokens, by chain: one unless grouped by asset; none of Algorand.",
        directives=sized(2),
    )
    algorand_asset: AlgorandAsset | None = strawberry.field(
        description="The Algorand asset; null for Algo itself, and for tokens of other chains."
    )
    amount: Decimal = strawberry.field(
        description="Whole tokens: `inWallets` and `inProtocols` less `owed`."
    )
    in_wallets: Decimal = strawberry.field(description="Whole tokens in the wallets themselves.")
    in_protocols: Decimal = strawberry.field(
        description="Whole tokens in protocols, rewards that can be claimed among them."
    )
    owed: Decimal = strawberry.field(description="Whole tokens owed: 0 or more.")
    price_usd: Decimal | None = strawberry.field(
        description="US dollars for one whole token; null where none is known, or where prices are "
        "more than a hundredth apart."
    )
    value_usd: Decimal | None = strawberry.field(
        description="What it is worth less what is owed, in US dollars; null where no price is "
        "known."
    )
    assets_usd: Decimal | None = strawberry.field(
        description="What is held of it, debts aside, in US dollars; null where no price is known."
    )
    share: Decimal | None = strawberry.field(
        description="What is held of it by all the portfolio's assets, as a ratio of 28 "
        "significant digits; null where there are no assets."
    )
    by_wallet: list[TokenHolder] = strawberry.field(
        description="What each wallet has of it, in the order of their addresses.",
        directives=sized(5),
    )


@strawberry.type(description="A token and its place in the list.")
class TokenTotalEdge:
    node: TokenTotal = strawberry.field(description="The token.")
    cursor: str = strawberry.field(description="Its place, for `after` and `before`.")


@strawberry.type(description="A page of what a portfolio has of each token.")
class TokenTotalConnection:
    edges: list[TokenTotalEdge] = strawberry.field(
        description="The page's tokens with cursors.", directives=PAGE
    )
    nodes: list[TokenTotal] = strawberry.field(description="The page's tokens.", directives=PAGE)
    total_count: int = strawberry.field(description="How many tokens the filter keeps.")
    is_complete: bool = strawberry.field(description="As `Portfolio.isComplete`.")
    as_of: datetime | None = strawberry.field(description="As `Portfolio.asOf`.")
    is_stale: bool = strawberry.field(description=STALE)

    page_info: PageInfo = read_on("Where the page stands.")


@strawberry.input(description="Which tokens to keep: every part given must hold.")
class TokenTotalFilter:
    is_shared: ClassVar[bool] = True

    chain_ids: list[int] | None = strawberry.field(
        default=strawberry.UNSET, description="Tokens of any of these chains, by EIP-155 id."
    )
    has_price: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Tokens with a known price, or without one, as most of what nobody asked for "
        "is.",
    )
    min_value_usd: Decimal | None = strawberry.field(
        default=strawberry.UNSET,
        description="Tokens worth at least this many US dollars, debts by their size; those "
        "without a price are left out.",
    )
    text: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Tokens that have this in their name or symbol, whatever the case; 256 "
        "characters at most.",
    )

    def checked(self) -> token_pages.TotalFilter:
        return token_pages.make_filter(
            chain_ids=given(self.chain_ids),
            has_price=given(self.has_price),
            min_value_usd=given(self.min_value_usd),
            text=given(self.text),
        )


@strawberry.input(
    description="How to order tokens. What has no value comes last either way; ties have a fixed "
    "order of their own."
)
class TokenTotalOrder:
    field: TokenTotalOrderField = strawberry.field(  # type: ignore[valid-type]
        default=token_pages.TotalOrder.VALUE, description="What to order by."
    )
    direction: OrderDirection = strawberry.field(
        default=OrderDirection.DESC, description="Which end comes first."
    )
