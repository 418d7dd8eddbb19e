from collections.abc import Sequence

import httpx
import pytest
from msgspec.structs import replace

from sandbox import DEMO_ACCOUNTS, DEMO_WALLETS, Fault, Sandbox
from upstreams.algod.client import Algod
from upstreams.errors import (
    UpstreamContract,
    UpstreamRateLimited,
    UpstreamUnauthorized,
    UpstreamUnavailable,
)
from upstreams.oneinch.client import OneInch, Position

ALGOD_URL = "http://algod.test"
PORTFOLIO_URL = "http://portfolio.test"


def oneinch(box: Sandbox, key: str | None = None) -> OneInch:
    return OneInch.open(PORTFOLIO_URL, key, transport=httpx.ASGITransport(box.oneinch))


def algod(box: Sandbox, token: str | None = None) -> Algod:
    return Algod.open(ALGOD_URL, token, transport=httpx.ASGITransport(box.algod))


def without_values(rows: Sequence[Position]) -> list[Position]:
    """The rows without the value of their tokens, which only live answers were seen to have."""
    return [
        replace(
            row,
            underlying_tokens=tuple(replace(t, value_usd=None) for t in row.underlying_tokens),
            reward_tokens=tuple(replace(t, value_usd=None) for t in row.reward_tokens),
        )
        for row in rows
    ]


@pytest.mark.parametrize("wallet", DEMO_WALLETS.values(), ids=DEMO_WALLETS.keys())
async def test_both_shapes_of_a_wallet_are_the_same_records(wallet: str) -> None:
    documented = (await oneinch(Sandbox("documented")).snapshot([wallet])).rows
    observed = (await oneinch(Sandbox("observed", zero_owner=False)).snapshot([wallet])).rows

    assert without_values(observed) == without_values(documented)


async def test_accounts_are_paged_to_their_end_and_no_row_is_lost() -> None:
    box = Sandbox(gzip=True)
    for address in DEMO_ACCOUNTS.values():
        seen: list[int] = []
        after: int | None = None
        box.calls.clear()
        while True:
            page = await algod(box).account_assets(address, 1000, after)
            seen += [holding.asset_id for holding in page.holdings]
            if page.next_token is None:
                break
            after = int(page.next_token)
        pages = len(list(box.calls))

        account = await algod(box).account(address)

        assert len(seen) == len(set(seen)) == account.total_assets_opted_in
        assert seen == sorted(seen)
        assert pages == max(1, -(-len(seen) // 1000))


async def test_the_other_endpoints() -> None:
    box = Sandbox()
    node, portfolio = algod(box), oneinch(box)

    assert (await portfolio.status()).is_available
    assert await node.ready()
    assert (await node.status()).is_healthy
    assert (await node.versions()).build.major >= 4
    assert await node.asset(2**40) is None


async def test_keys_are_sent_and_wanted() -> None:
    box = Sandbox(require_key="k" * 8, require_token="t" * 64)
    wallet, account = next(iter(DEMO_WALLETS.values())), next(iter(DEMO_ACCOUNTS.values()))

    await oneinch(box, "k" * 8).snapshot([wallet])
    await algod(box, "t" * 64).account(account)
    with pytest.raises(UpstreamUnauthorized):
        await oneinch(box).snapshot([wallet])
    with pytest.raises(UpstreamUnauthorized):
        await algod(box).account(account)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.rate_limited(5), UpstreamRateLimited),
        (Fault.unavailable(), UpstreamUnavailable),
        (Fault.reset(), UpstreamUnavailable),
        (Fault.html(), UpstreamContract),
        (Fault.truncated(), UpstreamContract),
        (Fault.bad_utf8(), UpstreamContract),
        (Fault.gzip_bomb(40 << 20), UpstreamContract),
        (Fault.oversized(40 << 20), UpstreamContract),
    ],
    ids=["429", "503", "reset", "HTML", "truncated", "UTF-8", "gzip bomb", "oversized"],
)
async def test_what_the_sandbox_plays_is_what_the_clients_expect(
    fault: Fault, kind: type[Exception]
) -> None:
    box = Sandbox()
    box.faults.add("/", fault)

    with pytest.raises(kind):
        await oneinch(box).snapshot([next(iter(DEMO_WALLETS.values()))])
    with pytest.raises(kind):
        await algod(box).account_assets(next(iter(DEMO_ACCOUNTS.values())), 10)
    assert len(list(box.calls)) == 2
