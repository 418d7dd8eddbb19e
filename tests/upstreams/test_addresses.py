import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstreams.addresses import (
    ParsedAddress,
    algorand_address,
    algorand_key,
    algorand_reference,
    evm_checksum,
    parse_address,
    parse_algorand,
    parse_evm,
)

ZERO = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAY5HFKQ"
KEYED = "4EWWI7JNVXSFN4YRYA5DMN53U7NUHYC5YSMF67FAXDNRLDWDIWGM5DQGBA"
APP = "XSKED5VKZZCSYNDWXZJI65JM2HP7HZFJWCOBIMOONKHTK5UVKENBNVDEYM"
LOWER = "0xd470055c6189b921c4d44b3d277ad868f79c0f75"
MAINNET = "wGHE2Pwdvd7S12BL5FaOP20EGYesN73k"

# The vectors of the proposal that defines the checksum.
CHECKSUMMED = [
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]
evm_addresses = st.binary(min_size=20, max_size=20).map(lambda raw: f"0x{raw.hex()}")
keys = st.binary(min_size=32, max_size=32)


@pytest.mark.parametrize("address", CHECKSUMMED)
def test_published_checksums(address: str) -> None:
    assert evm_checksum(address.lower()) == address
    assert evm_checksum(address.upper()) == address
    assert parse_evm(address) == address.lower()


@given(evm_addresses)
def test_an_evm_address_is_accepted_in_each_right_spelling(address: str) -> None:
    digits = address[2:]
    spellings = [address, f"0x{digits.upper()}", f"0X{digits.upper()}", evm_checksum(address)]

    assert [parse_address(text) for text in spellings] == [ParsedAddress("EVM", address)] * 4


@given(evm_addresses, st.integers(min_value=2, max_value=41))
def test_one_letter_in_the_wrong_case_is_refused(address: str, at: int) -> None:
    right = evm_checksum(address)
    wrong = right[:at] + right[at].swapcase() + right[at + 1 :]

    if wrong[2:] in (right[2:], right[2:].lower(), right[2:].upper()):
        assert parse_evm(wrong) == address
    else:
        with pytest.raises(ValueError, match="EIP-55"):
            parse_evm(wrong)


def test_the_zero_addresses_are_valid() -> None:
    assert parse_address(f"0x{'0' * 40}") == ParsedAddress("EVM", f"0x{'0' * 40}")
    assert parse_address(ZERO) == ParsedAddress("ALGORAND", ZERO)


@pytest.mark.parametrize(
    ("key", "address"),
    [
        ("00" * 32, ZERO),
        ("e12d647d2dade456f311c03a3637bba7db43e05dc4985f7ca0b8db158ec3458c", KEYED),
    ],
)
def test_algorand_vectors(key: str, address: str) -> None:
    assert algorand_address(bytes.fromhex(key)) == address
    assert algorand_key(address).hex() == key
    assert parse_algorand(APP) == APP


@given(keys)
def test_every_key_has_one_address_that_reads_back(key: bytes) -> None:
    address = algorand_address(key)

    assert re.fullmatch(r"[A-Z2-7]{57}[AEIMQUY4]", address)
    assert parse_address(address) == ParsedAddress("ALGORAND", address)
    assert algorand_key(address) == key


@given(keys, st.integers(0, 57), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_one_other_character_is_refused(key: bytes, at: int, char: str) -> None:
    right = algorand_address(key)
    other = right[:at] + char + right[at + 1 :]

    if other == right:
        assert parse_algorand(other) == right
    else:
        with pytest.raises(ValueError, match="checksum"):
            parse_algorand(other)


def test_a_key_of_another_length_has_no_address() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        algorand_address(b"short")


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        (f"eip155:1:{LOWER}", ParsedAddress("EVM", LOWER, "1")),
        (f"eip155:1313161554:{evm_checksum(LOWER)}", ParsedAddress("EVM", LOWER, "1313161554")),
        (f"algorand:{MAINNET}:{APP}", ParsedAddress("ALGORAND", APP, MAINNET)),
    ],
)
def test_caip_10(text: str, parsed: ParsedAddress) -> None:
    assert parse_address(text) == parsed


@pytest.mark.parametrize(
    "text",
    [
        f"eip155:01:{LOWER}",
        f"eip155:one:{LOWER}",
        f"eip155:1:{LOWER[:-1]}",
        f"eip155:1:{APP}",
        f"eip155::{LOWER}",
        f"eip155:1:{LOWER}:",
        f"EIP155:1:{LOWER}",
        f"solana:1:{LOWER}",
        f"algorand:{MAINNET}:{LOWER}",
        f"algorand:{MAINNET[:-1]}:{APP}",
        f"algorand:wGHE2Pwdvd7S12BL5FaOP20EGYesN73ktiC1qzkkit8=:{APP}",
        f"algorand:{MAINNET}:{APP.lower()}",
        "::",
        "",
        "0x",
        " ",
        "vitalik.eth",
        LOWER[:-1],
        f"{LOWER}0",
        f"{LOWER}\n",
        f" {LOWER}",
        LOWER.replace("d", "g", 1),
        LOWER[2:],
        "0x" + "\uff10" * 40,
        "0x" + "\u0430" * 40,
        "0x" + "\u0663" * 40,
        "0\u0445" + LOWER[2:],
        APP.lower(),
        APP[:-1],
        f"{APP}A",
        f"{APP}\n",
        f"{ZERO[:-1]}A",
        f"{ZERO[:-1]}R",
        APP.replace("X", "\u03a7", 1),
        APP.replace("X", "1", 1),
        f"{APP[:-1]}=",
        "A" * 58,
        "\x00" * 42,
        "\ud800" * 58,
        "\u202e" * 58,
        "x" * 10_000,
        "0x" + "\x1b[31m" * 2_000,
    ],
    ids=lambda text: ascii(text)[:60],
)
def test_what_is_no_address_is_refused_in_a_safe_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        parse_address(text)

    said = str(caught.value)
    assert len(said) < 260
    assert all(char == "…" or (char.isascii() and char.isprintable()) for char in said)
    if len(text) > 64:
        assert text not in said


@given(st.text(max_size=200))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    for parse in (parse_address, parse_evm, parse_algorand, evm_checksum):
        try:
            parse(text)
        except ValueError as error:
            said = str(error)
            assert said.isascii() or "…" in said
            assert len(said) < 260


@pytest.mark.parametrize(
    ("genesis_hash", "reference"),
    [
        ("wGHE2Pwdvd7S12BL5FaOP20EGYesN73ktiC1qzkkit8=", MAINNET),
        ("SGO1GKSzyE7IEPItTxCByw9x8FmnrCDexi9/cOUJOiI=", "SGO1GKSzyE7IEPItTxCByw9x8FmnrCDe"),
        ("mFgazF+2uRS1tMiL9dsj01hJGySEmPN28B/TjjvpVW0=", "mFgazF-2uRS1tMiL9dsj01hJGySEmPN2"),
    ],
)
def test_the_reference_of_a_network(genesis_hash: str, reference: str) -> None:
    assert algorand_reference(genesis_hash) == reference


@pytest.mark.parametrize("text", ["", "AAAA", "not base64!", "é" * 44, MAINNET])
def test_what_is_no_genesis_hash_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        algorand_reference(text)


def test_the_cache_of_checksums_is_bounded() -> None:
    assert evm_checksum.cache_info().maxsize == 65536
