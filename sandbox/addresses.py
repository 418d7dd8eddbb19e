"""Algorand addresses: base32 of a public key and its checksum, refused in algod's own words."""

from base64 import b32decode, b32encode
from functools import lru_cache

from Crypto.Hash import SHA512

_ALPHABET = {letter: value for value, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")}
_KEY_BYTES, _CHECK_BYTES = 32, 4


def encode(key: bytes) -> str:
    """The 58-letter address of a 32-byte public key."""
    check = SHA512.new(key, truncate="256").digest()[-_CHECK_BYTES:]
    return b32encode(key + check).decode().rstrip("=")


def key(address: str) -> bytes:
    """The 32-byte public key of a right address."""
    return b32decode(f"{address}======")[:_KEY_BYTES]


ZERO_ACCOUNT = encode(bytes(_KEY_BYTES))


@lru_cache(maxsize=4096)
def problem(address: str) -> str | None:
    """Why algod refuses an address, or None where it does not."""
    bits = 0
    for letter in address:
        if letter not in _ALPHABET:
            return f"failed to decode address {address} from base 32"
        bits = bits << 5 | _ALPHABET[letter]
    spare = len(address) * 5 % 8
    raw = (bits >> spare).to_bytes(len(address) * 5 // 8)
    if len(raw) < _KEY_BYTES:
        return f"decoded bad addr: {address}"
    canonical = encode(raw[:_KEY_BYTES])
    if raw[-_CHECK_BYTES:] != SHA512.new(raw[:_KEY_BYTES], truncate="256").digest()[-_CHECK_BYTES:]:
        return f"address {address} is malformed, checksum verification failed"
    if canonical != address:
        return f"address {address} is non-canonical"
    return None
