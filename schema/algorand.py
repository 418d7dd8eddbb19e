"""What an Algorand account holds: its assets with their parameters, and its Algos."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from inspect import isawaitable
from operator import attrgetter
from typing import Annotated, Any, ClassVar

import strawberry
from graphql import GraphQLError

from resolvers import algorand as resolve
from resolvers import arcs, asset_texts, explorers, prices
from resolvers import holdings as held
from resolvers.algorand import KeptAsset, UnreadAsset
from resolvers.errors import BadRepresentation
from resolvers.holdings import HeldAsset
from resolvers.wallet import Ecosystem
from resolvers.wallet import Wallet as WalletRecord
from schema.calls import ACCOUNT
from schema.connection import STALE, PageInfo, given
from schema.context import Info
from schema.directives import PAGE
from schema.fields import OfRecords, derived, read, read_on
from schema.node import Node
from schema.price import AlgorandVerification, Price, priced
from schema.scalars import BigInt, parse_big_int
from upstreams.algod.client import Asset as AssetRecord
from upstreams.algod.client import AssetParams

Record = strawberry.Parent[resolve.AnyAsset]
Held = strawberry.Parent[HeldAsset]
Page = strawberry.Parent[held.Holdings]
Algos = strawberry.Parent[resolve.Algos]
_WALLET: Any = Annotated["Wallet", strawberry.lazy("schema.wallet")] | None  # noqa: F821

Standard = strawberry.enum(
    arcs.Standard,
    name="AlgorandStandard",
    description="A metadata convention an asset follows, as far as its parameters show.",
)


def _param(
    function: Callable[[AssetParams], object], description: str, *, graphql_type: Any = None
) -> Any:
    """A field that reads the asset's parameters; null for a destroyed asset."""

    def known(found: resolve.KnownAsset) -> object:
        return None if found.params is None else function(found.params)

    def param(found: resolve.AnyAsset) -> object:
        # The one question that most assets are asked comes first.
        params = found.params
        return function(params) if params is not None else resolve.of_known(found, known)

    return read(param, description, graphql_type=graphql_type)


def _role(attribute: str, description: str) -> Any:
    """A parameter that may change while the asset lives: it is never older than a minute."""

    def read(found: resolve.KnownAsset) -> Any:
        return None if found.params is None else getattr(found.params, attribute)

    def role(root: Record, info: Info) -> Any:
        return resolve.with_roles(info.context.loaders, root, read)

    return strawberry.field(resolver=role, description=description)


def _is_destroyed(found: resolve.KnownAsset) -> bool:
    return found.params is None


def _standards(found: resolve.AnyAsset) -> Any:
    return resolve.of_known(found, arcs.standards)


@strawberry.federation.type(
    keys=["id", "assetId"],
    description="An Algorand Standard Asset. A destroyed asset keeps its id and loses all else. "
    "Name, unit name and url are its creator's free text: show them as text, never trust them.",
)
class AlgorandAsset(Node, OfRecords):
    record_classes = (AssetRecord, KeptAsset, UnreadAsset)
    id: strawberry.ID = read(resolve.asset_global_id, "Global id of the asset.")
    asset_id: BigInt = strawberry.field(description="The asset's number on its network.")
    creator: str | None = _param(attrgetter("creator"), "The account that created it.")
    total: BigInt | None = _param(attrgetter("total"), "How many base units exist.")
    decimals: int | None = _param(
        attrgetter("decimals"),
        "How many decimal places one whole unit has, 0 to 19.",
    )
    default_frozen: bool | None = _param(
        attrgetter("default_frozen"),
        "Whether new holdings of it begin frozen.",
    )
    manager: str | None = _role(
        "manager", "The account that may change its roles or destroy it; null where nobody may."
    )
    reserve: str | None = _role(
        "reserve", "The account that holds units not yet in circulation; null where none does."
    )
    freeze: str | None = _role(
        "freeze", "The account that may freeze holdings; null where nobody may."
    )
    clawback: str | None = _role(
        "clawback", "The account that may take units back; null where nobody may."
    )
    name: str | None = _param(
        asset_texts.name,
        "The name, where it is UTF-8: trailing NULs and control characters are left out.",
    )
    name_base64: str | None = _param(
        attrgetter("name_b64"),
        "The name's bytes in base64; null when empty.",
    )
    unit_name: str | None = _param(
        asset_texts.unit_name,
        "The unit's name, in the same form as the name.",
    )
    unit_name_base64: str | None = _param(
        attrgetter("unit_name_b64"),
        "The unit name's bytes in base64; null when empty.",
    )
    url: str | None = _param(
        asset_texts.url,
        "The url the creator gave, in the same form as the name.",
    )
    url_base64: str | None = _param(
        attrgetter("url_b64"),
        "The url's bytes in base64; null when empty.",
    )
    metadata_hash: str | None = _param(
        attrgetter("metadata_hash"),
        "The 32-byte commitment to its metadata, in base64; null when all zero.",
    )

    @derived("Whether it was destroyed: its parameters are gone for ever.")
    @staticmethod
    def is_destroyed(root: Record, info: Info) -> bool | None:
        return resolve.with_roles(info.context.loaders, root, _is_destroyed)  # type: ignore[no-any-return]

    is_nft = _param(
        resolve.is_single,
        "Whether there is exactly one indivisible unit of it; null once destroyed.",
        graphql_type=bool | None,
    )
    standards = read(
        _standards,
        "The metadata conventions its parameters show; several may hold.",
        graphql_type=list[Standard] | None,  # type: ignore[valid-type]
    )

    @derived(
        "The url with its conventions worked out: ARC-19's template as an ipfs:// url, "
        "ARC-3's mark and placeholder resolved, ARC-89's box filled in. Untrusted: it may have "
        "any scheme."
    )
    @staticmethod
    def resolved_url(root: Record, info: Info) -> str | None:
        if root.params is not None and not arcs.needs_roles(root):
            return arcs.resolved_url(root)
        return resolve.with_roles(info.context.loaders, root, arcs.resolved_url)  # type: ignore[no-any-return]

    @priced(
        "What a whole unit of it costs; null too where the price is made by too little money to be "
        "relied on, or of an asset known for a fraud.",
        graphql_type=Price | None,
    )
    @staticmethod
    async def price(root: Record, info: Info) -> prices.Price | None:
        return await prices.price(info.context.loaders, root.asset_id)

    @priced("What the provider of prices thinks of it.", graphql_type=AlgorandVerification | None)
    @staticmethod
    async def verification(root: Record, info: Info) -> prices.Verification | None:
        return await prices.verification(info.context.loaders, root.asset_id)

    @priced("Where the provider of prices has a picture of it.", graphql_type=str | None)
    @staticmethod
    async def logo_url(root: Record, info: Info) -> str | None:
        return await prices.logo(info.context.loaders, root.asset_id)

    @derived("The asset's page on a public explorer; null on a network other than MainNet.")
    @staticmethod
    async def explorer_url(root: Record, info: Info) -> str | None:
        return await explorers.of_asset(info.context.loaders, root.asset_id)

    @derived(
        "A CAIP-19 asset id. No profile is registered for Algorand: the `asa` "
        "namespace is provisional and ours."
    )
    @staticmethod
    async def caip19(root: Record, info: Info) -> str | None:
        return await resolve.caip19(info.context.loaders, root)

    @classmethod
    async def resolve_reference(
        cls, info: Info, id: str | None = None, asset_id: Any = None
    ) -> Any:
        return await resolve.asset(info.context.loaders, _referred(id, asset_id))

    @classmethod
    def identity(cls, id: str | None = None, asset_id: Any = None) -> dict[str, object]:
        return {"assetId": _referred(id, asset_id)}


def _referred(id: str | None, asset_id: Any) -> int:
    if id is not None:
        return resolve.asset_id_of_id(id)
    if asset_id is not None:
        return _whole(asset_id)
    raise BadRepresentation("AlgorandAsset needs id or assetId")


def _whole(key: Any) -> int:
    try:
        return parse_big_int(key)
    except GraphQLError as error:
        raise BadRepresentation(f"assetId: {error.message}") from None


@strawberry.type(description="An account's holding of one asset.")
class AlgorandHolding(Node, OfRecords):
    record_classes = (HeldAsset,)
    id: strawberry.ID = read(held.holding_id, "Global id of the holding.")

    @derived("The account that holds it.", graphql_type=_WALLET)
    @staticmethod
    def wallet(root: Held) -> WalletRecord | None:
        return WalletRecord(root.account, Ecosystem.ALGORAND)

    asset = read(held.held_asset, "The asset held.", graphql_type=AlgorandAsset | None)
    amount = strawberry.field(description="Base units held.", graphql_type=BigInt)
    display_amount = read(
        held.display_amount,
        "Whole units held; null for a destroyed asset, whose decimals are gone.",
        graphql_type=Decimal | None,
    )
    is_frozen = strawberry.field(
        description="Whether the account may not transfer it.", graphql_type=bool
    )

    @priced(
        "What it is worth in US dollars; null too where its price is not known.",
        graphql_type=Decimal | None,
    )
    @staticmethod
    async def value_usd(root: Held) -> Decimal | None:
        units = held.display_amount(root)
        amount = await units if isawaitable(units) else units
        return await prices.value_usd(root.loaders, root.asset_id, amount)


@strawberry.type(description="A holding and its place in the list.")
class AlgorandHoldingEdge:
    node: AlgorandHolding = strawberry.field(description="The holding.")
    cursor: str = strawberry.field(description="Its place, for `after`.")


@strawberry.type(
    description="A page of an account's assets. Each page is the state of one round; the next may "
    "come from another."
)
class AlgorandHoldingConnection:
    edges: list[AlgorandHoldingEdge] = strawberry.field(
        description="The page's holdings with cursors.", directives=PAGE
    )
    nodes: list[AlgorandHolding] = strawberry.field(
        description="The page's holdings.", directives=PAGE
    )
    unreadable_count: int = strawberry.field(
        description="How many holdings of the page are left out because the source does not "
        "describe them as documented."
    )
    round: BigInt = strawberry.field(description="The round whose state the page shows.")
    as_of: datetime = strawberry.field(description="When the source gave this answer.")
    is_stale: bool = strawberry.field(description=STALE)

    page_info: PageInfo = read_on("Where the page stands.")

    @derived(
        "How many assets the account is opted in to; null for a filtered list. One "
        "further, cheap call to the source, made only when selected.",
        calls=ACCOUNT,
    )
    @staticmethod
    async def total_count(root: Page, info: Info) -> int | None:
        return await held.holding_count(info.context.loaders, root)


@strawberry.input(description="Which holdings of a page to keep: every part given must hold.")
class AlgorandHoldingFilter:
    is_shared: ClassVar[bool] = True

    is_frozen: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Frozen holdings, or free ones."
    )
    is_nft: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Holdings of single indivisible assets, or of all others.",
    )
    is_destroyed: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Holdings of destroyed assets, or of living ones."
    )
    has_balance: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Holdings of more than zero units, or of none."
    )

    def checked(self) -> held.HoldingFilter:
        return held.HoldingFilter(
            given(self.is_frozen),
            given(self.is_nft),
            given(self.is_destroyed),
            given(self.has_balance),
        )


@strawberry.type(description="An amount of Algorand's own coin, in both its units.")
class AlgoAmount:
    micro_algos: BigInt = strawberry.field(description="In microAlgos, the base unit.")
    algos: Decimal = strawberry.field(description="In Algos: microAlgos / 10^6.")


def _amount(read: Callable[[resolve.Algos], int], description: str) -> Any:
    def amount(root: Algos) -> AlgoAmount:
        units = read(root)
        return AlgoAmount(micro_algos=BigInt(units), algos=resolve.algo_units(units))

    return strawberry.field(resolver=amount, description=description)


@strawberry.type(description="An Algorand account's own coin.")
class AlgoBalance:
    balance: AlgoAmount = _amount(
        lambda algos: algos.account.amount, "All it has, pending rewards included."
    )
    minimum_balance: AlgoAmount = _amount(
        lambda algos: algos.account.min_balance,
        "What must stay in it, by the number of assets and applications it uses.",
    )
    spendable: AlgoAmount = _amount(
        lambda algos: resolve.spendable(algos.account), "The balance less the minimum."
    )
    as_of: datetime = strawberry.field(description="When the source gave this answer.")
    is_stale: bool = strawberry.field(description=STALE)

    @derived("Its part in consensus, in the node's words: Offline, Online or Not Participating.")
    @staticmethod
    def status(root: Algos) -> str:
        return root.account.status

    @priced(
        "What the balance is worth in US dollars; null too where its price is not known.",
        graphql_type=Decimal | None,
    )
    @staticmethod
    async def value_usd(root: Algos, info: Info) -> Decimal | None:
        return await prices.algo_value_usd(info.context.loaders, root.account.amount)

    @derived("The round whose state this is.")
    @staticmethod
    def round(root: Algos) -> BigInt:
        return BigInt(root.account.round)
