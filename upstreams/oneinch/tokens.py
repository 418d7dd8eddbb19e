"""What the Token API says of tokens, read one by one, so that an odd one costs itself alone."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from msgspec import Struct

from upstreams.decoding import decimals, strict_json
from upstreams.decoding.split_json import NotCut, pairs
from upstreams.decoding.strict_json import NotAsDocumented

MAX_DECIMALS = 255


class TokenInfo(Struct, frozen=True, kw_only=True):
    """What the Token API knows of one token; `address` is in lower case.

    None stands for what was not said, or said in a way that cannot be.
    """

    chain_id: int
    address: str
    decimals: int | None = None
    symbol: str | None = None
    name: str | None = None
    logo_url: str | None = None


def read_tokens(
    body: bytes, chain_id: int, asked: set[str]
) -> Mapping[str, TokenInfo | NotAsDocumented]:
    """The tokens among those asked for (lower-case addresses) that the body describes.

    NotAsDocumented stands in the place of one that is described wrongly, and is raised where the
    body is no object of tokens.
    """
    found: dict[str, TokenInfo | NotAsDocumented] = {}
    try:
        described = pairs(body)
    except NotCut:
        raise NotAsDocumented("text that is no JSON object") from None
    for key, item in described:
        address = key.lower()
        if address not in asked:
            continue
        if address in found:
            found[address] = NotAsDocumented("a token that comes twice")
            continue
        try:
            token = _token(item, chain_id, address)
        except NotAsDocumented as error:
            found[address] = error
        else:
            if token is not None:
                found[address] = token
    return found


def _token(item: bytes, chain_id: int, address: str) -> TokenInfo | None:
    value = strict_json.exactly(item)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise NotAsDocumented("a token that is no object")
    its_address = value.get("address")
    if not isinstance(its_address, str) or _integer(value.get("chainId")) is None:
        raise NotAsDocumented("a token without `address` and `chainId`")
    if its_address.lower() != address or _integer(value["chainId"]) != chain_id:
        raise NotAsDocumented("another token than the one asked for")
    decimals = _integer(value.get("decimals"))
    return TokenInfo(
        chain_id=chain_id,
        address=address,
        decimals=decimals if decimals is not None and 0 <= decimals <= MAX_DECIMALS else None,
        symbol=_text(value.get("symbol")),
        name=_text(value.get("name")),
        logo_url=_text(value.get("logoURI")),
    )


def _integer(value: Any) -> int | None:
    if isinstance(value, str):
        value = decimals.parse(value)
    if isinstance(value, Decimal):
        return decimals.whole(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
