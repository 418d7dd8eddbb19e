import base64
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers import ids
from resolvers.errors import BadArgument

NAMES = st.sampled_from(["Wallet", "Position", "Token", "AlgorandAsset"])
PARTS = st.lists(st.from_regex(r"[A-Za-z0-9-]{0,64}", fullmatch=True), max_size=6)


@given(NAMES, PARTS)
def test_an_id_decodes_to_what_it_was_made_of(name: str, parts: list[str]) -> None:
    assert ids.decode(ids.encode(name, *parts)) == (name, tuple(parts))


@given(st.binary(max_size=80))
def test_bytes_come_as_unpadded_base64url(raw: bytes) -> None:
    assert ids.opaque(raw) == base64.urlsafe_b64encode(raw).decode().rstrip("=")


@given(st.text(string.ascii_letters + string.digits + ":-"))
def test_words_come_as_the_same_without_a_look_at_them(text: str) -> None:
    assert ids.opaque_word(text) == ids.opaque(text.encode())


@given(st.text(max_size=600))
def test_any_text_is_an_id_of_ours_or_refused(text: str) -> None:
    try:
        name, parts = ids.decode(text)
    except BadArgument:
        return
    assert ids.encode(name, *parts) == text


@pytest.mark.parametrize(
    "text", ["", "Wallet", "V2FsbGV0OjB4MDA=", "////", "é" * 8, "A" * 2049, "V2FsbGV0OjB4MD\n"]
)
def test_garbage_is_a_bad_argument_that_repeats_little_of_it(text: str) -> None:
    with pytest.raises(BadArgument, match="is not an id of this graph") as caught:
        ids.decode(text)
    assert len(str(caught.value)) < 120


def test_an_id_of_another_type_is_refused() -> None:
    with pytest.raises(BadArgument, match="is not the id of a Wallet"):
        ids.key_of(ids.encode("Token", 1, "0x"), "Wallet", 1)


@pytest.mark.parametrize("text", ["", "-1", "1.0", "+1", " 1", "9223372036854775808", "١"])
def test_a_number_in_an_id_is_plain_digits_within_bounds(text: str) -> None:
    with pytest.raises(BadArgument):
        ids.whole(text)


def test_the_bounds_of_a_number_are_inclusive() -> None:
    assert ids.whole("0") == 0
    assert ids.whole(str(2**63 - 1)) == 2**63 - 1
    assert ids.whole("-128", least=-128, most=127) == -128
