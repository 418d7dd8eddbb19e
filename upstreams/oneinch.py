"""1inch: the Portfolio and Token API endpoints we use, and the records they return.

The published schema and live answers disagree, so both are read: a bare array or `{result, meta}`,
`chain` or `chain_id`, absent optional keys, unknown keys, numbers sent as strings.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Self

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, field
from msgspec.json import Decoder
from msgspec.structs import force_setattr

from upstreams.addresses import parse_evm
from upstreams.errors import UpstreamContract
from upstreams.http import Http, Limits, Transport
from upstreams.strict import MAX_DIGITS, Absences

SNAPSHOT_PATH = "/portfolio/portfolio/v5.0/tokens/snapshot"
STATUS_PATH = "/portfolio/portfolio/v5.0/general/status"

# Defaults that mean "no such key" until __post_init__ has put the real ones in place.
_ABSENT: Any = msgspec.UNSET
_ZERO = Decimal(0)
_DEFAULTS: dict[str, object] = {
    "block_number": None,
    "timestamp": None,
    "protocol_sub_group_id": None,
    "protocol_sub_group_name": None,
    "status": -1,
    "underlying_tokens": (),
    "reward_tokens": (),
    "locked": False,
}
_absences = Absences()

_ChainId = Annotated[int, Meta(ge=0, le=2**31 - 1)]
_Decimals = Annotated[int, Meta(ge=0, le=255)]
_Natural = Annotated[int, Meta(ge=0)]
_Seconds = Annotated[int, Meta(ge=0, lt=2**32)]
_Sign = Annotated[int, Meta(ge=-128, le=127)]


class TokenBalance(Struct, frozen=True, gc=False, kw_only=True):
    """An amount of one token inside a position, in whole tokens (already divided by decimals).

    `value_usd` is undocumented, though seen live: None means that it did not come. A price of 0
    is also what an absent one means, so it cannot be told from unknown.
    """

    address: str
    decimals: _Decimals
    chain_id: _ChainId = _ABSENT
    chain: _ChainId | None = None
    symbol: str | None = None
    name: str | None = None
    amount: Decimal = _ZERO
    price_usd: Decimal | None = _ZERO
    value_usd: Decimal | None = None

    def __post_init__(self) -> None:
        if self.chain is not None or self.chain_id is _ABSENT:
            _settle_chain(self)
        _check_number("amount", self.amount)
        if self.price_usd is not None:
            _check_number("price_usd", self.price_usd)
        if self.value_usd is not None:
            _check_number("value_usd", self.value_usd)


class Position(Struct, frozen=True, gc=False, kw_only=True):
    """One row of a snapshot (AdapterResult): something a wallet holds or owes.

    `address` is the owner as the upstream names it and may be the zero address. `value_usd` may
    carry either sign on debts: the sign to go by is `asset_sign`. `block_number` and `timestamp`
    (Unix seconds) are of the snapshot, None for a current one. `wallet`, `at` and `ordinal` are
    stamped by the gateway: the wallet asked for in lower case, the moment asked for, and a number
    that tells rows of equal (chain_id, index, asset_sign) apart.
    """

    index: str
    chain_id: _ChainId = _ABSENT
    chain: _ChainId | None = None
    contract_address: str
    token_id: _Natural
    address: str
    block_number_created: _Natural
    block_number: _Natural | None = _ABSENT
    timestamp: _Seconds | None = _ABSENT
    protocol_type: str
    protocol_handler_id: str
    protocol_group_id: str
    protocol_group_name: str
    protocol_group_icon: str | None
    protocol_sub_group_id: str | None = _ABSENT
    protocol_sub_group_name: str | None = _ABSENT
    contract_name: str
    contract_symbol: str
    asset_sign: _Sign
    status: int = _ABSENT
    underlying_tokens: tuple[TokenBalance, ...] = _ABSENT
    reward_tokens: tuple[TokenBalance, ...] = _ABSENT
    value_usd: Decimal
    locked: bool = _ABSENT
    wallet: str = field(default="", name="@wallet")
    at: int | None = field(default=None, name="@at")
    ordinal: int = field(default=0, name="@ordinal")

    def __post_init__(self) -> None:
        if self.chain is not None or self.chain_id is _ABSENT:
            _settle_chain(self)
        if (
            self.block_number is _ABSENT
            or self.timestamp is _ABSENT
            or self.protocol_sub_group_id is _ABSENT
            or self.protocol_sub_group_name is _ABSENT
            or self.status is _ABSENT
            or self.underlying_tokens is _ABSENT
            or self.reward_tokens is _ABSENT
            or self.locked is _ABSENT
        ):
            _fill(self)
        _check_number("value_usd", self.value_usd)
        if self.token_id >= 2**256:
            raise ValueError("`token_id` is beyond 256 bits")
        if self.block_number_created >= 2**64 or (self.block_number or 0) >= 2**64:
            raise ValueError("a block number is beyond 64 bits")


class ServiceStatus(Struct, frozen=True, kw_only=True):
    """general/status, whole: availability, the time of a cached answer, and its timings.

    `cached_at` is in Unix seconds, the timings are presumably seconds; None where meta has none.
    """

    is_available: bool
    cached_at: int | None = None
    click_time: Decimal | None = None
    node_time: Decimal | None = None
    microservices_time: Decimal | None = None
    redis_time: Decimal | None = None
    total_time: Decimal | None = None


class TokenInfo(Struct, frozen=True, kw_only=True):
    """What the Token API knows of one token; `address` is in lower case."""

    chain_id: _ChainId = field(name="chainId")
    address: str
    decimals: _Decimals
    symbol: str | None = None
    name: str | None = None
    logo_url: str | None = field(default=None, name="logoURI")


class _Processing(Struct, frozen=True):
    click_time: Decimal = _ZERO
    node_time: Decimal = _ZERO
    microservices_time: Decimal = _ZERO
    redis_time: Decimal = _ZERO
    total_time: Decimal = _ZERO

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            _check_number(name, getattr(self, name))


class _Meta(Struct, frozen=True):
    cached_at: _Natural | UnsetType | None = UNSET
    system: _Processing | UnsetType | None = UNSET


class _Available(Struct, frozen=True):
    is_available: bool


class _StatusEnvelope(Struct, frozen=True):
    result: _Available
    meta: _Meta | None = None


class _SnapshotEnvelope(Struct, frozen=True):
    result: tuple[Position, ...]
    meta: _Meta | UnsetType | None = UNSET


_SNAPSHOT: Decoder[tuple[Position, ...] | _SnapshotEnvelope] = Decoder(
    tuple[Position, ...] | _SnapshotEnvelope, strict=False
)
_STATUS = Decoder(_StatusEnvelope, strict=False)
_TOKENS = Decoder(dict[str, TokenInfo], strict=False)


class OneInch:
    """The client: one method an endpoint, one call a method; raises UpstreamError."""

    def __init__(self, http: Http) -> None:
        self._http = http

    @classmethod
    def open(
        cls,
        url: str,
        key: str | None = None,
        *,
        transport: Transport | None = None,
        limits: Limits | None = None,
    ) -> Self:
        """A client of the API below `url`, with the account's key where there is one."""
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return cls(
            Http(url, source="portfolio", headers=headers, transport=transport, limits=limits)
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def snapshot(
        self, addresses: Sequence[str], chain_id: int | None = None, at: int | None = None
    ) -> tuple[Position, ...]:
        """What the wallets hold, on one chain or all, now or at a moment in Unix seconds.

        Rows of several wallets come in one list, and it may not be told whose a row is.
        """
        params = _repeated("addresses", addresses)
        if chain_id is not None:
            params.append(("chain_id", str(chain_id)))
        if at is not None:
            params.append(("timestamp", str(at)))
        answer = await self._http.get(SNAPSHOT_PATH, params, _SNAPSHOT, members=_members)
        return answer.result if isinstance(answer, _SnapshotEnvelope) else answer

    async def status(self) -> ServiceStatus:
        """Whether the portfolio service is available, and how long it took to say so."""
        answer = await self._http.get(STATUS_PATH, (), _STATUS)
        meta = answer.meta or _Meta()
        return ServiceStatus(
            is_available=answer.result.is_available,
            cached_at=None if meta.cached_at is UNSET else meta.cached_at,
            **(msgspec.structs.asdict(meta.system) if meta.system else {}),
        )

    async def tokens(self, chain_id: int, addresses: Sequence[str]) -> dict[str, TokenInfo]:
        """What is known of tokens on a chain, by lower-case address; unknown ones are absent."""
        path = f"/token/v1.3/{int(chain_id)}/custom"
        params = _repeated("addresses", addresses)
        answer = await self._http.get(path, params, _TOKENS, source="tokens")
        asked = {value for _, value in params}
        return _by_address(answer, chain_id, asked)


def _repeated(name: str, addresses: Iterable[str]) -> list[tuple[str, str]]:
    return [(name, parse_evm(address)) for address in addresses]


def _by_address(
    answer: Mapping[str, TokenInfo], chain_id: int, asked: set[str]
) -> dict[str, TokenInfo]:
    found: dict[str, TokenInfo] = {}
    for key, token in answer.items():
        lower = key.lower()
        if lower not in asked:
            continue
        if token.chain_id != chain_id or token.address.lower() != lower:
            raise UpstreamContract(
                "The token API described another token than the one asked for.", source="tokens"
            )
        force_setattr(token, "address", lower)
        found[lower] = token
    return found


def _settle_chain(record: TokenBalance | Position) -> None:
    """Fill `chain_id` from `chain`: the schema has one on rows, the other on tokens; live swaps."""
    if record.chain_id is _ABSENT:
        if record.chain is None:
            raise ValueError("neither `chain_id` nor `chain` is there")
        force_setattr(record, "chain_id", record.chain)
    elif record.chain != record.chain_id:
        raise ValueError("`chain_id` and `chain` differ")
    # Emptied, so that the same row is the same record whichever way it came.
    force_setattr(record, "chain", None)


def _fill(row: Position) -> None:
    absent = [name for name in _DEFAULTS if getattr(row, name) is _ABSENT]
    _absences.note(len(absent))
    for name in absent:
        force_setattr(row, name, _DEFAULTS[name])


def _members(answer: tuple[Position, ...] | _SnapshotEnvelope) -> int:
    """How many keys the answer surely had; see `strict.decode`.

    A row has 23 known keys. A token has three and those whose value is not the very object that
    stands for an absent one: a null may be counted as absent, never the other way round.
    """
    count = -_absences.take()
    if isinstance(answer, _SnapshotEnvelope):
        rows = answer.result
        count += 1 + _meta_members(answer.meta)
    else:
        rows = answer
    count += 23 * len(rows)
    for row in rows:
        for tokens in (row.underlying_tokens, row.reward_tokens):
            for token in tokens:
                count += (
                    3
                    + (token.symbol is not None)
                    + (token.name is not None)
                    + (token.amount is not _ZERO)
                    + (token.price_usd is not _ZERO)
                    + (token.value_usd is not None)
                )
    return count


def _meta_members(meta: _Meta | UnsetType | None) -> int:
    if not isinstance(meta, _Meta):
        return int(meta is None)
    count = 1 + (meta.cached_at is not UNSET) + (meta.system is not UNSET)
    if isinstance(meta.system, _Processing):
        count += sum(value is not _ZERO for value in msgspec.structs.astuple(meta.system))
    return count


def _check_number(name: str, value: Decimal) -> None:
    """Refuse what msgspec lets through: NaN, infinities, and exponents that print as megabytes."""
    if not -100 <= value.adjusted() < MAX_DIGITS or not value.is_finite():
        raise ValueError(f"`{name}` is no number of this world")
