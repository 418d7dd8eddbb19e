"""ARC-3, ARC-19 and ARC-89 by pure computation, with the vectors of their specifications."""

import pytest

from resolvers import arcs
from resolvers.algorand import DestroyedAsset
from resolvers.arcs import Standard
from upstreams.algod.client import Asset, AssetParams

RESERVE = "EEQYWGGBHRDAMTEVDPVOSDVX3HJQIG6K6IVNR3RXHYOHV64ZWAEISS4CTI"
BOX = "algorand://app/1001?box="
V0 = "QmQZyq4b89RfaUw8GESPd2re4hJqB8bnm4kVHNtyQrHnnK"
V1 = "bafkreibbegfrrqj4iydezfi35luq5n6z2mcbxsxsflmo4nz6dr5pxgnqba"


def asset(
    name: str | None = None,
    url: str | None = None,
    reserve: str | None = RESERVE,
    asset_id: int = 1234,
    url_b64: str | None = None,
) -> Asset:
    params = AssetParams(
        creator=RESERVE,
        total=1,
        decimals=0,
        name=name,
        url=url,
        url_b64=url_b64,
        reserve=reserve,
    )
    return Asset(asset_id=asset_id, params=params)


def template(version: int, codec: str) -> str:
    return f"template-ipfs://{{ipfscid:{version}:{codec}:reserve:sha2-256}}"


@pytest.mark.parametrize(
    ("name", "url", "found"),
    [
        (None, None, []),
        ("arc3", None, [Standard.ARC3]),
        ("Gold@arc3", None, [Standard.ARC3]),
        ("arc3 gold", "https://example.org", []),
        (None, "ipfs://x#arc3", [Standard.ARC3]),
        (None, template(0, "dag-pb"), [Standard.ARC19]),
        ("arc3", template(1, "raw") + "#arc3", [Standard.ARC3, Standard.ARC19]),
        (None, BOX + "#arc89", [Standard.ARC89]),
        (None, BOX, [Standard.ARC89]),
        (None, BOX + "#arc20+89", [Standard.ARC89]),
        (None, BOX + "#arc89+20", [Standard.ARC89]),
        (None, BOX + "#arc20+62", [Standard.ARC89]),
        (None, BOX + "#arc3", [Standard.ARC3, Standard.ARC89]),
        (None, BOX + "#arc3+89", [Standard.ARC3, Standard.ARC89]),
        ("Gold@arc3", BOX + "#arc89", [Standard.ARC3, Standard.ARC89]),
        (None, "algorand://net:testnet/app/752790676?box=#arc89", [Standard.ARC89]),
        (
            None,
            "algorand://gh:SGO1GKSzyE7IEPItTxCByw9x8FmnrCDexi9_cOUJOiI/app/7?box=#arc89",
            [Standard.ARC89],
        ),
        (None, "ALGORAND://app/1001?box=#arc89", [Standard.ARC89]),
        (None, BOX + "AAAAAAAAAE0#arc89", [Standard.ARC89]),
        (None, BOX + "AAAAAAAAAE0", []),
        (None, BOX + "AAAAAAAAAE0#arc890", []),
        (None, BOX + "AAAAAAAAAE0#arc089", []),
        (None, BOX + "AAAAAAAAAE0#arc20+089", []),
        (None, BOX + "AAAAAAAAAE0#arc20+arc89", []),
        (None, BOX + "AAAAAAAAAE0#arc20+89+", []),
        (None, BOX + "AAAAAAAAAE0#arc89#arc89", []),
        (None, BOX + "AAAAAAAAAE0#ARC89", []),
        (None, BOX + "AAAAAAAAAE0#arc٨٩", []),
        (None, BOX + "AAAAAAAAAE0#89", []),
        (None, "algorand://app/1001#arc89", []),
        (None, "algorand://app/x?box=#arc89", []),
        (None, "algorand://asset/1001?box=#arc89", []),
        (None, "algorand://APP/1001?box=#arc89", []),
        (None, "https://app/1001?box=#arc89", []),
        (None, "x algorand://app/1001?box=#arc89", []),
    ],
)
def test_standards_are_read_off_name_and_url(
    name: str | None, url: str | None, found: list[Standard]
) -> None:
    assert arcs.standards(asset(name, url)) == found


@pytest.mark.parametrize(
    ("url", "resolved"),
    [
        (None, None),
        ("https://example.org/a.json", "https://example.org/a.json"),
        ("https://example.org/{id}.json#arc3", "https://example.org/1234.json"),
        (template(0, "dag-pb"), f"ipfs://{V0}"),
        (template(1, "raw"), f"ipfs://{V1}"),
        (template(1, "raw") + "/{id}.json#arc3", f"ipfs://{V1}/1234.json"),
        (template(0, "raw"), None),
        ("template-ipfs://{ipfscid:2:raw:reserve:sha2-256}", None),
        ("template-ipfs://{ipfscid:1:raw:manager:sha2-256}", None),
        ("template-ipfs://{ipfscid:1:raw:reserve:sha2-512}", None),
        ("template-ipfs://{ipfscid:1:raw:reserve:sha2-256", None),
        ("template-ipfs://x/{ipfscid:1:raw:reserve:sha2-256}", None),
        ("template-ipfs:// {ipfscid:1:raw:reserve:sha2-256}", None),
        ("template-ipfs://", None),
        (template(1, "raw") + "?x#y", f"ipfs://{V1}?x#y"),
        (template(1, "raw") + "/" + template(0, "dag-pb"), f"ipfs://{V1}/{template(0, 'dag-pb')}"),
        (BOX + "#arc89", BOX + "AAAAAAAABNI"),
        (BOX, BOX + "AAAAAAAABNI"),
        (BOX + "#arc3+89", BOX + "AAAAAAAABNI"),
        (BOX + "#arc3", BOX + "AAAAAAAABNI"),
        (BOX + "&x={id}#arc89", BOX + "AAAAAAAABNI&x={id}"),
        ("algorand://app/7?x=1&box=#arc89", "algorand://app/7?x=1&box=AAAAAAAABNI"),
        ("algorand://app/7?box=&box=#arc89", "algorand://app/7?box=AAAAAAAABNI&box="),
        ("algorand://app/7?xbox=#arc89", "algorand://app/7?xbox=#arc89"),
        (BOX + "AAAAAAAAAE0#arc89", BOX + "AAAAAAAAAE0"),
        (BOX + "#arc089", BOX + "AAAAAAAABNI#arc089"),
        ("AlgoRand://net:x/app/7?box=#arc89", "AlgoRand://net:x/app/7?box=AAAAAAAABNI"),
        ("algorand://asset/7?total", "algorand://asset/7?total"),
    ],
)
def test_urls_are_resolved_by_their_conventions(url: str | None, resolved: str | None) -> None:
    assert arcs.resolved_url(asset(url=url)) == resolved


@pytest.mark.parametrize(
    ("asset_id", "box"),
    [
        (1, "AAAAAAAAAAE"),
        (12345, "AAAAAAAAMDk"),
        (2**32, "AAAAAQAAAAA"),
        (2**63 - 1, "f_________8"),
        (2**64 - 1, "__________8"),
    ],
)
def test_a_box_is_named_as_the_specification_names_it(asset_id: int, box: str) -> None:
    found = asset(url=BOX + "#arc89", asset_id=asset_id)

    assert arcs.resolved_url(found) == BOX + box


def test_a_url_that_comes_in_base64_alone_follows_conventions_too() -> None:
    found = asset(url_b64="aXBmczovL3gjYXJjMwAAAA==")

    assert arcs.standards(found) == [Standard.ARC3]
    assert arcs.resolved_url(found) == "ipfs://x"


def test_a_long_url_is_looked_at_once() -> None:
    for url in (
        BOX[:-4] + "&" * 200_000,
        BOX[:-4] + "a=&box" * 40_000,
        BOX + "#arc3" + "+3" * 99_999,
    ):
        found = asset(url=url)
        arcs.standards(found)
        arcs.resolved_url(found)


def test_a_dag_pb_content_id_of_version_1_begins_as_ipfs_writes_it() -> None:
    assert arcs.content_id(bytes(32), 1, "dag-pb") == (
        "bafybeiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    )


@pytest.mark.parametrize("reserve", [None, "", "canary", RESERVE[:-1] + "A", RESERVE.lower()])
def test_a_template_without_a_reserve_address_cannot_be_resolved(reserve: str | None) -> None:
    assert arcs.resolved_url(asset(url=template(1, "raw"), reserve=reserve)) is None


def test_a_destroyed_asset_shows_nothing() -> None:
    destroyed = DestroyedAsset(asset_id=7)
    assert arcs.standards(destroyed) == []
    assert arcs.resolved_url(destroyed) is None
