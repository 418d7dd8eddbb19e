"""Texts that algod sends as bytes alone are shown where they are texts."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers import asset_texts
from upstreams.algod.client import AssetParams

FAMILY = "👨\u200d👩\u200d👧"
SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
PERSIAN = "می\u200cخواهم"


def params(text: str | None, raw: bytes | str | None) -> AssetParams:
    b64 = base64.b64encode(raw).decode() if isinstance(raw, bytes) else raw
    return AssetParams(
        creator="C",
        total=1,
        decimals=0,
        name=text,
        name_b64=b64,
        unit_name=text,
        unit_name_b64=b64,
        url=text,
        url_b64=b64,
    )


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"Gil\0\0\0", "Gil"),
        (b"plain", "plain"),
        (FAMILY.encode(), FAMILY),
        ("❤️\u200d🔥".encode(), "❤️\u200d🔥"),
        (SCOTLAND.encode(), SCOTLAND),
        (PERSIAN.encode(), PERSIAN),
        ("क्\u200dष".encode(), "क्\u200dष"),
        ("no\u00a0break".encode(), "no\u00a0break"),
        ("a\ufffdb".encode(), "a\ufffdb"),
        ("evil\u202egnp.exe".encode(), "evilgnp.exe"),
        ("\u2066x\u2069\u200f\ufeff".encode(), "x"),
        ("U\u200dSDC".encode(), "USDC"),
        ("\u200d👨".encode(), "👨"),
        ("👨\u200d".encode(), "👨"),
        ("👨\u200d\u200d👩".encode(), "👨👩"),
        ("USDC\U000e0055\U000e007f".encode(), "USDC"),
        (b"a\tb\r\nc\x7f\x07", "abc"),
        ("a\u2028b\u0085".encode(), "ab"),
        (b"\0\0", None),
        (b"\n\t", None),
        (b"\xff\xfe\0", None),
        (b"Gil\xff", None),
        (b"\xed\xa0\x80", None),
        ("", None),
        (None, None),
        ("R2ls*", None),
        ("R2l", None),
        ("R2ls\n", None),
        ("é", None),
        (b"x" * 10_000, None),
    ],
    ids=str,
)
def test_what_is_shown_of_bytes(raw: bytes | str | None, shown: str | None) -> None:
    found = params(None, raw)

    assert asset_texts.name(found) == shown
    assert asset_texts.unit_name(found) == shown
    assert asset_texts.url(found) == shown


def test_the_text_itself_comes_first() -> None:
    found = params("as it was sent", b"something else")

    assert asset_texts.name(found) == "as it was sent"


@given(st.text(max_size=96))
def test_what_can_be_seen_is_never_lost(text: str) -> None:
    shown = asset_texts.name(params(None, text.encode())) or ""

    assert [letter for letter in text if letter.isprintable()] == [
        letter for letter in shown if letter.isprintable()
    ]
    assert "".join(shown.split("\0")) == shown
