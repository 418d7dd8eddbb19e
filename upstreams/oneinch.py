"""1inch: the Portfolio and Token API endpoints we use, and the records they return."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Self

from msgspec import Struct
from msgspec.structs import asdict

from upstreams import strict
from upstreams.addresses import parse_evm
from upstreams.envelope import Meta, opened
from upstreams.errors import UpstreamContract
from upstreams.http import Http, Limits, Transport, contract_error
from upstreams.row_reader import Answer, read_snapshot
from upstreams.slices import NotCut
from upstreams.snapshot import Position, TokenBalance
from upstreams.strict import NotAsDocumented
from upstreams.tokens import TokenInfo, read_tokens

__all__ = ["Answer", "OneInch", "Position", "ServiceStatus", "TokenBalance", "TokenInfo"]

SNAPSHOT_PATH = "/portfolio/portfolio/v5.0/tokens/snapshot"
STATUS_PATH = "/portfolio/portfolio/v5.0/general/status"


class ServiceStatus(Meta, frozen=True, kw_only=True):
    """general/status, whole: availability, and beside it what the envelope says of itself."""

    is_available: bool


class _Available(Struct, frozen=True):
    is_available: bool


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
    ) -> Answer:
        """What the wallets hold, on one chain or all, now or at a moment in Unix seconds.

        Rows of several wallets come in one list, and it may not be told whose a row is.
        """
        params = _repeated("addresses", addresses)
        if chain_id is not None:
            params.append(("chain_id", str(chain_id)))
        if at is not None:
            params.append(("timestamp", str(at)))
        return await self.http.get(SNAPSHOT_PATH, params, read_snapshot)

    async def status(self) -> ServiceStatus:
        """Whether the portfolio service is available, and how long it took to say so."""
        return await self.http.get(STATUS_PATH, (), _read_status)

    async def tokens(
        self, chain_id: int, addresses: Sequence[str]
    ) -> dict[str, TokenInfo | UpstreamContract]:
        """What is known of tokens on a chain, by lower-case address; unknown ones are absent."""
        path = f"/token/v1.3/{int(chain_id)}/custom"
        params = _repeated("addresses", addresses)
        asked = {value for _, value in params}
        read = partial(read_tokens, chain_id=chain_id, asked=asked)
        answer = await self.http.get(path, params, read, source="tokens")
        return {
            address: contract_error("tokens", str(token))
            if isinstance(token, NotAsDocumented)
            else token
            for address, token in answer.items()
        }


def _read_status(body: bytes) -> ServiceStatus:
    try:
        result, meta = opened(body)
    except NotCut:
        raise NotAsDocumented("text that is no envelope of a result") from None
    value = strict.exactly(result)
    available: _Available = strict.fit(value, _Available)
    return ServiceStatus(is_available=available.is_available, **asdict(meta))


def _repeated(name: str, addresses: Iterable[str]) -> list[tuple[str, str]]:
    return [(name, parse_evm(address)) for address in addresses]
