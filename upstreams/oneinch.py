"""1inch: the Portfolio and Token API endpoints we use, and the records they return."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Self

import msgspec
from msgspec import UNSET, Struct, field
from msgspec.json import Decoder
from msgspec.structs import force_setattr

from upstreams.addresses import parse_evm
from upstreams.errors import UpstreamContract
from upstreams.http import Http, Limits, Transport
from upstreams.snapshot import (
    SNAPSHOT,
    ChainId,
    Decimals,
    Metadata,
    Position,
    SnapshotEnvelope,
    TokenBalance,
    members,
)

__all__ = ["OneInch", "Position", "ServiceStatus", "TokenBalance", "TokenInfo"]

SNAPSHOT_PATH = "/portfolio/portfolio/v5.0/tokens/snapshot"
STATUS_PATH = "/portfolio/portfolio/v5.0/general/status"


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

    chain_id: ChainId = field(name="chainId")
    address: str
    decimals: Decimals
    symbol: str | None = None
    name: str | None = None
    logo_url: str | None = field(default=None, name="logoURI")


class _Available(Struct, frozen=True):
    is_available: bool


class _StatusEnvelope(Struct, frozen=True):
    result: _Available
    meta: Metadata | None = None


_STATUS = Decoder(_StatusEnvelope, strict=False)
_TOKENS = Decoder(dict[str, TokenInfo], strict=False)


class OneInch:
    """The client: one method an endpoint, one call a method; raises UpstreamError."""

    def __init__(self, http: Http) -> None:
        self.http = http

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
        await self.http.aclose()

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
        answer = await self.http.get(SNAPSHOT_PATH, params, SNAPSHOT, members=members)
        return answer.result if isinstance(answer, SnapshotEnvelope) else answer

    async def status(self) -> ServiceStatus:
        """Whether the portfolio service is available, and how long it took to say so."""
        answer = await self.http.get(STATUS_PATH, (), _STATUS)
        meta = answer.meta or Metadata()
        return ServiceStatus(
            is_available=answer.result.is_available,
            cached_at=None if meta.cached_at is UNSET else meta.cached_at,
            **(msgspec.structs.asdict(meta.system) if meta.system else {}),
        )

    async def tokens(self, chain_id: int, addresses: Sequence[str]) -> dict[str, TokenInfo]:
        """What is known of tokens on a chain, by lower-case address; unknown ones are absent."""
        path = f"/token/v1.3/{int(chain_id)}/custom"
        params = _repeated("addresses", addresses)
        answer = await self.http.get(path, params, _TOKENS, source="tokens")
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
