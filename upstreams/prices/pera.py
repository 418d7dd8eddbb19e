"""Pera: prices of Algorand's assets with logos, and whom Pera has verified or warns of."""

from collections.abc import Sequence
from typing import Any

from upstreams.decoding import decimals, strict_json
from upstreams.decoding.strict_json import NotAsDocumented
from upstreams.http.client import HttpClient
from upstreams.prices.quotes import ALGO, Quote, Verification

URL = "https://mainnet.api.perawallet.app"
_TIERS = {
    "trusted": Verification.VERIFIED,
    "verified": Verification.VERIFIED,
    "unverified": Verification.UNVERIFIED,
    "suspicious": Verification.SUSPICIOUS,
}


class Pera:
    """One asset a call: it has no list of chosen ones."""

    name = "Pera"
    attribution = "Data provided by Pera"
    most = 1

    def __init__(self, http: HttpClient) -> None:
        self.http = http

    async def quotes(self, asset_ids: Sequence[int]) -> dict[int, Quote]:
        (asset_id,) = asset_ids
        reply = await self.http.fetch(
            f"/v1/public/assets/{asset_id}/", template="/v1/public/assets/{asset_id}/"
        )
        if reply.status == 404:
            return {}
        if reply.status != 200:
            raise self.http.refusal(reply)
        quote = self.http.read(reply, lambda body: read_asset(body, asset_id))
        return {asset_id: quote}


def read_asset(body: bytes, asset_id: int) -> Quote:
    """What a body says of the asset; NotAsDocumented where it is about another one."""
    said = strict_json.exactly(body)
    if not isinstance(said, dict) or said.get("asset_id", asset_id) != asset_id:
        raise NotAsDocumented("another asset than the one asked for")
    usd = decimals.of_json(said.get("usd_value"))
    return Quote(
        asset_id=asset_id,
        usd=None if usd is None or usd <= 0 else usd,
        verification=Verification.VERIFIED if asset_id == ALGO else _tier(said),
        logo=said["logo"] if isinstance(said.get("logo"), str) else None,
    )


def _tier(said: dict[str, Any]) -> Verification:
    tier = said.get("verification_tier")
    found = _TIERS.get(tier) if isinstance(tier, str) else None
    return Verification.UNKNOWN if found is None else found
