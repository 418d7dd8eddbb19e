"""ARC-3 and ARC-19 by pure computation, with the vectors of their specifications."""

import pytest

from resolvers import arcs
from resolvers.arcs import Standard
from upstreams.algod import Asset, AssetParams

RESERVE = "EEQYWGGBHRDAMTEVDPVOSDVX3HJQIG6K6IVNR3RXHYOHV64ZWAEISS4CTI"
V0 = "QmQZyq4b89RfaUw8GESPd2re4hJqB8bnm4kVHNtyQrHnnK"
V1 = "bafkreibbegfrrqj4iydezfi35luq5n6z2mcbxsxsflmo4nz6dr5pxgnqba"


def asset(name: str | None = None, url: str | None = None, reserve: str | None = RESERVE) -> Asset:
    params = AssetParams(creator=RESERVE, total=1, decimals=0, name=name, url=url, reserve=reserve)
    return Asset(asset_id=1234, params=params)


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
    ],
)
def test_urls_are_resolved_by_their_conventions(url: str | None, resolved: str | None) -> None:
    assert arcs.resolved_url(asset(url=url)) == resolved


def test_a_dag_pb_content_id_of_version_1_begins_as_ipfs_writes_it() -> None:
    assert arcs.content_id(bytes(32), 1, "dag-pb") == (
        "bafybeiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    )


def test_a_template_without_a_reserve_cannot_be_resolved() -> None:
    assert arcs.resolved_url(asset(url=template(1, "raw"), reserve=None)) is None


def test_a_destroyed_asset_shows_nothing() -> None:
    destroyed = Asset(asset_id=7, params=None)
    assert arcs.standards(destroyed) == []
    assert arcs.resolved_url(destroyed) is None
