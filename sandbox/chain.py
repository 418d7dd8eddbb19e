"""The chain behind the played algod: a network of its own, and any block of it up to `ROUND`."""

from base64 import b32encode, b64encode
from hashlib import sha256
from typing import Any

import msgspec

from sandbox import addresses
from sandbox.accounts import REWARDS_LEVEL
from sandbox.assets import someone

NETWORK, GENESIS_VERSION = "sandbox", "v1"
GENESIS_ID = f"{NETWORK}-{GENESIS_VERSION}"
GENESIS_HASH_BYTES = b"sandbox-v1 is no real network..."
GENESIS_HASH = b64encode(GENESIS_HASH_BYTES).decode()
ROUND = 58_979_829
BLOCK_SECONDS = 2.8
GENESIS_TIME = 1_601_911_610
CONSENSUS = (
    "https://github.com/algorandfoundation/specs/tree/953304de35264fc3ef91bcd05c123242015eeaed"
)
FEE_SINK = someone("sandbox fee sink")
REWARDS_POOL = someone("sandbox rewards pool")
SUPPLY = 10_000_000_000_000_000

_STATE_PROOF_ROUNDS = 256
_ENCODER = msgspec.msgpack.Encoder()


def genesis() -> dict[str, Any]:
    """The file a node begins from."""
    return {
        "alloc": [
            {"addr": REWARDS_POOL, "comment": "RewardsPool", "state": {"algo": 100_000, "onl": 2}},
            {"addr": FEE_SINK, "comment": "FeeSink", "state": {"algo": 100_000, "onl": 2}},
        ],
        "fees": FEE_SINK,
        "id": GENESIS_VERSION,
        "network": NETWORK,
        "proto": CONSENSUS,
        "rwd": REWARDS_POOL,
        "timestamp": GENESIS_TIME,
    }


def block_hash(round_: int) -> bytes:
    """What the next block calls this one; made up, as the block itself is."""
    return sha256(f"sandbox block {round_}".encode()).digest()


def block_hash_text(round_: int) -> str:
    """The same as algod writes a digest."""
    return b32encode(block_hash(round_)).decode().rstrip("=")


def block_json(round_: int) -> dict[str, Any]:
    """A block without transactions, as algod writes it in JSON."""
    texts: dict[str, Any] = {}
    for key, value in _header(round_).items():
        if key == "prev":
            texts[key] = f"blk-{b32encode(value).decode().rstrip('=')}"
        elif key in ("fees", "prp", "rwd"):
            texts[key] = addresses.encode(value)
        elif key == "spt":
            texts[key] = {str(kind): proofs for kind, proofs in value.items()}
        else:
            texts[key] = b64encode(value).decode() if isinstance(value, bytes) else value
    return {"block": texts}


def block_msgpack(round_: int, *, header_only: bool) -> bytes:
    """The same in the ledger's own form, with the certificate that a whole block comes with."""
    found: dict[str, Any] = {"block": _header(round_)}
    if round_ and not header_only:
        proposal = {
            "dig": block_hash(round_),
            "encdig": sha256(f"sandbox encoding {round_}".encode()).digest(),
            "oprop": _key(f"sandbox proposer {round_}"),
        }
        found["cert"] = {"prop": proposal, "rnd": round_, "step": 2}
    return msgpack(found)


def msgpack(value: object) -> bytes:
    """msgpack as algod writes it, once the value has its keys in order and none for nothing."""
    return _ENCODER.encode(value)


def _header(round_: int) -> dict[str, Any]:
    """A header, its keys in the order of the canonical form, which leaves out what is zero."""
    header: dict[str, Any] = {
        "bi": 10_000_000,
        "earn": REWARDS_LEVEL,
        "fees": addresses.key(FEE_SINK),
        "gen": GENESIS_ID,
        "gh": GENESIS_HASH_BYTES,
        "pp": 10_000_000,
        "prev": block_hash(round_ - 1),
        "proto": CONSENSUS,
        "prp": _key(f"sandbox proposer {round_}"),
        "rnd": round_,
        "rwcalr": (round_ // 500_000 + 1) * 500_000,
        "rwd": addresses.key(REWARDS_POOL),
        "seed": sha256(f"sandbox seed {round_}".encode()).digest(),
        "spt": {0: {"n": (round_ // _STATE_PROOF_ROUNDS + 1) * _STATE_PROOF_ROUNDS}},
        "tc": 17 * round_,
        "ts": GENESIS_TIME + round_ * 28 // 10,
    }
    if round_ == 0:
        for key in ("bi", "pp", "prev", "prp", "rnd", "seed", "tc"):
            del header[key]
    return header


def _key(seed: str) -> bytes:
    return sha256(seed.encode()).digest()
