"""1inch: the Portfolio and Token API endpoints we use, and the records they return."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Self

from msgspec import Struct
from msgspec.structs import asdict

from upstreams.addresses import parse_evm
from upstreams.decoding import strict_json
from upstreams.decoding.split_json import NotCut
from upstreams.decoding.strict_json import NotAsDocumented
from upstreams.errors import UpstreamContract
from upstreams.http.client import HttpClient, Limits, Transport, contract_error
from upstreams.oneinch.chart import Chart, read_chart
from upstreams.oneinch.coverage import ChainInfo, ProtocolInfo, read_chains, read_protocols
from upstreams.oneinch.envelope import Meta, opened
from upstreams.oneinch.metrics import MetricsAnswer, read_metrics
from upstreams.oneinch.records import PROTOCOLS, TOKENS, Position, TokenBalance
from upstreams.oneinch.report import Report, read_report
from upstreams.oneinch.rows import Answer, read_snapshot
from upstreams.oneinch.tokens import TokenInfo, read_tokens
from upstreams.oneinch.total import SourceTotal, read_total

__all__ = [
    "PROTOCOLS",
    "TOKENS",
    "Answer",
    "OneInch",
    "Position",
    "ServiceStatus",
    "TokenBalance",
    "TokenInfo",
]

_BASE = "/portfolio/portfolio/v5.0"
STATUS_PATH = f"{_BASE}/general/status"


class ServiceStatus(Meta, frozen=True, kw_only=True):
    """general/status, whole: availability, and beside it what the envelope says of itself."""

    is_available: bool


class _Available(Struct, frozen=True):
    is_available: bool


class OneInch:
    """The client: one method an endpoint, one call a method; raises UpstreamError."""

    def __init__(self, http: HttpClient) -> None:
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
            HttpClient(url, source="portfolio", headers=headers, transport=transport, limits=limits)
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self.http.aclose()

    async def snapshot(
        self,
        addresses: Sequence[str],
        chain_id: int | None = None,
        at: int | None = None,
        part: str = TOKENS,
    ) -> Answer:
        """What the wallets hold, on one chain or all, now or at a moment in Unix seconds.

        `part` is TOKENS, what lies in the wallets themselves, or PROTOCOLS, what they have in
        protocols. Rows of several wallets come in one list, and it may not be told whose a row is.
        """
        params = _repeated("addresses", addresses)
        if chain_id is not None:
            params.append(("chain_id", str(chain_id)))
        if at is not None:
            params.append(("timestamp", str(at)))
        return await self.http.get(f"{_BASE}/{part}/snapshot", params, read_snapshot)

    async def chart(self, addresses: Sequence[str], chain_id: int | None, timerange: str) -> Chart:
        """What the wallets were worth together, on one chain or all; `timerange` is in RANGES.

        The source's own cache may answer: its time is in the chart.
        """
        params = _repeated("addresses", addresses)
        if chain_id is not None:
            params.append(("chain_id", str(chain_id)))
        params += [("timerange", timerange), ("use_cache", "true")]
        return await self.http.get(f"{_BASE}/general/chart", params, read_chart)

    async def metrics(
        self, addresses: Sequence[str], chain_id: int | None, timerange: str, part: str
    ) -> MetricsAnswer:
        """What the wallets' positions earned, on one chain or all; `timerange` is in RANGES.

        Rows name no wallet, and an older server takes no notice of the range for PROTOCOLS.
        """
        params = _repeated("addresses", addresses)
        if chain_id is not None:
            params.append(("chain_id", str(chain_id)))
        params += [("timerange", timerange), ("use_cache", "true")]
        return await self.http.get(f"{_BASE}/{part}/metrics", params, read_metrics)

    async def total(self, addresses: Sequence[str], chain_id: int | None) -> SourceTotal:
        """What the source says that wallets are worth together, on one chain or all."""
        params = _repeated("addresses", addresses)
        if chain_id is not None:
            params.append(("chain_id", str(chain_id)))
        return await self.http.get(f"{_BASE}/general/current_value", params, read_total)

    async def check(self, addresses: Sequence[str]) -> Any:
        """general/address_check: JSON of whatever shape, as the document promises none."""
        params = _repeated("addresses", addresses)
        return await self.http.get(f"{_BASE}/general/address_check", params, strict_json.exactly)

    async def report(
        self, addresses: Sequence[str], chain_id: int | None, timerange: str
    ) -> Report:
        """The source's own table of what wallets hold; `timerange` is in RANGES.

        It is text, whatever the answer says that it is.
        """
        params = _repeated("addresses", addresses)
        if chain_id is not None:
            params.append(("chain_id", str(chain_id)))
        params.append(("timerange", timerange))
        reply = await self.http.fetch(f"{_BASE}/general/report", params)
        if reply.status != 200:
            raise self.http.refusal(reply)
        try:
            return read_report(reply.body)
        except NotAsDocumented as error:
            what = str(error)
        raise contract_error("portfolio", what)

    async def chains(self) -> tuple[ChainInfo, ...]:
        """The chains that are read."""
        return await self.http.get(f"{_BASE}/general/supported_chains", (), read_chains)

    async def protocols(self) -> tuple[ProtocolInfo, ...]:
        """The protocols that are read, and on which chains."""
        return await self.http.get(f"{_BASE}/general/supported_protocols", (), read_protocols)

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
    value = strict_json.exactly(result)
    available: _Available = strict_json.fit(value, _Available)
    return ServiceStatus(is_available=available.is_available, **asdict(meta))


def _repeated(name: str, addresses: Iterable[str]) -> list[tuple[str, str]]:
    return [(name, parse_evm(address)) for address in addresses]
