"""Wallet addresses of both worlds: told apart, checked digit by digit, and written one way."""

import base64
import json
import re
from functools import lru_cache
from typing import NamedTuple

from Crypto.Hash import SHA512, keccak

_EVM = re.compile(r"0[xX][0-9a-fA-F]{40}", re.ASCII)
_ALGORAND = re.compile(r"[A-Z2-7]{58}", re.ASCII)
_CAIP10 = re.compile(r"([-a-z0-9]{3,8}):([-_a-zA-Z0-9]{1,32}):([-.%a-zA-Z0-9]{1,128})", re.ASCII)
_EIP155_REFERENCE = re.compile(r"0|[1-9][0-9]{0,31}", re.ASCII)
_GENESIS_REFERENCE = re.compile(r"[-_a-zA-Z0-9]{32}", re.ASCII)
_ECHO = 64


class ParsedAddress(NamedTuple):
    """An address that passed every check.

    `ecosystem` is "EVM" or "ALGORAND", `address` its canonical form (EVM in lower case), and
    `caip_reference` the chain that a CAIP-10 text named (`"1"`, 32 characters of a genesis hash).
    """

    ecosystem: str
    address: str
    caip_reference: str | None = None


def parse_address(text: str) -> ParsedAddress:
    """Read an EVM or Algorand address, plain or as CAIP-10; ValueError says what is wrong."""
    if ":" in text[:9]:
        return _parse_caip10(text)
    if text[:2] in ("0x", "0X"):
        return ParsedAddress("EVM", parse_evm(text))
    if len(text) == 58:
        return ParsedAddress("ALGORAND", parse_algorand(text))
    raise ValueError(
        f"{_shown(text)} is no address: expected 0x and 40 hexadecimal digits (EVM), or 58 "
        "characters of A-Z and 2-7 (Algorand)."
    )


@lru_cache(maxsize=4096)
def parse_evm(text: str) -> str:
    """The address in lower case; a mixed-case one must carry its EIP-55 checksum (ValueError)."""
    if len(text) != 42 or _EVM.fullmatch(text) is None:
        raise ValueError(
            f"{_shown(text)} is no EVM address: expected 0x and 40 hexadecimal digits."
        )
    digits = text[2:]
    lower = digits.lower()
    # One case throughout carries no checksum: EIP-55 takes it as unchecked.
    if digits not in (lower, digits.upper()) and evm_checksum(f"0x{lower}")[2:] != digits:
        raise ValueError(
            f"{_shown(text)} has a wrong EIP-55 checksum: check its letters, or send it in lower "
            "case."
        )
    return f"0x{lower}"


@lru_cache(maxsize=65536)
def evm_checksum(address: str) -> str:
    """The EIP-55 form of an EVM address given in any case; ValueError if it is none."""
    if len(address) != 42 or _EVM.fullmatch(address) is None:
        raise ValueError(f"{_shown(address)} is no EVM address.")
    digits = address[2:].lower()
    mask = keccak.new(digest_bits=256, data=digits.encode()).hexdigest()
    cased = (
        digit.upper() if nibble >= "8" else digit
        for digit, nibble in zip(digits, mask, strict=False)
    )
    return "0x" + "".join(cased)


@lru_cache(maxsize=8192)
def evm_shown(text: str) -> str | None:
    """The EIP-55 form of what an upstream calls an address; None where it is no EVM address."""
    try:
        return evm_checksum(text)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def parse_algorand(text: str) -> str:
    """The address itself once its length, alphabet and checksum are right, else ValueError."""
    if len(text) != 58 or _ALGORAND.fullmatch(text) is None:
        raise ValueError(
            f"{_shown(text)} is no Algorand address: expected 58 characters of A-Z and 2-7."
        )
    raw = base64.b32decode(f"{text}======")
    key, checksum = raw[:32], raw[32:]
    # The last character carries three spare bits, so only re-encoding shows the one true form.
    if _checksum(key) != checksum or base64.b32encode(raw).decode().rstrip("=") != text:
        raise ValueError(f"{_shown(text)} has a wrong Algorand checksum: check its characters.")
    return text


def algorand_address(key: bytes) -> str:
    """The 58-character address of a 32-byte public key; ValueError for another length."""
    if len(key) != 32:
        raise ValueError("An Algorand public key has 32 bytes.")
    return base64.b32encode(key + _checksum(key)).decode().rstrip("=")


def algorand_key(address: str) -> bytes:
    """The 32 bytes an Algorand address stands for; ValueError if it is none."""
    return base64.b32decode(f"{parse_algorand(address)}======")[:32]


def algorand_reference(genesis_hash_b64: str) -> str:
    """The CAIP-2 reference of a network: 32 characters of its genesis hash in base64url."""
    try:
        raw = base64.b64decode(genesis_hash_b64, validate=True)
    except ValueError:
        raw = b""
    if len(raw) != 32:
        raise ValueError("A genesis hash is 32 bytes in base64.")
    return base64.urlsafe_b64encode(raw).decode()[:32]


def _parse_caip10(text: str) -> ParsedAddress:
    match = _CAIP10.fullmatch(text) if len(text) <= 170 else None
    if match is not None:
        namespace, reference, account = match.groups()
        if namespace == "eip155" and _EIP155_REFERENCE.fullmatch(reference):
            return ParsedAddress("EVM", parse_evm(account), reference)
        if namespace == "algorand" and _GENESIS_REFERENCE.fullmatch(reference):
            return ParsedAddress("ALGORAND", parse_algorand(account), reference)
    raise ValueError(
        f"{_shown(text)} is no CAIP-10 account of ours: expected eip155:<chain id>:0x... or "
        "algorand:<32 characters of the genesis hash>:<address>."
    )


def _checksum(key: bytes) -> bytes:
    return SHA512.new(key, truncate="256").digest()[-4:]


def _shown(text: str) -> str:
    """The text as an error may repeat it: at most 64 characters, all of them printable ASCII."""
    safe = json.dumps(text[:_ECHO])[1:-1]
    return f'"{safe[:_ECHO]}…"' if len(text) > _ECHO or len(safe) > _ECHO else f'"{safe}"'
