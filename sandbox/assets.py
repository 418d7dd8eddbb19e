"""Algorand assets: two real ones, one for each edge of the format, the rest made from their ids."""

from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from sandbox import addresses
from sandbox.dice import Dice

USDC, USDT = 31566704, 312769
UINT64_MAX = 2**64 - 1
NEWEST_ID = 3_500_000_000


class Asset(NamedTuple):
    """AssetParams as on chain: texts are bytes, a role that is None is the zero address."""

    creator: str
    decimals: int = 0
    total: int = 1
    default_frozen: bool = False
    name: bytes = b""
    unit_name: bytes = b""
    url: bytes = b""
    metadata_hash: bytes = bytes(32)
    manager: str | None = None
    reserve: str | None = None
    freeze: str | None = None
    clawback: str | None = None


@lru_cache(maxsize=2048)
def someone(seed: str) -> str:
    """A made-up Algorand address that the seed alone decides."""
    return addresses.encode(sha256(seed.encode()).digest())


_CIRCLE = "2UEQTE5QDNXPI7M3TU44G6SYKLFWLPQO7EBZM7K7MHMQQMFI4QJPLHQFHM"
_TETHER = "XIU7HGGAJ3QOTATPDSIIHPFVKMICXKHMOR2FJKHTVLII4FAOA3CYZQDLG4"
_MAKER = someone("maker of edge cases")
_ROLE = someone("keeper of edge cases")
_ARC19_RESERVE = "EEQYWGGBHRDAMTEVDPVOSDVX3HJQIG6K6IVNR3RXHYOHV64ZWAEISS4CTI"
_ARC19_URL = b"template-ipfs://{ipfscid:0:dag-pb:reserve:sha2-256}"
_IPFS = b"ipfs://bafkreibbegfrrqj4iydezfi35luq5n6z2mcbxsxsflmo4nz6dr5pxgnqba"
_DIGEST = sha256(b"metadata").digest()

_REAL = {
    USDC: Asset(
        _CIRCLE,
        6,
        UINT64_MAX,
        False,
        b"USDC",
        b"USDC",
        b"https://www.centre.io/usdc",
        manager="37XL3M57AXBUJARWMT5R7M35OERXMH3Q22JMMEFLBYNDXXADGFN625HAL4",
        reserve=_CIRCLE,
        freeze="3ERES6JFBIJ7ZPNVQJNH2LETCBQWUPGTO4ROA6VFUR25WFSYKGX3WBO5GE",
    ),
    USDT: Asset(
        _TETHER,
        6,
        UINT64_MAX,
        False,
        b"Tether USDt",
        b"USDt",
        b"tether.to",
        manager=_TETHER,
        reserve=_TETHER,
    ),
}
_EDGES: tuple[Asset | None, ...] = (
    Asset(_MAKER, 0, UINT64_MAX, False, b"Max Whole", b"MAXW"),
    Asset(_MAKER, 19, UINT64_MAX, False, b"Max Fine", b"MAXF", b"https://example.org/max"),
    None,  # destroyed
    Asset(_MAKER, 0, 0),  # nothing at all: no supply, no text, no role
    Asset(_MAKER, 6, 10**12, True, b"Frozen by default", b"ICE", freeze=_ROLE, manager=_ROLE),
    Asset(
        _MAKER,
        2,
        10**6,
        False,
        "Tom & Jerry <3 \u2013 東京".encode(),
        b"T&J<>",
        b"https://e.org/?a=1&b=2",
    ),
    Asset(_MAKER, 0, 1, False, b"Gil\x00\x00\x00\x00", b"\xff\xfe", b"https://e.org/\x07"),
    Asset(_MAKER, 0, 7, False, "family 👨\u200d👩\u200d👧".encode(), b"FAM"),
    Asset(_MAKER, 0, 1, False, "evil\u202egnp.exe".encode(), b"RTL", b"javascript:alert(1)"),
    Asset(_MAKER, 0, 1, False, b"arc3", b"ART", b"https://example.org/{id}.json", _DIGEST),
    Asset(_MAKER, 0, 1, False, b"Painting@arc3", b"ART", _IPFS, _DIGEST),
    Asset(_MAKER, 0, 1, False, b"Print", b"ART", _IPFS + b"#arc3", _DIGEST),
    Asset(_MAKER, 2, 100, False, b"Shared Print", b"ART", _IPFS + b"#arc3", _DIGEST, manager=_ROLE),
    Asset(
        _MAKER, 0, 1, False, b"Mutable", b"MUT", _ARC19_URL, manager=_ROLE, reserve=_ARC19_RESERVE
    ),
    Asset(
        _MAKER,
        0,
        1,
        False,
        b"Both@arc3",
        b"TWO",
        _ARC19_URL + b"/arc3.json#arc3",
        manager=_ROLE,
        reserve=_ARC19_RESERVE,
    ),
    Asset(
        _MAKER,
        0,
        1,
        False,
        b"Raw",
        b"RAW",
        b"template-ipfs://{ipfscid:1:raw:reserve:sha2-256}",
        reserve=_ARC19_RESERVE,
    ),
    Asset(_MAKER, 0, 1, False, b"\n\t", b" ", b"template-ipfs://{ipfscid:9:nothing}"),
    Asset(
        _MAKER,
        8,
        21 * 10**14,
        False,
        b"n" * 32,
        b"u" * 8,
        b"h" * 96,
        b"0123456789abcdef" * 2,
        _ROLE,
        _ROLE,
        _ROLE,
        _ROLE,
    ),
    None,  # destroyed as well
    Asset(_MAKER, 1, 10, False, "①②③ Ünïcode ✓".encode(), "ü".encode(), "https://例え.jp".encode()),
)
_FIRST_EDGE = 1_000_001
EDGE_IDS = (*range(_FIRST_EDGE, _FIRST_EDGE + len(_EDGES)), 2**63 - 1)
"""Ids of assets at the edges of the format, two destroyed ones among them, ascending."""

_FIXED: dict[int, Asset | None] = {
    **_REAL,
    **dict(zip(EDGE_IDS, _EDGES, strict=False)),
    2**63 - 1: Asset(_MAKER, 19, UINT64_MAX, False, b"Last", b"LAST"),
}
_WORDS = ("Lofty", "Opul", "Yield", "Gard", "Fin", "Defly", "Monko", "Alch", "Headline", "Goracle")


@lru_cache(maxsize=16384)
def asset(asset_id: int) -> Asset | None:
    """The asset of that id; None if it was destroyed or never was."""
    if asset_id in _FIXED:
        return _FIXED[asset_id]
    dice = Dice(f"asset {asset_id}")
    if not 0 < asset_id <= NEWEST_ID or dice.one_in(16):
        return None
    creator = someone(f"creator {dice.below(500)}")
    word = f"{dice.pick(_WORDS)} {asset_id % 10**6}"
    if is_nft_id(asset_id):
        return _picture(dice, creator, word)
    decimals = dice.pick((6, 6, 6, 0, 2, 8, 19))
    return Asset(
        creator,
        decimals,
        min(dice.between(1, 10**9) * 10**decimals, UINT64_MAX),
        dice.one_in(40),
        word.encode() + (b"\x00" * 3 if dice.one_in(25) else b""),
        word[:3].upper().encode(),
        b"" if dice.one_in(4) else b"https://example.org/" + word[:3].lower().encode(),
        manager=None if dice.one_in(3) else creator,
        reserve=None if dice.one_in(3) else creator,
        freeze=creator if dice.one_in(4) else None,
        clawback=creator if dice.one_in(4) else None,
    )


def is_nft_id(asset_id: int) -> bool:
    """Whether an asset that is made up from its id is a picture: one in three is."""
    return asset_id % 3 == 0


def _picture(dice: Dice, creator: str, word: str) -> Asset:
    digest = sha256(word.encode()).digest()
    if dice.one_in(3):
        reserve = someone(f"picture {word}")
        return Asset(
            creator,
            0,
            1,
            False,
            f"{word} #1".encode(),
            b"ART",
            _ARC19_URL,
            manager=creator,
            reserve=reserve,
        )
    page = f"https://example.org/{word[:3].lower()}/{dice.below(10**6)}.json#arc3"
    return Asset(creator, 0, 1, False, f"{word} 🎨".encode(), b"ART", page.encode(), digest)
