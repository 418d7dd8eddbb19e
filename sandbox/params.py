"""AssetParams as algod writes them: no empty keys, and base64 alone for what Go cannot print."""

import unicodedata
from base64 import b64encode
from functools import lru_cache

from sandbox.assets import Asset, asset
from sandbox.replies import json_bytes


@lru_cache(maxsize=16384)
def params_json(asset_id: int) -> bytes | None:
    """AssetParams as algod writes them, or None where there is no such asset."""
    found = asset(asset_id)
    return None if found is None else go_json(_params(found))


def go_json(value: object) -> bytes:
    """JSON as Go's encoder writes it: safe to paste into HTML."""
    text = json_bytes(value).replace(b"&", rb"\u0026")
    text = text.replace(b"<", rb"\u003c").replace(b">", rb"\u003e")
    return text.replace(b"\xe2\x80\xa8", rb"\u2028").replace(b"\xe2\x80\xa9", rb"\u2029")


def _params(found: Asset) -> dict[str, object]:
    params: dict[str, object] = {
        "clawback": found.clawback,
        "creator": found.creator,
        "decimals": found.decimals,
        "default-frozen": found.default_frozen,
        "freeze": found.freeze,
        "manager": found.manager,
        "metadata-hash": _base64(found.metadata_hash.strip(b"\x00") and found.metadata_hash),
        "name": _printable(found.name),
        "name-b64": _base64(found.name),
        "reserve": found.reserve,
        "total": found.total,
        "unit-name": _printable(found.unit_name),
        "unit-name-b64": _base64(found.unit_name),
        "url": _printable(found.url),
        "url-b64": _base64(found.url),
    }
    return {key: value for key, value in params.items() if value is not None}


def _base64(raw: bytes) -> str | None:
    return b64encode(raw).decode() if raw else None


def _printable(raw: bytes) -> str | None:
    """The text where Go would print every letter of it; None otherwise, and where it is empty."""
    text = raw.decode(errors="replace")
    is_printable = raw.isascii() and text.isprintable()
    is_printable = is_printable or all(
        letter == " " or unicodedata.category(letter)[0] in "LMNPS" for letter in text
    )
    return text if text and is_printable and "\ufffd" not in text else None
