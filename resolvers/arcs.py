"""Algorand's conventions for asset metadata, read off an asset's parameters without a network.

ARC-3 marks its assets in the name or the url; ARC-19 hides an IPFS content id in the reserve
address and names its form in a `template-ipfs://` url.
"""

import base64
import re
from enum import Enum
from typing import Protocol

from upstreams.addresses import algorand_key
from upstreams.algod import AssetParams


class AnyAsset(Protocol):
    """Whatever has an asset's id and its parameters, None once destroyed."""

    @property
    def asset_id(self) -> int: ...
    @property
    def params(self) -> AssetParams | None: ...


_ARC3_MARK = "#arc3"
_ARC19_SCHEME = "template-ipfs://"
_TEMPLATE = re.compile(
    r"\{ipfscid:(?P<version>[01]):(?P<codec>raw|dag-pb):reserve:sha2-256\}", re.ASCII
)
_CODECS = {"raw": 0x55, "dag-pb": 0x70}
_SHA2_256 = b"\x12\x20"
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


class Standard(Enum):
    """A metadata convention that an asset follows by its parameters."""

    ARC3 = "ARC3"
    ARC19 = "ARC19"


def standards(asset: AnyAsset) -> list[Standard]:
    """The conventions an asset shows; several may hold at once, a destroyed asset shows none."""
    params = asset.params
    if params is None:
        return []
    found = []
    name, url = params.name or "", params.url or ""
    if name == "arc3" or name.endswith("@arc3") or url.endswith(_ARC3_MARK):
        found.append(Standard.ARC3)
    if url.startswith(_ARC19_SCHEME):
        found.append(Standard.ARC19)
    return found


def resolved_url(asset: AnyAsset) -> str | None:
    """The url with its conventions worked out; None without one, or with an unknown template.

    ARC-19's template becomes an `ipfs://` url; ARC-3's `#arc3` mark goes and its `{id}` is filled.
    It is the creator's text all the same: never fetch or link it unchecked.
    """
    if asset.params is None or not asset.params.url:
        return None
    url = asset.params.url.removesuffix(_ARC3_MARK).replace("{id}", str(asset.asset_id))
    return _from_template(asset.params, url) if url.startswith(_ARC19_SCHEME) else url


def needs_roles(asset: AnyAsset) -> bool:
    """Whether the resolved url follows the reserve address, which may change."""
    url = None if asset.params is None else asset.params.url
    return url is not None and url.startswith(_ARC19_SCHEME)


def content_id(digest: bytes, version: int, codec: str) -> str | None:
    """The IPFS content id of a SHA-256 digest, or None for a form that does not exist."""
    multihash = _SHA2_256 + digest
    if version == 0:
        return _base58(multihash) if codec == "dag-pb" else None
    text = base64.b32encode(bytes((1, _CODECS[codec])) + multihash).decode()
    return "b" + text.lower().rstrip("=")


def _from_template(params: AssetParams, url: str) -> str | None:
    match = _TEMPLATE.search(url)
    if match is None or params.reserve is None:
        return None
    content = content_id(algorand_key(params.reserve), int(match["version"]), match["codec"])
    if content is None:
        return None
    filled = url[: match.start()] + content + url[match.end() :]
    return "ipfs://" + filled.removeprefix(_ARC19_SCHEME)


def _base58(data: bytes) -> str:
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _BASE58[digit] + text
    return _BASE58[0] * (len(data) - len(data.lstrip(b"\0"))) + text
