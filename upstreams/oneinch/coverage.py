"""general/supported_chains and general/supported_protocols: what the source reads at all."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from msgspec import Struct

from upstreams.decoding import decimals, strict_json
from upstreams.decoding.split_json import NotCut, items
from upstreams.decoding.strict_json import NotAsDocumented
from upstreams.oneinch.envelope import opened
from upstreams.oneinch.tokens import TokenInfo

T = TypeVar("T")

MOST_CHAIN_ID = 2**31 - 1
_MOST_DECIMALS = 255


class ChainInfo(Struct, frozen=True):
    """A chain that is read; None stands for what was not said, or said in a way that cannot be.

    The native token's address is as it was sent: a chain need not be an EVM one.
    """

    chain_id: int
    name: str | None = None
    icon: str | None = None
    native_token: TokenInfo | None = None


class ProtocolInfo(Struct, frozen=True):
    """A protocol that is read, and on which chains; named as positions name it."""

    group_id: str
    group_name: str
    group_icon: str | None
    chain_ids: tuple[int, ...]


def read_chains(body: bytes) -> tuple[ChainInfo, ...]:
    """The chains in a body, by id; odd ones are left out, and of several of one id the first is."""
    found: dict[int, ChainInfo] = {}
    for value in _rows(body):
        chain_id = _integer(value.get("chain_id", value.get("id")), MOST_CHAIN_ID)
        if chain_id is not None and chain_id > 0:
            name = _text(value.get("chain_name", value.get("name")))
            icon = _text(value.get("chain_icon", value.get("icon")))
            token = _token(value.get("native_token"), chain_id)
            found.setdefault(chain_id, ChainInfo(chain_id, name, icon, token))
    return tuple(found[chain_id] for chain_id in sorted(found))


def read_protocols(body: bytes) -> tuple[ProtocolInfo, ...]:
    """The protocols in a body, by name: one for all rows of an id, named and drawn by the first."""
    first: dict[str, tuple[str, str | None]] = {}
    chains: dict[str, set[int]] = {}
    for value in _rows(body):
        group, name = _text(value.get("protocol_group_id")), _text(value.get("protocol_group_name"))
        chain_id = _integer(value.get("chain_id", value.get("chain")), MOST_CHAIN_ID)
        if group is None or name is None or not chain_id:
            continue
        first.setdefault(group, (name, _text(value.get("protocol_group_icon"))))
        chains.setdefault(group, set()).add(chain_id)
    found = [
        ProtocolInfo(group, name, icon, tuple(sorted(chains[group])))
        for group, (name, icon) in first.items()
    ]
    return tuple(sorted(found, key=lambda each: (each.group_name.casefold(), each.group_id)))


def _rows(body: bytes) -> Iterator[dict[str, Any]]:
    """The objects in a list, which is in an envelope or bare; NotAsDocumented where it is none."""
    try:
        result = opened(body).result if body.lstrip().startswith(b"{") else body
        texts = items(result)
    except NotCut:
        raise NotAsDocumented("text that is no list") from None
    for text in texts:
        value = _tried(strict_json.exactly, text)
        if isinstance(value, dict):
            yield value


def _tried(read: Callable[[bytes], T], text: bytes) -> T | None:
    try:
        return read(text)
    except NotAsDocumented:
        return None


def _token(value: Any, chain_id: int) -> TokenInfo | None:
    address = _text(value.get("address")) if isinstance(value, dict) else None
    if address is None:
        return None
    return TokenInfo(
        chain_id=chain_id,
        address=address,
        decimals=_integer(value.get("decimals"), _MOST_DECIMALS),
        symbol=_text(value.get("symbol")),
        name=_text(value.get("name")),
    )


def _integer(value: Any, most: int) -> int | None:
    figure = decimals.of_json(value)
    found = None if figure is None else decimals.whole(figure)
    return found if found is not None and 0 <= found <= most else None


def _text(value: Any) -> str | None:
    """Text, unless there is nothing in it or it has half a character."""
    if not isinstance(value, str) or not value or len(value) > 2_048:
        return None
    is_whole = value.isascii() or not any("\ud800" <= each <= "\udfff" for each in value)
    return value if is_whole else None
