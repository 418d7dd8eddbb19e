"""Algorand's conventions for asset metadata, read off an asset's parameters without a network.

ARC-3 marks its assets in the name or the url; ARC-19 hides an IPFS content id in the reserve
address and names its form in a `template-ipfs://` url; ARC-89 names a box of an application, which
has the asset's id for its name, by an ARC-90 URI without that name.
"""

import base64
import re
from enum import Enum
from functools import lru_cache
from typing import Protocol

from resolvers import asset_texts
from upstreams.addresses import algorand_key
from upstreams.algod.client import AssetParams


class AnyAsset(Protocol):
    """Whatever has an asset's id and its parameters, None once destroyed."""

    @property
    def asset_id(self) -> int: ...
    @property
    def params(self) -> AssetParams | None: ...


_ARC3_MARK = "#arc3"
_ARC19_SCHEME = "template-ipfs://"
_TEMPLATE = re.compile(
    r"template-ipfs://\{ipfscid:(?P<version>[01]):(?P<codec>raw|dag-pb):reserve:sha2-256\}",
    re.ASCII,
)
_CODECS = {"raw": 0x55, "dag-pb": 0x70}
_SHA2_256 = b"\x12\x20"
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

# The scheme may be in any case, all else is as it stands; the authority names a network.
_BOX = re.compile(
    r"(?P<head>(?i:algorand)://(?:(?:net|gh):[-\w.]+/)?app/[0-9]{1,20}\?(?:[^#]*?&)??box=)"
    r"(?P<box>[^&#]*)(?P<rest>[^#]*)(?P<fragment>#.*)?",
    re.ASCII | re.DOTALL,
)
# ARC-90's list of conventions; there is no ARC of seven digits.
_COMPLIANCE = re.compile(
    r"#arc(?P<arcs>(?:0|[1-9][0-9]{0,5})(?:\+(?:0|[1-9][0-9]{0,5}))*)", re.ASCII
)


class Standard(Enum):
    """A metadata convention that an asset follows by its parameters."""

    ARC3 = "ARC3"
    ARC19 = "ARC19"
    ARC89 = "ARC89"


def standards(asset: AnyAsset) -> list[Standard]:
    """The conventions an asset shows; several may hold at once, a destroyed asset shows none."""
    params = asset.params
    if params is None:
        return []
    found = []
    name, url = asset_texts.name(params) or "", asset_texts.url(params) or ""
    box = _box(url)
    declared = () if box is None else _declared(box)
    is_arc3 = name == "arc3" or name.endswith("@arc3") or url.endswith(_ARC3_MARK)
    if is_arc3 or "3" in declared:
        found.append(Standard.ARC3)
    if url.startswith(_ARC19_SCHEME):
        found.append(Standard.ARC19)
    # The list of conventions is not required, the missing name of the box is.
    if "89" in declared or (box is not None and not box["box"]):
        found.append(Standard.ARC89)
    return found


def resolved_url(asset: AnyAsset) -> str | None:
    """The url with its conventions worked out; None without one, or with an unknown template.

    ARC-19's template becomes an `ipfs://` url; ARC-3's `#arc3` mark goes and its `{id}` is filled;
    ARC-89's box gets its name. It is the creator's text all the same: never fetch or link it
    unchecked.
    """
    params = asset.params
    url = None if params is None else asset_texts.url(params)
    if params is None or url is None:
        return None
    box = _box(url)
    if box is not None:
        return _with_box(box, asset.asset_id)
    url = url.removesuffix(_ARC3_MARK).replace("{id}", str(asset.asset_id))
    return _from_template(params, url) if url.startswith(_ARC19_SCHEME) else url


def needs_roles(asset: AnyAsset) -> bool:
    """Whether the resolved url follows the reserve address, which may change."""
    url = None if asset.params is None else asset_texts.url(asset.params)
    return url is not None and url.startswith(_ARC19_SCHEME)


def content_id(digest: bytes, version: int, codec: str) -> str | None:
    """The IPFS content id of a SHA-256 digest, or None for a form that does not exist."""
    multihash = _SHA2_256 + digest
    if version == 0:
        return _base58(multihash) if codec == "dag-pb" else None
    text = base64.b32encode(bytes((1, _CODECS[codec])) + multihash).decode()
    return "b" + text.lower().rstrip("=")


def _box(url: str) -> re.Match[str] | None:
    # Nearly all urls are of other schemes, which takes least time to see.
    return _BOX.fullmatch(url) if url[:1] in ("a", "A") else None


def _declared(box: re.Match[str]) -> tuple[str, ...]:
    """The numbers of the ARCs that a URI of ARC-90 says it complies with."""
    found = _COMPLIANCE.fullmatch(box["fragment"] or "")
    return () if found is None else tuple(found["arcs"].split("+"))


def _with_box(box: re.Match[str], asset_id: int) -> str:
    name = box["box"] or base64.urlsafe_b64encode(asset_id.to_bytes(8)).decode().rstrip("=")
    fragment = "" if _declared(box) else box["fragment"] or ""
    return f"{box['head']}{name}{box['rest']}{fragment}"


def _from_template(params: AssetParams, url: str) -> str | None:
    match = _TEMPLATE.match(url)
    if match is None or params.reserve is None:
        return None
    content = _content_id_of(params.reserve, int(match["version"]), match["codec"])
    return None if content is None else f"ipfs://{content}{url[match.end() :]}"


@lru_cache(maxsize=4096)
def _content_id_of(reserve: str, version: int, codec: str) -> str | None:
    try:
        digest = algorand_key(reserve)
    except ValueError:
        return None
    return content_id(digest, version, codec)


def _base58(data: bytes) -> str:
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _BASE58[digit] + text
    return _BASE58[0] * (len(data) - len(data.lstrip(b"\0"))) + text
