"""Whether a wallet may be dealt with: UNKNOWN, unless the operator has said who knows."""

from dataclasses import dataclass
from datetime import datetime

from resolvers.loaders import Loaders
from resolvers.wallet import Ecosystem, Wallet
from upstreams.compliance import Verdict
from upstreams.errors import UpstreamError

__all__ = ["Compliance", "Verdict", "compliance"]


@dataclass(frozen=True, slots=True)
class Compliance:
    """A verdict, who gave it and when; `reason` says why it is not known."""

    verdict: Verdict
    source: str | None = None
    checked_at: datetime | None = None
    reason: str | None = None


async def compliance(loaders: Loaders, wallet: Wallet) -> Compliance:
    """What is known of the wallet; a failure is a doubt, and no error."""
    # No cache in between may keep what is said of somebody's address.
    loaders.freshness.shorten(0)
    listed = loaders.upstreams.listed
    if listed is not None:
        verdict = listed.get(wallet.key, Verdict.UNKNOWN)
        reason = "It is not in the list." if verdict is Verdict.UNKNOWN else None
        return Compliance(verdict, "list", reason=reason)
    if not loaders.upstreams.portfolio.checks:
        return Compliance(Verdict.UNKNOWN, reason="No check is configured.")
    if wallet.ecosystem is not Ecosystem.EVM:
        return Compliance(Verdict.UNKNOWN, reason="The source knows EVM addresses alone.")
    try:
        found = await loaders.check.load(wallet.key)
    except UpstreamError:
        return Compliance(Verdict.UNKNOWN, "portfolio", reason="The source could not be asked.")
    is_doubt = found.value is Verdict.UNKNOWN
    reason = "The source's answer is no verdict on it." if is_doubt else None
    return Compliance(found.value, "portfolio", found.as_of, reason)
