import httpx

from sandbox import Sandbox
from tests.upstreams.stage import FAST, key
from upstreams.open import UpstreamConfig, open_upstreams
from upstreams.source.timestamped import Timestamped

ADDRESS = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAY5HFKQ"


async def test_both_gateways_answer_from_the_sandbox_and_keep_what_it_said() -> None:
    box = Sandbox()
    config = UpstreamConfig(
        sandbox=True,
        oneinch_rps=FAST,
        algod_rps=FAST,
        oneinch_transport=httpx.ASGITransport(box.oneinch),
        algod_transport=httpx.ASGITransport(box.algod),
    )
    async with open_upstreams(config) as upstreams:
        for _ in range(2):
            [rows] = await upstreams.portfolio.snapshots([key(1)])
            assert isinstance(rows, Timestamped)
            assert (await upstreams.portfolio.status()).value.is_available
            assert (await upstreams.algorand.account(ADDRESS)).value.address == ADDRESS
            assert (await upstreams.algorand.status()).value.last_round > 0
            assert (await upstreams.algorand.versions()).value.genesis_id
            assert await upstreams.algorand.ready()
        states = [upstreams.portfolio.state(), upstreams.algorand.state()]

    assert [(state.name, state.mode, state.calls) for state in states] == [
        ("portfolio", "SANDBOX", 2),
        ("algorand", "SANDBOX", 4),
    ]
    assert len(box.calls) == 6
